import gzip
from codecs import BOM_UTF8

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain_reading import BYTES, CHANGES, CSVS, IMAGE, ROW, check_plain_reading, mutate, read
from pyimagesearch import csv_rows
from pyimagesearch.csv_rows import TEST_NAME, CSVError, format_row, read_labels

pytestmark = pytest.mark.usefixtures("small")


def with_values(*texts, at=1):
    """Return `ROW` with other texts as its values from `at` on, counted from 1."""
    fields = ROW.rstrip(b"\n").split(b",")
    fields[at : at + len(texts)] = [text.encode() for text in texts]
    return b",".join(fields) + b"\n"


def refused(tmp_path, content, classes=None):
    """Return the message with which a CSV is refused, without its path."""
    path = tmp_path / "my.csv"
    path.write_bytes(content)
    with pytest.raises(CSVError) as error:
        read_labels(path, classes)
    before, _, message = str(error.value).partition(str(path))
    assert before == ""
    assert "\n" not in message
    assert len(message) < 300
    return message


@pytest.mark.parametrize("label", ["daisy", "wild rose", '"daisy"', "été", "7", "a;b"])
def test_what_was_written_is_read(tmp_path, label):
    row = format_row(label, IMAGE)
    assert row == label.encode() + ROW[5:]
    ((read_label, image),) = read(tmp_path, row)
    assert read_label == label
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, IMAGE)


@pytest.mark.parametrize(
    "content",
    [
        ROW.replace(b"\n", b"\r\n"),
        BOM_UTF8 + ROW,
        b"  " + ROW.replace(b",", b"\t ,  \t ").replace(b"\n", b"  \n"),
        ROW.replace(b",", b" " * 20 + b","),
        BOM_UTF8 + b"\r\n \t\r\n" + ROW + b"\n\n  \n",
        ROW.rstrip(b"\n"),
        with_values(f"{IMAGE.ravel()[0]:03}"),
    ],
    ids=["CRLF", "mark", "tabs and blanks", "20 blanks", "lines", "no newline", "zeros"],
)
def test_harmless_differences_are_accepted(tmp_path, content):
    ((label, image),) = read(tmp_path, content)
    assert label == "daisy"
    np.testing.assert_array_equal(image, IMAGE)


NO_LABELS = ["", " ", "a,b", " daisy", "da\nisy", "da\0isy", "da\tisy", "\ufeffa", "\udcff"]


@pytest.mark.parametrize("label", NO_LABELS)
def test_a_label_that_would_not_read_back_is_not_written(label):
    with pytest.raises(ValueError, match="can't be a label in a CSV; expected a name"):
        format_row(label, IMAGE)


def test_an_image_of_another_shape_is_not_written():
    with pytest.raises(ValueError, match=r"an image of shape \(8, 8\); expected \(8, 8, 3\)"):
        format_row("a", IMAGE[..., 0])


WHOLE = "expected a whole number from 0 to 255"
NO_INTENSITIES = ["red", "", " ", "12.5", "1e2", "0x1f", "nan", "-1", "+1", "256", "1 2", "1_0"]


@pytest.mark.parametrize("value", [*NO_INTENSITIES, "1\0", "\u0661", "1" * 40])
@pytest.mark.parametrize("number", [1, IMAGE.size])
def test_a_value_that_is_no_intensity_is_refused(tmp_path, value, number):
    message = refused(tmp_path, ROW + b"\n" + with_values(value, at=number))
    shown = repr(value) if value.strip() else "empty"
    assert message.startswith(f", line 3: value {number} is {shown}; {WHOLE}")


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ": no rows; expected label,p0,p1,...,p191 a line"),
        (b"\n \r\n\t\n", ": no rows; expected"),
        (ROW + b"daisy,1,2,3\n", ", line 2: 3 values after the label; expected 192 (8 x 8 x 3"),
        (ROW + ROW[: ROW.rindex(b",")], ", line 2: 191 values after the label; expected 192"),
        (ROW.decode().encode("utf-16"), ", line 1: text in UTF-16; expected UTF-8"),
        (gzip.compress(ROW), ", line 1: compressed by gzip; expected text: unpack it first (g"),
        (LFS, ", line 1: a pointer of Git LFS; expected the file itself (git lfs pull)"),
        ("été".encode("latin-1") + ROW, ", line 1: byte 1 is not UTF-8; expected text in UTF-8"),
        (ROW[5:], ", line 1: the label is empty; expected a class name before the first comma"),
        (b"da\x07isy" + ROW[5:], ", line 1: the label has the control character '\\x07'; exp"),
        (ROW + BOM_UTF8 + ROW, ", line 2: the label begins with a byte order mark; exp"),
        # a blank within a value, where the numbers are still as many
        (with_values("1 2", ""), ", line 1: value 1 is '1 2'; expected"),
        (with_values("1 2", "-"), ", line 1: value 1 is '1 2'; expected"),
        (bytes(3_000_000), ", line 1: "),
        ((ROW * 3).replace(b"\n", b"\r"), ", line 1: "),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 99, ", line 1: "),
    ],
    ids=lambda value: None if isinstance(value, str) else "",
)
def test_what_is_no_csv_of_images_is_refused(tmp_path, content, expected):
    message = refused(tmp_path, content)
    assert message.startswith(expected)
    assert "expected" in message


