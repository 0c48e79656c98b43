"""One image as one CSV row: its shape, and how a row is written and read.

A row is `label,p0,p1,...,p12287`: a class name, then the RGB intensities of one 64x64 image,
0 to 255 in decimal digits, row by row, channels last. There is no header.
"""

import itertools
import math
import os
import re
import textwrap

import numpy as np

from pyimagesearch.errors import InputError

IMAGE_SHAPE = (64, 64, 3)
VALUES = math.prod(IMAGE_SHAPE)

# far more than a row with blanks round every value needs; a longer "line" is no CSV row
LONGEST_LINE = 1 << 20

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
COMMA = ord(",")


class CSVError(InputError):
    """A CSV that can't be used. Its text names the file, the line, and what was expected."""


def check_label(label):
    """Check that a class name can be the label of a row.

    Raises:
        ValueError: the label is empty, has blanks at an end, or holds a comma or a control
            character.
    """
    if "," in label or label != label.strip() or _label_problem(label):
        raise ValueError(
            f"{label!r} can't be a label in a CSV; expected a name without commas, control "
            "characters or blanks at its ends"
        )


def format_row(label, image):
    """Return one CSV row with its line end, as UTF-8 bytes.

    Args:
        label: class name, str.
        image: `(64, 64, 3)` uint8.

    Raises:
        ValueError: the label is one that `check_label` refuses.
    """
    check_label(label)
    values = ",".join(map(str, image.ravel().tolist()))
    return f"{label},{values}\n".encode()


def open_csv(path):
    """Open a CSV for `read_rows`: a binary file, to be closed by the caller.

    Raises:
        CSVError: there is no such file, or it can't be read.
    """
    try:
        file = open(path, "rb")  # noqa: SIM115 - the caller closes it
        if not file.seekable():
            file.close()
            raise CSVError(f"{path}: expected a CSV file, which can be read more than once")
        return file
    except FileNotFoundError:
        raise CSVError(
            f"{path}: no such file. To build flowers17_training.csv and flowers17_testing.csv "
            "from the Flowers-17 photographs: python -m pyimagesearch.build_dataset"
        ) from None
    except OSError as error:
        raise CSVError(f"{path}: {error.strerror}; expected a CSV file") from None


def read_rows(file, classes=None):
    """Yield each row of an open CSV, from its first row to its last, one at a time.

    Blank lines, a byte order mark, CRLF line ends, and spaces or tabs round a value are passed
    over. Quotes are ordinary characters.

    Args:
        file: what `open_csv` returned.
        classes: the labels that may occur, or None for any.

    Yields:
        `(label, image)`: a str, and `(64, 64, 3)` uint8, 0 to 255.

    Raises:
        CSVError: a row is not of the form above, its label is none of the classes, there is
            no row at all, or the file changed while it was being read.
    """
    classes = classes if classes is None else set(classes)
    file.seek(0)
    version = _version(file)
    rows = 0
    for number in itertools.count(1):
        line = file.readline(LONGEST_LINE)
        place = f"{file.name}, line {number}"
        if number == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
        # before the end is believed, too: a file cut short just there would look whole
        if _version(file) != version:
            raise CSVError(
                f"{place}: the file changed while it was being read; expected it to stay as it "
                "is until the training ends"
            )
        if not line:
            break
        if line := line.strip(b" \t\r\n"):
            rows += 1
            label, image = _parse(line, place)
            if classes is not None and label not in classes:
                known = textwrap.shorten(", ".join(sorted(classes)), 200, placeholder=" ...")
                raise CSVError(
                    f"{place}: no training row has the label {label!r}; expected one of {known}"
                )
            yield label, image
    if not rows:
        raise CSVError(f"{file.name}: no rows; expected label,p0,p1,...,p{VALUES - 1} a line")


def read_labels(path, classes=None):
    """Check every row of a CSV, and return their labels.

    Args:
        path: of the CSV.
        classes: the labels that may occur, or None for any.

    Returns:
        a list of str, one for each row, in the file's order.

    Raises:
        CSVError: as `open_csv` and `read_rows`.
    """
    with open_csv(path) as file:
        return [label for label, _ in read_rows(file, classes)]


def check_unchanged(path, labels):
    """Check that a CSV still holds the rows that `read_labels` once found.

    Raises:
        CSVError: it does not, or is no longer what `read_labels` reads.
    """
    if read_labels(path) != labels:
        raise CSVError(f"{path}: the rows are others than before; expected them to stay")


def _version(file):
    """Return what changes when somebody writes to an open file."""
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def _parse(line, place):
    """Split one stripped, non-blank line into its label and its image."""
    label, _, text = line.partition(b",")
    values = _read_values(text)
    if values is None:
        raise CSVError(f"{place}: {_row_problem(line)}")
    try:
        name = label.decode().strip(" \t")
    except UnicodeDecodeError:
        raise CSVError(f"{place}: {_row_problem(line)}") from None
    if problem := _label_problem(name):
        raise CSVError(f"{place}: {problem}")
    return name, values.astype(np.uint8).reshape(IMAGE_SHAPE)


def _read_values(text):
    """Return the values of one row, `(12288,)` int64, or None where one is not as it must be."""
    # NumPy's C reader is fast, refuses what stands between two commas and is no number, and
    # saturates at a number too large for it. The rest is checked here: other characters (signs,
    # points, control characters), the number of values, and the last one, behind which the
    # reader does not look.
    if (
        text.translate(None, b"0123456789, \t")
        or np.count_nonzero(np.frombuffer(text, np.uint8) == COMMA) != VALUES - 1
        or not text.rpartition(b",")[2].strip().isdigit()
    ):
        return None
    if b" " in text or b"\t" in text:
        # the reader takes blanks between two commas for a zero
        compact = text.translate(None, b" \t")
        if b",," in compact or compact.startswith(b","):
            return None
    try:
        values = np.fromstring(text, np.int64, count=VALUES, sep=",")
    except ValueError:
        return None
    return values if values.max() <= 255 else None


def _row_problem(line):
    """Return what is wrong with a line that `_parse` refused, for its reader."""
    if b"\0" in line:
        return "a NUL byte; expected text, not binary data"
    try:
        _, *values = line.decode().split(",")
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} is not UTF-8; expected text in UTF-8"
    if len(values) != VALUES:
        found = f"{len(values):,} values after the label; expected {VALUES:,}"
        separator = max(";\t| ", key=line.decode().count)
        if not values and line.decode().count(separator) >= VALUES // 2:
            return f"{found}, separated by commas, not by {separator!r}"
        return found
    bad = [n for n, value in enumerate(values) if not _is_intensity(value)]
    hint = " (a header? There must be none)" if len(bad) == VALUES else ""
    value = values[bad[0]].strip(" \t")
    shown = repr(value) if len(value) <= 40 else f"{value[:40]!r}..."
    return (
        f"value {bad[0] + 1:,} is {shown if value else 'empty'}; "
        f"expected a whole number from 0 to 255{hint}"
    )


def _is_intensity(value):
    """Tell whether a value is a whole number from 0 to 255 in decimal digits."""
    digits = value.strip(" \t")
    significant = digits.lstrip("0")
    return (
        re.fullmatch("[0-9]+", digits) is not None
        and len(significant) <= 3
        and int(significant or 0) <= 255
    )


def _label_problem(label):
    """Return what is wrong with a label, or None."""
    if not label:
        return "the label is empty; expected a class name before the first comma"
    if control := re.search(r"[\x00-\x1f\x7f-\x9f]", label):
        return f"the label has the control character {control[0]!r}; expected a class name"
    return None
