"""Archives of images, unpacked for a while: whole ones only, and nothing outside their folder."""

import contextlib
import errno
import os
import tarfile
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from pyimagesearch.images import DatasetError
from pyimagesearch.plumbing.ending import undisturbed

# flags of a member of a zip archive
ENCRYPTED, NAME_IN_UTF8 = 1, 1 << 11
ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}


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
    with _temporary_folder() as folder:
        _unpack(path, folder)
        try:
            yield folder
        except DatasetError as error:
            # where it was unpacked to says nothing to the user
            text = str(error).replace(f"{folder}{os.sep}", "").replace(f"{folder}: ", "")
            raise DatasetError(f"{path}: {text}") from None


@contextlib.contextmanager
def _temporary_folder():
    temporary = tempfile.TemporaryDirectory(prefix="flowers17-")
    try:
        yield Path(temporary.name)
    finally:
        with undisturbed():
            temporary.cleanup()


def _unpack(path, folder):
    if not os.path.exists(path):
        raise DatasetError(f"{path}: no such file or folder")
    # a pipe: to open it may already wait for ever
    if not os.path.isfile(path):
        raise DatasetError(f"{path}: not a regular file; expected a folder, or an archive")
    try:
        with open(path, "rb") as file:
            is_zip = file.read(4) in ZIP_SIGNATURES
        files = (_unzip if is_zip else _untar)(path, folder)
        written = sum(entry.is_symlink() or not entry.is_dir() for entry in folder.rglob("*"))
        if written != files:
            raise tarfile.ReadError("some of its members have the same name")
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
    """Unpack a tar archive, and return how many files it holds."""
    with tarfile.open(path, tarinfo=_Member) as archive:
        archive.extractall(folder, filter="data")
        # on to the end of the file: only there stands the check sum of what is compressed
        archive.fileobj.seek(archive.offset + tarfile.BLOCKSIZE)
        while block := archive.fileobj.read(1 << 16):
            if block.strip(b"\0"):
                raise tarfile.ReadError("something follows the archive's end")
        return sum(not member.isdir() for member in archive.getmembers())


def _unzip(path, folder):
    """Unpack a zip archive, and return how many files it holds."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if members and min(member.header_offset for member in members) > 0:
            raise zipfile.BadZipFile("something precedes the archive's beginning")
        for member in members:
            member.filename = _name_in_zip(member)
            # extract() would leave the dots out, and write it as the image of another class
            if ".." in PurePosixPath(member.filename).parts:
                raise zipfile.BadZipFile(f"{member.filename!r} may lead outside the folder")
            if member.flag_bits & ENCRYPTED:
                raise zipfile.BadZipFile(f"{member.filename!r} is encrypted")
            archive.extract(member, folder)
        return sum(not member.is_dir() for member in members)


def _name_in_zip(member):
    """Return a member's name, which most programs write in UTF-8 without saying so."""
    name = member.filename
    if name == member.orig_filename and not member.flag_bits & NAME_IN_UTF8:
        try:
            name = name.encode("cp437").decode()  # zipfile took it for that
        except UnicodeDecodeError:
            reason = f"the name {name!r} is not in UTF-8: unpack it, and give the folder"
            raise zipfile.BadZipFile(reason) from None
    return name.replace("\\", "/")
