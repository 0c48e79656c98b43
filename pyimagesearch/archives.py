"""Unpack an archive of images into a temporary folder: a whole archive, or none of it."""

import contextlib
import os
import tarfile
import tempfile
import zipfile
from pathlib import Path

from pyimagesearch.errors import InputError


@contextlib.contextmanager
def unpacked(path):
    """Yield the folder `path`, or a temporary one that the archive `path` is unpacked to.

    If it is neither a folder nor a whole tar or zip archive, it raises an InputError. One of the
    block names `path` in place of the temporary folder.
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
            raise InputError(str(error).replace(folder, str(path))) from None


def _unpack(path, folder):
    # zipfile would open a tar that ends in a zip, and unpack only that zip
    with open(path, "rb") as file:
        is_zip = file.read(4) == b"PK\3\4"
    members = _unzip(path, folder) if is_zip else _untar(path, folder)
    written = sum(file.is_symlink() or not file.is_dir() for file in folder.rglob("*"))
    if written != members:  # one has overwritten another
        raise ValueError(f"{members} files, but {written} different names")


def _unzip(path, folder):
    """Unpack a zip archive; return how many files it holds."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        for member in members:
            # zipfile takes names for cp437 without this flag, which Linux's zip and Macs don't set
            if not member.flag_bits & 0x800:
                with contextlib.suppress(UnicodeError):
                    member.filename = member.filename.encode("cp437").decode()
            if member.create_system == 0:  # PowerShell 5 of Windows writes `\` between folders
                member.filename = member.filename.replace("\\", "/")
        archive.extractall(folder, members)
        return sum(not member.is_dir() for member in members)


def _untar(path, folder):
    """Unpack a tar archive; return how many files it holds."""
    if not hasattr(tarfile, "data_filter"):  # Python before 3.10.12, or 3.11 before 3.11.4
        raise ValueError("this Python unpacks no tar archive safely: unpack it yourself")
    with tarfile.open(path) as archive:
        archive.extractall(folder, filter="data")
        # tarfile takes a damaged or missing header for the end, which is a block of zeros
        archive.fileobj.seek(archive.offset)
        if archive.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("not a whole archive")
        # read to the end of the file, and so to the check sum of what is compressed
        while block := archive.fileobj.read(1 << 16):
            if block.strip(b"\0"):
                raise tarfile.ReadError("something follows the archive's end")
        return sum(not member.isdir() for member in archive.getmembers())
