"""The tutorial's way of reading its CSVs, as it was in 2018: what ours is held against.

Its generator for mode "train"; in mode "eval" it has slips of its own, so the tests say there
what must hold instead.
"""

import numpy as np

from pyimagesearch import config

# the arguments of its ImageDataGenerator
AUGMENTATION = {
    "rotation_range": 20,
    "zoom_range": 0.15,
    "width_shift_range": 0.2,
    "height_shift_range": 0.2,
    "shear_range": 0.15,
    "horizontal_flip": True,
    "fill_mode": "nearest",
}


def count_rows(path):
    """Collect the labels as the tutorial does, checking nothing."""
    labels = []
    with open(path) as file:
        for line in file:
            labels.append(line.strip().split(",")[0])
    return labels


def parse_row(line):
    label, *values = line.strip().split(",")
    image = np.array([int(value) for value in values], dtype="uint8")
    return label, image.reshape(config.IMAGE_SHAPE)


def train_batches(path, batch_size, lb, aug=None):
    with open(path) as file:
        while True:
            images, labels = [], []
            while len(images) < batch_size:
                line = file.readline()
                if not line:
                    file.seek(0)
                    line = file.readline()
                label, image = parse_row(line)
                images.append(image)
                labels.append(label)
            images, labels = np.array(images), lb.transform(np.array(labels))
            if aug is not None:
                images, labels = next(aug.flow(images, labels, batch_size=batch_size))
            yield np.array(images), labels
