import gzip
import os
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plain_reading import IMAGE, ROW, check_against_plain_reading, mutate, read
from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_pair import read_label_pair
from pyimagesearch.csv_rows import (
    BYTE_ORDER_MARK,
    VALUES,
    CSVError,
    check_label,
    format_row,
    open_csv,
    read_labels,
    read_rows,
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


@pytest.mark.parametrize(
    "value",
    [
        "red",
        "",
        " ",
        "12.5",
        "1e2",
        "0x1f",
        "nan",
        "-1",
        "+1",
        "256",
        "1" * 30,
        "1 2",
        "1_0",
        "\u0661",
    ],
)
@pytest.mark.parametrize("number", [1, 700, VALUES])
def test_a_value_that_is_no_intensity_is_refused(tmp_path, value, number):
    message = refused(tmp_path, ROW + b"\n" + with_value(number, value.encode()))
    assert message.startswith(f", line 3: value {number:,} is ")
    assert message.endswith("expected a whole number from 0 to 255")
    shown = repr(value) if value.strip() else "empty"
    assert shown in message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ": no rows; expected label,p0,p1,...,p12287 a line"),
        (b"\n \r\n\t\n", ": no rows; expected label,p0,p1,...,p12287 a line"),
        (
            ROW + b"daisy,1,2,3\n",
            ", line 2: 3 values after the label; expected 12,288",
        ),
        (
            ROW.replace(b"\n", b",7\n"),
            ", line 1: 12,289 values after the label; expected 12,288",
        ),
        (
            ROW.replace(b"\n", b",\n"),
            ", line 1: 12,289 values after the label; expected 12,288",
        ),
        (
            ROW + b",".join(ROW.split(b",")[:5001]),
            ", line 2: 5,000 values after the label; expected 12,288",
        ),
        (
            b"label," + b",".join(b"p%d" % n for n in range(VALUES)) + b"\n" + ROW,
            ", line 1: value 1 is 'p0'; expected a whole number from 0 to 255 (a header? There "
            "must be none)",
        ),
        (
            b'"daisy"' + ROW[5:-1].replace(b",", b'","').removeprefix(b'"') + b'"\n',
            f", line 1: value 1 is '\"{IMAGE[0, 0, 0]}\"'; expected a whole number from 0 to 255 "
            "(quotes? There must be none)",
        ),
        (
            ROW.replace(b",", b";"),
            ", line 1: 0 values after the label; expected 12,288, separated by commas, not by ';'",
        ),
        (
            ROW.replace(b",", b"\t"),
            ", line 1: 0 values after the label; expected 12,288, separated by commas, not by "
            "'\\t'",
        ),
        (
            with_value(3, b"1\0"),
            ", line 1: a NUL byte; expected text, not binary data",
        ),
        (
            ROW.decode().encode("utf-16"),
            ", line 1: text in UTF-16; expected UTF-8",
        ),
        (
            b"\r\n" + ROW.decode().encode("utf-16-le"),
            ", line 2: a NUL byte; expected text, not binary data",
        ),
        (
            gzip.compress(ROW),
            ", line 1: compressed by gzip; expected text: unpack it first (gunzip)",
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n",
            ", line 1: a pointer of Git LFS; expected the file itself (git lfs pull)",
        ),
        (
            (ROW * 3).replace(b"\n", b"\r"),
            ", line 1: 36,864 values after the label; expected 12,288, and lines that end in "
            "'\\n' or '\\r\\n', not in '\\r'",
        ),
        (
            "été".encode("latin-1") + ROW,
            ", line 1: byte 1 is not UTF-8; expected text in UTF-8",
        ),
        (
            ROW[5:],
            ", line 1: the label is empty; expected a class name before the first comma",
        ),
        (
            b"daisy\r" + ROW[5:],
            ", line 1: the label has the control character '\\r'; expected a class name",
        ),
        (
            ROW + BYTE_ORDER_MARK + ROW,
            ", line 2: the label begins with a byte order mark; expected one only at the file's",
        ),
        (
            b"da\x07isy" + ROW[5:],
            ", line 1: the label has the control character '\\x07'; expected a class name",
        ),
        (
            b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 99,
            ", line 1: byte 1 is not UTF-8; expected text in UTF-8",
        ),
        (bytes(3_000_000), ", line 1: a NUL byte; expected text, not binary data"),
    ],
    ids=lambda value: None if isinstance(value, str) else "",
)
def test_what_is_no_csv_of_images_is_refused(tmp_path, content, expected):
    assert refused(tmp_path, content).startswith(expected)


