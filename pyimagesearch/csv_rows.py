"""One image as one CSV row: how a row is written and read.

A row is `label,p0,p1,...,p12287`: a class name, then the RGB intensities of one 64x64 image,
0 to 255 in decimal digits, row by row, channels last. There is no header. For images of another
`IMAGE_SHAPE` (pyimagesearch/config.py), there are as many values as they have.
"""

import itertools
import math
import os
import re
import stat
import textwrap
import unicodedata

import numpy as np

from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.plumbing.ending import InputError

VALUES = math.prod(IMAGE_SHAPE)

# far more than a row with blanks round every value needs; a longer "line" is no CSV row
LONGEST_LINE = 64 * VALUES + (1 << 18)

STAY = "expected it to stay as it is until the training ends"

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

QUOTES = ('"', "'")

# what may stand round a row
BLANKS = b" \t\r\n"

# how files begin that are taken for a CSV, and what they are; no text in UTF-8 begins so
FOREIGN = {
    b"\x1f\x8b": "compressed by gzip; expected text: unpack it first (gunzip)",
    b"\xff\xfe": "text in UTF-16; expected UTF-8",
    b"\xfe\xff": "text in UTF-16; expected UTF-8",
}


class CSVError(InputError):
    """A CSV that can't be used. Its text names the file, the line, and what was expected."""


def check_label(label):
    """Check that a class name can be the label of a row.

    Raises:
        ValueError: the label is empty, has blanks at an end, holds a comma or a control
            character, begins with a byte order mark, or is not to be had in UTF-8.
    """
    # a surrogate stands for a byte that is not UTF-8
    unwritable = "," in label or re.search("[\ud800-\udfff]", label)
    if unwritable or label != label.strip() or _label_problem(label):
        raise ValueError(
            f"{shown(label)} can't be a label in a CSV; expected a name in UTF-8 without commas, "
            "control characters, a byte order mark or blanks at its ends"
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
        # a pipe or a terminal: to open it may already wait for ever
        if not stat.S_ISREG(os.stat(path).st_mode) and not os.path.isdir(path):
            raise CSVError(f"{path}: expected a CSV file, which can be read more than once")
        # a row is larger than Python's buffer of 8 kB
        return open(path, "rb", buffering=1 << 18)
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
        try:
            line = file.readline(LONGEST_LINE)
            # before the end is believed, too: a file cut short just there would look whole
            changed = _version(file) != version
        except OSError as error:  # a disk, or a network, that fails
            raise CSVError(
                f"{file.name}, line {number}: {error.strerror}; expected a file that can be read"
            ) from None
        if changed:
            raise CSVError(
                f"{file.name}, line {number}: the file changed while it was being read; {STAY}"
            )
        if not line:
            break
        if number == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
        if line := line.strip(BLANKS):
            rows += 1
            try:
                label, image = _parse(line)
                if classes is not None and label not in classes:
                    raise ValueError(_unknown(label, classes))
            except ValueError as error:
                raise CSVError(f"{file.name}, line {number}: {error}") from None
            yield label, image
    if not rows:
        raise CSVError(f"{file.name}: no rows; expected label,p0,p1,...,p{VALUES - 1} a line")


def row_at(file, start):
    """Return the row that begins at a byte of an open CSV, for who reads rows in another order.

    Args:
        file: a CSV, open in binary mode.
        start: the byte that the row's line begins with; not a blank line's.

    Returns:
        `(label, image)`, as `read_rows` yields them.

    Raises:
        CSVError: no row begins there.
    """
    file.seek(start)
    line = file.readline(LONGEST_LINE)
    try:
        return _parse(line.removeprefix(BYTE_ORDER_MARK).strip(BLANKS))
    except ValueError as error:
        raise CSVError(f"{file.name}, byte {start}: {error}") from None


class RowLabels(list):
    """The labels of a CSV's rows, list of str, in the file's order.

    Attributes:
        version: of the file when it was read; see `check_unchanged`.
    """

    version = None


def read_labels(path, classes=None):
    """Check every row of a CSV, and return their labels.

    Args:
        path: of the CSV.
        classes: the labels that may occur, or None for any.

    Returns:
        `RowLabels`.

    Raises:
        CSVError: as `open_csv` and `read_rows`.
    """
    with open_csv(path) as file:
        labels = RowLabels(label for label, _ in read_rows(file, classes))
        labels.version = _version(file)
        return labels


def check_unchanged(path, labels):
    """Check by size and time that a CSV is the one that `read_labels` read, unchanged.

    Raises:
        CSVError: it is not, or it can't be read any more.
    """
    with open_csv(path) as file:
        if _version(file) != labels.version:
            raise CSVError(f"{path}: the file changed since it was checked; {STAY}")


def _version(file):
    """Return what changes when somebody writes to an open file."""
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def shown(text):
    """A text as a message shows it: in quotes, and not longer than a line."""
    return repr(text) if len(text) <= 40 else f"{text[:40]!r}..."


def _parse(line):
    """Split one stripped, non-blank line into its label and its image.

    Raises:
        ValueError: with what is wrong with the line.
    """
    label, _, text = line.partition(b",")
    values = _usual_values(text)
    if values is None:
        values = _values(line)
    name = _decode(label).strip(" \t")
    if problem := _label_problem(name):
        raise ValueError(problem)
    return name, values.reshape(IMAGE_SHAPE)


def _usual_values(text):
    """Values of a row of nothing but digits and commas: `(VALUES,)` uint8, or None.

    This is only `_values` made fast: what it takes, `_values` reads the same.
    """
    # commas in front, so that two characters stand before each digit
    characters = np.frombuffer(b",,,%b," % text, np.uint8)
    # as unsigned bytes, so that what stands before "0" wraps round to a large number
    digits = characters - np.uint8(ord("0"))
    is_digit = digits <= 9
    commas = np.flatnonzero(characters == ord(","))[2:]
    widths = np.diff(commas)  # of a value and its comma
    if (
        len(widths) != VALUES
        or len(commas) + 2 + np.count_nonzero(is_digit) != len(characters)
        or widths.min() < 2
        or widths.max() > 4
    ):
        return None
    # what each character makes as the last digit of a number, where a comma counts as 0, and so
    # does what stands before one; of these, those that a comma follows are the values
    digits *= is_digit
    hundreds = (digits[:-2] * is_digit[1:-1]).astype(np.uint16)
    numbers = hundreds * 100 + digits[1:-1] * 10 + digits[2:]
    values = numbers.take(commas[1:] - 3)
    return values.astype(np.uint8) if values.max() <= 255 else None


def _values(line):
    """Values of any row, `(VALUES,)` uint8; here stands what a value is.

    Raises:
        ValueError: with what is wrong with the row.
    """
    for beginning, what in FOREIGN.items():
        if line.startswith(beginning):
            raise ValueError(what)
    if b"\0" in line:
        raise ValueError("a NUL byte; expected text, not binary data")
    row = _decode(line)
    _, *texts = row.split(",")
    if len(texts) != VALUES:
        raise ValueError(_miscounted(row, len(texts)))
    values = [_intensity(text) for text in texts]
    if None in values:
        first = values.index(None)
        text = texts[first].strip(" \t")
        hint = ""
        if values.count(None) == VALUES:
            hint = f" ({'quotes' if text.startswith(QUOTES) else 'a header'}? There must be none)"
        raise ValueError(
            f"value {first + 1:,} is {shown(text) if text else 'empty'}; "
            f"expected a whole number from 0 to 255{hint}"
        )
    return np.array(values, np.uint8)


def _intensity(text):
    """A value's text as a whole number from 0 to 255, or None where it is none."""
    digits = text.strip(" \t")
    if not (digits.isascii() and digits.isdigit()):
        return None
    significant = digits.lstrip("0")
    # int() would refuse thousands of digits with an error of its own
    number = int(significant or 0) if len(significant) <= 3 else 256
    return number if number <= 255 else None


def _decode(text):
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} is not UTF-8; expected text in UTF-8") from None


