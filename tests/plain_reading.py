"""A second, plain reading of CSVs, which ours is held against; and a row and changes to try."""

import csv
import io
import re

import numpy as np

from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_rows import (
    BYTE_ORDER_MARK,
    VALUES,
    CSVError,
    format_row,
    open_csv,
    read_rows,
)

IMAGE = np.random.default_rng(0).integers(0, 256, IMAGE_SHAPE, dtype=np.uint8)
ROW = format_row("daisy", IMAGE)


def read(tmp_path, content):
    """Write a CSV of that content and return what `read_rows` yields of it, as a list."""
    path = tmp_path / "my.csv"
    path.write_bytes(content)
    with open_csv(path) as file:
        return list(read_rows(file))


def plain_reading(content):
    """Read a CSV as Python's csv module does, quotes being ordinary characters.

    Returns the rows, or None where a row is not of the format.
    """
    rows = []
    text = io.StringIO(content.removeprefix(BYTE_ORDER_MARK).decode(), newline="\n")
    # split at line feeds alone: what else csv takes for a line end can't stand in a row
    for line in text:
        if not line.strip(" \t\r\n"):
            continue
        try:
            (fields,) = csv.reader([line.strip(" \t\r\n")], quoting=csv.QUOTE_NONE)
        except csv.Error:  # a carriage return within a row
            return None
        label, *values = (field.strip(" \t") for field in fields)
        if not label or len(values) != VALUES:
            return None
        if not all(re.fullmatch("[0-9]+", value) and int(value) <= 255 for value in values):
            return None
        rows.append((label, [int(value) for value in values]))
    return rows


def check_against_plain_reading(tmp_path, content):
    """Check that a CSV is read as `plain_reading` reads it, or refused with its line."""
    try:
        rows = read(tmp_path, content)
    except CSVError as error:
        assert re.search(r"my\.csv(, line \d+)?: .*expected", str(error))  # noqa: PT017
        return False
    expected = plain_reading(content)
    assert expected is not None
    assert [label for label, _ in rows] == [label for label, _ in expected]
    for (_, image), (_, values) in zip(rows, expected, strict=True):
        assert image.shape == IMAGE_SHAPE
        assert image.ravel().tolist() == values
    return True


def mutate(content, position, byte, how):
    """Change, insert or remove one byte."""
    end = position if how == "insert" else position + 1
    return content[:position] + (b"" if how == "remove" else bytes([byte])) + content[end:]
