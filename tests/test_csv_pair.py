import random
import re

import numpy as np
import pytest

from programs import SMALL
from pyimagesearch.csv_pair import read_label_pair, write_csv_pair
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME, CSVError, format_row, read_labels
from pyimagesearch.errors import InputError
from small_csvs import SPECIES, cycle, write_both, write_csv

pytestmark = pytest.mark.usefixtures("small")

UNEVEN = ["daisy"] * 36 + ["iris"] * 4
SHUFFLE = random.Random(0).sample
GROUPED = "train.csv: the rows are grouped by class"


def check_note(folder, capsys, note):
    """Check that one line is printed about CSVs after the counts, with this note; or none."""
    paths = folder / "train.csv", folder / "test.csv"
    assert read_label_pair(*paths, batch_size=2) == tuple(map(read_labels, paths))
    _, *lines = capsys.readouterr().out.splitlines()
    assert len(lines) == bool(note)
    assert all(note in line for line in lines)


@pytest.mark.parametrize(
    ("labels", "note"),
    [
        (sorted(cycle(40, *SPECIES)), GROUPED),
        (UNEVEN, GROUPED),
        (["daisy"] * 10 + cycle(10, "daisy", "iris") + ["iris"] * 20, GROUPED),
        (SHUFFLE(cycle(40, *SPECIES), 40), None),
        (SHUFFLE(UNEVEN, 40), None),
        (cycle(40, "daisy", "iris"), None),
        (["daisy", "iris"], None),
        (["1.0", "iris", "1"], "train.csv: '1' and '1.0' count as 2 classes"),
        (["cat", "iris", "Cat"], "'Cat' and 'cat' count as 2 classes"),
        (["e\u0301", "iris", "\xe9"], r"'e\u0301' and '\xe9' count as 2 classes"),
        (["wild iris", "iris", "wild  iris"], "'wild  iris' and 'wild iris' count as 2 classes"),
        (["wild iris", "rose", "wild\xa0iris"], r"'wild iris' and 'wild\xa0iris' count as 2"),
        (["noble", "iris", "no\u200bble"], r"'noble' and 'no\u200bble' count as 2 classes"),
        (["cat", "cats", "1", "10", "1.5", "-1"], None),
    ],
)
def test_grouped_rows_and_two_spellings_of_a_class_are_reported(tmp_path, capsys, labels, note):
    write_both(tmp_path, train_labels=labels, test_labels=labels[:1])
    check_note(tmp_path, capsys, note)


def test_dark_training_images_and_copies_are_reported(tmp_path, capsys):
    for train, test, note in [
        ("a:0 b:128", "a:9", None),
        ("a:0 b:127 b:9", "a:255", "train.csv: no value is above 127; expected up to 255. Picture"),
        ("a:0 b:200 b:7 a:7", "a:9 b:0 a:0 b:7", " 3 of 4 images are training images, too, 1 "),
    ]:
        for name, rows in (("train.csv", train), ("test.csv", test)):
            images = [row.split(":") for row in rows.split()]
            images = [format_row(label, np.full(SMALL, int(n), np.uint8)) for label, n in images]
            (tmp_path / name).write_bytes(b"".join(images))
        check_note(tmp_path, capsys, note)


def test_many_classes_or_a_long_label_are_not_printed_whole(tmp_path, capsys):
    labels = [f"species {n}" for n in range(200)]
    write_both(tmp_path, train_labels=labels, test_labels=labels[:1])
    read_label_pair(tmp_path / "train.csv", tmp_path / "test.csv", batch_size=200)
    counts = "[INFO] 200 training images, 1 testing images, 200 classes: species 0, species 1, "
    assert re.fullmatch(re.escape(counts) + r".{,80} \.\.\.\n", capsys.readouterr().out)
    path = write_csv(tmp_path / "my.csv", ["x" * 100_000] * 2)
    with pytest.raises(CSVError, match=r"all rows are 'x{40}'\.\.\.; expected two classes"):
        read_label_pair(path, path, batch_size=1)


def test_both_csvs_are_written_after_their_counts_are_printed(tmp_path, capsys):
    before = []

    def load(colour):
        before.append(capsys.readouterr().out)
        return np.full(SMALL, colour, np.uint8)

    labels, folder = cycle(30, "b", "a"), tmp_path / "new" / "folder"
    write_csv_pair(folder, [(label, 7) for label in labels], [("a", 9)], load)
    assert before[0] == "[INFO] 30 training images, 1 testing images, 2 classes: a, b\n"
    assert before[20] == "[INFO] 20 of 31 images\r"
    assert [read_labels(folder / name) for name in (TRAIN_NAME, TEST_NAME)] == [labels, ["a"]]
    wrote = f"[INFO] wrote {folder / TRAIN_NAME} and {folder / TEST_NAME}\n"
    assert capsys.readouterr().out == f"[INFO] 31 of 31 images\n{wrote}"


def test_images_that_can_not_be_loaded_are_reported_at_once_and_nothing_is_written(tmp_path):
    def load(number):
        if number % 2:
            raise InputError(f"{number}.png: damaged")
        return np.zeros(SMALL, np.uint8)

    message = r"^3 of 6 images: 5\.png: damaged; 3\.png: damaged; 1\.png: damaged$"
    with pytest.raises(InputError, match=message):
        write_csv_pair(tmp_path, [("a", n) for n in (5, 4, 3, 2)], [("b", 1), ("b", 0)], load)
    assert not list(tmp_path.iterdir())
