"""Arrays in memory: `fit` on the images as they are, and then augmented.

For data that fits into memory, the usual case. An image of 64x64x3 costs 12,288 bytes, twice that
while it is read, and 49,152 more in `aug.flow`. Keras shuffles arrays, and knows their length.

Traps:
- Don't pass `steps_per_epoch` with `aug.flow`: every second epoch would get only the batch that
  the first one left over.
- `aug.flow` shuffles: predict on the array itself.

USAGE: python -m pyimagesearch.feeding.arrays
"""

import keras
import numpy as np

from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.class_names import one_hot
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME, open_csv, read_rows
from pyimagesearch.errors import one_line_errors
from pyimagesearch.minivggnet import MiniVGGNet

BATCH_SIZE = 32


def read_arrays(csv, classes=None):
    """Read a whole CSV into memory, and return `(images, targets, classes)`.

    Images are `(n, 64, 64, 3)` uint8, 0 to 255; targets are one-hot, `(n, classes)` float32;
    `classes` names the columns. A malformed row, or a label that is none of the given `classes`, is
    a CSVError.
    """
    with open_csv(csv) as file:
        labels, images = zip(*read_rows(file, classes), strict=True)
    classes = sorted(set(labels)) if classes is None else classes
    return np.array(images), one_hot(labels, classes), classes


def main():
    """Train on the images as they are, and then on augmented ones."""
    images, targets, classes = read_arrays(TRAIN_NAME)
    # the same columns as for training; a row of another class is refused
    test_images, test_targets, _ = read_arrays(TEST_NAME, classes)

    keras.utils.set_random_seed(42)
    height, width, depth = images.shape[1:]
    model = MiniVGGNet.build(width, height, depth, len(classes))
    sgd = keras.optimizers.SGD(learning_rate=1e-2, momentum=0.9)
    model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])

    # the first validation losses are high, until batch normalization's moving averages settle
    options = {"epochs": 2, "validation_data": (test_images, test_targets), "verbose": 2}
    print("[INFO] training on arrays...")
    model.fit(images, targets, batch_size=BATCH_SIZE, **options)

    print("[INFO] training on augmented arrays...")
    aug = ImageDataGenerator(rotation_range=20, zoom_range=0.15, horizontal_flip=True)
    model.fit(aug.flow(images, targets, batch_size=BATCH_SIZE), **options)


if __name__ == "__main__":
    with one_line_errors():
        main()
