"""Values of command-line options, checked: types for `argparse`."""

from argparse import ArgumentTypeError
from pathlib import Path

from pyimagesearch.files import check_writable


def positive_int(text):
    """Return a whole number from 1 up."""
    return _whole_number(text, 1, 10**9)


def seed(text):
    """Return a seed for NumPy: a whole number from 0 to 4,294,967,295."""
    return _whole_number(text, 0, 2**32 - 1)


def output_file(*suffixes):
    """Return a type for a file that can be written and has one of these suffixes."""

    def check(text):
        if Path(text).suffix.lower() not in suffixes:
            raise ArgumentTypeError(f"{text}: expected a name that ends in {', '.join(suffixes)}")
        try:
            check_writable(text)
        except OSError as error:
            raise ArgumentTypeError(f"{text}: can't be written: {error.strerror}") from None
        return text

    return check


def _whole_number(text, least, most):
    try:
        number = int(text)
    except ValueError:
        number = None
    if number is None or not least <= number <= most:
        raise ArgumentTypeError(f"expected a whole number from {least} to {most}, not {text!r}")
    return number
