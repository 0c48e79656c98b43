import gzip
import math
import os
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain_reading import IMAGE, ROW, check_against_plain_reading, mutate, read
from pyimagesearch import csv_rows
from pyimagesearch.csv_pair import read_label_pair
from pyimagesearch.csv_rows import (
    BYTE_ORDER_MARK,
    TEST_NAME,
    VALUES,
    CSVError,
    format_row,
    read_labels,
)


def with_value(number, text, row=ROW):
    """Return a row with another text as its value `number`, counted from 1."""
    fields = row.rstrip(b"\n").split(b",")
    fields[number] = text
    return b",".join(fields) + b"\n"


def refused(tmp_path, content):
    with pytest.raises(CSVError) as error:
        read(tmp_path, content)
    message = str(error.value)
    assert message.startswith(str(tmp_path / "my.csv"))
    assert "\n" not in message
    assert len(message) < 400
    return message.removeprefix(str(tmp_path / "my.csv"))


def test_what_was_written_is_read(tmp_path):
    ((label, image),) = read(tmp_path, ROW)
    assert label == "daisy"
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, IMAGE)


def test_values_are_in_row_column_channel_order(tmp_path):
    row = with_value(1 + (5 * 64 + 7) * 3 + 2, b"123", format_row("x", np.zeros_like(IMAGE)))
    ((_, image),) = read(tmp_path, row)
    assert image[5, 7, 2] == 123
    assert image.sum() == 123


@pytest.mark.parametrize(
    "content",
    [
        ROW.replace(b"\n", b"\r\n"),
        BYTE_ORDER_MARK + ROW,
        ROW.replace(b",", b" , "),
        b"  " + ROW.replace(b",", b",\t").replace(b"\n", b"  \n"),
        b"\n" + ROW,
        BYTE_ORDER_MARK + b"\r\n \t\r\n" + ROW + b"\n\n  \n",
        ROW.rstrip(b"\n"),
        with_value(1, b"%03d" % IMAGE.ravel()[0]),
    ],
    ids=["crlf", "bom", "spaces", "tabs", "blank first", "blank lines", "no newline", "zeros"],
)
def test_harmless_differences_are_accepted(tmp_path, content):
    ((label, image),) = read(tmp_path, content)
    assert label == "daisy"
    np.testing.assert_array_equal(image, IMAGE)


@pytest.mark.parametrize("label", ["lily of the valley", '"daisy"', "été", "7", "a;b"])
def test_a_label_is_kept_as_it_stands(tmp_path, label):
    ((read_label, _),) = read(tmp_path, format_row(label, IMAGE))
    assert read_label == label


@pytest.mark.parametrize("label", ["", " ", "a,b", " daisy", "da\nisy", "da\0isy", "da\tisy"])
def test_a_label_that_would_not_read_back_is_not_written(label):
    with pytest.raises(ValueError, match="expected a name"):
        format_row(label, IMAGE)


NO_INTENSITIES = ["red", "", " ", "12.5", "1e2", "0x1f", "nan", "-1", "+1", "256", "1 2", "1_0"]


@pytest.mark.parametrize("value", [*NO_INTENSITIES, "\u0661", "1" * 30])
@pytest.mark.parametrize("number", [1, VALUES])
def test_a_value_that_is_no_intensity_is_refused(tmp_path, value, number):
    message = refused(tmp_path, ROW + b"\n" + with_value(number, value.encode()))
    assert message.startswith(f", line 3: value {number:,} is ")
    assert "expected a whole number from 0 to 255" in message
    shown = repr(value) if value.strip() else "empty"
    assert shown in message


