"""Command lines: the options of train.py, and types that check a value before it is used."""

import argparse
import os
from pathlib import Path

from pyimagesearch.plumbing.files import check_writable


def option_parser(description, prog=None):
    """Return an `argparse.ArgumentParser` whose help shows the default of each option."""
    formatter = argparse.ArgumentDefaultsHelpFormatter
    return argparse.ArgumentParser(prog=prog, description=description, formatter_class=formatter)


def parse_training_options(argv, train_csv, test_csv, epochs, batch_size, seed, plot):
    """Parse the command line of train.py.

    `argv` is a list of arguments, or None for those of this process; the rest are defaults.
    Returns an `argparse.Namespace` of the same names, and `model`: None if it is not to be saved.
    """
    parser = option_parser(
        "Train MiniVGGNet on the images of two CSV files, print a report on the testing images, "
        "and plot the training. Without options: the tutorial's experiment."
    )

    def add(option, metavar, help_, default, type_=path_name):
        parser.add_argument(option, metavar=metavar, help=help_, default=default, type=type_)

    add("--train-csv", "CSV", "images to train on", train_csv)
    add("--test-csv", "CSV", "images to test on", test_csv)
    add("--epochs", "N", "how often to go through the training images", epochs, positive_int)
    add("--batch-size", "N", "images in a batch", batch_size, positive_int)
    add("--seed", "N", "the same seed repeats a training", seed, random_seed)
    plots = output_file(".png", ".pdf", ".svg", ".jpg")
    add("--plot", "FILE", "the curves, as an image", plot, plots)
    model = "the trained network, as .keras (default: not written)"
    add("--model", "FILE", model, argparse.SUPPRESS, output_file(".keras"))
    args = parser.parse_args(argv, argparse.Namespace(model=None))
    for option, path, others in (
        ("--plot", args.plot, (args.train_csv, args.test_csv)),
        ("--model", args.model, (args.train_csv, args.test_csv, args.plot)),
    ):
        if path and os.path.realpath(path) in map(os.path.realpath, others):
            parser.error(f"argument {option}: {path}: expected a file of its own")
    return args


def positive_int(text):
    """Return a whole number from 1 up."""
    return _whole_number(text, 1, 10**9)


def random_seed(text):
    """Return a seed for NumPy: a whole number from 0 to 4,294,967,295."""
    return _whole_number(text, 0, 2**32 - 1)


def _whole_number(text, least, most):
    if text.strip().isdecimal() and least <= int(text) <= most:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r}: expected a number from {least} to {most}")


def path_name(text):
    """Return a path that is not empty, as a shell variable that was never set would be."""
    if not text:
        raise argparse.ArgumentTypeError("expected a path, not ''")
    return text


def output_file(*suffixes):
    """Return a type for a file with one of these suffixes that can be written, as it tries."""

    def check(text):
        if Path(text).suffix.lower() not in suffixes:
            expected = f"a name that ends in {', '.join(suffixes)}"
            raise argparse.ArgumentTypeError(f"{text!r}: expected {expected}")
        try:
            check_writable(text)
        except OSError as error:
            raise argparse.ArgumentTypeError(f"{text}: {error.strerror}") from None
        return text

    return check
