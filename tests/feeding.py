"""The `PyDataset` that the README shows, over a CSV parsed once; the benchmark measures it."""

import keras
import numpy as np

from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_rows import open_csv, read_labels, read_rows


def parse_once(csv, path):
    """Write the images of a CSV into a memory-mapped uint8 array on disk; return the labels."""
    labels = read_labels(csv)
    images = np.lib.format.open_memmap(path, "w+", np.uint8, (len(labels), *IMAGE_SHAPE))
    with open_csv(csv) as file:
        for row, (_, image) in enumerate(read_rows(file)):
            images[row] = image
    images.flush()
    return labels


class MappedImages(keras.utils.PyDataset):
    def __init__(self, path, labels, batch_size, aug=None, **workers):
        super().__init__(**workers)
        self.path, self.batch_size, self.aug = path, batch_size, aug
        self.classes, indices = np.unique(labels, return_inverse=True)
        self.targets = np.eye(len(self.classes))[indices]
        self.order = np.arange(len(labels))
        self.on_epoch_end()

    def on_epoch_end(self):
        np.random.shuffle(self.order)
        # forked worker processes all begin with the same random numbers: a seed for each batch
        self.seeds = np.random.randint(10**9, size=len(self))

    def __len__(self):
        return len(self.order) // self.batch_size

    def __getitem__(self, index):
        rows = self.order[index * self.batch_size :][: self.batch_size]
        # only these rows are read from the disk
        images, targets = np.load(self.path, mmap_mode="r")[rows], self.targets[rows]
        if self.aug is not None:
            seed = self.seeds[index]
            images, targets = next(self.aug.flow(images, targets, batch_size=len(rows), seed=seed))
        return images, targets