def _miscounted(line, count):
    """Say that a line has another number of values, and why that may be."""
    problem = f"{count:,} values after the label; expected {VALUES:,}"
    separator = max(";\t| ", key=line.count)
    if not count and line.count(separator) >= VALUES // 2:
        return f"{problem}, separated by commas, not by {separator!r}"
    if line.startswith("version https://git-lfs"):
        return "a pointer of Git LFS; expected the file itself (git lfs pull)"
    if "\r" in line:
        return f"{problem}, and lines that end in '\\n' or '\\r\\n', not in '\\r'"
    return problem


def _label_problem(label):
    """Return what is wrong with a label, or None."""
    if not label:
        return "the label is empty; expected a class name before the first comma"
    if control := re.search(r"[\x00-\x1f\x7f-\x9f]", label):
        return f"the label has the control character {control[0]!r}; expected a class name"
    if label.startswith("\ufeff"):  # from the head of another file, or of this one, unshuffled
        return "the label begins with a byte order mark; expected one only at the file's start"
    return None


def _unknown(label, classes):
    """Say that a label is none of the classes."""

    def looks(text):
        return " ".join(unicodedata.normalize("NFKC", text).split())

    known = textwrap.shorten(", ".join(sorted(classes)), 200, placeholder=" ...")
    problem = f"no training row has the label {shown(label)}"
    for name in classes:
        if looks(name) == looks(label):
            return f"{problem}, but {name[:40]!a}: expected that, not {label[:40]!a}"
    return f"{problem}; expected one of {known}"
