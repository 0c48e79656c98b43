import collections
import re

import numpy as np
import pytest

from programs import ROOT
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME
from pyimagesearch.drawings.dataset import dataset_rows, draw_row
from pyimagesearch.flowers17 import SPECIES
from small_csvs import rows_of

# the first rows of the training CSV that ships
FIRST = ("sunflower", "dandelion", "daisy", "dandelion", "lilyvalley", "sunflower", "dandelion")


@pytest.fixture(scope="module")
def shipped():
    """Return the rows that ship: {(species, number): image} for training and for testing."""
    parts = []
    for name, names in zip((TRAIN_NAME, TEST_NAME), dataset_rows(), strict=True):
        labels, images = zip(*rows_of(ROOT / name), strict=True)
        if not parts and labels[: len(FIRST)] != FIRST:
            pytest.skip("other images, maybe the photographs, are in place of the drawings")
        assert labels == tuple(species for species, _ in names)
        parts.append(dict(zip(names, images, strict=True)))
    return parts


def test_the_counts_are_those_of_the_readmes_report(shipped):
    train, test = (collections.Counter(species for species, _ in part) for part in shipped)
    # a row of the report: a species, three scores, its support
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    report = re.findall(r"^ *(\w+)(?: +\d\.\d\d){3} +(\d+)$", readme, re.MULTILINE)
    assert test == {species: int(support) for species, support in report}
    assert train + test == dict.fromkeys(SPECIES, 80)


def test_new_drawings_are_those_that_ship(shipped):
    # another version of Pillow or NumPy may round another way, or cover another pixel at an
    # edge: 2 of 255 in the mean. Another drawing of the same species differs by far more.
    images = shipped[0] | shipped[1]
    for number, species in enumerate(SPECIES, 60):
        drawn = draw_row(species, number)
        both = images[species, number], images[species, number + 1]
        same, another = (np.abs(drawn.astype(int) - image).mean() for image in both)
        assert same < 2, species
        assert another > 10, species
