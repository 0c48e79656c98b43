"""Measure the generator beside the tutorial's, and the other ways to feed Keras, as medians.

Everything is measured in one run on the same rows, the ways of a comparison in turn, after a
warm-up. Times move with the machine; the ratios, to the first way, hold.

USAGE
    python tests/scripts/benchmark.py [--train-csv CSV] [--brief]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from timeit import timeit
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from pyimagesearch.quiet import loading_tensorflow

with loading_tensorflow():
    import keras

import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.preprocessing import LabelBinarizer
from tensorflow.keras.preprocessing.image import ImageDataGenerator as StockGenerator

import reference
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.csv_rows import TRAIN_NAME, read_labels
from pyimagesearch.errors import one_line_errors
from pyimagesearch.feeding import arrays, mapped_array, records
from train import BS, build_model, csv_image_generator

STOCK, OURS = (kind(**reference.AUGMENTATION) for kind in (StockGenerator, ImageDataGenerator))
AUGMENTATIONS = {"without augmentation": (None, None), "with augmentation": (STOCK, OURS)}

# oneDNN is chosen while TensorFlow loads; AVX2 is what processors without AVX-512 have
ONEDNN = {
    "off": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "on": {"TF_ENABLE_ONEDNN_OPTS": "1"},
    "on, with AVX2": {"TF_ENABLE_ONEDNN_OPTS": "1", "ONEDNN_MAX_CPU_ISA": "AVX2"},
}


class Rows:
    """A CSV, and in how many rounds to time what is done with it."""

    def __init__(self, path, rounds):
        self.path, self.rounds = path, rounds
        self.images, self.targets, classes = arrays.read_arrays(path)
        self.lb = LabelBinarizer().fit(classes)

    def generators(self, stock, aug):
        return {
            "the tutorial's generator": reference.train_batches(self.path, BS, self.lb, stock),
            "our generator": csv_image_generator(self.path, BS, self.lb, aug=aug),
        }

    def measure(self, ways):
        """Run `{way: (images, function)}` in turn; return the medians, `{way: images a second}`."""
        counts, runs = zip(*ways.values(), strict=True)
        options = {"setup": "import gc; gc.enable()", "number": 1}
        times = [[timeit(run, **options) for run in runs] for _ in range(1 + self.rounds)]
        return dict(zip(ways, counts / np.median(times[1:], axis=0), strict=True))


def show(title, speeds, least=0):
    """Print speeds, and their ratios to the first; `least` is the ratio that the others need."""
    print(f"\n{title}" + (f": at least {least}" if least else ""))
    first, *others = speeds.values()
    for way, speed in speeds.items():
        missed = ": MISSED" if speed in others and speed < least * first else ""
        print(f"  {way:<42}{speed:>8.0f} images/s{speed / first:>8.2f}{missed}", flush=True)


def compare_reading(rows):
    def five(batches):
        return 5 * BS, lambda: [next(batches) for _ in range(5)]

    for title, augmentation in AUGMENTATIONS.items():
        ways = {way: five(batches) for way, batches in rows.generators(*augmentation).items()}
        show(f"batches {title}", rows.measure(ways), least=6 if any(augmentation) else 9)
    counts = {"the tutorial's counting": reference.count_rows, "counting and checking": read_labels}
    ways = {way: (len(rows.images), partial(count, rows.path)) for way, count in counts.items()}
    show("before the training", rows.measure(ways), least=2)


def three_steps(rows):
    """Return how many images three training steps take, and a function that does them."""
    model = build_model(len(rows.lb.classes_), epochs=75)
    images, targets = rows.images[:BS], rows.targets[:BS]
    return 3 * BS, lambda: [model.train_on_batch(images, targets) for _ in range(3)]


def compare_normalizations(rows):
    with mock.patch("pyimagesearch.minivggnet.BatchNormalization", layers.BatchNormalization):
        stock = three_steps(rows)
    ways = {"with Keras's normalization": stock, "with ours": three_steps(rows)}
    show("training step", rows.measure(ways), least=1)


def compare_onednn(rows):
    def speed(setting):
        """Measure training steps in a process of their own."""
        command = [sys.executable, __file__, "--steps", f"--train-csv={rows.path}"]
        output = subprocess.check_output(command, env=os.environ | setting, text=True)
        return float(output.split()[-1])

    speeds = np.median([[speed(s) for s in ONEDNN.values()] for _ in range(3)], axis=0)
    show("training step, oneDNN", dict(zip(ONEDNN, speeds, strict=True)), least=1.1)


def compare_feeding(rows, folder):
    """Compare the ways to feed `fit`, into a network that does almost nothing."""
    output = layers.Dense(len(rows.lb.classes_), activation="softmax")
    model = keras.Sequential([layers.GlobalMaxPooling2D(), output])
    model.compile(loss="categorical_crossentropy", optimizer="sgd")
    raw, ten_raw = folder / "images.raw", folder / "ten.raw"
    labels = mapped_array.parse_once(rows.path, raw)
    # worker processes are started anew each epoch: make it ten times as long; --brief has none
    ten_raw.write_bytes(raw.read_bytes() * 10)
    ten = mapped_array.MappedImages(ten_raw, labels * 10, BS, OURS, workers=min(2, rows.rounds))
    # the tutorial's ranges; Keras's layers have no shear so small
    augmentation = keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(20 / 360, fill_mode="nearest"),
            layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
            layers.RandomZoom(0.15, 0.15, fill_mode="nearest"),
        ]
    )
    plain = records.batches(raw, labels, BS, augmented=False)
    by_layers = plain.map(lambda x, y: (augmentation(x, training=True), y), tf.data.AUTOTUNE)

    def fit(images, *data, **options):
        return images, lambda: model.fit(*data, verbose=0, **options)

    count, steps = len(labels), len(labels) // BS
    endless = {"steps_per_epoch": steps, "shuffle": False}
    for title, (stock, aug) in AUGMENTATIONS.items():
        generators = rows.generators(stock, aug)
        ways = {way: fit(steps * BS, batches, **endless) for way, batches in generators.items()}
        ways["mapped_array.py"] = fit(count, mapped_array.MappedImages(raw, labels, BS, aug))
        ways["records.py"] = fit(count, records.batches(raw, labels, BS, bool(aug)), shuffle=False)
        ways["arrays.py"] = fit(count, rows.images, rows.targets, batch_size=BS)
        if aug:
            ways["arrays.py"] = fit(count, aug.flow(rows.images, rows.targets, batch_size=BS))
            ways["mapped_array.py, two worker processes"] = fit(10 * count, ten)
            ways["Keras's augmentation layers, in tf.data"] = fit(count, by_layers, shuffle=False)
        show(f"fed to `fit`, {title}, by", rows.measure(ways))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train-csv", type=Path, default=ROOT / TRAIN_NAME)
    parser.add_argument("--brief", action="store_true", help="one round, in a single process")
    parser.add_argument("--steps", action="store_true", help="print the speed of training steps")
    args = parser.parse_args()
    keras.utils.set_random_seed(0)
    rows = Rows(args.train_csv.resolve(), rounds=1 if args.brief else 7)
    if args.steps:
        print(*rows.measure({"": three_steps(rows)}).values())
        return
    compare_reading(rows)
    compare_normalizations(rows)
    if not args.brief:
        compare_onednn(rows)
    with tempfile.TemporaryDirectory() as folder:
        compare_feeding(rows, Path(folder))


if __name__ == "__main__":
    with one_line_errors():
        main()