HEADER = b"label," + b",".join(b"p%d" % n for n in range(VALUES)) + b"\n"
QUOTED = b'"daisy' + ROW[5:].replace(b",", b'","').replace(b"\n", b'"\n')
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ": no rows; expected label,p0,p1,...,p12287 a line"),
        (b"\n \r\n\t\n", ": no rows; expected label,p0,p1,...,p12287 a line"),
        (ROW + b"daisy,1,2,3\n", ", line 2: 3 values after the label; expected 12,288 (64 x 64"),
        (ROW + b",".join(ROW.split(b",")[:5001]), ", line 2: 5,000 values after the label; exp"),
        (HEADER + ROW, ", line 1: a header; expected rows only: delete this line"),
        (QUOTED, ", line 1: quotes; expected values without them"),
        (ROW.replace(b",", b";"), ", line 1: values separated by ';'; expected commas, also"),
        (ROW.replace(b",", b"\t"), ", line 1: values separated by '\\t'; expected commas, also"),
        (with_value(3, b"1\0"), ", line 1: a NUL byte; expected text, not binary data"),
        (bytes(3_000_000), ", line 1: a NUL byte; expected text, not binary data"),
        (ROW.decode().encode("utf-16"), ", line 1: text in UTF-16; expected UTF-8"),
        (b"\r\n" + ROW.decode().encode("utf-16-le"), ", line 2: a NUL byte; expected text, not"),
        (gzip.compress(ROW), ", line 1: compressed by gzip; expected text: unpack it first (g"),
        (POINTER, ", line 1: a pointer of Git LFS; expected the file itself (git lfs pull)"),
        ((ROW * 3).replace(b"\n", b"\r"), ", line 1: a carriage return within the line; expected"),
        ("été".encode("latin-1") + ROW, ", line 1: byte 1 is not UTF-8; expected text in UTF-8"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 99, ", line 1: byte 1 is not UTF-8; expect"),
        (ROW[5:], ", line 1: the label is empty; expected a class name before the first comma"),
        (b"daisy\r" + ROW[5:], ", line 1: the label has the control character '\\r'; expected"),
        (b"da\x07isy" + ROW[5:], ", line 1: the label has the control character '\\x07'; exp"),
        (ROW + BYTE_ORDER_MARK + ROW, ", line 2: the label begins with a byte order mark; exp"),
    ],
    ids=lambda value: None if isinstance(value, str) else "",
)
def test_what_is_no_csv_of_images_is_refused(tmp_path, content, expected):
    assert refused(tmp_path, content).startswith(expected)


def test_a_file_that_can_not_be_read_is_refused(tmp_path):
    with pytest.raises(CSVError, match=r"none\.csv: no such file; expected a CSV file$"):
        read_labels(tmp_path / "none.csv")
    with pytest.raises(CSVError, match=f"^{re.escape(str(tmp_path))}: .+; expected a CSV file"):
        read_labels(tmp_path)


def test_what_to_do_about_a_missing_default_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CSVError, match=r"no such file; expected to run in the folder of train.py"):
        read_labels(TEST_NAME)
    monkeypatch.setattr(csv_rows, "__file__", str(tmp_path / "pyimagesearch" / "csv_rows.py"))
    with pytest.raises(CSVError, match=r"no such file; to build it .*build_dataset"):
        read_labels(TEST_NAME)


def with_shape(monkeypatch, shape):
    monkeypatch.setattr(csv_rows, "IMAGE_SHAPE", shape)
    monkeypatch.setattr(csv_rows, "VALUES", math.prod(shape))


COUNT = "values after the label; expected 192 (8 x 8 x 3: IMAGE_SHAPE in pyimagesearch/config.py)"
PIXELS = ["7"] * 192
NAMES = [f"pixel{n}" for n in range(192)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["label", *NAMES], "a header; expected rows only"),
        ([*NAMES, "label"], "a header; expected rows only: delete this line (the label last?"),
        (["", "label", *map(str, range(192))], "a header; expected rows only: delete this line"),
        (["label", *map(str, range(784))], "a header; expected rows only: delete this line"),
        (["0", "5", *PIXELS], f"193 {COUNT}. One too many: an index column, a second label"),
        (["5", *PIXELS, ""], f"193 {COUNT}. One too many: an index column, a second label, or a c"),
        (PIXELS, f"191 {COUNT}. One too few: is there no label?"),
        (["5", *PIXELS[:64]], f"64 {COUNT}. Are they grey, IMAGE_SHAPE = (8, 8, 1)?"),
        (["5", *["7"] * 784], f"784 {COUNT}. Are they grey, IMAGE_SHAPE = (28, 28, 1)?"),
        (["5", *["7"] * 768], f"768 {COUNT}. Are they RGB, IMAGE_SHAPE = (16, 16, 3)?"),
        (["5", *["7"] * 256], f"256 {COUNT}. Are they RGBA? Leave out every fourth"),
        (["7"] * 784, f"783 {COUNT}. Are they grey, IMAGE_SHAPE = (28, 28, 1), without a label?"),
        (["0", "5", *["7"] * 784], f"785 {COUNT}. Are they grey, IMAGE_SHAPE = (28, 28, 1), with"),
        (["5", " ".join(["7"] * 192), "Training"], "values separated by ' '; expected commas"),
        (["5", f'"{" ".join(PIXELS)}"'], "values separated by ' '; expected commas"),
        (["cat", " ".join(PIXELS)], "values separated by ' '; expected commas, also after"),
        (["5", *["0.25"] * 192], "value 1 is '0.25'; expected a whole number from 0 to 255 (sca"),
        (["5", *["122.0"] * 192], "value 1 is '122.0'; expected a whole number from 0 to 255 (wit"),
        (["7", *PIXELS[1:], "bee"], "value 192 is 'bee'; expected a whole number from 0 to 255 (t"),
        (["5", *["nan"] * 192], "value 1 is 'nan'; expected a whole number from 0 to 255"),
    ],
    ids=lambda value: "" if isinstance(value, list) else value[:40],
)
def test_a_row_of_another_form_is_refused_with_what_it_probably_is(
    tmp_path, monkeypatch, fields, expected
):
    with_shape(monkeypatch, (8, 8, 3))
    message = refused(tmp_path, ",".join(fields).encode())
    assert message.startswith(f", line 1: {expected}")
    assert len(message) < 250


