"""Archives of images, unpacked into a temporary folder; whole archives only."""

import contextlib
import os
import tarfile
import tempfile
import zipfile
from pathlib import Path

from pyimagesearch.plumbing.errors import InputError


@contextlib.contextmanager
def unpacked(path):
    """Yield the folder `path`, or a temporary one that the archive `path` is unpacked to.

    An InputError says that it is neither a folder nor a whole tar or zip archive. If the block
    raises one, it then names the archive, not the temporary folder.
    """
    if os.path.isdir(path):
        yield Path(path)
        return
    with tempfile.TemporaryDirectory(prefix="flowers17-") as folder:
        try:
            _unpack(path, Path(folder))
        except Exception as error:  # of any class: damage makes these modules raise nearly all
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise InputError(
                f"{path}: {reason.splitlines()[0].rstrip(':')}; "
                "expected a folder, or a whole tar or zip archive of images"
            ) from None
        try:
            yield Path(folder)
        except InputError as error:
            text = str(error).replace(f"{folder}{os.sep}", "").replace(f"{folder}: ", "")
            raise InputError(f"{path}: {text}") from None


def _unpack(path, folder):
    # zipfile would take a tar archive for the zip archive that is its last member
    with open(path, "rb") as file:
        is_zip = file.read(4) == b"PK\3\4"
    if is_zip:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
            members = sum(not member.is_dir() for member in archive.infolist())
    else:
        members = _untar(path, folder)
    written = sum(file.is_symlink() or not file.is_dir() for file in folder.rglob("*"))
    if written != members:  # one has overwritten another
        raise ValueError(f"{members} files, but {written} different names")


class _Member(tarfile.TarInfo):
    """A member of a tar archive. `TarFile` takes a damaged or missing header for the end."""

    @classmethod
    def fromtarfile(cls, archive):
        """Read the next header; only a block of zeros ends the archive."""
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"not a whole archive: {error}") from None


def _untar(path, folder):
    """Unpack a tar archive; return how many files it holds."""
    with tarfile.open(path, tarinfo=_Member) as archive:
        archive.extractall(folder, filter="data")
        # read on to the end of the file, where the check sum of what is compressed stands
        archive.fileobj.seek(archive.offset + tarfile.BLOCKSIZE)
        while block := archive.fileobj.read(1 << 16):
            if block.strip(b"\0"):
                raise tarfile.ReadError("something follows the archive's end")
        return sum(not member.isdir() for member in archive.getmembers())
