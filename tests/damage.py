"""Damage real images and archives: each is still read, or refused in one line."""

import tempfile
import warnings

import numpy as np
from PIL import Image

from pyimagesearch import config
from pyimagesearch.archives import unpacked
from pyimagesearch.errors import InputError
from pyimagesearch.images import find_images, load_image
from small_images import class_folders, pack

FORMATS = [
    *("png", "jpg", "gif", "bmp", "tif", "webp", "ppm", "tga", "ico", "jp2", "pcx", "sgi"),
    *("avif", "dds", "qoi"),  # not in every Pillow
]
ARCHIVES = ["tar", "tgz", "tar.xz", "tar.bz2", "zip"]
ARCHIVED = [(label, f"{n}.png") for label in ("daisy", "iris") for n in range(4)]


def write_images(folder, rng):
    """Save an image in each format that this Pillow can write."""
    pixels = rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)
    image = Image.fromarray(pixels).resize((96, 72))
    upright = Image.Exif()
    upright[0x0112] = 6  # to be turned by 90 degrees
    saved = {f"image.{suffix}": (image, {}) for suffix in FORMATS} | {
        "turned.jpg": (image, {"exif": upright}),
        "turned.png": (image, {"exif": upright}),
        "palette.png": (image.quantize(16), {"transparency": 3}),
        "grey.png": (Image.fromarray(pixels[..., 0].astype(np.uint16) * 257), {}),
        "deflated.tif": (image, {"compression": "tiff_adobe_deflate"}),
        "lzw.tif": (image, {"compression": "tiff_lzw"}),
    }
    for name, (picture, options) in saved.items():
        try:
            picture.save(folder / name, **options)
        except (KeyError, ValueError, OSError):  # a newer Pillow can
            (folder / name).unlink(missing_ok=True)


def mutated(content, rng):
    """Change, insert or remove bytes, cut the end off, or overwrite a stretch."""
    content = bytearray(content)
    # near the beginning as often as anywhere: there the headers are
    at = int(rng.integers(min(len(content), 200) if rng.random() < 0.5 else len(content)))
    byte = int(rng.choice([0, 255, 127, 128, rng.integers(256)]))
    how = rng.integers(6)
    if how == 0:
        content.insert(at, byte)
    elif how == 1:
        del content[at]
    elif how == 2:
        del content[at:]
    elif how == 3:
        content[at : at + 512] = bytes([byte]) * len(content[at : at + 512])
    else:
        content[at] = byte
    return bytes(content)


def is_read(path):
    """Whether an image, or all images of an archive, are read; if not, check the message."""
    try:
        if path.name.startswith("archive"):
            with unpacked(path) as folder:
                found = [(label, file.name) for label, file in find_images(folder)]
            assert found == ARCHIVED
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                image = load_image(path)
            assert image.shape == config.IMAGE_SHAPE
            assert image.dtype == np.uint8
    except InputError as error:
        message = str(error)
        assert message.startswith(f"{path}: "), message
        assert "expected" in message, message
        assert "\n" not in message, message
        assert "None" not in message, message
        assert f"{tempfile.gettempdir()}/flowers17-" not in message, message
        return False
    return True


def write_all(folder, rng):
    """Write every image, and two small classes in each kind of archive; return `{path: bytes}`."""
    write_images(folder, rng)
    classes = class_folders(folder / "classes", count=4, names=("daisy", "iris"))
    for suffix in ARCHIVES:
        pack(classes, folder / f"archive.{suffix}")
    return {path: path.read_bytes() for path in sorted(folder.glob("*.*"))}


def damage(path, content, rng):
    """Write a mutation of a file's content to its path; return whether it is read."""
    path.write_bytes(mutated(content, rng))
    return is_read(path)
