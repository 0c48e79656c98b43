"""Files that are replaced whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from pyimagesearch.errors import InputError


def check_output(path, *suffixes):
    """Raise an InputError if `path` can't be written, or has none of the suffixes."""
    # Matplotlib takes X.PNG, but Keras no X.KERAS
    suffix = Path(path).suffix if ".keras" in suffixes else Path(path).suffix.lower()
    if suffixes and suffix not in suffixes:
        raise InputError(f"{path}: expected a name that ends in {' or '.join(suffixes)}")
    target = Path(path).resolve()
    taken = target.exists() and (target.is_dir() or not os.access(target, os.W_OK))
    if taken or not os.access(target.parent, os.W_OK):
        raise InputError(f"{path}: can't be written; expected a file in a folder that exists")


@contextlib.contextmanager
def replacing(*paths):
    """Let the block write new files; if it succeeds, they replace `paths`, of different names.

    Yields a list of `pathlib.Path`, of the same names, in a temporary folder beside the first. If
    one of `paths` can't be written, it raises an InputError, and all stay as they were.
    """
    targets = [Path(path).resolve() for path in paths]  # a symbolic link stays one
    for target in targets:
        check_output(target)
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix=".part-", dir=targets[0].parent)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        parts = [Path(folder, Path(path).name) for path in paths]
        yield parts
        try:
            for part, target in zip(parts, targets, strict=True):
                # a private file stays private; some shares keep no mode
                with contextlib.suppress(OSError):
                    shutil.copymode(target, part)
                try:
                    os.replace(part, target)
                except OSError:  # a file that Docker mounts, or another user's in a sticky folder
                    shutil.copyfile(part, target)
        except OSError as error:
            stack.pop_all()  # keep the new files
            raise OSError(f"{error}; the new content is in {folder}") from None
