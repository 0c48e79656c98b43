"""Small images for the tests: real files in folders and archives."""

import io
import tarfile
import zipfile

from PIL import Image


def save(path, colour=(10, 200, 30), size=(80, 60), **options):
    """Save an image of one colour, and create its folder; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, **options)
    return path


def class_folders(folder, count=8, names=("daisy", "wild rose")):
    """Save `count` images, each of its own colour, for each class; return the folder."""
    for name in names:
        for n in range(count):
            save(folder / name / f"{n}.png", (20 * n, 100, len(name) * 10))
    return folder


def pack(folder, path):
    """Pack the content of a folder into a tar or zip archive, whose suffix tells its kind."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, file.relative_to(folder))
        return path
    compression = {".tar": "w", ".tgz": "w:gz", ".xz": "w:xz", ".bz2": "w:bz2"}[path.suffix]
    with tarfile.open(path, compression) as archive:
        for file in sorted(folder.iterdir()):
            archive.add(file, file.name)
    return path


def pack_numbered(path):
    """Pack an archive laid out as 17flowers.tgz: each image has its number for a colour."""
    with tarfile.open(path, "w:gz") as archive:
        for number in range(1, 1361):
            buffer = io.BytesIO()
            image = Image.new("RGB", (16, 16), (number // 256, number % 256, 0))
            image.save(buffer, "PNG")
            member = tarfile.TarInfo(f"jpg/image_{number:04d}.jpg")
            member.size = buffer.tell()
            buffer.seek(0)
            archive.addfile(member, buffer)
    return path
