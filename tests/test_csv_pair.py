import random

import pytest

from pyimagesearch import csv_pair
from small_csvs import cycle, write_csv

UNEVEN = ["daisy"] * 36 + ["iris"] * 4


def shuffled(labels, seed=0):
    return random.Random(seed).sample(labels, len(labels))


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (sorted(cycle(40, "daisy", "iris", "tulip")), True),
        (sorted(cycle(40, "daisy", "iris")), True),
        (UNEVEN, True),
        (["daisy"] * 10 + cycle(10, "daisy", "iris") + ["iris"] * 20, True),
        (shuffled(cycle(40, "daisy", "iris", "tulip")), False),
        (shuffled(cycle(40, "daisy", "iris")), False),
        (shuffled(UNEVEN), False),
        (cycle(40, "daisy", "iris"), False),
        (["daisy", "iris"], False),
    ],
    ids=["sorted", "two classes", "uneven", "long runs", *["shuffled"] * 3, "in turn", "two rows"],
)
def test_training_rows_that_are_not_shuffled_are_told_in_a_line(tmp_path, capsys, labels, told):
    train = write_csv(tmp_path / "train.csv", labels)
    # testing rows may stand in any order
    test = write_csv(tmp_path / "test.csv", ["daisy"] * 3 + ["iris"] * 3)
    labels_read = csv_pair.read_label_pair(train, test, batch_size=2)
    assert labels_read == (labels, sorted(cycle(6, "daisy", "iris")))
    output = capsys.readouterr().out
    assert (f"[INFO] {train}: the rows are grouped by class" in output) == told
    assert output.count("\n") == 1 + told


def test_what_was_counted_is_printed_in_one_line(tmp_path, capsys):
    labels = [f"species {n}" for n in range(200)]
    train = write_csv(tmp_path / "train.csv", shuffled(labels))
    csv_pair.read_label_pair(train, write_csv(tmp_path / "test.csv", ["species 7"]), batch_size=2)
    output = capsys.readouterr().out
    assert output.startswith(
        "[INFO] 200 training images, 1 testing images, 200 classes: species 0, species 1, "
    )
    assert output.endswith(" ...\n")
    assert len(output) < 180
