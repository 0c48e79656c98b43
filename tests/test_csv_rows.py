import re
from codecs import BOM_UTF8

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain_reading import BYTES, CHANGES, CSVS, IMAGE, ROW, check_plain_reading, mutate
from pyimagesearch import csv_rows
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME, CSVError, format_row, read_labels

pytestmark = pytest.mark.usefixtures("small")


def with_value(text, number=1):
    """Return `ROW` with another text as one of its values, counted from 1."""
    fields = ROW.split(b",")
    fields[number] = text.encode()
    return b",".join(fields)


def refused(tmp_path, content, classes=None):
    """Return the message with which a CSV is refused, one short line, without its path."""
    path = tmp_path / "my.csv"
    path.write_bytes(content)
    with pytest.raises(CSVError, match=rf"^{re.escape(str(path))}.{{1,300}}\Z") as error:
        read_labels(path, classes)
    return str(error.value).removeprefix(str(path))


@pytest.mark.parametrize("label", ["daisy", "wild rose", '"daisy"', "été", "7", "a;b"])
def test_a_written_row_is_read_back(tmp_path, label):
    row = format_row(label, IMAGE)
    assert row == label.encode() + ROW[5:]
    assert check_plain_reading(tmp_path, row)


def test_harmless_differences_are_accepted(tmp_path):
    for content in [
        *CSVS,
        ROW.replace(b"\n", b"\r\n"),
        b"  " + ROW.replace(b",", b"\t ,  \t ").replace(b"\n", b"  \n"),
        ROW.replace(b",", b" " * 20 + b","),
        BOM_UTF8 + b"\r\n \t\r\n" + ROW + b"\n\n  \n",
        ROW.rstrip(b"\n"),
        with_value(" 007 "),
    ]:
        assert check_plain_reading(tmp_path, content)


def test_a_row_that_would_not_read_back_is_not_written():
    for label in ("", " ", "a,b", " daisy", "da\nisy", "da\0isy", "da\tisy", "\ufeffa", "\udcff"):
        with pytest.raises(ValueError, match="can't be a label in a CSV; expected a name"):
            format_row(label, IMAGE)
    with pytest.raises(ValueError, match=r"an image of shape \(8, 8\); expected \(8, 8, 3\)"):
        format_row("a", IMAGE[..., 0])


WHOLE = "expected a whole number from 0 to 255"
NO_INTENSITIES = ["red", "", " ", "12.5", "1e2", "0x1f", "nan", "-1", "+1", "256", "1 2", "1_0"]


@pytest.mark.parametrize("value", [*NO_INTENSITIES, "1\0", "\u0661", "1" * 40])
@pytest.mark.parametrize("number", [1, IMAGE.size])
def test_a_value_that_is_no_intensity_is_refused(tmp_path, value, number):
    message = refused(tmp_path, ROW + b"\n" + with_value(value, number))
    shown = repr(value) if value.strip() else "empty"
    assert message.startswith(f", line 3: value {number} is {shown}; {WHOLE}")


def row(*fields):
    return ",".join(fields).encode()


