"""How fast the generator is, beside the tutorial's own, as ratios of medians; and what else feeds
Keras, and what the machine could do at best.

Everything is measured in one run on the same rows, the two sides of a ratio in turn, after a
warm-up. Times move with the machine; the ratios hold.

USAGE
    python tests/benchmark.py [TRAIN_CSV TEST_CSV]
"""

import math
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
import unittest.mock
from pathlib import Path

import reference

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pyimagesearch.plumbing import environment

environment.prepare()

import keras
import tensorflow as tf
from sklearn.preprocessing import LabelBinarizer
from tensorflow.keras.preprocessing.image import ImageDataGenerator as StockGenerator

from feeding import CSVDataset
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_pair import TEST_NAME, TRAIN_NAME
from pyimagesearch.csv_rows import read_labels
from pyimagesearch.plumbing.ending import Ending
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


def compare_memory(rows):
    def peak(path, steps):
        """Return the most bytes that one pass of the generator holds at a time."""
        generator = csv_image_generator(path, BS, rows.lb, aug=rows.aug)
        next(generator)
        tracemalloc.start()
        for _ in range(steps):
            next(generator)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    with tempfile.TemporaryDirectory() as folder:
        tenfold = Path(folder) / "tenfold.csv"
        with open(tenfold, "wb") as file:
            for _ in range(10):
                file.write(Path(rows.path).read_bytes())
        once, ten_times = peak(rows.path, rows.steps), peak(tenfold, 10 * rows.steps)
    report(
        "peak memory of generating, 10 times the rows / once",
        f"{ten_times / 1e6:.2f}",
        f"{once / 1e6:.2f}",
        "MB",
        ten_times / once,
        "at most 1.05",
    )


def text_dataset(rows):
    """The CSV as text, parsed by TensorFlow."""

    def parse(line):
        fields = tf.strings.split(line, ",")
        values = tf.strings.to_number(fields[1:], tf.int32)
        one_hot = tf.cast(fields[0] == rows.lb.classes_.astype(str), tf.int32)
        return tf.reshape(values, IMAGE_SHAPE), one_hot

    lines = tf.data.TextLineDataset(str(rows.path)).map(parse, num_parallel_calls=tf.data.AUTOTUNE)
    return lines.repeat().batch(BS).prefetch(tf.data.AUTOTUNE)


def compare_feeding(rows):
    """Compare the ways to feed `fit`, by a network with next to nothing to do."""
    model = keras.Sequential(
        [
            keras.layers.Input(IMAGE_SHAPE),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(len(rows.lb.classes_), activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="sgd")

    def epoch(*data, **options):
        return lambda: model.fit(*data, verbose=0, **options)

    def csv_dataset(**workers):
        return epoch(CSVDataset(rows.path, BS, **workers))

    images, labels = (part[: rows.steps * BS] for part in rows.in_memory())
    endless = {"steps_per_epoch": rows.steps, "shuffle": False}
    ways = {
        "the tutorial's generator": epoch(rows.tutorials(), **endless),
        "our generator": epoch(rows.ours(), **endless),
        "PyDataset": csv_dataset(),
        "PyDataset, one worker process": csv_dataset(workers=1, use_multiprocessing=True),
        "PyDataset, two worker processes": csv_dataset(workers=2, use_multiprocessing=True),
        "tf.data from the CSV's text": epoch(text_dataset(rows), **endless),
        "arrays in memory": epoch(images, labels, batch_size=BS),
    }
    seconds = medians(*ways.values(), rounds=5)
    print("\nfed to `fit`, without augmentation, by")
    for way, time_ in zip(ways, seconds, strict=True):
        print(f"  {way:<50}{len(images) / time_:>10.0f} images/s {seconds[0] / time_:>8.1f}")


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


def operations(layer):
    """Multiplications and additions of an image forward in a layer, if it has a kernel."""
    if not hasattr(layer, "kernel"):
        return 0
    return 2 * math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1])


def compare_with_the_machine(rows, model):
    """Compare the work per second of a training step with that of a matrix product."""
    images, labels = next(rows.ours())
    # forward, and backward to the layer's input and to its kernel
    step = 3 * BS * sum(map(operations, model.layers))
    layer = max(model.layers, key=operations)
    inputs = tf.random.normal((BS, *layer.input.shape[1:]))
    side = 4096
    matrix = tf.random.normal((side, side))
    product_s, step_s, convolution_s = medians(
        lambda: tf.matmul(matrix, matrix),
        lambda: model.train_on_batch(images, labels),
        lambda: keras.ops.conv(inputs, layer.kernel, padding="same"),
        rounds=15,
    )
    product = 2 * side**3 / product_s
    print(f"\nfloating-point work, of {product / 1e9:.0f} GFLOP/s that a matrix product reaches")
    for what, speed in (
        (f"a training step, {step / 3e6 / BS:.0f} million forward an image", step / step_s),
        (f"its {layer.name} alone, forward", BS * operations(layer) / convolution_s),
    ):
        print(f"  {what:<50}{speed / 1e9:>10.0f} GFLOP/s {speed / product:>9.2f}", flush=True)


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
    compare_memory(rows)
    start = statistics.median(seconds_until_fit(train_csv, test_csv) for _ in range(3))
    print(f"start of train.py to fit, less importing TensorFlow: {start:.2f} s (wanted: under 1)")
    compare_feeding(rows)
    compare_with_the_machine(rows, model)
    print(f"\nbenchmark: {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    with Ending():
        main(*(sys.argv[1:] or (ROOT / TRAIN_NAME, ROOT / TEST_NAME)))
