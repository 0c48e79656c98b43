"""Find the images of a data set with their labels, and read them into arrays."""

import collections
import contextlib
import os
import re
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from pyimagesearch import config
from pyimagesearch.csv_problems import explain_unwritable_label, shown
from pyimagesearch.errors import InputError, raise_any
from pyimagesearch.flowers17 import LABELS

# hidden files, and those that systems add
CLUTTER = re.compile(r"\..*|(eh)?thumbs\.db|desktop\.ini|__macosx|@eadir", re.IGNORECASE)
# names made only of words for parts of a data set, such as Train, test_images, seg_pred or fold-1
WORDS = "train|training|test|testing|val|valid|validation|eval|dev|seg|pred"
WORDS += "|images|imgs|pictures|masks|labels|part|split|set|fold"
PART = re.compile(rf"([\W\d_]*({WORDS}))+[\W\d_]*", re.IGNORECASE)

SUFFIXES = Image.registered_extensions()  # this also loads all of Pillow's formats
# all but those that Pillow identifies and can't read: measurements, arrays, films
DECODED = [name for name in Image.OPEN if name not in ("BUFR", "GRIB", "HDF5", "MPEG")]
# the formats that begin with a signature; text, or noise, may look like one of the others
SIGNED = [name for name in DECODED if Image.OPEN[name][1]]


def find_images(folder, fewest=1):
    """Return a sorted list of `(label, path)`: the images of a data set.

    The folder holds `image_0001.jpg` to `image_1360.jpg`, or a folder `jpg` with these, as
    Flowers-17's archive does; or a folder for each class, named as the class; or a single folder
    that does. Images are found in deeper folders, too, and by their content. A printed line counts
    the other files, except hidden ones. Another layout, parts such as train and test, missing
    images, fewer than `fewest` of a class, and an invalid class name are InputErrors.
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
        expected = f"no such image; expected all {len(LABELS)} of Flowers-17"
        gaps = [f"{path}: {expected}" for _, path in images if not path.is_file()]
        raise_any(gaps, len(LABELS), "images")
        others = set(_files_below(root)).difference(path for _, path in images)
        _print_skipped(filter(_is_image, others), root, "not one of Flowers-17's images")
        return images
    _check_names(folder, classes)
    files = [(path.name, file) for path in classes for file in _files_below(path)]
    images = [(label, file) for label, file in files if _is_image(file)]
    skipped += {file for _, file in files}.difference(file for _, file in images)
    _print_skipped(skipped, root, "not an image of a class that Pillow can read")
    counts = collections.Counter(label for label, _ in images)
    expected = f"images; expected at least {fewest} of a class"
    few = [f"{path}: {n} {expected}" for path in classes if (n := counts[path.name]) < fewest]
    raise_any(few, len(classes), "classes")
    if len(classes) < 2:
        raise InputError(f"{folder}: expected at least two folders of images, named as the classes")
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


def _check_names(folder, classes):
    """Refuse two parts of a data set, such as train and test, and names that can't be labels."""
    parts = [path.name for path in classes if PART.fullmatch(path.name)]
    if len(parts) > 1:
        raise InputError(
            f"{folder}: {', '.join(parts)} are names of parts of a data set, not of classes; give "
            "one to --images, or two, to --images and --test-images. Are they classes? Rename them"
        )
    problems = [(path, explain_unwritable_label(path.name)) for path in classes]
    problems = [f"{path}: {problem}" for path, problem in problems if problem]
    raise_any(problems, len(classes), "classes")


def load_image(path):
    """Read one image as an array of `config.IMAGE_SHAPE`, `(64, 64, 3)`, uint8: RGB, or grey.

    `path` may also be an open binary file, such as an `io.BytesIO`; it stays open. The whole image
    is resized by a filter that averages; its aspect ratio is not kept. It is rotated as its EXIF
    says, transparent pixels become white, and 16-bit grey is scaled to 8 bits. Of an animation, the
    first frame is read. What Pillow can't read, and grey with an unknown white, is an InputError.
    """
    try:
        with _open(path) as image:
            # only `verify` checks a PNG's check sums
            if image.format == "PNG":
                with _open(image.fp) as again:
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
        if isinstance(error, UnidentifiedImageError):  # Pillow adds the path, or an address
            reason = "cannot identify image"
        name = path if isinstance(path, (str, os.PathLike)) else "the picture"
        raise InputError(f"{name}: {reason}; expected an image that Pillow can read") from None


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
    if image.mode[0] in "IF":  # Pillow clips grey of more than 8 bits instead of scaling it
        is_16_bit = image.mode.startswith("I;16")
        if image.format == "TIFF":  # its tags say whether 0 is black, and the number of bits
            is_16_bit &= image.tag_v2.get(262) == 1 and image.tag_v2.get(258) == (16,)
        if not is_16_bit and not (image.mode == "I" and image.format in ("PNG", "PPM")):
            raise ValueError("grey of more than 8 bits, and which value is white is unknown")
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return image.convert("RGB")
