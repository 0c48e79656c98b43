"""Feed a fast device: rows parsed once into records, the rest TensorFlow's own operations.

No Python runs for each image, so all cores work. The augmentation is the tutorial's.

USAGE
    python tests/scripts/fast_feed.py
"""

import math
import sys
from pathlib import Path

import tensorflow as tf

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_rows import open_csv, read_labels, read_rows
from train import TRAIN_CSV, build_model

HEIGHT, WIDTH, _ = IMAGE_SHAPE


def write_records(csv, path):
    """Write each row as the number of its class, in 2 bytes, and its values; return the classes."""
    classes = sorted(set(read_labels(csv)))
    with open_csv(csv) as rows, open(path, "wb") as file:
        for label, image in read_rows(rows):
            file.write(classes.index(label).to_bytes(2, "little") + image.tobytes())
    return classes


def warp(images, theta, shear, tx, ty, zx, zy, flip):
    """Warp each image by its own parameters, as `ImageDataGenerator.apply_transform` does.

    Angles are in degrees, shifts in pixels; each parameter is `(n,)`.
    """
    theta, shear = theta * math.pi / 180, shear * math.pi / 180
    sin, cos = tf.sin(theta), tf.cos(theta)
    a, b = zx * cos, -zy * tf.sin(theta + shear)
    d, e = zx * sin, zy * tf.cos(theta + shear)
    # Keras takes half the height as x and half the width as y
    x, y = HEIGHT / 2 - 0.5, WIDTH / 2 - 0.5
    c = x - a * x - b * y + cos * tx - sin * ty
    f = y - d * x - e * y + sin * tx + cos * ty
    # a flip reads the columns from the other end
    c, f = tf.where(flip, c + (WIDTH - 1) * a, c), tf.where(flip, f + (WIDTH - 1) * d, f)
    a, d = tf.where(flip, -a, a), tf.where(flip, -d, d)
    zero = tf.zeros_like(a)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.cast(images, tf.float32),
        transforms=tf.stack([a, b, c, d, e, f, zero, zero], 1),
        output_shape=[HEIGHT, WIDTH],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )


def augment(images):
    """Augment a batch as the tutorial's `ImageDataGenerator` does."""

    def draw(low, high):
        return tf.random.uniform([tf.shape(images)[0]], low, high)

    return warp(
        images,
        theta=draw(-20, 20),
        shear=draw(-0.15, 0.15),
        # Keras calls the rows x, and shifts them by height_shift_range
        tx=draw(-0.2, 0.2) * HEIGHT,
        ty=draw(-0.2, 0.2) * WIDTH,
        zx=draw(0.85, 1.15),
        zy=draw(0.85, 1.15),
        flip=draw(0, 1) < 0.5,
    )


def batches(path, classes, bs, rows, augmented=True):
    """Return endless batches, in a new order each epoch, of what `write_records` wrote."""

    def decode(records):
        values = tf.io.decode_raw(records, tf.uint8)
        labels = tf.cast(values[:, 0], tf.int32) + 256 * tf.cast(values[:, 1], tf.int32)
        images = tf.reshape(values[:, 2:], (-1, *IMAGE_SHAPE))
        return augment(images) if augmented else images, tf.one_hot(labels, len(classes))

    records = tf.data.FixedLengthRecordDataset(str(path), 2 + math.prod(IMAGE_SHAPE))
    records = records.shuffle(rows).repeat().batch(bs, drop_remainder=True)
    return records.map(decode, tf.data.AUTOTUNE).prefetch(2)


if __name__ == "__main__":
    names = write_records(TRAIN_CSV, "train.bin")
    model = build_model(len(names), epochs=3)
    model.fit(batches("train.bin", names, 32, 1020), steps_per_epoch=31, epochs=3, verbose=2)
