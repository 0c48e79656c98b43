"""How fast the generator is, beside the tutorial's own, as ratios of medians; and what else feeds
Keras.

Everything is measured in one run on the same rows, the two sides of a ratio in turn, after a
warm-up. Times move with the machine; the ratios hold.

USAGE
    python tests/scripts/benchmark.py [TRAIN_CSV TEST_CSV]
"""

import signal
import statistics
import subprocess
import sys
import tempfile
import time
import unittest.mock
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from pyimagesearch.plumbing import environment

environment.load_tensorflow()

import keras
import numpy as np
import tensorflow as tf
from sklearn.preprocessing import LabelBinarizer
from tensorflow.keras.preprocessing.image import ImageDataGenerator as StockGenerator

import reference
from fast_feed import batches as fast_batches
from fast_feed import write_records
from feeding import MappedImages, parse_once
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_pair import TEST_NAME, TRAIN_NAME
from pyimagesearch.csv_rows import read_labels
from pyimagesearch.plumbing.errors import ErrorHandler
from train import BS, build_model, csv_image_generator

START = """
import sys, time
import tensorflow, keras
imported = time.perf_counter()
import train
def fit(*args, **kwargs):
    print(time.perf_counter() - imported)
    sys.exit()
keras.Model.fit = fit
train.main(["--train-csv", sys.argv[1], "--test-csv", sys.argv[2]])
"""


def medians(*runs, rounds, clock=time.perf_counter):
    """Time functions in turn, each once to warm up and then `rounds` times; return medians."""
    seconds = [[] for _ in runs]
    for round_ in range(rounds + 1):
        for run, times in zip(runs, seconds, strict=True):
            start = clock()
            run()
            if round_:
                times.append(clock() - start)
    return [statistics.median(times) for times in seconds]


def report(what, ours, theirs, unit, ratio, wanted):
    print(f"{what:<52}{ours:>10}{theirs:>10} {unit:<10}{ratio:>7.2f}   {wanted}", flush=True)


def rate(what, ours, theirs, images, wanted):
    report(
        what, f"{images / ours:.0f}", f"{images / theirs:.0f}", "images/s", theirs / ours, wanted
    )


class Rows:
    """A CSV, and the two generators over it."""

    def __init__(self, path):
        self.path = path
        self.labels = read_labels(path)
        self.lb = LabelBinarizer().fit(self.labels)
        self.steps = len(self.labels) // BS
        self.aug = ImageDataGenerator(**reference.AUGMENTATION)
        self.stock = StockGenerator(**reference.AUGMENTATION)

    def ours(self, augmentation=None):
        return csv_image_generator(self.path, BS, self.lb, aug=augmentation)

    def tutorials(self, augmentation=None):
        return reference.train_batches(self.path, BS, self.lb, augmentation)

    def in_memory(self):
        """All images and their labels, one-hot."""
        return next(csv_image_generator(self.path, len(self.labels), self.lb))


def compare_generators(rows):
    count = 5

    def batches(iterator):
        return lambda: [next(iterator) for _ in range(count)] and None

    plain = medians(batches(rows.ours()), batches(rows.tutorials()), rounds=15)
    rate("generator, no augmentation / tutorial's", *plain, count * BS, "at least 8")
    augmented = batches(rows.ours(rows.aug)), batches(rows.tutorials(rows.stock))
    augmented = medians(*augmented, rounds=15)
    rate("generator, augmented / tutorial's", *augmented, count * BS, "at least 6")

    batch = next(rows.ours())

    def augmenting(augmentation):
        return lambda: next(augmentation.flow(*batch, batch_size=BS))

    flow = medians(augmenting(rows.aug), augmenting(rows.stock), rounds=50)
    rate("augmenting a batch / ImageDataGenerator.flow", *flow, BS, "at least 3")

    counting = medians(
        lambda: read_labels(rows.path), lambda: reference.count_rows(rows.path), rounds=9
    )
    rate("counting and checking / tutorial's counting", *counting, len(rows.labels), "at least 2")


def compare_epochs(rows, model):
    """Compare the CPU time of an epoch with that of arrays in memory."""
    images, labels = rows.in_memory()
    generated, as_in_2018 = rows.ours(rows.aug), rows.tutorials(rows.stock)
    fit = {"steps_per_epoch": rows.steps, "verbose": 0, "shuffle": False}
    ours_cpu, tutorials_cpu, memory_cpu = medians(
        lambda: model.fit(generated, **fit),
        lambda: model.fit(as_in_2018, **fit),
        lambda: model.fit(images, labels, batch_size=BS, **fit),
        rounds=3,
        clock=time.process_time,
    )
    for what, cpu, wanted in (
        ("CPU of an epoch, generator / .fit in memory", ours_cpu, "at most 1.05"),
        ("  the same with the tutorial's generator", tutorials_cpu, ""),
    ):
        report(what, f"{cpu:.1f}", f"{memory_cpu:.1f}", "CPU s", cpu / memory_cpu, wanted)


def text_dataset(rows):
    """The CSV as text, parsed by TensorFlow."""

    def parse(line):
        fields = tf.strings.split(line, ",")
        values = tf.strings.to_number(fields[1:], tf.int32)
        one_hot = tf.cast(fields[0] == rows.lb.classes_.astype(str), tf.int32)
        return tf.reshape(values, IMAGE_SHAPE), one_hot

    lines = tf.data.TextLineDataset(str(rows.path)).map(parse, num_parallel_calls=tf.data.AUTOTUNE)
    return lines.repeat().batch(BS).prefetch(tf.data.AUTOTUNE)


