"""One image as one CSV row: how a row is written and read.

A row is `label,p0,p1,...,p12287`: a class name, then the RGB intensities of one 64x64 image,
0 to 255 in decimal digits, row by row, channels last. There is no header. For images of another
`IMAGE_SHAPE` (pyimagesearch/config.py), there are as many values as they have.
"""

import difflib
import itertools
import math
import os
import re
import stat
import textwrap
import unicodedata
from pathlib import Path

import numpy as np

from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.plumbing.errors import InputError

# what the two CSVs are called that ship, and those that are built
TRAIN_NAME = "flowers17_training.csv"
TEST_NAME = "flowers17_testing.csv"

VALUES = math.prod(IMAGE_SHAPE)

# more than a row with blanks round every value needs
LONGEST_LINE = 64 * VALUES + (1 << 18)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# one value, blanks round it taken off
INTENSITY = re.compile(r"0*([0-9]|[0-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])")

# what may stand round a row
BLANKS = b" \t\r\n"

# how files begin that are taken for a CSV, and what they are; no text in UTF-8 begins so
FOREIGN = {
    b"\x1f\x8b": "compressed by gzip; expected text: unpack it first (gunzip)",
    b"\xff\xfe": "text in UTF-16; expected UTF-8",
    b"\xfe\xff": "text in UTF-16; expected UTF-8",
    b"version https://git-lfs": "a pointer of Git LFS; expected the file itself (git lfs pull)",
}


class CSVError(InputError):
    """A CSV that can't be used. Its text names the file, the line, and what was expected."""


def check_label(label):
    """Raise a ValueError if a class name can't be the label of a row."""
    # a surrogate stands for a byte that is not UTF-8
    unwritable = "," in label or re.search("[\ud800-\udfff]", label)
    if unwritable or label != label.strip() or _label_problem(label):
        raise ValueError(
            f"{shown(label)} can't be a label in a CSV; expected a name in UTF-8 without commas, "
            "control characters, a byte order mark or blanks at its ends"
        )


def format_row(label, image):
    """Return one CSV row with its line end, as UTF-8 bytes.

    The image is `(64, 64, 3)` uint8; one of another shape is a ValueError, as is a label that
    `check_label` refuses.
    """
    check_label(label)
    if image.shape != IMAGE_SHAPE:
        raise ValueError(f"an image of shape {image.shape}; expected IMAGE_SHAPE, {IMAGE_SHAPE}")
    values = ",".join(map(str, image.ravel().tolist()))
    return f"{label},{values}\n".encode()


def open_csv(path):
    """Open a CSV for `read_rows`: a binary file, to be closed by the caller.

    A CSVError says why it can't be read.
    """
    try:
        # opening a pipe or a terminal may wait forever
        if not stat.S_ISREG(os.stat(path).st_mode) and not os.path.isdir(path):
            raise CSVError(f"{path}: expected a CSV file, which can be read more than once")
        # a row is larger than Python's buffer of 8 kB
        return open(path, "rb", buffering=1 << 18)
    except FileNotFoundError:
        raise CSVError(f"{path}: no such file; {_instead_of(path)}") from None
    except OSError as error:
        raise CSVError(f"{path}: {error.strerror}; expected a CSV file") from None


