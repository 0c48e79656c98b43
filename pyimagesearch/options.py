"""Types of command-line options: argparse refuses a wrong value in a line, with exit code 2."""

import argparse
import math

from pyimagesearch.errors import InputError
from pyimagesearch.files import check_output


def _number(kind, accepts, expected):
    def parse(text):
        try:
            value = kind(text)
        except ValueError:
            value = math.nan  # which no comparison accepts
        if not accepts(value):
            raise argparse.ArgumentTypeError(f"expected {expected}, not {text!r}")
        return value

    return parse


count = _number(int, lambda value: value >= 1, "a whole number from 1 up")
seed = _number(int, lambda value: 0 <= value < 2**32, "a whole number from 0 to 2**32 - 1")
rate = _number(float, lambda value: 0 < value < math.inf, "a number above 0")


def output_file(*suffixes):
    """Return the type of a file that can be written and has one of these suffixes."""

    def parse(path):
        try:
            check_output(path, *suffixes)
        except InputError as error:
            raise argparse.ArgumentTypeError(error) from None
        return path

    return parse


plot_file = output_file(".png", ".pdf", ".svg", ".jpg")
network_file = output_file(".keras")
