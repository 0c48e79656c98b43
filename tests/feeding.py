"""The `PyDataset` that the README shows: the rows of a CSV at random, as the benchmark measures."""

import keras
import numpy as np

from pyimagesearch.csv_rows import read_labels, row_at


class CSVDataset(keras.utils.PyDataset):
    def __init__(self, path, batch_size, **workers):
        super().__init__(**workers)
        self.path, self.batch_size = path, batch_size
        self.classes = np.unique(read_labels(path))
        with open(path, "rb") as file:  # where each row begins
            self.starts = np.cumsum([0, *map(len, file)])[:-1]
        self.on_epoch_end()

    def on_epoch_end(self):
        np.random.shuffle(self.starts)

    def __len__(self):
        return len(self.starts) // self.batch_size

    def __getitem__(self, index):
        starts = self.starts[index * self.batch_size :][: self.batch_size]
        with open(self.path, "rb") as file:
            labels, images = zip(*(row_at(file, start) for start in starts), strict=True)
        return np.array(images), np.eye(len(self.classes))[np.searchsorted(self.classes, labels)]