def _instead_of(path):
    """Say what to do about a file that is missing."""
    if str(path) not in (TRAIN_NAME, TEST_NAME):
        return "expected a CSV file"
    project = Path(__file__).resolve().parents[1]
    if (project / TRAIN_NAME).is_file() and (project / TEST_NAME).is_file():
        return f"expected to run in the folder of train.py, where it is: cd {project}"
    return "to build it from the Flowers-17 photographs: python -m pyimagesearch.build_dataset"


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
        CSVError: a row is not of the form above, its label is none of the classes, or there is
            no row at all.
    """
    classes = classes if classes is None else set(classes)
    file.seek(0)
    rows = 0
    for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
        row = line.removeprefix(BYTE_ORDER_MARK if number == 1 else b"").strip(BLANKS)
        if row:
            rows += 1
            try:
                label, image = _parse(row)
                if classes is not None and label not in classes:
                    raise ValueError(_unknown(label, classes))
            except ValueError as error:
                raise CSVError(f"{file.name}, line {number}: {error}") from None
            yield label, image
    if not rows:
        raise CSVError(f"{file.name}: no rows; expected label,p0,p1,...,p{VALUES - 1} a line")


def read_labels(path, classes=None):
    """Check every row of a CSV, and return their labels.

    For `classes` and errors see `read_rows`. Returns a list of str, in the file's order.
    """
    with open_csv(path) as file:
        return [label for label, _ in read_rows(file, classes)]


def shown(text):
    """Return a text as a message shows it: in quotes, and not longer than a line."""
    return repr(text) if len(text) <= 40 else f"{text[:40]!r}..."


def _parse(line):
    """Split a stripped, non-blank line into its label and its image; a ValueError says why not."""
    label, _, text = line.partition(b",")
    values = _values(text)
    if values is None:
        # zeros before a number, and blanks round it, do no harm
        text = re.sub(rb"\b0+(?=[0-9])", b"", text)
        values = _values(re.sub(rb"[ \t]*,[ \t]*", b",", b"," + text)[1:])
    if values is None:
        raise ValueError(_problem(line))
    name = _decode(label).strip(" \t")
    if problem := _label_problem(name):
        raise ValueError(problem)
    return name, values.reshape(IMAGE_SHAPE)


def _values(text):
    """Return the values of a row of digits and commas, `(VALUES,)` uint8; None for any other."""
    # commas in front, so that two characters stand before each digit
    characters = np.frombuffer(b",,,%b," % text, np.uint8)
    # as unsigned bytes, so that what stands before "0" wraps round to a large number
    digits = characters - np.uint8(ord("0"))
    is_digit = digits <= 9
    commas = np.flatnonzero(characters == ord(","))[2:]
    widths = np.diff(commas)  # of a value and its comma
    if len(widths) != VALUES or len(commas) + 2 + np.count_nonzero(is_digit) != len(characters):
        return None
    if widths.min() < 2 or widths.max() > 4:
        return None
    # what each character makes as the last digit of a number, where a comma counts as 0, and so
    # does what stands before one; of these, those that a comma follows are the values
    digits *= is_digit
    hundreds = (digits[:-2] * is_digit[1:-1]).astype(np.uint16)
    numbers = hundreds * 100 + digits[1:-1] * 10 + digits[2:]
    values = numbers.take(commas[1:] - 3)
    return values.astype(np.uint8) if values.max() <= 255 else None


def _problem(line):  # noqa: PLR0911 - a return for each kind of problem
    """Say what is wrong with a line whose values can't be read, and what it may be instead."""
    for beginning, what in FOREIGN.items():
        if line.startswith(beginning):
            return what
    if b"\0" in line:
        return "a NUL byte; expected text, not binary data"
    row = _decode(line)
    texts = [text.strip(" \t") for text in row.split(",")[1:]]
    if "\r" in row:
        return "a carriage return within the line; expected lines that end in '\\n' or '\\r\\n'"
    separator = max(";\t ", key=row.count)
    if row.count(separator) > 2 * len(texts) + 15:
        return f"values separated by {separator!r}; expected commas, also after the label"
    if any(text.startswith(('"', "'")) for text in texts):
        return "quotes; expected values without them"
    numbers = [_number(text) for text in texts]
    if texts and _is_header(numbers):
        # names with numbers, and then one without
        label_last = re.search(r"[0-9],[^0-9,]+$", row)
        hint = " (the label last? It comes first)" if label_last else ""
        return f"a header; expected rows only: delete this line{hint}"
    if len(texts) != VALUES:
        return _miscounted(len(texts))
    first = [bool(INTENSITY.fullmatch(text)) for text in texts].index(False)
    problem = f"value {first + 1:,} is {shown(texts[first]) if texts[first] else 'empty'}"
    expected = "expected a whole number from 0 to 255"
    if numbers[first] is None:
        label_last = first == VALUES - 1 and texts[first]
        return f"{problem}; {expected}{' (the label? It comes first)' if label_last else ''}"
    if "." in texts[first]:
        scaled = None not in numbers and min(numbers) >= 0 and max(numbers) <= 1
        how = "scaled from 0 to 1? Multiply by 255" if scaled else "without a decimal point"
        return f"{problem}; {expected} ({how})"
    return f"{problem}; {expected}"


def _number(text):
    """Return a text as a float, or None where it is none."""
    try:
        return float(text)
    except ValueError:
        return None


def _is_header(numbers):
    """Whether the fields after the first are column names: no numbers, or numbers that count up."""
    known = [number for number in numbers if number is not None]
    steps = {after - before for before, after in itertools.pairwise(known)}
    # fewer than the values of the smallest image may count up by chance
    return not known or (len(known) >= 15 and steps == {1})


def _miscounted(count):
    """Say that a row has another number of values, and why that may be."""
    shape = " x ".join(map(str, IMAGE_SHAPE))
    problem = (
        f"{count:,} values after the label; expected {VALUES:,} "
        f"({shape}: IMAGE_SHAPE in pyimagesearch/config.py)"
    )
    if count == VALUES + 1:
        return f"{problem}. One too many: an index column, a second label, or a comma at the end?"
    if count == VALUES - 1:
        return f"{problem}. One too few: is there no label?"
    height, width, _ = IMAGE_SHAPE
    if count == 4 * height * width:
        return f"{problem}. Are they RGBA? Leave out every fourth, the transparency"
    more = {0: "", 1: ", with an index column or a second label", -1: ", without a label"}
    for extra, channels in itertools.product(more, (1, 3)):
        side = math.isqrt(max(0, count - extra) // channels)
        for shape in ((height, width, channels), (side, side, channels)):
            if min(shape[:2]) >= 4 and math.prod(shape) + extra == count:
                kind = "grey" if channels == 1 else "RGB"
                return f"{problem}. Are they {kind}, IMAGE_SHAPE = {shape}{more[extra]}?"
    return problem


def _decode(text):
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} is not UTF-8; expected text in UTF-8") from None


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
    problem = f"no training row has the label {shown(label)}"
    # names that look the same may be written in two forms of Unicode
    known = {unicodedata.normalize("NFKC", name): name for name in classes}
    form = unicodedata.normalize("NFKC", label[:60])
    if close := difflib.get_close_matches(form, known, n=1):
        return f"{problem}; is it {known[close[0]][:40]!a}, and not {label[:40]!a}?"
    names = textwrap.shorten(", ".join(sorted(classes)), 200, placeholder=" ...")
    return f"{problem}; expected one of {names}"
