"""One image as one CSV row: how a row is written and read.

A row is `label,p0,p1,...,p12287`: a class name, then the RGB intensities of one 64x64 image (in
general `config.IMAGE_SHAPE`), 0 to 255, row by row, channels last. There is no header.
"""

import codecs
import math
from pathlib import Path

import numpy as np

from pyimagesearch import config, csv_problems
from pyimagesearch.errors import InputError

# the names of the CSVs that ship, and of those that are built
TRAIN_NAME = "flowers17_training.csv"
TEST_NAME = "flowers17_testing.csv"


class CSVError(InputError):
    """A CSV that can't be used. The message names the file, the line, and what was expected."""


def values_of_a_row():
    """Return how many intensities a row has, 12,288 for 64x64 RGB; check `config.IMAGE_SHAPE`."""
    shape = config.IMAGE_SHAPE
    whole = isinstance(shape, tuple) and all(isinstance(side, int) for side in shape)
    if not (whole and len(shape) == 3 and min(shape[:2]) >= 4 and shape[2] in (1, 3)):
        raise InputError(
            f"{config.__file__}: IMAGE_SHAPE is {shape!r}; expected (height, width, channels): "
            "height and width from 4 up, and 3 channels for RGB or 1 for grey"
        )
    return math.prod(shape)


def format_row(label, image):
    """Return a label and an image, `(64, 64, 3)` uint8, as a CSV row with its line end, in UTF-8.

    An image of another shape, or an impossible label, is a ValueError.
    """
    if problem := csv_problems.explain_unwritable_label(label):
        raise ValueError(problem)
    if image.shape != config.IMAGE_SHAPE:
        raise ValueError(f"an image of shape {image.shape}; expected {config.IMAGE_SHAPE}")
    values = ",".join(map(str, image.ravel().tolist()))
    return f"{label},{values}\n".encode()


def open_csv(path):
    """Open a CSV for `read_rows`: a binary file. If there is none, raise a CSVError."""
    try:
        # a row is larger than Python's buffer of 8 kB
        return open(path, "rb", buffering=1 << 18)
    except FileNotFoundError:
        raise CSVError(f"{path}: no such file; {_instead_of(path)}") from None


def _instead_of(path):
    """Return how to get a file that is missing."""
    if str(path) not in (TRAIN_NAME, TEST_NAME):
        return "expected a CSV file"
    project = Path(__file__).resolve().parents[1]
    if (project / TRAIN_NAME).is_file() and (project / TEST_NAME).is_file():
        return f"expected to run in the folder of train.py, where it is: cd {project}"
    return "to build it from the Flowers-17 photographs: python -m pyimagesearch.build_dataset"


def read_rows(file, classes=None):
    """Yield `(label, image)` for each row of a CSV: a str, and `(64, 64, 3)` uint8, 0 to 255.

    `file` is what `open_csv` returned, at its start. Blank lines, a byte order mark, CRLF, and
    spaces or tabs round a value are skipped; quotes are ordinary characters. A malformed row, no
    row at all, or a label that is none of `classes`, unless they are None, is a CSVError.
    """
    classes = classes if classes is None else set(classes)
    count = values_of_a_row()
    longest = 64 * count + (1 << 18)  # bytes: even padded with blanks, no valid line is longer
    number = rows = 0
    while line := file.readline(longest):
        number += 1
        row = line.removeprefix(codecs.BOM_UTF8 if number == 1 else b"").strip(b" \t\r\n")
        if row:
            rows += 1
            try:
                label, image = _parse(row, count)
                if classes is not None and label not in classes:
                    raise ValueError(csv_problems.explain_unknown_label(label, classes))
            except ValueError as error:
                raise CSVError(f"{file.name}, line {number}: {error}") from None
            yield label, image
    if not rows:
        raise CSVError(f"{file.name}: no rows; expected label,p0,p1,...,p{count - 1} a line")


def read_labels(path, classes=None):
    """Check every row of a CSV as `read_rows` does, and return the labels, a list of str."""
    with open_csv(path) as file:
        return [label for label, _ in read_rows(file, classes)]


def _parse(line, count):
    """Split a stripped, non-blank line into its label and its image; a ValueError says why not."""
    label, _, text = line.partition(b",")
    values = _values(text, count)
    if values is None:
        values = _values(_without_blanks(text, count), count)
    if values is None:
        raise ValueError(csv_problems.explain_values(line, count))
    try:
        name = label.decode().strip(" \t")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} is not UTF-8; expected text in UTF-8") from None
    if problem := csv_problems.explain_label(name):
        raise ValueError(problem)
    return name, values.reshape(config.IMAGE_SHAPE)


def _without_blanks(text, count):
    """Remove all spaces and tabs, unless one stands within a value, as in `1 2`."""
    is_digit = np.frombuffer(b",%b" % text, np.uint8) - np.uint8(ord("0")) <= 9
    numbers = np.count_nonzero(is_digit[1:] > is_digit[:-1])
    return text.translate(None, b" \t") if numbers == count else text


def _values(text, count):
    """Return `count` values of digits and commas, `(count,)` uint8; None for any other text."""
    # three commas in front, so that two characters stand before each digit: `,,,7,25,` for `7,25`
    characters = np.frombuffer(b",,,%b," % text, np.uint8)
    # unsigned: whatever comes before "0" wraps round to a large number
    digits = characters - np.uint8(ord("0"))
    is_digit = digits <= 9
    commas = np.flatnonzero(characters == ord(","))[2:]  # 2, 4 and 7
    widths = np.diff(commas)  # of a value and its comma: 2 and 3
    if len(widths) != count or len(commas) + 2 + np.count_nonzero(is_digit) != len(characters):
        return None
    if widths.min() < 2 or widths.max() > 4:
        return None
    # the number of up to three digits that ends at each character: a comma counts as 0, and so
    # does what stands before it. The values are the numbers that end before a comma
    digits *= is_digit
    hundreds = (digits[:-2] * is_digit[1:-1]).astype(np.uint16)
    numbers = hundreds * 100 + (digits[1:-1] * 10 + digits[2:])
    values = numbers.take(commas[1:] - 3)  # 7 and 25
    return values.astype(np.uint8) if values.max() <= 255 else None
