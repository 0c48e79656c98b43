"""Files that are replaced whole or not at all."""

import contextlib
import os
from pathlib import Path


@contextlib.contextmanager
def replacing(path):
    """Let the block write a file beside `path`, which then takes the place of `path`.

    Whoever opens `path` finds the old file or the new one, whole, whatever happens in between.
    If the block fails, `path` stays as it was and the file beside it is removed.

    Yields:
        the `pathlib.Path` to write, in the same folder and with the same suffix.

    Raises:
        OSError: no such folder, no permission, no space; `filename` is `path`.
    """
    target, part = _target(path)
    try:
        yield part
        os.replace(part, target)
    except OSError as error:
        if error.filename in (None, part, str(part)):
            error.filename = str(path)
        raise
    finally:
        part.unlink(missing_ok=True)


def check_writable(path):
    """Check that `replacing` can write `path`.

    Raises:
        OSError: it can't; `strerror` says why.
    """
    path, part = _target(path)
    if path.exists():
        if not path.is_file():
            raise OSError(None, "is not a regular file", str(path))
        with open(path, "ab"):
            pass
    try:
        part.touch()
    finally:
        part.unlink(missing_ok=True)


def _target(path):
    """Return the file to replace, behind any symbolic link, and the file to write beside it."""
    path = Path(path).resolve()
    return path, path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
