"""Records of fixed length: shuffled and augmented by `tf.data`, without Python for each image.

For a device that outruns a Python thread: TensorFlow's own operations use all cores. It costs the
file that `mapped_array.py` writes, and the memory of a shuffle buffer.

Traps:
- A file of more images than the buffer is shuffled only roughly: shuffle the CSV as well.
- `map` calls `decode` once, to trace it: NumPy's random numbers in it would never change.

USAGE: python -m pyimagesearch.feeding.records
"""

import math

import keras
import numpy as np
import tensorflow as tf

from pyimagesearch import config
from pyimagesearch.augmentation import warp_coefficients
from pyimagesearch.csv_rows import TRAIN_NAME
from pyimagesearch.errors import one_line_errors
from pyimagesearch.feeding.mapped_array import RAW_NAME, parse_once
from pyimagesearch.minivggnet import MiniVGGNet

SHUFFLE_BUFFER = 10_000  # images: 123 MB


def warp(images, theta, tx, ty, shear, zx, zy, flip):
    """Warp each of `(n, height, width, channels)` images as `ImageDataGenerator` does, to float32.

    Parameters are `(n,)` float32, angles in degrees and shifts in pixels; `flip` is bool.
    """
    a, b, c, d, e, f = warp_coefficients(tf, images.shape[1:3], theta, tx, ty, shear, zx, zy)
    # a flip counts the columns from the other end
    start, step = tf.where(flip, images.shape[2] - 1.0, 0.0), tf.where(flip, -1.0, 1.0)
    zero = tf.zeros_like(a)
    matrix = tf.stack([a * step, b, c + a * start, d * step, e, f + d * start, zero, zero], axis=1)
    return keras.ops.image.affine_transform(tf.cast(images, "float32"), matrix, fill_mode="nearest")


def augment(images):
    """Augment a batch with the tutorial's ranges; shapes as for `warp`."""

    def draw(reach, centre=0.0):
        return tf.random.uniform([tf.shape(images)[0]], centre - reach, centre + reach)

    # Keras calls the rows x, and shifts them by height_shift_range
    tx, ty = draw(0.2) * images.shape[1], draw(0.2) * images.shape[2]
    return warp(images, draw(20), tx, ty, draw(0.15), draw(0.15, 1), draw(0.15, 1), draw(1) < 0)


def batches(path, labels, batch_size, augmented=True):
    """Return a `tf.data.Dataset` with the batches of `MappedImages`, in a new order each epoch."""
    classes, indices = np.unique(labels, return_inverse=True)

    def decode(records, indices):
        images = tf.reshape(tf.io.decode_raw(records, tf.uint8), (-1, *config.IMAGE_SHAPE))
        return augment(images) if augmented else images, tf.one_hot(indices, len(classes))

    records = tf.data.FixedLengthRecordDataset(str(path), math.prod(config.IMAGE_SHAPE))
    # TensorFlow can't count the records of a file beforehand
    records = records.apply(tf.data.experimental.assert_cardinality(len(labels)))
    rows = tf.data.Dataset.zip((records, tf.data.Dataset.from_tensor_slices(indices)))
    rows = rows.shuffle(min(len(labels), SHUFFLE_BUFFER)).batch(batch_size)
    return rows.map(decode, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def main():
    """Parse the training CSV, and train on its records."""
    labels = parse_once(TRAIN_NAME, RAW_NAME)

    keras.utils.set_random_seed(42)
    height, width, depth = config.IMAGE_SHAPE
    model = MiniVGGNet.build(width, height, depth, len(set(labels)))
    sgd = keras.optimizers.SGD(learning_rate=1e-2, momentum=0.9)
    model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])
    model.fit(batches(RAW_NAME, labels, batch_size=32), epochs=2, shuffle=False, verbose=2)


if __name__ == "__main__":
    with one_line_errors():
        main()
