"""Archives of images, unpacked into a temporary folder; whole archives only."""

import contextlib
import errno
import os
import tarfile
import tempfile
import zipfile
from pathlib import Path

from pyimagesearch.images import DatasetError


@contextlib.contextmanager
def unpacked(path):
    """Yield the folder `path`, or a temporary one that the archive `path` is unpacked to.

    Raises:
        DatasetError: neither a folder nor a whole tar or zip archive. If the block raises one, it
            then names the archive, not the temporary folder.
        OSError: no space to unpack it.
    """
    if os.path.isdir(path):
        yield Path(path)
        return
    # opening a pipe may wait forever
    if not os.path.isfile(path):
        raise DatasetError(f"{path}: no such file or folder")
    with tempfile.TemporaryDirectory(prefix="flowers17-") as folder:
        try:
            (_unzip if zipfile.is_zipfile(path) else _untar)(path, folder)
        except Exception as error:  # of any class: damage makes these modules raise nearly all
            if getattr(error, "errno", None) == errno.ENOSPC:
                raise
            reason = (str(error) or type(error).__name__).partition("\n")[0].rstrip(":")
            expected = "expected a folder, or a whole tar or zip archive of images"
            raise DatasetError(f"{path}: {reason}; {expected}") from None
        try:
            yield Path(folder)
        except DatasetError as error:
            text = str(error).replace(f"{folder}{os.sep}", "").replace(f"{folder}: ", "")
            raise DatasetError(f"{path}: {text}") from None


def _unzip(path, folder):
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)


class _Member(tarfile.TarInfo):
    """A member of a tar archive, without which the archive is not whole."""

    @classmethod
    def fromtarfile(cls, archive):
        """Read the next header; only a block of zeros ends the archive.

        `TarFile` itself takes a damaged header, or a missing one, for the end of the archive.
        """
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"not a whole archive: {error}") from None


def _untar(path, folder):
    with tarfile.open(path, tarinfo=_Member) as archive:
        archive.extractall(folder, filter="data")
        # read on to the end of the file, where the check sum of what is compressed stands
        archive.fileobj.seek(archive.offset + tarfile.BLOCKSIZE)
        while block := archive.fileobj.read(1 << 16):
            if block.strip(b"\0"):
                raise tarfile.ReadError("something follows the archive's end")
