import random

import pytest

from pyimagesearch import csv_pair, csv_rows
from small_csvs import cycle, write_csv


def test_a_training_csv_that_changes_while_the_testing_csv_is_read_is_refused(
    tmp_path, monkeypatch
):
    train = write_csv(tmp_path / "train.csv", cycle(8, "daisy", "iris"))
    test = write_csv(tmp_path / "test.csv", cycle(4, "daisy", "iris"))

    def read_labels(path, *classes):
        labels = csv_rows.read_labels(path, *classes)
        if path == test:
            write_csv(train, cycle(9, "daisy", "iris"))
        return labels

    monkeypatch.setattr(csv_pair, "read_labels", read_labels)
    with pytest.raises(
        csv_rows.CSVError, match=r"train\.csv: the file changed since it was checked"
    ):
        csv_pair.read_label_pair(train, test, batch_size=2)


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
    assert output.startswith(f"[INFO] {train}: rows of a class stand together") == told
    assert output.count("\n") == told
