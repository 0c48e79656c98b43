"""Small CSVs for the tests: real files with real rows."""

import numpy as np

from pyimagesearch.csv_rows import IMAGE_SHAPE, format_row


def write_csv(path, labels, seed=0):
    """Write a row of noise for each label; noise round a colour of the label's own."""
    rng = np.random.default_rng(seed)
    names = sorted(set(labels))
    with open(path, "wb") as file:
        for label in labels:
            colour = np.random.default_rng(names.index(label)).integers(40, 215, 3)
            image = np.clip(colour + rng.integers(-40, 41, IMAGE_SHAPE), 0, 255)
            file.write(format_row(label, image.astype(np.uint8)))
    return path


def cycle(count, *names):
    """Return `count` labels, the names in turn."""
    return [names[n % len(names)] for n in range(count)]
