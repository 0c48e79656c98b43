"""How a program ends if its input, the disk or the user stops it: with one line."""

import contextlib
import sys


class InputError(ValueError):
    """Bad input. The message is one line: which file, where in it, and what was expected."""


@contextlib.contextmanager
def one_line_errors():
    """End the program with one line, not a traceback; exit code 1, or 130 after Ctrl-C."""
    # a console that can't show a class name prints "?" for it; a notebook shows all
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        yield
    except (InputError, OSError) as error:
        sys.exit(f"[ERROR] {error}")
    except KeyboardInterrupt:
        print("[ERROR] interrupted", file=sys.stderr)
        sys.exit(130)
