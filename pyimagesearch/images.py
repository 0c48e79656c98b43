"""Pictures of a data set: found in a folder with their labels, and read into arrays."""

import collections
import contextlib
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME, check_label, shown
from pyimagesearch.flowers17 import IMAGES, LABELS
from pyimagesearch.plumbing.errors import InputError

FEWEST_IMAGES = 4  # of a class: with fewer, a quarter for testing is less than one

# what systems put beside pictures, apart from hidden files
CLUTTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir"}
PARTS_OF_A_SPLIT = {"train", "training", "val", "valid", "validation", "test", "testing"}

SUFFIXES = Image.registered_extensions()  # this also loads all of Pillow's formats
# Pillow recognizes these, but can't draw them: measurements, arrays, films
NOT_DRAWN = {"BUFR", "GRIB", "HDF5", "MPEG"}
DRAWN = [name for name in Image.OPEN if name not in NOT_DRAWN]
# the formats that begin with a signature; text, or noise, may look like one of the others
SIGNED = [name for name in DRAWN if Image.OPEN[name][1]]


class DatasetError(InputError):
    """Images that can't become a data set. Its text says which, and what was expected."""


def find_images(folder):
    """List the images of a folder that has one of the two layouts.

    It holds `image_0001.jpg` to `image_1360.jpg` (or a folder `jpg` that does), as Flowers-17's
    archive does; or one folder for each class, named as the class; or nothing but another folder
    of these. In a class folder, images are found in deeper folders, too, and by their content.
    The other files, but for hidden ones and our own CSVs, are counted in a printed line.

    Returns:
        a sorted list of `(label, path)`.

    Raises:
        DatasetError: another layout, a missing image, too few images of a class, or a folder
            whose name can't be a label.
    """
    root = folder = Path(folder)
    skipped = []
    while True:
        if flat := _flowers17_folder(folder):
            images = _flowers17(flat)
            others = set(_files_below(root)).difference(path for _, path in images)
            _print_skipped(filter(_is_image, others), root, "not one of Flowers-17's images")
            return images
        classes, files = _list(folder)
        skipped += files
        if len(classes) != 1 or not _stands_for_another(classes[0]):
            break
        folder = classes[0]
    images = []
    counts = {}
    for path in classes:
        files = _files_below(path)
        found = [file for file in files if _is_image(file)]
        skipped += set(files).difference(found)
        counts[path] = len(found)
        images += [(path.name, file) for file in found]
    _print_skipped(skipped, root, "not an image of a class that Pillow can read")
    _check_classes(root, counts)
    return images


def _flowers17_folder(folder):
    """Return the folder with Flowers-17's file names, or None."""
    flats = folder, folder / "jpg"
    return next((flat for flat in flats if any(flat.glob("image_[0-9][0-9][0-9][0-9].jpg"))), None)


def _stands_for_another(folder):
    """Whether a folder holds no images, but other folders, or Flowers-17."""
    folders, files = _list(folder)
    return bool(_flowers17_folder(folder) or (folders and not any(map(_is_image, files))))


def _flowers17(folder):
    images = [(label, folder / f"image_{n:04d}.jpg") for n, label in enumerate(LABELS, 1)]
    for _, path in images:
        if not path.is_file():
            raise DatasetError(f"{path}: no such image; expected all {IMAGES} of Flowers-17")
    return images


def _list(folder):
    """Return what a folder holds, sorted: the folders and the files, without clutter."""
    seen = [path for path in folder.iterdir() if path.name.lower() not in CLUTTER]
    paths = sorted(path for path in seen if not path.name.startswith("."))
    return [path for path in paths if path.is_dir()], [p for p in paths if not p.is_dir()]


def _files_below(folder):
    """Return all files in a folder and in those below it, sorted."""
    folders, files = _list(folder)
    for path in folders:
        # a link may lead round in a circle: it is not followed, but counts as a file
        files += [path] if path.is_symlink() else _files_below(path)
    return sorted(files)


