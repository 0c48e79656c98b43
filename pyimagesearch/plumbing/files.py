"""Files that are replaced whole or not at all."""

import contextlib
import os
import shutil
import signal
from pathlib import Path

from pyimagesearch.plumbing.errors import signals_handled


@contextlib.contextmanager
def replacing(*paths):
    """Let the block write new files; then they replace `paths`, all in one folder.

    If the block fails, the old files stay as they were. Each file is replaced in one step; a loss
    of power between the first and the last, under a millisecond, leaves a new beside an old one.

    Yields a list of `pathlib.Path` to write, in the folder of `paths` and with their suffixes.

    Raises:
        OSError: two of `paths` are one file, or one can't be written; `filename` says which.
    """
    if len(set(map(os.path.realpath, paths))) < len(paths):
        raise OSError(None, "another name of the same file", str(paths[-1]))
    targets, parts = zip(*(_target(path, number) for number, path in enumerate(paths)), strict=True)
    try:
        yield list(parts)
        # on disk before the renames: a full disk must fail here
        for part in parts:
            with open(part, "rb+") as file:
                os.fsync(file.fileno())
        with signals_handled(signal.SIG_IGN):
            for part, target in zip(parts, targets, strict=True):
                if target.exists():
                    shutil.copymode(target, part)
                os.replace(part, target)
    except OSError as error:
        where = paths[0] if len(paths) == 1 else Path(paths[0]).parent
        raise OSError(error.errno, f"not written: {error.strerror or error}", str(where)) from None
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(path):
    """Let the block write one file, as `replacing` does, and print that it was written."""
    # not to be interrupted: what took long to train is written in a second
    with signals_handled(signal.SIG_IGN), replacing(path) as (part,):
        yield part
    print(f"[INFO] wrote {path}")


def check_writable(path):
    """Check that `replacing` can write `path`: if not, an OSError says why."""
    target, part = _target(path)
    try:
        if target.exists() and not target.is_file():
            raise OSError(None, "is not a regular file")
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(None, "is write-protected")
        part.touch()
        part.unlink()
    except OSError as error:
        raise OSError(error.errno, f"can't be written: {error.strerror}", str(path)) from None


def _target(path, number=0):
    """Return the file to replace, behind a symbolic link maybe, and the file to write beside it."""
    # the suffix that the user gave says which kind of file it is; Keras knows no .KERAS
    target, suffix = Path(os.path.realpath(path)), Path(path).suffix.lower()
    # a name at the length limit must not grow beyond it
    return target, target.with_name(f".{target.stem[:40]}.{os.getpid()}-{number}.part{suffix}")
