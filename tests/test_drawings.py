import collections
import re

import numpy as np
import pytest

from programs import ROOT
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME, open_csv, read_rows
from pyimagesearch.drawings.dataset import dataset_rows, draw_row
from pyimagesearch.flowers17 import SPECIES

# the first rows of the training CSV that ships
FIRST = ["sunflower", "dandelion", "daisy", "dandelion", "lilyvalley", "sunflower", "dandelion"]


@pytest.fixture(scope="module")
def shipped():
    """Return the rows that ship: {(species, number): image} for training and for testing."""
    rows = []
    for name in (TRAIN_NAME, TEST_NAME):
        with open_csv(ROOT / name) as file:
            rows.append(list(read_rows(file)))
    if [label for label, _ in rows[0][: len(FIRST)]] != FIRST:
        pytest.skip("other images, maybe the photographs, are in place of the drawings")
    of_names = []
    for drawn, names in zip(rows, dataset_rows(), strict=True):
        assert [label for label, _ in drawn] == [species for species, _ in names]
        of_names.append(dict(zip(names, (image for _, image in drawn), strict=True)))
    return of_names


def test_the_counts_are_those_of_the_readmes_report(shipped):
    train, test = shipped
    assert (len(train), len(test)) == (1020, 340)
    counts = collections.Counter(species for species, _ in test)
    # a row of the report: a species, three scores, its support
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    report = re.findall(r"^ *(\w+)(?: +\d\.\d\d){3} +(\d+)$", readme, re.MULTILINE)
    assert len(report) == 17
    assert counts == {species: int(support) for species, support in report}
    assert set((counts + collections.Counter(species for species, _ in train)).values()) == {80}


def test_what_is_drawn_afresh_is_what_ships(shipped):
    # another version of Pillow or NumPy may round another way, or cover another pixel at an
    # edge: 2 of 255 in the mean. Another drawing of the same species differs by far more.
    images = shipped[0] | shipped[1]
    for number, species in enumerate(SPECIES, 60):
        drawn = draw_row(species, number)
        assert (drawn.shape, drawn.dtype) == ((64, 64, 3), np.uint8)
        both = images[species, number], images[species, number + 1]
        same, another = (np.abs(drawn.astype(int) - image).mean() for image in both)
        assert same < 2, species
        assert another > 10, species