def _is_image(path):
    """Whether a file is an image by its suffix, or by the signature that it begins with."""
    if SUFFIXES.get(path.suffix.lower()) in DRAWN:
        return True
    try:
        with _open(path, SIGNED):
            return True
    except OSError:  # Pillow's UnidentifiedImageError is one
        return False
    except Exception:  # a signature, and then damage: `load_image` is to say so
        return True


def _print_skipped(paths, root, why):
    paths = sorted(path for path in paths if path.name not in (TRAIN_NAME, TEST_NAME))
    if paths:
        kinds = collections.Counter(path.suffix.lower() or "no suffix" for path in paths)
        counts = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
        example = shown(str(paths[0].relative_to(root)))
        print(f"[INFO] skipped {len(paths):,} files ({counts}), such as {example}: {why}")


def _check_classes(root, counts):
    """Check the class folders of a folder, each with the number of its images."""
    if counts and PARTS_OF_A_SPLIT.issuperset(folder.name.lower() for folder in counts):
        raise DatasetError(
            f"{root}: {', '.join(folder.name for folder in counts)} are parts of a split; expected "
            "a folder for each class: give one of these folders to --images"
        )
    for folder, count in counts.items():
        try:
            check_label(folder.name)
        except ValueError as error:
            raise DatasetError(f"{folder}: {error}") from None
        if count < FEWEST_IMAGES:
            raise DatasetError(
                f"{folder}: {count} images; expected at least {FEWEST_IMAGES} images of a class"
            )
    if len(counts) < 2:
        raise DatasetError(
            f"{root}: expected image_0001.jpg to image_{IMAGES}.jpg, "
            "or at least two folders of images, each named as its class"
        )


def load_image(path):
    """Read one image as a row holds it: `IMAGE_SHAPE`, `(64, 64, 3)`, uint8, RGB or grey.

    The whole image is resized, without keeping its aspect ratio, with a filter that averages. It
    is rotated as its EXIF says, and transparent pixels become white. 16-bit grey is scaled to 8
    bits. Of an animation it is the first frame.

    Raises:
        DatasetError: Pillow can't read it; or its pixels are grey of more than 8 bits whose white
            is unknown.
    """
    try:
        with _open(path) as image:
            # otherwise Pillow ignores the check sums of a PNG
            if image.format == "PNG":
                with _open(path) as again:
                    again.verify()
            # a JPEG is decoded at a fraction of its size, still several times ours: much faster
            height, width, _ = IMAGE_SHAPE
            image.draft("RGB", (4 * width, 4 * height))
            # as read, since exif_transpose would write it anew, and fail on an odd tag
            image.getexif()
            image.info.pop("exif", None)
            ImageOps.exif_transpose(image, in_place=True)
            return to_array(_to_rgb(image))
    except Exception as error:  # of any class: Pillow's formats raise nearly all on damage
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DatasetError(f"{path}: {reason}; expected an image that Pillow can read") from None


def to_array(image):
    """Return an RGB image of Pillow as an array of `IMAGE_SHAPE`: resized, and maybe grey."""
    height, width, channels = IMAGE_SHAPE
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image.convert("RGB" if channels == 3 else "L")).reshape(IMAGE_SHAPE)


@contextlib.contextmanager
def _open(path, formats=None):
    # Pillow's warnings about a file that it can read need no action
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path, formats=formats) as image:
            yield image


def _to_rgb(image):
    # grey of more than 8 bits: Pillow would clip it, not scale it
    if image.mode[0] in "IF":
        if not _is_16_bit(image):
            raise ValueError("grey of more than 8 bits, and which value is white is unknown")
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _is_16_bit(image):
    """Whether grey pixels go from 0 for black to 65,535 for white."""
    if image.format == "TIFF":  # by its tags: 0 is black, and the number of bits
        return image.tag_v2.get(262) == 1 and image.tag_v2.get(258) == (16,)
    return image.mode.startswith("I;16") or image.format in ("PNG", "PPM")