def keras_layers():
    """Keras's augmentation layers, with the tutorial's ranges; they have no shear so small."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(20 / 360, fill_mode="nearest"),
            layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
            layers.RandomZoom(0.15, 0.15, fill_mode="nearest"),
        ]
    )


def compare_blur(rows):
    """Compare how sharp images are: the mean step between neighbouring pixels."""
    images, labels = next(rows.ours())
    ours, _ = next(rows.aug.flow(images, labels, batch_size=BS))
    layers = keras_layers()(images.astype("float32"), training=True)
    print("\nmean step between neighbouring pixels (sharpness), of 255")
    for name, batch in (("originals", images), ("ours", ours), ("Keras's layers", layers)):
        print(f"  {name:<50}{np.abs(np.diff(np.asarray(batch, float), axis=2)).mean():>10.1f}")


def compare_feeding(rows, folder):
    """Compare the ways to feed `fit`, by a network with next to nothing to do."""
    # worker processes inherit the handler; Keras ends them by this signal
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    model = keras.Sequential(
        [
            keras.layers.Input(IMAGE_SHAPE),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(len(rows.lb.classes_), activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="sgd")
    labels = parse_once(rows.path, folder / "images.npy")
    classes = write_records(rows.path, folder / "records.bin")

    def epoch(*data, **options):
        return lambda: model.fit(*data, verbose=0, **options)

    def mapped(aug=None, times=1, **workers):
        batches = MappedImages(folder / "images.npy", labels, BS, aug, **workers)
        # the pool of processes is started anew each epoch: a long epoch, so that this is little
        batches.order = np.tile(batches.order, times)
        batches.on_epoch_end()
        return epoch(batches)

    def fast(augmented):
        return fast_batches(folder / "records.bin", classes, BS, len(labels), augmented)

    def by_layers(images, targets):
        return augmentation(images, training=True), targets

    augmentation = keras_layers()
    layers = tf.data.Dataset.from_tensor_slices(rows.in_memory()).shuffle(len(labels)).batch(BS)
    layers = layers.map(by_layers, tf.data.AUTOTUNE).repeat().prefetch(2)
    images, targets = (part[: rows.steps * BS] for part in rows.in_memory())
    endless = {"steps_per_epoch": rows.steps, "shuffle": False}
    processes = {"times": 10, "use_multiprocessing": True}
    plain = {
        "the tutorial's generator": epoch(rows.tutorials(), **endless),
        "our generator": epoch(rows.ours(), **endless),
        "tf.data from the CSV's text": epoch(text_dataset(rows), **endless),
        "PyDataset, memory-mapped": mapped(),
        "tf.data, records (fast_feed.py)": epoch(fast(False), **endless),
        "arrays in memory": epoch(images, targets, batch_size=BS),
    }
    augmented = {
        "the tutorial's generator": epoch(rows.tutorials(rows.stock), **endless),
        "our generator": epoch(rows.ours(rows.aug), **endless),
        "PyDataset, memory-mapped": mapped(rows.aug),
        "  the same, two worker processes (10 epochs in one)": mapped(
            rows.aug, workers=2, **processes
        ),
        "Keras's augmentation layers, in tf.data": epoch(layers, **endless),
        "tf.data, records (fast_feed.py)": epoch(fast(True), **endless),
    }
    for title, ways in (("without", plain), ("with", augmented)):
        seconds = medians(*ways.values(), rounds=5)
        print(f"\nfed to `fit`, {title} augmentation, by")
        for way, time_ in zip(ways, seconds, strict=True):
            count = len(images) * (10 if "10 epochs" in way else 1)
            speed, first = count / time_, len(images) / seconds[0]
            print(f"  {way:<52}{speed:>8.0f} images/s {speed / first:>8.1f}", flush=True)


def compare_normalization(rows, model):
    """Compare a training step with that of the same network, normalized by Keras's own layer."""
    stock = keras.layers.BatchNormalization
    with unittest.mock.patch("pyimagesearch.minivggnet.BatchNormalization", stock):
        with_stock = build_model(len(rows.lb.classes_), epochs=75)
    batch = next(rows.ours())
    steps = lambda: model.train_on_batch(*batch), lambda: with_stock.train_on_batch(*batch)
    rate(
        "training step / with Keras's normalization",
        *medians(*steps, rounds=25),
        BS,
        "at least 1.15",
    )


def seconds_until_fit(train_csv, test_csv):
    command = [sys.executable, "-c", START, str(train_csv), str(test_csv)]
    result = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    return float(result.stdout.split()[-1])


def main(train_csv, test_csv):
    began = time.perf_counter()
    keras.utils.set_random_seed(0)
    rows = Rows(train_csv)
    model = build_model(len(rows.lb.classes_), epochs=75)
    print(f"{'':<52}{'ours':>10}{'against':>10} {'':<10}{'ratio':>7}   wanted")
    compare_generators(rows)
    compare_epochs(rows, model)
    compare_normalization(rows, model)
    start = statistics.median(seconds_until_fit(train_csv, test_csv) for _ in range(3))
    print(f"start of train.py to fit, less importing TensorFlow: {start:.2f} s (wanted: under 1)")
    with tempfile.TemporaryDirectory() as folder:
        compare_feeding(rows, Path(folder))
    compare_blur(rows)
    print(f"\nbenchmark: {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    with ErrorHandler():
        main(*(sys.argv[1:] or (ROOT / TRAIN_NAME, ROOT / TEST_NAME)))
