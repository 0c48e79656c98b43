"""Measure the generator beside the tutorial's, and the other ways to feed Keras, as medians.

Everything is measured in one run on the same rows, the two sides of a ratio in turn, after a
warm-up. Times move with the machine; the ratios hold.

USAGE
    python tests/scripts/benchmark.py [--train-csv CSV] [--brief]
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
import unittest.mock
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from pyimagesearch.quiet import loading_tensorflow

with loading_tensorflow():
    import keras

import tensorflow as tf
from sklearn.preprocessing import LabelBinarizer
from tensorflow.keras.preprocessing.image import ImageDataGenerator as StockGenerator

import reference
from pyimagesearch import config
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.csv_rows import TRAIN_NAME, read_labels
from pyimagesearch.errors import one_line_errors
from pyimagesearch.feeding.arrays import read_arrays
from pyimagesearch.feeding.mapped_array import MappedImages, parse_once
from pyimagesearch.feeding.records import batches as record_batches
from train import BS, build_model, csv_image_generator


class Rows:
    """A CSV, the two generators over it, and how often to time what they do."""

    def __init__(self, path, brief):
        self.path, self.brief = path, brief
        self.labels = read_labels(path)
        self.lb = LabelBinarizer().fit(self.labels)
        self.steps = len(self.labels) // BS
        self.aug = ImageDataGenerator(**reference.AUGMENTATION)
        self.stock = StockGenerator(**reference.AUGMENTATION)

    def ours(self, augmentation=None):
        return csv_image_generator(self.path, BS, self.lb, aug=augmentation)

    def tutorials(self, augmentation=None):
        return reference.train_batches(self.path, BS, self.lb, augmentation)

    def medians(self, *runs, rounds):
        """Time functions in turn, each once to warm up and then `rounds` times; return medians."""
        seconds = [[] for _ in runs]
        for round_ in range(1 + (1 if self.brief else rounds)):
            for run, times in zip(runs, seconds, strict=True):
                start = time.perf_counter()
                run()
                if round_:
                    times.append(time.perf_counter() - start)
        return [statistics.median(times) for times in seconds]


def rate(what, ours, theirs, images, least):
    ratio = theirs / ours
    speeds = f"{images / ours:>10.0f}{images / theirs:>10.0f} images/s"
    missed = "" if ratio >= least else ": MISSED"
    print(f"{what:<52}{speeds}{ratio:>9.2f}   at least {least}{missed}", flush=True)


def compare_generators(rows):
    count = 5

    def batches(iterator):
        return lambda: [next(iterator) for _ in range(count)] and None

    plain = rows.medians(batches(rows.ours()), batches(rows.tutorials()), rounds=15)
    rate("generator, no augmentation / tutorial's", *plain, count * BS, least=9)
    augmented = batches(rows.ours(rows.aug)), batches(rows.tutorials(rows.stock))
    augmented = rows.medians(*augmented, rounds=15)
    rate("generator, augmented / tutorial's", *augmented, count * BS, least=6)

    counting = rows.medians(
        lambda: read_labels(rows.path), lambda: reference.count_rows(rows.path), rounds=9
    )
    rate("counting and checking / tutorial's counting", *counting, len(rows.labels), least=2)


def compare_feeding(rows, folder):
    """Compare the ways to feed `fit`, into a network that does almost nothing."""
    model = keras.Sequential(
        [
            keras.layers.Input(config.IMAGE_SHAPE),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(len(rows.lb.classes_), activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="sgd")
    raw, ten_raw = folder / "images.raw", folder / "ten.raw"
    with contextlib.redirect_stdout(sys.stderr):
        labels = parse_once(rows.path, raw)
    # worker processes are started anew each epoch: make it ten times as long
    ten_raw.write_bytes(raw.read_bytes() * 10)
    ten = MappedImages(ten_raw, labels * 10, BS, rows.aug, workers=1 if rows.brief else 2)

    images, targets, _ = read_arrays(rows.path)
    # the tutorial's ranges; Keras's layers have no shear so small
    augmentation = keras.Sequential(
        [
            keras.layers.RandomFlip("horizontal"),
            keras.layers.RandomRotation(20 / 360, fill_mode="nearest"),
            keras.layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
            keras.layers.RandomZoom(0.15, 0.15, fill_mode="nearest"),
        ]
    )
    layers = tf.data.Dataset.from_tensor_slices((images, targets)).shuffle(len(labels)).batch(BS)
    layers = layers.map(lambda x, y: (augmentation(x, training=True), y), tf.data.AUTOTUNE)

    def epoch(*data, **options):
        return len(labels), lambda: model.fit(*data, verbose=0, **options)

    def endless(data):
        fit = {"steps_per_epoch": rows.steps, "shuffle": False, "verbose": 0}
        return rows.steps * BS, lambda: model.fit(data, **fit)

    plain = {
        "the tutorial's generator": endless(rows.tutorials()),
        "our generator": endless(rows.ours()),
        "mapped_array.py": epoch(MappedImages(raw, labels, BS)),
        "records.py": epoch(record_batches(raw, labels, BS, augmented=False), shuffle=False),
        "arrays.py": epoch(images, targets, batch_size=BS),
    }
    augmented = {
        "the tutorial's generator": endless(rows.tutorials(rows.stock)),
        "our generator": endless(rows.ours(rows.aug)),
        "mapped_array.py": epoch(MappedImages(raw, labels, BS, rows.aug)),
        "  with two worker processes": (10 * len(labels), lambda: model.fit(ten, verbose=0)),
        "records.py": epoch(record_batches(raw, labels, BS), shuffle=False),
        "arrays.py": epoch(rows.aug.flow(images, targets, batch_size=BS)),
        "Keras's augmentation layers, in tf.data": epoch(layers.prefetch(2), shuffle=False),
    }
    for title, ways in (("without", plain), ("with", augmented)):
        counts, runs = zip(*ways.values(), strict=True)
        seconds = rows.medians(*runs, rounds=5)
        speeds = [count / time_ for count, time_ in zip(counts, seconds, strict=True)]
        print(f"\nfed to `fit`, {title} augmentation, by")
        for way, speed in zip(ways, speeds, strict=True):
            print(f"  {way:<52}{speed:>8.0f} images/s {speed / speeds[0]:>8.1f}", flush=True)


def compare_normalization(rows):
    """Compare a training step with that of the same network, normalized by Keras's own layer."""
    stock = keras.layers.BatchNormalization
    with unittest.mock.patch("pyimagesearch.minivggnet.BatchNormalization", stock):
        with_stock = build_model(len(rows.lb.classes_), epochs=75)
    model, batch = build_model(len(rows.lb.classes_), epochs=75), next(rows.ours())
    steps = lambda: model.train_on_batch(*batch), lambda: with_stock.train_on_batch(*batch)
    steps = rows.medians(*steps, rounds=25)
    rate("training step / with Keras's normalization", *steps, BS, least=1)


