"""How fast the generator is, beside the tutorial's own, as ratios of medians.

Everything is measured in one run on the same rows, the two sides of a ratio in turn, after a
warm-up. Times move with the machine; the ratios hold.

USAGE
    python tests/benchmark.py [TRAIN_CSV TEST_CSV]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import reference

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import keras
from sklearn.preprocessing import LabelBinarizer
from tensorflow.keras.preprocessing.image import ImageDataGenerator as StockGenerator

from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.csv_pair import TEST_CSV, TRAIN_CSV
from pyimagesearch.csv_rows import read_labels
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


def batches(iterator, count):
    """Return a function that takes so many batches."""
    return lambda: [next(iterator) for _ in range(count)] and None


def report(what, ours, theirs, unit, ratio, wanted):
    print(f"{what:<52}{ours:>10}{theirs:>10} {unit:<10}{ratio:>7.2f}   {wanted}", flush=True)


def rate(what, ours, theirs, images, wanted):
    report(
        what, f"{images / ours:.0f}", f"{images / theirs:.0f}", "images/s", theirs / ours, wanted
    )


def peak_memory(path, lb, rows):
    """Return the most bytes that one pass of the generator holds at a time."""
    generator = csv_image_generator(path, BS, lb, aug=ImageDataGenerator(**reference.AUGMENTATION))
    next(generator)
    tracemalloc.start()
    for _ in range(rows // BS):
        next(generator)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def seconds_until_fit(train_csv, test_csv):
    command = [sys.executable, "-c", START, str(train_csv), str(test_csv)]
    result = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    return float(result.stdout.split()[-1])


def main(train_csv, test_csv):
    began = time.perf_counter()
    keras.utils.set_random_seed(0)
    labels = read_labels(train_csv)
    lb = LabelBinarizer().fit(labels)
    aug, stock = (
        ImageDataGenerator(**reference.AUGMENTATION),
        StockGenerator(**reference.AUGMENTATION),
    )

    def ours(augmentation=None):
        return csv_image_generator(train_csv, BS, lb, aug=augmentation)

    def tutorials(augmentation=None):
        return reference.train_batches(train_csv, BS, lb, augmentation)

    print(f"{'':<52}{'ours':>10}{'against':>10} {'':<10}{'ratio':>7}   wanted")

    count = 5
    rate(
        "generator, no augmentation / tutorial's",
        *medians(batches(ours(), count), batches(tutorials(), count), rounds=9),
        count * BS,
        "at least 5",
    )
    rate(
        "generator, augmented / tutorial's",
        *medians(batches(ours(aug), count), batches(tutorials(stock), count), rounds=9),
        count * BS,
        "at least 4",
    )

    images, one_hot = next(ours())

    def augmenting(augmentation):
        return lambda: [
            next(augmentation.flow(images, one_hot, batch_size=BS)) for _ in range(count)
        ]

    rate(
        "augmenting a batch / ImageDataGenerator.flow",
        *medians(augmenting(aug), augmenting(stock), rounds=15),
        count * BS,
        "at least 3",
    )

    rate(
        "counting and checking / tutorial's counting",
        *medians(lambda: read_labels(train_csv), lambda: reference.count_rows(train_csv), rounds=7),
        len(labels),
        "at least 1",
    )

    steps = len(labels) // BS
    everything = csv_image_generator(train_csv, len(labels), lb)
    in_memory = next(everything)
    everything.close()
    model = build_model(len(lb.classes_), epochs=75)
    generated, as_in_2018 = ours(aug), tutorials(stock)
    fit = {"verbose": 0, "shuffle": False}
    ours_cpu, tutorials_cpu, memory_cpu = medians(
        lambda: model.fit(generated, steps_per_epoch=steps, **fit),
        lambda: model.fit(as_in_2018, steps_per_epoch=steps, **fit),
        lambda: model.fit(*in_memory, batch_size=BS, steps_per_epoch=steps, **fit),
        rounds=3,
        clock=time.process_time,
    )
    for what, cpu, wanted in (
        ("CPU of an epoch, generator / .fit in memory", ours_cpu, "at most 1.10"),
        ("  the same with the tutorial's generator", tutorials_cpu, ""),
    ):
        report(what, f"{cpu:.1f}", f"{memory_cpu:.1f}", "CPU s", cpu / memory_cpu, wanted)

    with tempfile.TemporaryDirectory() as folder:
        tenfold = Path(folder) / "tenfold.csv"
        with open(tenfold, "wb") as file:
            for _ in range(10):
                file.write(Path(train_csv).read_bytes())
        once, ten_times = (
            peak_memory(path, lb, rows)
            for path, rows in ((train_csv, len(labels)), (tenfold, 10 * len(labels)))
        )
    report(
        "peak memory of generating, 10 times the rows / once",
        f"{ten_times / 1e6:.2f}",
        f"{once / 1e6:.2f}",
        "MB",
        ten_times / once,
        "at most 1.05",
    )

    start = statistics.median(seconds_until_fit(train_csv, test_csv) for _ in range(3))
    print(f"start of train.py to fit, less importing TensorFlow: {start:.2f} s (wanted: under 1)")
    print(f"benchmark: {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main(*(sys.argv[1:] or (ROOT / TRAIN_CSV, ROOT / TEST_CSV)))
