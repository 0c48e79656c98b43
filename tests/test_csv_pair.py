import ast
import random
import re

import numpy as np
import pytest

from programs import SMALL
from pyimagesearch.csv_pair import read_label_pair, write_csv_pair
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME, CSVError, read_labels
from pyimagesearch.errors import InputError
from small_csvs import cycle, write_csv

pytestmark = pytest.mark.usefixtures("small")


def told(tmp_path, capsys, labels):
    """Return what is printed about training rows with these labels, after the counts."""
    train = write_csv(tmp_path / "train.csv", labels)
    assert read_label_pair(train, train, batch_size=2) == (labels, labels)
    counts, *lines = capsys.readouterr().out.splitlines()
    assert counts.startswith(f"[INFO] {len(labels)} training images, ")
    return [line.removeprefix(f"[INFO] {train}: ") for line in lines]


UNEVEN = ["daisy"] * 36 + ["iris"] * 4
SHUFFLE = random.Random(0).sample


@pytest.mark.parametrize(
    ("labels", "grouped"),
    [
        (sorted(cycle(40, "daisy", "iris", "tulip")), True),
        (UNEVEN, True),
        (["daisy"] * 10 + cycle(10, "daisy", "iris") + ["iris"] * 20, True),
        (SHUFFLE(cycle(40, "daisy", "iris", "tulip"), 40), False),
        (SHUFFLE(UNEVEN, 40), False),
        (cycle(40, "daisy", "iris"), False),
        (["daisy", "iris"], False),
    ],
    ids=["sorted", "uneven", "long runs", "shuffled", "uneven", "in turn", "two rows"],
)
def test_training_rows_that_are_not_shuffled_are_told_in_a_line(tmp_path, capsys, labels, grouped):
    lines = told(tmp_path, capsys, labels)
    assert len(lines) == grouped
    assert all(line.startswith("the rows are grouped by class") for line in lines)


NAMES = [("1", "1.0"), ("Cat", "cat"), ("e\u0301te\u0301", "\xe9t\xe9")]
BLANKS = [("wild  iris", "wild iris"), ("wild iris", "wild\xa0iris"), ("no\u200bble", "noble")]


@pytest.mark.parametrize(("one", "other"), [*NAMES, *BLANKS])
def test_two_spellings_of_a_class_are_told_apart_in_a_line(tmp_path, capsys, one, other):
    (line,) = told(tmp_path, capsys, cycle(12, "zebra", one, "iris", other))
    assert line.isascii()
    names = re.match("('.*') and ('.*') count as 2 classes", line).groups()
    assert {ast.literal_eval(name) for name in names} == {one, other}


def test_classes_that_only_resemble_each_other_are_not_told(tmp_path, capsys):
    assert not told(tmp_path, capsys, cycle(12, "cat", "cats", "1", "10", "1.5", "-1"))


def test_what_was_counted_is_printed_in_one_line(tmp_path, capsys):
    train = write_csv(tmp_path / "train.csv", [f"species {n}" for n in range(200)])
    read_label_pair(train, write_csv(tmp_path / "test.csv", ["species 7"]), batch_size=2)
    output = capsys.readouterr().out
    counts = "[INFO] 200 training images, 1 testing images, 200 classes: species 0, species 1, "
    assert re.fullmatch(re.escape(counts) + r".{,80} \.\.\.\n", output)


def test_a_long_label_is_not_printed_whole(tmp_path):
    path = write_csv(tmp_path / "my.csv", ["x" * 100_000] * 2)
    with pytest.raises(CSVError, match=r"all rows are 'x{40}'\.\.\.; expected two classes"):
        read_label_pair(path, path, batch_size=1)


def test_both_csvs_are_written_and_what_will_be_in_them_is_told_before(tmp_path, capsys):
    before = []

    def load(colour):
        before.append(capsys.readouterr().out)
        return np.full(SMALL, colour, np.uint8)

    labels = cycle(30, "b", "a")
    folder = tmp_path / "new" / "folder"
    write_csv_pair(folder, [(label, 7) for label in labels], [("a", 9)], load)
    assert before[0] == "[INFO] 30 training images, 1 testing images, 2 classes: a, b\n"
    assert before[20] == "[INFO] 20 of 31 images\r"
    assert [read_labels(folder / name) for name in (TRAIN_NAME, TEST_NAME)] == [labels, ["a"]]
    wrote = f"[INFO] wrote {folder / TRAIN_NAME} and {folder / TEST_NAME}\n"
    assert capsys.readouterr().out == f"[INFO] 31 of 31 images\n{wrote}"


def test_an_empty_name_for_the_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="expected a path, not ''"):
        write_csv_pair("", [], [], None)
