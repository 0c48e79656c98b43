"""How the programs end when something is wrong: one plain line, and an exit code that tells."""

import sys

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


class InputError(ValueError):
    """Something is wrong with what the user gave; the text says what, where, and what should be."""


def complain(message, exit_code=BAD_INPUT):
    """Print one line on stderr; return the exit code."""
    print(f"[ERROR] {message}", file=sys.stderr)
    return exit_code


def plainly(run):
    """Call `run`; return its exit code, or that of an error, told in one line."""
    try:
        return run()
    except InputError as error:
        return complain(error)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return complain(f"{where}{error.strerror or error}", FAILED)
    except KeyboardInterrupt:
        return complain("interrupted", INTERRUPTED)