def time_step(rows):
    """Return the median seconds of a training step in this process."""
    model, batch = build_model(len(rows.lb.classes_), epochs=75), next(rows.ours())
    (seconds,) = rows.medians(lambda: model.train_on_batch(*batch), rounds=25)
    return seconds


# oneDNN is chosen while TensorFlow loads; AVX2 is what processors without AVX-512 have
ONEDNN = {
    "off": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "on": {"TF_ENABLE_ONEDNN_OPTS": "1"},
    "on, with AVX2": {"TF_ENABLE_ONEDNN_OPTS": "1", "ONEDNN_MAX_CPU_ISA": "AVX2"},
}


def compare_onednn(rows):
    """Compare a training step with and without oneDNN, in processes of their own."""
    command = [sys.executable, __file__, "--step", f"--train-csv={rows.path}"]
    seconds = {name: [] for name in ONEDNN}
    for _ in range(3):
        for name, setting in ONEDNN.items():
            environment = os.environ | setting
            output = subprocess.check_output(command, env=environment, text=True)
            seconds[name].append(float(output.split()[-1]))
    off, *others = (statistics.median(times) for times in seconds.values())
    for name, on in zip(list(ONEDNN)[1:], others, strict=True):
        rate(f"training step, oneDNN {name} / off", on, off, BS, least=1.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train-csv", type=Path, default=ROOT / TRAIN_NAME)
    parser.add_argument("--brief", action="store_true", help="one round, in a single process")
    parser.add_argument("--step", action="store_true", help="print the seconds of a training step")
    args = parser.parse_args()
    began = time.perf_counter()
    keras.utils.set_random_seed(0)
    rows = Rows(args.train_csv.resolve(), args.brief)
    if args.step:
        print(time_step(rows))
        return
    print(f"{'':<52}{'ours':>10}{'against':>10}{'ratio':>18}   wanted")
    compare_generators(rows)
    compare_normalization(rows)
    if not args.brief:
        compare_onednn(rows)
    with tempfile.TemporaryDirectory() as folder:
        compare_feeding(rows, Path(folder))
    print(f"\nbenchmark: {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    with one_line_errors():
        main()
