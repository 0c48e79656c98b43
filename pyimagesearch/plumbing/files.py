"""Files that are replaced whole or not at all."""

import contextlib
import os
import shutil
from pathlib import Path

from pyimagesearch.plumbing.ending import undisturbed


@contextlib.contextmanager
def replacing(*paths):
    """Let the block write files that then take the place of `paths`, in one folder: all, or none.

    Whoever opens a path finds the old file or the new one, whole, whatever happens in between, a
    loss of power included. If the block fails, all stay as they were.

    Of several, each is replaced at once, but not all at the same time: whoever looks between the
    first and the last, which is well under a millisecond, finds a new one beside an old one; and
    so they stay if just then the power is lost, or the process killed by what none can catch.

    Yields:
        the list of `pathlib.Path` to write, one for each of `paths`, in the same folder and with
        the same suffix, in lower case.

    Raises:
        OSError: no such folder, no permission, no space (of several, a copy of the old ones, too);
            `filename` is the path, or where that is not known the folder, and `strerror` says
            that it was not written, and why.
    """
    if len(set(map(os.path.realpath, paths))) < len(paths):
        raise OSError(None, "another name of the same file", str(paths[-1]))
    targets = {}
    for number, path in enumerate(paths):
        target, part = _target(path, number)
        targets[part] = target
    try:
        yield list(targets)
        # on disk before it is renamed: a full disk must fail here
        for part in targets:
            with open(part, "rb+") as file:
                os.fsync(file.fileno())
        with undisturbed():
            _rename_all(targets)
    except OSError as error:
        names = {None: paths[0] if len(paths) == 1 else Path(paths[0]).parent}
        for path, (part, target) in zip(paths, targets.items(), strict=True):
            names |= dict.fromkeys((part, target, str(part), str(target)), path)
        if error.filename not in names:
            raise
        reason = f"not written: {error.strerror or error}"
        raise OSError(error.errno, reason, str(names[error.filename])) from None
    finally:
        with undisturbed():
            _remove(targets)


def _rename_all(targets):
    """Rename each part to its target; if one can't be, put back what the others replaced."""
    *earlier, last = targets
    olds = {part: part.with_suffix(f".old{part.suffix}") for part in earlier}
    try:
        for part, old in olds.items():
            if targets[part].exists():
                shutil.copy2(targets[part], old)
        for part, target in targets.items():
            with contextlib.suppress(OSError):  # no old one, or no such thing on its disk
                shutil.copymode(target, part)
            os.replace(part, target)
    except BaseException:  # a signal, too, where no `Ending` lets it wait
        # a part is gone once it is renamed; with the last one, all are
        for part in earlier if last.exists() else ():
            if not part.exists():
                _put_back(olds[part], targets[part])
        _remove(olds.values())
        raise
    _remove(olds.values())


def _put_back(old, target):
    if old.exists():
        os.replace(old, target)
    else:
        target.unlink()


def _remove(paths):
    for path in paths:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(path):
    """Let the block write one file, as `replacing` does, and say in a line that it was written.

    A signal waits until it is written: a network is large, and trained only once.
    """
    with undisturbed():
        with replacing(path) as (part,):
            yield part
        print(f"[INFO] wrote {path}")


def check_writable(path):
    """Check that `replacing` can write `path`.

    Raises:
        OSError: it can't; `filename` is the path, and `strerror` says why.
    """
    try:
        target, part = _target(path)
        if target.exists():
            if not target.is_file():
                raise OSError(None, "is not a regular file")
            with open(target, "ab"):
                pass
        part.touch()
        part.unlink()
    except OSError as error:
        raise OSError(error.errno, f"can't be written: {error.strerror}", str(path)) from None


def _target(path, number=0):
    """Return the file to replace, behind any symbolic link, and the file to write beside it."""
    # the suffix as the user gave it says which kind of file is wanted; Keras knows no .KERAS
    target, suffix = Path(path), Path(path).suffix.lower()
    if target.is_symlink():  # otherwise as it is: an absolute path may be too long
        target = Path(os.path.realpath(target))
    # a name at the length limit must not grow beyond it
    return target, target.with_name(f".{target.stem[:40]}.{os.getpid()}-{number}.part{suffix}")
