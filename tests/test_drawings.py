import collections
import itertools
import re

import numpy as np
import pytest

from programs import ROOT
from pyimagesearch.csv_pair import TEST_NAME, TRAIN_NAME
from pyimagesearch.csv_rows import open_csv, read_rows
from pyimagesearch.drawings.dataset import dataset_rows, draw_row
from pyimagesearch.flowers17 import SPECIES

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shipped():
    """Return the rows that ship: {(species, number): image} for training and for testing."""
    rows = []
    for name, names in zip((TRAIN_NAME, TEST_NAME), dataset_rows(), strict=True):
        with open_csv(ROOT / name) as file:
            drawn = list(read_rows(file))
        assert [label for label, _ in drawn] == [species for species, _ in names]
        rows.append(dict(zip(names, (image for _, image in drawn), strict=True)))
    return rows


def test_the_counts_are_those_of_the_readmes_report(shipped):
    train, test = shipped
    assert (len(train), len(test)) == (1020, 340)
    counts = collections.Counter(species for species, _ in test)
    # a row of the report: a species, three scores, its support
    report = re.findall(r"^ *(\w+)(?: +\d\.\d\d){3} +(\d+)$", README, re.MULTILINE)
    assert len(report) == 17
    assert counts == {species: int(support) for species, support in report}
    assert set((counts + collections.Counter(species for species, _ in train)).values()) == {80}


def test_the_rows_are_shuffled(shipped):
    for rows in shipped:
        species = [name for name, _ in rows]
        same_as_next = sum(one == other for one, other in itertools.pairwise(species))
        assert same_as_next < 0.15 * len(species)


def difference(one, other):
    return np.abs(one.astype(int) - other).mean()


def test_what_is_drawn_afresh_is_what_ships(shipped):
    # another version of Pillow or NumPy may round another way, or cover another pixel at an
    # edge: 2 of 255 in the mean. Another drawing of the same species differs by far more.
    images = shipped[0] | shipped[1]
    for species, number in itertools.product(SPECIES, (0, 1, 40, 79)):
        drawn = draw_row(species, number)
        assert drawn.shape == (64, 64, 3)
        assert drawn.dtype == np.uint8
        assert difference(drawn, images[species, number]) < 2, (species, number)
        assert difference(drawn, images[species, (number + 1) % 80]) > 10, (species, number)


def test_the_seed_decides():
    assert np.array_equal(draw_row("iris", 3, 5), draw_row("iris", 3, 5))
    assert not np.array_equal(draw_row("iris", 3, 5), draw_row("iris", 3, 6))
    assert dataset_rows(5) == dataset_rows(5) != dataset_rows(6)