COUNT = "values after the label; expected 192 (8 x 8 x 3: IMAGE_SHAPE in pyimagesearch/config.py)"
TOO_MANY = "too many: an index column, a second label, or a comma in the label or at the end? Le"
GREY = "Are they grey, IMAGE_SHAPE = (28, 28, 1)"
HEADER = "a header; expected rows only: delete this line"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
UNPACK = "expected rows of text: unpack or convert it"
KINDS = [("zip", b"PK\3\4\x14"), ("gzip", b"\x1f\x8b\x08"), ("bzip2", b"BZh91AY&SY\xf3\x9c")]
KINDS += [("xz", b"\xfd7zXZ\0\0"), ("Parquet", b"PAR1\x15\x04"), ("HDF5", b"\x89HDF\r\n\x1a\n")]
KINDS += [("pickle", b"\x80\2cnumpy.core"), ("pickle", b"\x80\5\x95\xf3\0\0\0")]
KINDS += [("NumPy", b"\x93NUMPY\1\0v\0{'d"), ("XML", b"<?xml version='1.0'?>\n")]
KINDS += [("ARFF", b"@RELATION a\n"), ("JSON", b'[\n {"label": "a"'), ("JSON", b"[[0, 7,\n1, 2]]")]
PIXELS = ["7"] * 192
NAMES = [f"pixel{n}" for n in range(192)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (row("label", *NAMES), HEADER),
        (row(*NAMES, "label"), f"{HEADER} (the label last? It comes first)"),
        (row("", "label", *map(str, range(192))), HEADER),
        (row("0", "5", *PIXELS), f"193 {COUNT}. 1 {TOO_MANY}"),
        (row('"one', " two", ' three"', *PIXELS), f"194 {COUNT}. 2 {TOO_MANY}"),
        (row(*PIXELS), f"191 {COUNT}. One too few: is there no label?"),
        (row("5", *["7"] * 784), f"784 {COUNT}. {GREY}?"),
        (row("5", *["7"] * 768), f"768 {COUNT}. Are they RGB, IMAGE_SHAPE = (16, 16, 3)?"),
        (row("0", "5", *["7"] * 784), f"785 {COUNT}. {GREY}, with an index column or a second"),
        (row(*["7"] * 784), f"783 {COUNT}. {GREY}, without a label?"),
        (row("5", " ".join(PIXELS), "Training"), "values separated by ' '; expected commas"),
        (row(";".join(["5", *PIXELS])), "values separated by ';'; expected commas, also after the"),
        (row("5", *["0.0", "1.0"] * 96), f"value 1 is '0.0'; {WHOLE} (scaled from 0 to 1?"),
        (row("5", *["2.0"] * 192), f"value 1 is '2.0'; {WHOLE} (without a decimal point)"),
        (row("7", *PIXELS[1:], "bee"), f"value 192 is 'bee'; {WHOLE} (the label? It comes first)"),
        (row("5", *["    7"] * 191, "  256"), f"value 192 is '256'; {WHOLE}"),
        (row('"cat"', *['"7"'] * 192), "value 1 is '\"7\"'; expected"),  # not taken for a header
        (row("[a]", "red", *PIXELS[1:]), f"value 1 is 'red'; {WHOLE}"),  # nor this for JSON
        # a blank within a value, where the numbers are still as many
        (row("5", "1 2", "", *PIXELS[2:]), f"value 1 is '1 2'; {WHOLE}"),
        (row("5", "1 2", "-", *PIXELS[2:]), f"value 1 is '1 2'; {WHOLE}"),
        (row("", *PIXELS), "the label is empty; expected a class name before the first comma"),
        (row("da\x07isy", *PIXELS), "the label has the control character '\\x07'; expected"),
        (ROW + BOM_UTF8 + ROW, ", line 2: the label begins with a byte order mark; expected"),
        ("été".encode("latin-1") + ROW, "byte 1 is not UTF-8; expected text in UTF-8"),
        (b"", ": no rows; expected label,p0,p1,...,p191 a line"),
        (b"\n \r\n\t\n", ": no rows; expected"),
        (ROW + b"daisy,1,2,3\n", f", line 2: 3 {COUNT}"),
        (ROW.decode().encode("utf-16"), "a file of kind UTF16; expected rows of text: save it as"),
        (LFS, "a file of kind LFS; expected rows of text: git lfs pull"),
        (b"\n<!DOCTYPE html>\n<html>", ", line 2: a file of kind HTML; expected rows of text: do"),
        *[(content, f"a file of kind {kind}; {UNPACK}") for kind, content in KINDS],
        (bytes(3_000_000), "0 values after the label; expected"),
        ((ROW * 3).replace(b"\n", b"\r"), "576 values after the label; expected"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 99, "0 values after the label; expected"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_row_is_refused_with_a_guess_of_what_it_is(tmp_path, content, expected):
    place = "" if expected[0] in ",:" else ", line 1: "
    assert refused(tmp_path, content).startswith(f"{place}{expected}")


def test_a_missing_file_error_says_what_to_do(tmp_path, monkeypatch):
    with pytest.raises(CSVError, match=r"none\.csv: no such file; expected a CSV file$"):
        read_labels(tmp_path / "none.csv")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CSVError, match=r"no such file; expected to run in the folder of train.py"):
        read_labels(TEST_NAME)
    monkeypatch.setattr(csv_rows, "__file__", str(tmp_path / "pyimagesearch" / "csv_rows.py"))
    (tmp_path / TRAIN_NAME).touch()  # without the other
    with pytest.raises(CSVError, match=r"no such file; to build it .*build_dataset"):
        read_labels(TEST_NAME)


def test_a_label_that_is_no_class_is_refused_with_the_nearest_but_no_number(tmp_path):
    roses, numbers = ["wild rose", "été"], "(train.py predicts classes, not numbers)"
    for label, classes, expected in [
        ("wild\u00a0rose", roses, r"; is it 'wild rose', and not 'wild\xa0rose'?"),
        ("e\u0301te\u0301", roses, r"; is it '\xe9t\xe9', and not 'e\u0301te\u0301'?"),
        ("wild rise", roses, "'wild rise'; is it 'wild rose', and not 'wild rise'?"),
        ("x" * 100_000, roses, f"'{'x' * 40}'...; expected one of wild rose, été"),
        ("tulip", roses, "'tulip'; expected one of wild rose, été"),
        ("0.132", ["-0.813", "0.13"], f"'0.132'; expected one of -0.813, 0.13 {numbers}"),
        ("3", ["cat"], f"'3'; expected one of cat {numbers}"),
    ]:
        content = format_row(classes[0], IMAGE) + b"\n" + format_row(label, IMAGE)
        message = refused(tmp_path, content, classes)
        assert message.startswith(", line 3: no training row has the label '")
        assert message.endswith(expected)
    message = refused(tmp_path, ROW, np.array([0, 1]))
    assert message == ", line 1: 'daisy' is none of the classes, which are numbers; labels are text"


@settings(deadline=None, max_examples=300, database=None)  # a checkout may be read-only
@given(
    content=st.sampled_from(CSVS),
    position=st.integers(0, 20) | st.integers(0, 2 * len(ROW) - 1),
    byte=st.sampled_from(BYTES) | st.integers(0, 255),
    how=st.sampled_from(CHANGES),
)
def test_a_changed_byte_is_read_plainly_or_refused(tmp_path_factory, content, position, byte, how):
    changed = mutate(content, position, byte, how)
    check_plain_reading(tmp_path_factory.getbasetemp(), changed)
