"""Pictures of a data set: found in a folder with their labels, and read as a row holds them."""

import collections
import contextlib
import re
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_pair import TEST_NAME, TRAIN_NAME
from pyimagesearch.csv_rows import check_label, shown
from pyimagesearch.flowers17 import IMAGES, LABELS
from pyimagesearch.plumbing.ending import InputError

FEWEST_IMAGES = 4  # of a class: with fewer, a quarter for testing is less than one

# what systems put beside pictures, unasked; so do they hidden files
CLUTTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir"}
# a folder for each of these is no folder for each class
PARTS_OF_A_SPLIT = {"train", "training", "val", "valid", "validation", "test", "testing"}

SUFFIX_FORMATS = Image.registered_extensions()  # this also loads all of Pillow's formats
# Pillow knows these when it sees them, but has nothing to draw: measurements, arrays, films
NOT_DRAWN = {"BUFR", "GRIB", "HDF5", "MPEG"}
DRAWN = [name for name in Image.OPEN if name not in NOT_DRAWN]
# the formats that begin with a signature; text, or noise, may look like one of the others
SIGNED = [name for name in DRAWN if Image.OPEN[name][1]]
# an MPO is opened as the JPEG that it begins with
SUFFIXES = {suffix for suffix, name in SUFFIX_FORMATS.items() if name in (*DRAWN, "MPO")}


class DatasetError(InputError):
    """Images that can't become a data set. Its text says which, and what was expected."""


def find_images(folder):
    """List the images of a folder that has one of the two layouts.

    One that holds nothing but another folder stands for that one, as archives often have it. In a
    class folder, images are found as Keras's `image_dataset_from_directory` finds them, also in
    deeper folders, but by their content: what has an image's suffix counts as one, whatever it
    is. What else lies there is counted in a printed line, but for hidden files and our own CSVs.

    Args:
        folder: holds `image_0001.jpg` to `image_1360.jpg` (or a folder `jpg` that does), as
            Flowers-17's archive does; or one folder for each class, named as the class.

    Returns:
        a sorted list of `(label, path)`.

    Raises:
        DatasetError: another layout, an image that is missing, a class with too few images, a
            folder that can't be listed, or whose name can't be a label.
    """
    root = folder = Path(folder)
    skipped = []
    while True:
        folders, beside = _list(folder)
        if flat := _flowers17_folder(folder):
            images = _flowers17(flat)
            others = set(_files_below(root)).difference(path for _, path in images)
            _tell_skipped(filter(_is_image, others), root, "not one of Flowers-17's images")
            return images
        skipped += beside
        content = {path: _files_below(path) for path in folders}
        classes = [path for path in folders if not _is_output(content[path])]
        for path in set(folders).difference(classes):
            skipped += content[path]
        if len(classes) != 1 or not _stands_for_another(classes[0]):
            break
        folder = classes[0]
    images = []
    counts = {}
    for path in classes:
        found = [file for file in content[path] if _is_image(file)]
        skipped += set(content[path]).difference(found)
        counts[path] = len(found)
        images += [(path.name, file) for file in found]
    _tell_skipped(skipped, root, "not an image of a class that Pillow can read")
    _check_classes(root, counts)
    return images


def _flowers17_folder(folder):
    """Return the folder with Flowers-17's file names, or None."""
    for flat in (folder, folder / "jpg"):
        if any(flat.glob("image_[0-9][0-9][0-9][0-9].jpg")):
            return flat
    return None


def _stands_for_another(folder):
    """Whether a folder holds no images, but other folders, or Flowers-17."""
    if folder.is_symlink():  # it may lead round in a circle
        return False
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
    try:
        seen = [path for path in folder.iterdir() if path.name.lower() not in CLUTTER]
        paths = sorted(path for path in seen if not path.name.startswith("."))
        return [p for p in paths if p.is_dir()], [p for p in paths if not p.is_dir()]
    except OSError as error:
        # passed over, it would take its images with it
        raise DatasetError(f"{folder}: {error.strerror}; expected a folder of images") from None


