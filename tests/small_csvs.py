"""Small CSVs for the tests: real files with real rows."""

import numpy as np

from pyimagesearch import config
from pyimagesearch.csv_rows import format_row, open_csv, read_rows

SPECIES = ("daisy", "iris", "tulip")


def write_csv(path, labels, seed=0):
    """Write a row for each label: noise round a colour of the label's own; return the path."""
    rng = np.random.default_rng(seed)
    names = sorted(set(labels))
    with open(path, "wb") as file:
        for label in labels:
            own = np.random.default_rng(names.index(label))
            colour = own.integers(40, 215, config.IMAGE_SHAPE[2])
            image = colour + rng.integers(-40, 41, config.IMAGE_SHAPE)
            file.write(format_row(label, image.astype(np.uint8)))
    return path


def rows_of(path):
    """Return all rows of a CSV, a list of `(label, image)`."""
    with open_csv(path) as file:
        return list(read_rows(file))


def write_both(folder, *names, train_labels=None, test_labels=None):
    """Write train.csv and test.csv: 20 and 9 rows of these classes in turn, or of the labels."""
    names = names or SPECIES
    write_csv(folder / "train.csv", train_labels or cycle(20, *names), seed=1)
    write_csv(folder / "test.csv", test_labels or cycle(9, *names), seed=2)
    return folder


def arguments(folder, *more, epochs=2, batch_size=8):
    """Return the command line of train.py for the CSVs of `write_both`."""
    csvs = [f"--{name}-csv={folder / name}.csv" for name in ("train", "test")]
    numbers = [f"--epochs={epochs}", f"--batch-size={batch_size}"]
    return [*csvs, f"--plot={folder / 'plot.png'}", *numbers, *more]


def cycle(count, *names):
    """Return `count` labels, the names in turn."""
    return [names[n % len(names)] for n in range(count)]
