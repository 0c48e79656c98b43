"""Damage real images and archives: each is still read, or refused in one line."""

import re
import tempfile

import numpy as np
from PIL import Image

from pyimagesearch import config
from pyimagesearch.errors import InputError
from pyimagesearch.images import load_image
from small_images import FOUR_OF_EACH, TURNED, class_folders, images_in, pack

FORMATS = "png jpg gif bmp tif webp ppm tga ico jp2 pcx sgi"
FORMATS += " avif dds qoi"  # not in every Pillow


def write_all(folder, rng):
    """Write images of many kinds, and each kind of archive of images; return `{path: bytes}`."""
    pixels = rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)
    image = Image.fromarray(pixels).resize((96, 72))
    images = {f"image.{suffix}": (image, {}) for suffix in FORMATS.split()} | {
        "turned.jpg": (image, {"exif": TURNED}),
        "turned.png": (image, {"exif": TURNED}),
        "warned.jpg": (image, {"exif": b"Exif\0\0II*\0\x08\0\0\0\x05\0"}),  # Pillow warns
        "palette.png": (image.quantize(16), {"transparency": 3}),
        "grey.png": (Image.fromarray(pixels[..., 0].astype(np.uint16) * 257), {}),
        "deflated.tif": (image, {"compression": "tiff_adobe_deflate"}),
        "lzw.tif": (image, {"compression": "tiff_lzw"}),
    }
    for name, (picture, options) in images.items():
        try:
            picture.save(folder / name, **options)
        except (KeyError, ValueError, OSError):  # a newer Pillow can
            (folder / name).unlink(missing_ok=True)
    classes = class_folders(folder / "classes", count=4)
    for suffix in ("tar", "tgz", "tar.xz", "tar.bz2", "zip"):
        pack(classes, folder / f"archive.{suffix}")
    return {path: path.read_bytes() for path in sorted(folder.glob("*.*"))}


def damage(path, content, rng):
    """Write a mutation of a file to its path; return whether it is read, or check the message."""
    # near the beginning as often as anywhere: there the headers are
    at = int(rng.integers(min(len(content), 200) if rng.random() < 0.5 else len(content)))
    byte = bytes([rng.choice([0, 255, 127, 128, rng.integers(256)])])
    # change a byte, insert or remove one, cut the end off, or overwrite a stretch
    mutations = [(1, byte)] * 2 + [(0, byte), (1, b""), (len(content), b""), (512, 512 * byte)]
    removed, added = mutations[rng.integers(len(mutations))]
    path.write_bytes(content[:at] + added + content[at + removed :])
    try:
        if path.name.startswith("archive"):
            assert images_in(path) == FOUR_OF_EACH
        else:
            image = load_image(path)
            assert (image.shape, image.dtype) == (config.IMAGE_SHAPE, np.uint8)
    except InputError as error:
        message = str(error)
        assert re.fullmatch(rf"{re.escape(str(path))}([/\\].*)?: .*expected.*", message), message
        assert not re.search(rf"None|{tempfile.gettempdir()}/flowers17-", message), message
        return False
    return True
