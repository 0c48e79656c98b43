"""Pictures of a data set: found in a folder with their labels, and read into arrays."""

import collections
import contextlib
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_rows import check_label, shown
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


def find_images(folder):
    """List the images of a folder that has one of the two layouts.

    It holds `image_0001.jpg` to `image_1360.jpg` (or a folder `jpg` that does), as Flowers-17's
    archive does; or one folder for each class, named as the class; or nothing but another folder
    of these. In a class folder, images are found in deeper folders, too, and by their content.
    The other files, but for hidden ones, are counted in a printed line.

    Returns a sorted list of `(label, path)`. Another layout, a missing image, too few images of a
    class, or a folder whose name can't be a label is an InputError.
    """
    root = folder = Path(folder)
    skipped = []
    while not (flat := _flowers17_folder(folder)):
        classes, files = _list(folder)
        skipped += files
        if len(classes) != 1 or not _stands_for_another(classes[0]):
            break
        folder = classes[0]
    if flat:
        images = [(label, flat / f"image_{n:04d}.jpg") for n, label in enumerate(LABELS, 1)]
        for _, path in images:
            if not path.is_file():
                raise InputError(f"{path}: no such image; expected all {IMAGES} of Flowers-17")
        others = set(_files_below(root)).difference(path for _, path in images)
        _print_skipped(filter(_is_image, others), root, "not one of Flowers-17's images")
        return images
    files = [(path.name, file) for path in classes for file in _files_below(path)]
    images = [(label, file) for label, file in files if _is_image(file)]
    skipped += {file for _, file in files}.difference(file for _, file in images)
    _print_skipped(skipped, root, "not an image of a class that Pillow can read")
    _check_classes(root, classes, images)
    return images


def _flowers17_folder(folder):
    """Return the folder with Flowers-17's file names, or None."""
    flats = folder, folder / "jpg"
    return next((flat for flat in flats if any(flat.glob("image_[0-9][0-9][0-9][0-9].jpg"))), None)


def _stands_for_another(folder):
    """Whether a folder holds no images, but other folders, or Flowers-17."""
    folders, files = _list(folder)
    return bool(_flowers17_folder(folder) or (folders and not any(map(_is_image, files))))


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
    except Exception:  # a signature, and then damage, which `load_image` reports
        return True


def _print_skipped(paths, root, why):
    if paths := sorted(paths):
        kinds = collections.Counter(path.suffix.lower() or "no suffix" for path in paths)
        counts = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common(5))
        example = shown(str(paths[0].relative_to(root)))
        print(f"[INFO] skipped {len(paths):,} files ({counts}), such as {example}: {why}")


def _check_classes(root, classes, images):
    """Check the class folders of a folder, and the images found in them."""
    names = [folder.name for folder in classes]
    if names and PARTS_OF_A_SPLIT.issuperset(map(str.lower, names)):
        raise InputError(
            f"{root}: {', '.join(names)} are parts of a split; expected a folder for each class: "
            "give one of these folders to --images"
        )
    counts = collections.Counter(label for label, _ in images)
    for folder in classes:
        try:
            check_label(folder.name)
        except ValueError as error:
            raise InputError(f"{folder}: {error}") from None
        if (count := counts[folder.name]) < FEWEST_IMAGES:
            raise InputError(
                f"{folder}: {count} images; expected at least {FEWEST_IMAGES} images of a class"
            )
    if len(classes) < 2:
        raise InputError(
            f"{root}: expected image_0001.jpg to image_{IMAGES}.jpg, "
            "or at least two folders of images, each named as its class"
        )


def load_image(path):
    """Read one image as a row holds it: `IMAGE_SHAPE`, `(64, 64, 3)`, uint8, RGB or grey.

    The whole image is resized, without keeping its aspect ratio, with a filter that averages. It
    is rotated as its EXIF says, and transparent pixels become white. 16-bit grey is scaled to 8
    bits. Of an animation it is the first frame. What Pillow can't read is an InputError; so is
    grey of more than 8 bits whose white is unknown.
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
        raise InputError(f"{path}: {reason}; expected an image that Pillow can read") from None


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
    if image.mode[0] in "IF":  # grey of more than 8 bits: Pillow would clip it, not scale it
        is_16_bit = image.mode.startswith("I;16")
        if image.format == "TIFF":  # whose tags say what 0 is, and how many bits there are
            is_16_bit &= image.tag_v2.get(262) == 1 and image.tag_v2.get(258) == (16,)
        if not is_16_bit and not (image.mode == "I" and image.format in ("PNG", "PPM")):
            raise ValueError("grey of more than 8 bits, and which value is white is unknown")
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")
