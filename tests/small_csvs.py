"""Small CSVs for the tests: real files with real rows."""

import numpy as np

from pyimagesearch import config
from pyimagesearch.csv_rows import format_row

SPECIES = ("daisy", "iris", "tulip")


def write_csv(path, labels, seed=0):
    """Write a row of noise for each label; noise round a colour of the label's own."""
    rng = np.random.default_rng(seed)
    names = sorted(set(labels))
    with open(path, "wb") as file:
        for label in labels:
            channels = config.IMAGE_SHAPE[2]
            colour = np.random.default_rng(names.index(label)).integers(40, 215, channels)
            image = np.clip(colour + rng.integers(-40, 41, config.IMAGE_SHAPE), 0, 255)
            file.write(format_row(label, image.astype(np.uint8)))
    return path


def write_both(folder, *names, train_labels=None, test_labels=None):
    """Write train.csv and test.csv: 20 and 9 rows of these classes in turn, or of the labels."""
    names = names or SPECIES
    write_csv(folder / "train.csv", train_labels or cycle(20, *names), seed=1)
    write_csv(folder / "test.csv", test_labels or cycle(9, *names), seed=2)
    return folder


def arguments(folder, *more, epochs=2, batch_size=8):
    """Return the command line of train.py for the CSVs of `write_both`."""
    return [
        f"--train-csv={folder / 'train.csv'}",
        f"--test-csv={folder / 'test.csv'}",
        f"--plot={folder / 'plot.png'}",
        f"--epochs={epochs}",
        f"--batch-size={batch_size}",
        *more,
    ]


def cycle(count, *names):
    """Return `count` labels, the names in turn."""
    return [names[n % len(names)] for n in range(count)]
