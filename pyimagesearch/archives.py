"""Archives of images, unpacked for a while: whole ones only, and nothing outside their folder."""

import contextlib
import errno
import os
import tarfile
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from pyimagesearch.images import DatasetError

ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}


@contextlib.contextmanager
def unpacked(path):
    """Yield the folder that `path` is, or that the archive at `path` unpacks to, for a while.

    A `DatasetError` in the block that names a file of the unpacked archive is told with the
    archive's path instead.

    Raises:
        DatasetError: neither a folder nor a tar or zip archive; or an archive that is not whole,
            or has a member that would be written outside its folder.
        OSError: no space to unpack it.
    """
    if os.path.isdir(path):
        yield Path(path)
        return
    with tempfile.TemporaryDirectory(prefix="flowers17-") as folder:
        _unpack(path, folder)
        try:
            yield Path(folder)
        except DatasetError as error:
            # where it was unpacked to says nothing to the user
            text = (
                str(error).replace(f"{Path(folder)}{os.sep}", "").replace(f"{Path(folder)}: ", "")
            )
            raise DatasetError(f"{path}: {text}") from None


def _unpack(path, folder):
    if not os.path.exists(path):
        raise DatasetError(f"{path}: no such file or folder")
    # a pipe: to open it may already wait for ever
    if not os.path.isfile(path):
        raise DatasetError(f"{path}: not a regular file; expected a folder, or an archive")
    try:
        with open(path, "rb") as file:
            is_zip = file.read(4) in ZIP_SIGNATURES
        (_unzip if is_zip else _untar)(path, folder)
        return
    except OSError as error:
        if error.errno in NO_ROOM:
            reason = f"can't be unpacked into {tempfile.gettempdir()}: {error.strerror}"
            raise OSError(error.errno, reason, str(path)) from None
        reason = error.strerror or str(error)
    except Exception as error:  # of whatever class: damage makes these modules raise nearly any
        reason = str(error) or type(error).__name__
    reason = reason.partition("\n")[0].rstrip(":")
    raise DatasetError(
        f"{path}: {reason}; expected a folder, or a whole tar or zip archive of images"
    )


class _Member(tarfile.TarInfo):
    """A member of a tar archive, without which the archive is not whole."""

    @classmethod
    def fromtarfile(cls, archive):
        """Read the next header; what is none ends the archive only if it is a block of zeros.

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
        # on to the end of the file: only there stands the check sum of what is compressed
        archive.fileobj.seek(archive.offset + tarfile.BLOCKSIZE)
        while block := archive.fileobj.read(1 << 16):
            if block.strip(b"\0"):
                raise tarfile.ReadError("something follows the archive's end")


def _unzip(path, folder):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            # extractall() would leave the dots out, and write it as the image of another class
            if ".." in PurePosixPath(name).parts:
                raise zipfile.BadZipFile(f"{name!r} may lead outside the folder")
        archive.extractall(folder)
