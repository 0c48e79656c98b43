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
from pyimagesearch.csv_rows import TRAIN_NAME
from pyimagesearch.errors import one_line_errors
from pyimagesearch.feeding import build_model
from pyimagesearch.feeding.mapped_array import RAW_NAME, parse_once

EPOCHS = 2
BATCH_SIZE = 32
SHUFFLE_BUFFER = 10_000  # images: 123 MB


def warp(images, theta, shear, tx, ty, zx, zy, flip):
    """Warp each of `(n, height, width, channels)` images as `ImageDataGenerator` does, to float32.

    Parameters are `(n,)` float32, angles in degrees and shifts in pixels; `flip` is bool.
    """
    height, width = images.shape[1:3]
    theta, shear = theta * math.pi / 180, shear * math.pi / 180
    sin, cos = tf.sin(theta), tf.cos(theta)
    # rotation @ shift @ shear @ zoom, multiplied out, about the centre that Keras takes
    a, b = zx * cos, -zy * tf.sin(theta + shear)
    d, e = zx * sin, zy * tf.cos(theta + shear)
    x, y = height / 2 - 0.5, width / 2 - 0.5
    c = x - a * x - b * y + cos * tx - sin * ty
    f = y - d * x - e * y + sin * tx + cos * ty
    # a flip reads the columns from the other end
    c, f = tf.where(flip, c + (width - 1) * a, c), tf.where(flip, f + (width - 1) * d, f)
    a, d = tf.where(flip, -a, a), tf.where(flip, -d, d)
    matrix = tf.stack([a, b, c, d, e, f, tf.zeros_like(a), tf.zeros_like(a)], axis=1)
    return keras.ops.image.affine_transform(tf.cast(images, "float32"), matrix, fill_mode="nearest")


def augment(images):
    """Augment a batch with the tutorial's ranges; shapes as for `warp`."""

    def draw(reach, centre=0.0):
        return tf.random.uniform([tf.shape(images)[0]], centre - reach, centre + reach)

    # Keras calls the rows x, and shifts them by height_shift_range
    tx, ty = draw(0.2) * images.shape[1], draw(0.2) * images.shape[2]
    return warp(images, draw(20), draw(0.15), tx, ty, draw(0.15, 1), draw(0.15, 1), draw(1) < 0)


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
    model = build_model(len(set(labels)))
    model.fit(batches(RAW_NAME, labels, BATCH_SIZE), epochs=EPOCHS, shuffle=False, verbose=2)


if __name__ == "__main__":
    with one_line_errors():
        main()
