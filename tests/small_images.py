"""Small images for the tests: real files in folders and archives."""

import shutil
from pathlib import Path

from PIL import Image

from pyimagesearch.archives import unpacked
from pyimagesearch.images import find_images

CLASSES = ("daisy", "wild rose")
FOUR_OF_EACH = [(label, f"{n}.png") for label in CLASSES for n in range(4)]
TURNED = Image.Exif()
TURNED[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise to see it upright


def save(path, colour=(10, 200, 30), size=(80, 60), **options):
    """Save an image of one colour, and create its folder; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, **options)
    return path


def class_folders(folder, count=8, names=CLASSES):
    """Save `count` images, each of its own colour, for each class; return the folder."""
    for name in names:
        for n in range(count):
            save(folder / name / f"{n}.png", (20 * n, 100, len(name) * 10))
    return folder


def pack(folder, path):
    """Pack the content of a folder into a tar or zip archive, as its suffix says."""
    kinds = {".tar": "tar", ".tgz": "gztar", ".xz": "xztar", ".bz2": "bztar", ".zip": "zip"}
    return Path(shutil.make_archive(path, kinds[path.suffix], folder)).rename(path)


def images_in(archive):
    """Unpack an archive; return the `(label, name)` of each image that is found in it."""
    with unpacked(archive) as folder:
        return [(label, path.name) for label, path in find_images(folder)]
