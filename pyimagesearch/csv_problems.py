"""Why a row can't be read, and a guess of what it is instead: texts for messages."""

import difflib
import itertools
import math
import re
import textwrap
import unicodedata

from pyimagesearch import config

INTENSITY = re.compile(r"[01]?[0-9]?[0-9]|2[0-4][0-9]|25[0-5]")

# the beginnings of files that are often mistaken for a CSV, each a group with the file's kind
FOREIGN = re.compile(
    rb"(?P<zip>PK\x03\x04)|(?P<gzip>\x1f\x8b)|(?P<bzip2>BZh[1-9]1AY)|(?P<xz>\xfd7zXZ)"
    rb"|(?P<NumPy>\x93NUMPY)|(?P<pickle>\x80[\x02-\x05])|(?P<Parquet>PAR1\x15)|(?P<HDF5>\x89HDF)"
    rb"|(?P<ARFF>@relation\s)|(?P<HTML><(?:!doctype|html))|(?P<XML><\?xml)"
    rb'|(?P<JSON>[\[{]\s*(?:["\[{\d-]|$))|(?P<UTF16>\xff\xfe|\xfe\xff)|(?P<LFS>version https://git-lfs)',
    re.IGNORECASE,
)
HOW = {"UTF16": "save it as UTF-8", "LFS": "git lfs pull", "HTML": "download the file itself"}


def explain_values(line, count):
    """Return why a line, bytes, has no label and `count` intensities after it."""
    if foreign := FOREIGN.match(line):
        kind = foreign.lastgroup
        return (
            f"a file of kind {kind}; expected rows of text: {HOW.get(kind, 'unpack or convert it')}"
        )
    row = line.decode(errors="replace")
    texts = [text.strip(" \t") for text in row.split(",")[1:]]
    separator = max(";\t ", key=row.count)
    if len(texts) != count and row.count(separator) > 2 * len(texts) + 15:
        return f"values separated by {separator!r}; expected commas, also after the label"
    numbers = [parse_number(text) for text in texts]
    if texts and not texts[0].startswith(('"', "'", "\0")) and _is_header(numbers):
        # names with numbers, and then one without
        label_last = re.search(r"[0-9],[^0-9,]+$", row)
        hint = " (the label last? It comes first)" if label_last else ""
        return f"a header; expected rows only: delete this line{hint}"
    if len(texts) != count:
        return _miscounted(len(texts), count)
    first = [bool(INTENSITY.fullmatch(text)) for text in texts].index(False)
    hint = ""
    if numbers[first] is None and first == count - 1 and texts[first]:
        hint = " (the label? It comes first)"
    elif None not in numbers and min(numbers) >= 0 and max(numbers) <= 1:
        hint = " (scaled from 0 to 1? Multiply by 255)"
    elif "." in texts[first]:
        hint = " (without a decimal point)"
    found = shown(texts[first]) if texts[first] else "empty"
    return f"value {first + 1:,} is {found}; expected a whole number from 0 to 255{hint}"


def explain_label(label):
    """Return what is wrong with a class name, or None."""
    if not label:
        return "the label is empty; expected a class name before the first comma"
    if control := re.search(r"[\x00-\x1f\x7f-\x9f]", label):
        return f"the label has the control character {control[0]!r}; expected a class name"
    if label.startswith("\ufeff"):  # two files joined, or rows shuffled with the first one
        return "the label begins with a byte order mark; expected one only at the file's start"
    return None


def explain_unwritable_label(label):
    """Return why a class name can't be written as a label, or None."""
    # a surrogate stands for a byte that is not UTF-8
    unwritable = "," in label or re.search("[\ud800-\udfff]", label)
    if not unwritable and label == label.strip() and not explain_label(label):
        return None
    return (
        f"{shown(label)} can't be a label in a CSV; expected a name in UTF-8 without commas, "
        "control characters, a byte order mark or blanks at its ends"
    )


def explain_unknown_label(label, classes):
    """Return that a label is none of the classes, and which of them it may be."""
    if not all(isinstance(name, str) for name in classes):
        return f"{shown(label)} is none of the classes, which are numbers; labels are text"
    problem = f"no training row has the label {shown(label)}"
    names = textwrap.shorten(", ".join(sorted(classes)), 200, placeholder=" ...")
    is_number = parse_number(label) is not None
    close = [name for name in classes if as_read(name) == as_read(label)]
    if not close and not is_number:
        close = difflib.get_close_matches(label[:60], classes, n=1)
    if close:
        return f"{problem}; is it {close[0][:40]!a}, and not {label[:40]!a}?"
    hint = " (train.py predicts classes, not numbers)" if is_number else ""
    return f"{problem}; expected one of {names}{hint}"


def as_read(name):
    """Return a class name as a reader takes it: the same for `Cat` and `cat`, `1` and `1.0`."""
    text = unicodedata.normalize("NFKC", name).casefold()
    # without blanks, even those that take no room
    text = "".join(c for c in text if not c.isspace() and unicodedata.category(c) != "Cf")
    number = parse_number(text)
    return text if number is None else number


def shown(text):
    """Return a text in quotes, cut if it is long."""
    return repr(text) if len(text) <= 40 else f"{text[:40]!r}..."


def parse_number(text):
    """Return a text as a float, or None if it is no number."""
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


def _miscounted(found, count):
    """Return that a row has another number of values, and a guess why."""
    problem = (
        f"{found:,} values after the label; expected {count:,} "
        f"({' x '.join(map(str, config.IMAGE_SHAPE))}: IMAGE_SHAPE in pyimagesearch/config.py)"
    )
    if count < found <= count + 3:
        return (
            f"{problem}. {found - count} too many: an index column, a second label, or a comma in "
            "the label or at the end? Leave it out"
        )
    if found == count - 1:
        return f"{problem}. One too few: is there no label?"
    more = {0: "", 1: ", with an index column or a second label", -1: ", without a label"}
    for extra, channels in itertools.product(more, (1, 3)):
        side = math.isqrt(max(0, found - extra) // channels)
        if side >= 4 and side * side * channels + extra == found:
            kind = "grey" if channels == 1 else "RGB"
            shape = (side, side, channels)
            return f"{problem}. Are they {kind}, IMAGE_SHAPE = {shape}{more[extra]}?"
    return problem
