"""Train with several seeds, and print what each training reached: the README's results.

A run gives the network that `python train.py --seed SEED` gives on the same CSVs. What train.py
prints goes to standard error, the table to standard output.

USAGE
    python tests/scripts/results.py --seeds 42 1 2 [--csvs DIR]
    python tests/scripts/results.py --seeds 42 1 2 --images 17flowers.tgz [--pixels 2017]
"""

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

with contextlib.redirect_stdout(sys.stderr):
    import train

import numpy as np
from sklearn.preprocessing import LabelBinarizer

from pyimagesearch.build_dataset import build_dataset
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME, read_labels
from pyimagesearch.errors import one_line_errors


class PixelsOf2017(train.ImageDataGenerator):
    """What the tutorial's arguments meant in 2017: shear in radians, the nearest pixel."""

    def __init__(self, shear_range, **options):
        super().__init__(shear_range=np.degrees(shear_range), interpolation_order=0, **options)


def run(args, seed):
    """Train as train.py does; return the accuracy, and the mean val_accuracy of the last epochs."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        if args.images:
            build_dataset(args.images, folder, seed)
        csvs = Path(folder if args.images else args.csvs or ROOT)
        options = train.parse_args([f"--epochs={args.epochs}", f"--seed={seed}"])
        options.train_csv, options.test_csv = csvs / TRAIN_NAME, csvs / TEST_NAME
        options.plot = Path(folder, "plot.png")
        H = train.train(options)
        if H.stopped_by:
            sys.exit(128 + H.stopped_by)
        labels = read_labels(options.test_csv)
        lb = LabelBinarizer().fit(read_labels(options.train_csv))
        predictions = train.predict(H.model, options.test_csv, train.BS, lb, len(labels))
    return np.mean(predictions == labels), np.mean(H.history["val_accuracy"][-10:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", metavar="N", type=int, nargs="+", default=[42])
    parser.add_argument("--csvs", metavar="DIR", help="folder of the two CSVs")
    parser.add_argument("--images", metavar="PATH", help="split these anew with each seed, instead")
    parser.add_argument("--pixels", choices=("today", "2017"), default="today")
    parser.add_argument("--epochs", metavar="N", type=int, default=train.NUM_EPOCHS)
    args = parser.parse_args()
    if args.pixels == "2017":
        train.ImageDataGenerator = PixelsOf2017
    data = Path(args.images or args.csvs or "drawings").stem

    def print_row(seed, values):
        print(f"| {' | '.join([data, args.pixels, seed, *values])} |", flush=True)

    print("| data | pixels | seed | accuracy | val_accuracy, last ten epochs |\n|" + " --- |" * 5)
    runs = []
    for seed in args.seeds:
        runs.append(run(args, seed))
        print_row(str(seed), [f"{value:.3f}" for value in runs[-1]])
    print_row("mean", [f"{value:.3f}" for value in np.mean(runs, axis=0)])
    spans = zip(np.min(runs, axis=0), np.max(runs, axis=0), strict=True)
    print_row("range", [f"{least:.3f} to {most:.3f}" for least, most in spans])


if __name__ == "__main__":
    with one_line_errors():
        main()
