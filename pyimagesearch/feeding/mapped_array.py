"""A CSV larger than memory: parsed once into an array on disk, and batches of any rows of it.

For items that can be read in any order. The array is memory-mapped: a batch reads only its rows,
at random, best from an SSD. It has a third of the CSV's size. The next run replaces the file.

Traps:
- Each batch opens the file anew: to train on two CSVs at once, use two folders.
- Worker processes pay off only where the network waits for augmentation; threads never do. All
  draw the same random numbers: give each batch a seed. They start anew in each epoch: in 0.2 s
  where they are forked (Linux), else in seconds, and import the main script, not a notebook.

USAGE: python -m pyimagesearch.feeding.mapped_array
"""

import math

import keras
import numpy as np

from pyimagesearch import config
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.class_names import one_hot
from pyimagesearch.csv_rows import TRAIN_NAME, open_csv, read_rows
from pyimagesearch.errors import one_line_errors
from pyimagesearch.files import replacing
from pyimagesearch.minivggnet import MiniVGGNet

WORKERS = 1  # from 2 up, processes
RAW_NAME = "flowers17_training.raw"  # the pixels of the CSV, a byte each


def parse_once(csv, path):
    """Write the pixels of a CSV to a file, a byte each, whole or not; return the labels."""
    labels = []
    with open_csv(csv) as rows, replacing(path) as (part,), open(part, "wb") as file:
        for label, image in read_rows(rows):
            labels.append(label)
            file.write(image.tobytes())
    print(f"[INFO] wrote {path}, {len(labels) * math.prod(config.IMAGE_SHAPE) / 1e6:.1f} MB")
    return labels


class MappedImages(keras.utils.PyDataset):
    """Batches `(images, targets)` of what `parse_once` wrote, in a new order each epoch.

    Images are `(n, 64, 64, 3)`, 0 to 255, uint8 or, augmented, float32; targets are one-hot.
    """

    def __init__(self, path, labels, batch_size, aug=None, seed=42, workers=1):
        super().__init__(workers=workers, use_multiprocessing=workers > 1)
        self.path, self.batch_size, self.aug = path, batch_size, aug
        self.labels, self.classes = np.array(labels), sorted(set(labels))
        self.random = np.random.default_rng(seed)
        self.on_epoch_end()

    def on_epoch_end(self):
        """Shuffle the rows: by itself, Keras only shuffles the batches."""
        self.order = self.random.permutation(len(self.labels))
        self.seeds = self.random.integers(2**31, size=len(self))  # workers would draw alike

    def __len__(self):
        return math.ceil(len(self.labels) / self.batch_size)

    def __getitem__(self, index):
        rows = self.order[index * self.batch_size :][: self.batch_size]
        # opened here: as an attribute, all of it would be copied into each spawned process
        images = np.memmap(self.path, np.uint8, "r").reshape(-1, *config.IMAGE_SHAPE)[rows]
        targets = one_hot(self.labels[rows], self.classes)
        if self.aug is None:
            return images, targets
        return next(self.aug.flow(images, targets, batch_size=len(rows), seed=self.seeds[index]))


def main():
    """Parse the training CSV, and train on its array."""
    labels = parse_once(TRAIN_NAME, RAW_NAME)

    keras.utils.set_random_seed(42)
    aug = ImageDataGenerator(rotation_range=20, zoom_range=0.15, horizontal_flip=True)
    batches = MappedImages(RAW_NAME, labels, 32, aug, workers=WORKERS)
    height, width, depth = config.IMAGE_SHAPE
    model = MiniVGGNet.build(width, height, depth, len(batches.classes))
    sgd = keras.optimizers.SGD(learning_rate=1e-2, momentum=0.9)
    model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])
    model.fit(batches, epochs=2, verbose=2)


if __name__ == "__main__":
    with one_line_errors():
        main()
