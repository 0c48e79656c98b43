"""Train with several seeds, and print the accuracy that each reaches: the README's results.

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

from pyimagesearch.build_dataset import build_dataset
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME
from pyimagesearch.errors import one_line_errors


class PixelsOf2017(train.ImageDataGenerator):
    """What the tutorial's arguments meant in 2017: shear in radians, the nearest pixel."""

    def __init__(self, shear_range, **options):
        super().__init__(shear_range=np.degrees(shear_range), interpolation_order=0, **options)


def run(args, seed):
    """Train as train.py does; return the accuracy on the testing images."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        if args.images:
            build_dataset(args.images, folder, seed)
        csvs = Path(folder if args.images else args.csvs or ROOT)
        command = [f"--train-csv={csvs / TRAIN_NAME}", f"--test-csv={csvs / TEST_NAME}"]
        command += [f"--epochs={args.epochs}", f"--seed={seed}", f"--plot={folder}/plot.png"]
        # the last epoch's is the report's
        return train.train(train.parse_args(command)).history["val_accuracy"][-1]


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
    start = f"| {Path(args.images or args.csvs or 'drawings').stem} | {args.pixels} |"
    print("| data | pixels | seed | accuracy |\n|" + " --- |" * 4)
    accuracies = []
    for seed in args.seeds:
        accuracies.append(run(args, seed))
        print(f"{start} {seed} | {accuracies[-1]:.3f} |", flush=True)
    print(f"{start} mean | {np.mean(accuracies):.3f} |")
    print(f"{start} range | {min(accuracies):.3f} to {max(accuracies):.3f} |")


if __name__ == "__main__":
    with one_line_errors():
        main()