def test_a_file_that_can_not_be_read_is_refused(tmp_path):
    with pytest.raises(CSVError, match=r"none\.csv: no such file.*build_dataset"):
        read_labels(tmp_path / "none.csv")
    with pytest.raises(CSVError, match=f"^{re.escape(str(tmp_path))}: Is a directory"):
        read_labels(tmp_path)


def test_a_file_without_permission_is_refused(tmp_path):
    path = tmp_path / "my.csv"
    path.write_bytes(ROW)
    path.chmod(0)
    root = os.geteuid() == 0
    if root:  # whom no permission binds
        os.seteuid(65534)
    try:
        with pytest.raises(CSVError, match=r"my\.csv: Permission denied; expected a CSV file"):
            read_labels(path)
    finally:
        if root:
            os.seteuid(0)


def test_a_label_of_no_class_is_refused(tmp_path):
    path = tmp_path / "my.csv"
    path.write_bytes(ROW + b"\n" + format_row("rose", IMAGE))
    with pytest.raises(CSVError, match=r"my\.csv, line 3: no training row has the label 'rose'"):
        read_labels(path, ["daisy", "iris"])
    assert read_labels(path) == ["daisy", "rose"]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("wild  rose", "'wild  rose', but 'wild rose': expected that, not 'wild  rose'"),
        ("wild\u00a0rose", "'wild rose': expected that, not 'wild\\xa0rose'"),
        ("e\u0301te\u0301", r"'\xe9t\xe9': expected that, not 'e\u0301te\u0301'"),
        ("x" * 100_000, f"'{'x' * 40}'...; expected one of wild rose, été"),
        ("rose", "'rose'; expected one of wild rose, été"),
    ],
    ids=["two blanks", "no-break space", "another Unicode form", "100 kB", "another"],
)
def test_a_label_that_is_nearly_known_is_told_apart(tmp_path, label, expected):
    path = tmp_path / "my.csv"
    path.write_bytes(label.encode() + ROW[5:])
    with pytest.raises(CSVError, match=re.escape(expected) + "$") as error:
        read_labels(path, ["wild rose", "été"])
    assert len(str(error.value).removeprefix(str(path))) < 300


def test_a_disk_that_fails_is_told_with_the_line():
    if not os.path.exists("/proc/self/mem"):
        pytest.skip("no regular file here that can't be read")
    with pytest.raises(CSVError, match=r"^/proc/self/mem, line 1: Input/output error; expected"):
        read_labels("/proc/self/mem")


def test_a_long_label_is_not_printed_whole(tmp_path):
    path = tmp_path / "my.csv"
    path.write_bytes((b"x" * 100_000 + ROW[5:]) * 2)
    with pytest.raises(CSVError, match=r"all rows are 'x{40}'\.\.\.; expected two classes"):
        read_label_pair(path, path, batch_size=1)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "my.csv")
    with pytest.raises(CSVError, match=r"my\.csv: expected a CSV file, which can be read more"):
        read_labels(tmp_path / "my.csv")


@pytest.mark.parametrize("change", ["append", "truncate", "cut", "overwrite"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, change):
    path = tmp_path / "my.csv"
    path.write_bytes(ROW * 5)
    with open_csv(path) as file:
        rows = read_rows(file)
        next(rows)
        if change == "append":
            with open(path, "ab") as other:
                other.write(ROW)
        elif change in ("truncate", "cut"):
            with open(path, "r+b") as other:
                other.truncate((3 if change == "truncate" else 1) * len(ROW))
        else:
            path.write_bytes(b"x" * 5 * len(ROW))
        with pytest.raises(CSVError, match=r"my\.csv, line 2: the file changed"):
            list(rows)


@settings(deadline=None, max_examples=40)
@given(label=st.text(), seed=st.integers(0, 2**32 - 1))
def test_whatever_can_be_written_is_read_back(tmp_path_factory, label, seed):
    try:
        check_label(label)
        label.encode()
    except ValueError:
        assume(False)
    image = np.random.default_rng(seed).integers(0, 256, IMAGE_SHAPE, dtype=np.uint8)
    ((read_label, read_image),) = read(tmp_path_factory.getbasetemp(), format_row(label, image))
    assert read_label == label
    np.testing.assert_array_equal(read_image, image)


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
