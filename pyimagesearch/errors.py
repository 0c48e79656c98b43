"""How a program ends if its input, the disk or the user stops it: with one line."""

import contextlib
import sys


class InputError(ValueError):
    """Bad input. The message is one line: which file, where in it, and what was expected."""


def raise_any(problems, total, kind):
    """Raise one InputError for all problems, if any: how many of `total`, and the first three."""
    if problems:
        count = f"{len(problems):,} of {total:,} {kind}: " if len(problems) > 1 else ""
        more = f"; and {len(problems) - 3:,} more" if len(problems) > 3 else ""
        raise InputError(f"{count}{'; '.join(problems[:3])}{more}")


def check_seed(parser, seed):
    """Refuse a seed that NumPy can't take, as argparse does a wrong option."""
    if not 0 <= seed < 2**32:
        parser.error("expected --seed from 0 to 2**32 - 1")


@contextlib.contextmanager
def option_errors(parser):
    """Turn an InputError into argparse's line for a wrong option; exit code 2."""
    try:
        yield
    except InputError as error:
        parser.error(str(error))


@contextlib.contextmanager
def one_line_errors():
    """End the program with one line, not a traceback; exit code 1, or 130 after Ctrl-C."""
    if hasattr(sys.stdout, "reconfigure"):  # a notebook's shows all class names
        sys.stdout.reconfigure(errors="replace")  # a console that can't show one prints "?"
    try:
        yield
    except (InputError, OSError) as error:
        sys.exit(f"[ERROR] {error}")
    except KeyboardInterrupt:
        print("[ERROR] interrupted", file=sys.stderr)
        sys.exit(130)
