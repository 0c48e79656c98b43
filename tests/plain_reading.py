"""A second, plain reading of CSVs, to hold ours against; and small CSVs and changes to try."""

import re
from codecs import BOM_UTF8

import numpy as np

from programs import SMALL
from pyimagesearch.csv_rows import CSVError
from small_csvs import rows_of

# images are small, so that a change falls as often on each part of a row
IMAGE = np.random.default_rng(0).integers(0, 256, SMALL, dtype=np.uint8)
ROW = b"daisy,%b\n" % ",".join(map(str, IMAGE.ravel())).encode()
CSVS = [ROW + ROW, ROW + b"\r\n" + ROW, BOM_UTF8 + ROW.replace(b",", b", ")]
CHANGES = ("change", "insert", "remove")
BYTES = b'0123456789,,,;"\r\n\t  -+.e\0\x80\xff'


def plain_reading(content):
    """Return the rows of a CSV, or None where a row is not of the format."""
    rows = []
    for line in content.removeprefix(BOM_UTF8).decode().split("\n"):
        if row := line.strip(" \t\r"):
            label, *values = (field.strip(" \t") for field in row.split(","))
            whole = all(re.fullmatch("[0-9]+", value) and int(value) <= 255 for value in values)
            if not label or not whole or len(values) != IMAGE.size:
                return None
            rows.append((label, [int(value) for value in values]))
    return rows


def check_plain_reading(tmp_path, content):
    """Check that a CSV is read as `plain_reading` reads it, or refused with its line."""
    path = tmp_path / "my.csv"
    path.write_bytes(content)
    try:
        rows = rows_of(path)
    except CSVError as error:
        assert re.search(r"my\.csv(, line \d+)?: .*expected", str(error))  # noqa: PT017
        return False
    assert all((image.shape, image.dtype) == (SMALL, np.uint8) for _, image in rows)
    assert [(label, image.ravel().tolist()) for label, image in rows] == plain_reading(content)
    return True


def mutate(content, position, byte, how):
    """Change, insert or remove one byte."""
    end = position if how == "insert" else position + 1
    return content[:position] + (b"" if how == "remove" else bytes([byte])) + content[end:]
