"""Fixtures that several tests share."""

import pytest
from sklearn.preprocessing import LabelBinarizer

from small_csvs import cycle, write_csv


@pytest.fixture
def lb():
    return LabelBinarizer().fit(["daisy", "iris", "tulip"])


@pytest.fixture
def flowers(tmp_path):
    """Return a function that writes a CSV of so many rows of three species."""

    def write(rows, name="flowers.csv", seed=0):
        return write_csv(tmp_path / name, cycle(rows, "daisy", "iris", "tulip"), seed)

    return write