def test_grey_images_that_are_not_square_are_recognised(tmp_path, monkeypatch):
    with_shape(monkeypatch, (4, 5, 3))
    message = refused(tmp_path, b"a" + b",7" * 20)
    assert message.endswith("config.py). Are they grey, IMAGE_SHAPE = (4, 5, 1)?")


def test_grey_rows_are_read_and_written(tmp_path, monkeypatch):
    with_shape(monkeypatch, (4, 5, 1))
    image = np.arange(20, dtype=np.uint8).reshape(4, 5, 1)
    ((label, read_image),) = read(tmp_path, format_row("a", image))
    assert label == "a"
    np.testing.assert_array_equal(read_image, image)


def test_an_image_of_another_shape_is_not_written():
    with pytest.raises(ValueError, match=r"an image of shape \(64, 64\); expected IMAGE_SHAPE"):
        format_row("a", IMAGE[..., 0])


def test_a_label_of_no_class_is_refused(tmp_path):
    path = tmp_path / "my.csv"
    path.write_bytes(ROW + b"\n" + format_row("rose", IMAGE))
    with pytest.raises(CSVError, match=r"my\.csv, line 3: no training row has the label 'rose'"):
        read_labels(path, ["daisy", "iris"])
    assert read_labels(path) == ["daisy", "rose"]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("wild  rose", "'wild  rose'; is it 'wild rose', and not 'wild  rose'?"),
        ("wild\u00a0rose", "is it 'wild rose', and not 'wild\\xa0rose'?"),
        ("e\u0301te\u0301", r"is it '\xe9t\xe9', and not 'e\u0301te\u0301'?"),
        ("x" * 100_000, f"'{'x' * 40}'...; expected one of wild rose, été"),
        ("tulip", "'tulip'; expected one of wild rose, été"),
    ],
    ids=["two blanks", "no-break space", "another Unicode form", "100 kB", "another"],
)
def test_a_label_that_is_nearly_known_is_pointed_out(tmp_path, label, expected):
    path = tmp_path / "my.csv"
    path.write_bytes(label.encode() + ROW[5:])
    with pytest.raises(CSVError, match=re.escape(expected) + "$") as error:
        read_labels(path, ["wild rose", "été"])
    assert len(str(error.value).removeprefix(str(path))) < 300


def test_a_long_label_is_not_printed_whole(tmp_path):
    path = tmp_path / "my.csv"
    path.write_bytes((b"x" * 100_000 + ROW[5:]) * 2)
    with pytest.raises(CSVError, match=r"all rows are 'x{40}'\.\.\.; expected two classes"):
        read_label_pair(path, path, batch_size=1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "my.csv")
    with pytest.raises(CSVError, match=r"my\.csv: expected a CSV file, which can be read more"):
        read_labels(tmp_path / "my.csv")


@settings(deadline=None, max_examples=300)
@given(
    position=st.one_of(
        st.integers(0, 20),
        st.integers(0, 2 * len(ROW) - 1),
        st.integers(len(ROW) - 12, len(ROW) + 12),
    ),
    byte=st.one_of(st.sampled_from(b'0123456789,;"\r\n\t -+.e\0\x80\xff'), st.integers(0, 255)),
    how=st.sampled_from(["change", "insert", "remove"]),
)
def test_a_changed_byte_is_read_plainly_or_refused(tmp_path_factory, position, byte, how):
    check_against_plain_reading(
        tmp_path_factory.getbasetemp(), mutate(ROW + ROW, position, byte, how)
    )


def test_the_plain_reading_accepts_and_refuses(tmp_path):
    assert check_against_plain_reading(tmp_path, ROW)
    assert check_against_plain_reading(tmp_path, with_value(5, b" 7 "))
    assert not check_against_plain_reading(tmp_path, with_value(5, b"7.0"))