def _files_below(folder):
    """Return all files in a folder and in those below it, sorted.

    A link to a folder may lead round in a circle: it is not followed, but listed as a file.
    """
    found, waiting = [], [folder]
    while waiting:
        folders, files = _list(waiting.pop())
        links = {path for path in folders if path.is_symlink()}
        found += [*files, *links]
        waiting += [path for path in folders if path not in links]
    return sorted(found)


def _is_output(files):
    """Whether these are what a folder holds that was once our --output."""
    ours = any(path.name in (TRAIN_NAME, TEST_NAME) for path in files)
    return ours and not any(_is_image(path) for path in files)


def _is_image(path):
    """Whether a file is an image by its suffix, or by the signature that it begins with."""
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with _open(path, SIGNED):
            return True
    except (UnidentifiedImageError, OSError):
        return False
    except Exception:  # a signature, and then damage: `load_image` is to say so
        return True


def _tell_skipped(paths, root, why):
    paths = sorted(path for path in paths if path.name not in (TRAIN_NAME, TEST_NAME))
    if paths:
        kinds = collections.Counter(path.suffix.lower() or "no suffix" for path in paths)
        # the first of the commonest kind: a hundred .heic must not hide behind one .txt
        (common, _), *_ = top = kinds.most_common(3)
        example = next(path for path in paths if (path.suffix.lower() or "no suffix") == common)
        counts = ", ".join(f"{count:,} {kind}" for kind, count in top)
        more = ", ..." if len(kinds) > len(top) else ""
        print(
            f"[INFO] skipped {len(paths):,} files ({counts}{more}), such as "
            f"{shown(str(example.relative_to(root)))}: {why}"
        )


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
    """Read one image as the tutorial's rows hold it: `(64, 64, 3)` uint8, RGB.

    The whole image is resized, its sides' ratio given up, with a filter that averages; it is
    turned upright as its EXIF says, and what is transparent becomes white. 16 bits of grey are
    scaled to 8. Of an animation it is the first frame.

    Raises:
        DatasetError: no image that Pillow can read; or its pixels are 32-bit integers or floats,
            of which nothing tells how bright white is.
    """
    try:
        with _open(path, DRAWN) as image:
            # Pillow reads a PNG that is cut or changed without its check sums
            if image.format == "PNG":
                with _open(path, ["PNG"]) as again:
                    again.verify()
            # a JPEG is decoded at a fraction of its size, still several times ours: much faster
            image.draft("RGB", (4 * IMAGE_SHAPE[1], 4 * IMAGE_SHAPE[0]))
            # as read, since exif_transpose would write it anew, and fail on an odd tag
            image.getexif()
            image.info.pop("exif", None)
            ImageOps.exif_transpose(image, in_place=True)
            size = (IMAGE_SHAPE[1], IMAGE_SHAPE[0])
            return np.asarray(_to_rgb(image).resize(size, Image.Resampling.BICUBIC))
    except UnidentifiedImageError:
        reason = "not an image that Pillow can read"
    except Exception as error:  # of whatever class: Pillow's formats raise nearly any on damage
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    # of some decoders, Pillow knows no more than the number of an error
    reason = re.sub(r"^(decoder error )?-\d+$", "damaged", reason.splitlines()[0])
    raise DatasetError(f"{path}: {reason}; expected an image")


@contextlib.contextmanager
def _open(path, formats):
    # a pipe: to open it may already wait for ever
    if Path(path).exists() and not Path(path).is_file():
        raise OSError(None, "not a regular file")
    # what Pillow has to say about a file that it reads, after all, needs no action
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path, formats=formats) as image:
            yield image


def _to_rgb(image):
    # grey of more than 8 bits: Pillow would clip it, not scale it
    if image.mode.startswith("I;16") and image.format == "TIFF":
        black_is_zero, bits = image.tag_v2.get(262) == 1, image.tag_v2.get(258)
        if not black_is_zero or bits != (16,):
            raise ValueError("grey of more than 8 bits, in an unusual form")
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format in ("PNG", "PPM")):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        kind = "integers" if image.mode == "I" else "floats"
        raise ValueError(f"pixels are 32-bit {kind}, and nothing tells which one is white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == "RGB" else image.convert("RGB")