COUNT = "values after the label; expected 192 (8 x 8 x 3: IMAGE_SHAPE in pyimagesearch/config.py)"
TOO_MANY = "too many: an index column, a second label, or a comma in the label or at the end? Le"
PIXELS = ["7"] * 192
NAMES = [f"pixel{n}" for n in range(192)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["label", *NAMES], "a header; expected rows only: delete this line"),
        ([*NAMES, "label"], "a header; expected rows only: delete this line (the label last?"),
        (["", "label", *map(str, range(192))], "a header; expected rows only: delete this line"),
        (["0", "5", *PIXELS], f"193 {COUNT}. 1 {TOO_MANY}"),
        (['"Pepper', '_bell"', *PIXELS], f"193 {COUNT}. 1 {TOO_MANY}"),
        (['"one', " two", ' three"', *PIXELS], f"194 {COUNT}. 2 {TOO_MANY}"),
        (PIXELS, f"191 {COUNT}. One too few: is there no label?"),
        (["5", *["7"] * 784], f"784 {COUNT}. Are they grey, IMAGE_SHAPE = (28, 28, 1)?"),
        (["5", *["7"] * 768], f"768 {COUNT}. Are they RGB, IMAGE_SHAPE = (16, 16, 3)?"),
        (["0", "5", *["7"] * 784], f"785 {COUNT}. Are they grey, IMAGE_SHAPE = (28, 28, 1), with"),
        (["5", " ".join(["7"] * 192), "Training"], "values separated by ' '; expected commas"),
        ([";".join(["5", *PIXELS])], "values separated by ';'; expected commas, also after the"),
        (["5", *["0.0", "1.0"] * 96], f"value 1 is '0.0'; {WHOLE} (scaled from 0 to 1?"),
        (["5", *["2.0"] * 192], f"value 1 is '2.0'; {WHOLE} (without a decimal point)"),
        (["7", *PIXELS[1:], "bee"], f"value 192 is 'bee'; {WHOLE} (the label? It comes first)"),
        (["5", *["    7"] * 191, "  256"], f"value 192 is '256'; {WHOLE}"),
        (['"cat"', *['"7"'] * 192], "value 1 is '\"7\"'; expected"),  # not taken for a header
    ],
    ids=lambda value: "" if isinstance(value, list) else value[:40],
)
def test_a_row_of_another_form_is_refused_with_what_it_probably_is(tmp_path, fields, expected):
    message = refused(tmp_path, ",".join(fields).encode())
    assert message.startswith(f", line 1: {expected}")


def test_of_a_file_that_is_missing_it_is_said_what_to_do(tmp_path, monkeypatch):
    with pytest.raises(CSVError, match=r"none\.csv: no such file; expected a CSV file$"):
        read_labels(tmp_path / "none.csv")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CSVError, match=r"no such file; expected to run in the folder of train.py"):
        read_labels(TEST_NAME)
    monkeypatch.setattr(csv_rows, "__file__", str(tmp_path / "pyimagesearch" / "csv_rows.py"))
    with pytest.raises(CSVError, match=r"no such file; to build it .*build_dataset"):
        read_labels(TEST_NAME)


ROSES = ["wild rose", "été"]
NUMBERS = "(train.py predicts classes, not numbers)"


@pytest.mark.parametrize(
    ("label", "classes", "expected"),
    [
        ("wild  rose", ROSES, "'wild  rose'; is it 'wild rose', and not 'wild  rose'?"),
        ("wild\u00a0rose", ROSES, r"; is it 'wild rose', and not 'wild\xa0rose'?"),
        ("e\u0301te\u0301", ROSES, r"; is it '\xe9t\xe9', and not 'e\u0301te\u0301'?"),
        ("wild rise", ROSES, "'wild rise'; is it 'wild rose', and not 'wild rise'?"),
        ("x" * 100_000, ROSES, f"'{'x' * 40}'...; expected one of wild rose, été"),
        ("tulip", ROSES, "'tulip'; expected one of wild rose, été"),
        ("0.132", ["-0.813", "0.13"], f"'0.132'; expected one of -0.813, 0.13 {NUMBERS}"),
        ("3", ["cat"], f"'3'; expected one of cat {NUMBERS}"),
    ],
    ids=["blanks", "no-break", "Unicode", "typo", "100 kB", "another", "near number", "number"],
)
def test_a_label_of_no_class_is_refused_and_a_near_name_but_no_number_is_guessed(
    tmp_path, label, classes, expected
):
    content = format_row(classes[0], IMAGE) + b"\n" + format_row(label, IMAGE)
    message = refused(tmp_path, content, classes)
    assert message.startswith(", line 3: no training row has the label '")
    assert message.endswith(expected)


@settings(deadline=None, max_examples=300)
@given(
    content=st.sampled_from(CSVS),
    position=st.integers(0, 20) | st.integers(0, 2 * len(ROW) - 1),
    byte=st.sampled_from(BYTES) | st.integers(0, 255),
    how=st.sampled_from(CHANGES),
)
def test_a_changed_byte_is_read_plainly_or_refused(tmp_path_factory, content, position, byte, how):
    changed = mutate(content, position, byte, how)
    check_plain_reading(tmp_path_factory.getbasetemp(), changed)


def test_the_plain_reading_accepts_and_refuses(tmp_path):
    assert check_plain_reading(tmp_path, ROW)
    assert check_plain_reading(tmp_path, with_values(" 7 "))
    assert not check_plain_reading(tmp_path, with_values("7.0"))
