"""Find the images of a data set with their labels, and read them into arrays."""

import collections
import contextlib
import itertools
import os
import re
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from pyimagesearch import config
from pyimagesearch.csv_problems import shown
from pyimagesearch.csv_rows import check_label
from pyimagesearch.errors import InputError
from pyimagesearch.flowers17 import LABELS

FEWEST_IMAGES = 4  # of each class, so that a quarter of them, for testing, is one or more

# hidden files, and those that systems add
CLUTTER = re.compile(r"\..*|(eh)?thumbs\.db|desktop\.ini|__macosx|@eadir", re.IGNORECASE)
YEAR = re.compile(r"(19|20)\d\d")

SUFFIXES = Image.registered_extensions()  # this also loads all of Pillow's formats
# without those that Pillow only identifies: measurements, arrays, films
DECODED = [name for name in Image.OPEN if name not in ("BUFR", "GRIB", "HDF5", "MPEG")]
# the formats that begin with a signature; text, or noise, may look like one of the others
SIGNED = [name for name in DECODED if Image.OPEN[name][1]]


def find_images(folder):
    """Return a sorted list of `(label, path)`: the images of a data set.

    The folder holds `image_0001.jpg` to `image_1360.jpg`, or a folder `jpg` with these, as
    Flowers-17's archive does; or a folder for each class, named as the class; or a single folder
    that does. Images are found in deeper folders, too, and by their content. A printed line counts
    the other files, except hidden ones.

    Raises:
        InputError: another layout, a missing image, too few of a class, or an invalid class name.
    """
    root = folder = Path(folder)
    skipped = []
    while not (flat := _flowers17_folder(folder)):
        classes, files = _list(folder)
        skipped += files
        if len(classes) != 1:
            break
        folder = classes[0]  # a folder round the data set
    if flat:
        images = [(label, flat / f"image_{n:04d}.jpg") for n, label in enumerate(LABELS, 1)]
        if gaps := [path for _, path in images if not path.is_file()]:
            raise InputError(f"{gaps[0]}: no such image; expected all {len(LABELS)} of Flowers-17")
        others = set(_files_below(root)).difference(path for _, path in images)
        _print_skipped(filter(_is_image, others), root, "not one of Flowers-17's images")
        return images
    files = [(path.name, file) for path in classes for file in _files_below(path)]
    images = [(label, file) for label, file in files if _is_image(file)]
    skipped += {file for _, file in files}.difference(file for _, file in images)
    _print_skipped(skipped, root, "not an image of a class that Pillow can read")
    _check_classes(folder, classes, images)
    return images


def _flowers17_folder(folder):
    """Return the folder with Flowers-17's file names, or None."""
    flats = folder, folder / "jpg"
    return next((flat for flat in flats if any(flat.glob("image_[0-9][0-9][0-9][0-9].jpg"))), None)


def _list(folder):
    """Return the folders and the files in a folder, sorted, without clutter."""
    paths = sorted(path for path in folder.iterdir() if not CLUTTER.fullmatch(path.name))
    return [path for path in paths if path.is_dir()], [p for p in paths if not p.is_dir()]


def _files_below(folder):
    """Return all files in a folder and in those below it, sorted."""
    folders, files = _list(folder)
    for path in folders:
        # a link may lead round in a circle: it is not followed, but counts as a file
        files += [path] if path.is_symlink() else _files_below(path)
    return sorted(files)


def _is_image(path):
    """Whether a file has the suffix of an image, or begins with the signature of one."""
    if SUFFIXES.get(path.suffix.lower()) in DECODED:
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


def _check_parts(folder, images, counts):
    """Refuse a data set in parts, such as train and test, or with a copy of its classes.

    A part holds no image itself, and most of its folders have the names of another part's, or of
    the classes. Real classes may have one name in common (`daisy/roof`, `rose/roof`), or years.
    """
    holders = collections.defaultdict(set)
    for label, path in images:
        holders[label].add(path.parent)
    groups = []  # of folders: where they are, and their names
    for paths in holders.values():
        top = Path(os.path.commonpath(paths))
        if top not in paths:  # no image in the class folder, or in one that it only wraps
            groups.append((top, {path.relative_to(top).parts[0] for path in paths}))
    groups.append((folder, set(holders)))
    for (one, names), (other, others) in itertools.combinations(groups, 2):
        common = sorted(name for name in names & others if not YEAR.match(name))
        if len(common) > max(1, min(len(names), len(others)) / 2):
            a, b = ((top / common[0]).relative_to(folder) for top in (one, other))
            part = max(a.parts[0], b.parts[0], key=counts.get)
            raise InputError(
                f"{folder}: {a} and {b} look like one class in two parts of a data set; give one "
                f"part to --images, such as {part}, or put a class's images right into its folder"
            )


def _check_classes(folder, classes, images):
    """Check the names and the numbers of the classes."""
    counts = collections.Counter(label for label, _ in images)
    _check_parts(folder, images, counts)
    for path in classes:
        try:
            check_label(path.name)
        except ValueError as error:
            raise InputError(f"{path}: {error}") from None
        if (n := counts[path.name]) < FEWEST_IMAGES:
            raise InputError(f"{path}: {n} images; expected at least {FEWEST_IMAGES} of a class")
    if len(classes) < 2:
        raise InputError(f"{folder}: expected at least two folders of images, named as the classes")


def load_image(path):
    """Read one image as an array of `config.IMAGE_SHAPE`, `(64, 64, 3)`, uint8: RGB, or grey.

    The whole image is resized by a filter that averages; its aspect ratio is not kept. It is
    rotated as its EXIF says, transparent pixels become white, and 16-bit grey is scaled to 8 bits.
    Of an animation, the first frame is read.

    Raises:
        InputError: Pillow can't read it; or it is grey of more than 8 bits, with an unknown white.
    """
    try:
        with _open(path) as image:
            # only `verify` checks a PNG's check sums
            if image.format == "PNG":
                with _open(path) as again:
                    again.verify()
            # faster: decode a JPEG at a fraction of its size, but still much larger than needed
            height, width, _ = config.IMAGE_SHAPE
            image.draft("RGB", (4 * width, 4 * height))
            # exif_transpose needs the EXIF as read; it would also rewrite it, and fail on odd tags
            image.getexif()
            image.info.pop("exif", None)
            ImageOps.exif_transpose(image, in_place=True)
            return to_array(_to_rgb(image))
    except Exception as error:  # of any class: Pillow's formats raise nearly all on damage
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise InputError(f"{path}: {reason}; expected an image that Pillow can read") from None


def to_array(image):
    """Resize an RGB image of Pillow to an array of `config.IMAGE_SHAPE`, uint8: RGB, or grey."""
    height, width, channels = config.IMAGE_SHAPE
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image.convert("RGB" if channels == 3 else "L")).reshape(config.IMAGE_SHAPE)


@contextlib.contextmanager
def _open(path, formats=None):
    # a warning about an image that Pillow can read needs no action
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path, formats=formats) as image:
            yield image


def _to_rgb(image):
    if image.mode[0] in "IF":  # grey of more than 8 bits, which Pillow clips instead of scaling it
        is_16_bit = image.mode.startswith("I;16")
        if image.format == "TIFF":  # its tags tell whether 0 is black, and the number of bits
            is_16_bit &= image.tag_v2.get(262) == 1 and image.tag_v2.get(258) == (16,)
        if not is_16_bit and not (image.mode == "I" and image.format in ("PNG", "PPM")):
            raise ValueError("grey of more than 8 bits, and which value is white is unknown")
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return image.convert("RGB")
