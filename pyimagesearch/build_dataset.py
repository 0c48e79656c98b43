"""Turn photographs into the tutorial's two CSVs.

Without options it downloads Flowers-17 from the page of its authors:

    M-E. Nilsback and A. Zisserman, "A Visual Vocabulary for Flower Classification", CVPR 2006.
    https://www.robots.ox.ac.uk/~vgg/data/flowers/17/

USAGE
    python -m pyimagesearch.build_dataset [--images PATH] [--output DIR] [--seed N]
"""

import argparse
import collections
import contextlib
import gzip
import os
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from sklearn.model_selection import train_test_split

from pyimagesearch.arguments import seed
from pyimagesearch.csv_pair import write_csv_pair
from pyimagesearch.csv_rows import IMAGE_SHAPE, check_label
from pyimagesearch.errors import OK, InputError, plainly

ARCHIVE_URL = "https://www.robots.ox.ac.uk/~vgg/data/flowers/17/17flowers.tgz"
ARCHIVE_MD5 = "b59a65d8d1a99cd66944d474e1289eab"

# Flowers-17 has no label file: each run of 80 images is a species, in this order
SPECIES = (
    "daffodil",
    "snowdrop",
    "lilyvalley",
    "bluebell",
    "crocus",
    "iris",
    "tigerlily",
    "tulip",
    "fritillary",
    "sunflower",
    "daisy",
    "coltsfoot",
    "dandelion",
    "cowslip",
    "buttercup",
    "windflower",
    "pansy",
)
IMAGES_PER_SPECIES = 80

TEST_SHARE = 0.25
FEWEST_IMAGES = 4  # of a class: with fewer, a quarter for testing is less than one


class DatasetError(InputError):
    """Images that can't become a data set. Its text says which, and what was expected."""


def download(url=ARCHIVE_URL, md5=ARCHIVE_MD5, cache_dir=None):
    """Return the path of the Flowers-17 archive, downloaded (60 MB) unless Keras has it cached.

    Args:
        url: of the archive.
        md5: its checksum, in hexadecimal.
        cache_dir: where to keep it; None is Keras's folder, ~/.keras.

    Raises:
        DatasetError: no connection, or a file with another checksum.
    """
    # imported here: TensorFlow takes seconds to start, and only a download needs it
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from keras.utils import get_file  # noqa: PLC0415

    try:
        return get_file(origin=url, file_hash=md5, hash_algorithm="md5", cache_dir=cache_dir)
    except Exception as error:  # get_file raises plain Exception where the network fails
        raise DatasetError(
            f"can't download {url}: {str(error).rstrip('.')}. Without a connection, give the "
            "archive or a folder of images: --images PATH"
        ) from None


def find_images(folder):
    """List the images of a folder that has one of the two layouts.

    Args:
        folder: holds `image_0001.jpg` to `image_1360.jpg` (or a folder `jpg` that does), as
            Flowers-17's archive does; or one folder for each class, named as the class.

    Returns:
        a sorted list of `(label, path)`.

    Raises:
        DatasetError: another layout, an image that is missing, a class with too few images, a
            folder whose name can't be a label.
    """
    folder = Path(folder)
    for flat in (folder, folder / "jpg"):
        if any(flat.glob("image_[0-9][0-9][0-9][0-9].jpg")):
            return _flowers17(flat)
    suffixes = {suffix for suffix in Image.registered_extensions() if suffix != ".pdf"}
    images = []
    for class_folder in sorted(path for path in folder.iterdir() if path.is_dir()):
        if class_folder.name.startswith("."):
            continue
        try:
            check_label(class_folder.name)
        except ValueError as error:
            raise DatasetError(f"{class_folder}: {error}") from None
        found = sorted(
            path
            for path in class_folder.iterdir()
            if path.suffix.lower() in suffixes and not path.name.startswith(".")
        )
        if len(found) < FEWEST_IMAGES:
            raise DatasetError(
                f"{class_folder}: {len(found)} images; expected at least {FEWEST_IMAGES} "
                "images of a class"
            )
        images += [(class_folder.name, path) for path in found]
    if len({label for label, _ in images}) < 2:
        raise DatasetError(
            f"{folder}: expected image_0001.jpg to image_{len(SPECIES) * IMAGES_PER_SPECIES}.jpg, "
            "or at least two folders of images, each named as its class"
        )
    return images


def _flowers17(folder):
    images = []
    for index in range(len(SPECIES) * IMAGES_PER_SPECIES):
        path = folder / f"image_{index + 1:04d}.jpg"
        if not path.is_file():
            raise DatasetError(
                f"{path}: no such image; expected all {len(SPECIES) * IMAGES_PER_SPECIES} "
                "of Flowers-17"
            )
        images.append((SPECIES[index // IMAGES_PER_SPECIES], path))
    return images


def split(images, seed):
    """Shuffle images, and keep a quarter of them for testing.

    Args:
        images: list of `(label, path)`.
        seed: the same seed gives the same split and order.

    Returns:
        two such lists, for training and for testing.

    Raises:
        DatasetError: a class has no image left to train on.
    """
    train, test = train_test_split(images, test_size=TEST_SHARE, random_state=seed)
    counts = collections.Counter(label for label, _ in images)
    for label in sorted(counts.keys() - {label for label, _ in train}):
        raise DatasetError(
            f"class {label!r}: all of its {counts[label]} images fell to the testing rows; "
            "expected more images, or another --seed"
        )
    return train, test


def load_image(path):
    """Read one image as the tutorial's rows hold it: `(64, 64, 3)` uint8, RGB.

    The whole image is resized, its sides' ratio given up, with a filter that averages; it is
    turned upright as its EXIF says, and what is transparent becomes white.

    Raises:
        DatasetError: no image that Pillow can read.
    """
    try:
        with Image.open(path) as image:
            # a JPEG is decoded at a fraction of its size, still several times ours: much faster
            image.draft("RGB", (4 * IMAGE_SHAPE[1], 4 * IMAGE_SHAPE[0]))
            upright = _to_rgb(ImageOps.exif_transpose(image))
        size = (IMAGE_SHAPE[1], IMAGE_SHAPE[0])
        return np.asarray(upright.resize(size, Image.Resampling.BICUBIC))
    except UnidentifiedImageError:
        reason = "not an image that Pillow can read"
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    raise DatasetError(f"{path}: {reason}; expected an image")


def _to_rgb(image):
    if image.mode.startswith("I;16"):
        # Pillow would clip 16 bits of grey to 8, not scale them
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


@contextlib.contextmanager
def unpacked(path):
    """Yield the folder that `path` is, or that the archive at `path` unpacks to, for a while.

    Raises:
        DatasetError: neither a folder nor a tar archive, or an archive that is broken or has a
            member that would be written outside its folder.
    """
    path = Path(path)
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="flowers17-") as folder:
        try:
            with tarfile.open(path) as archive:
                archive.extractall(folder, filter="data")
        except FileNotFoundError:
            raise DatasetError(f"{path}: no such file or folder") from None
        except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
            reason = str(error).partition("\n")[0].rstrip(":")
            raise DatasetError(
                f"{path}: {reason}; expected a folder, or a whole tar archive of images"
            ) from None
        try:
            yield Path(folder)
        except DatasetError as error:
            # where it was unpacked to says nothing to the user
            raise DatasetError(f"{path}: {str(error).replace(f'{folder}/', '')}") from None


def build_dataset(images, output, seed):
    """Write the two CSVs of an archive or a folder of images; return the exit code.

    Args:
        images: path of a tar archive, or of a folder; see `find_images`.
        output: folder for the CSVs.
        seed: of the shuffling and the split.

    Raises:
        DatasetError: the images are not as they must be.
        OSError: no permission, no space.
    """
    with unpacked(images) as folder:
        train, test = split(find_images(folder), seed)
        write_csv_pair(output, train, test, load_image)
    return OK


def main(argv=None):
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pyimagesearch.build_dataset",
        description="Turn photographs into flowers17_training.csv and flowers17_testing.csv. "
        "Without --images, Flowers-17 is downloaded (60 MB, once).",
    )
    parser.add_argument(
        "--images",
        metavar="PATH",
        help="17flowers.tgz, a folder of its image_NNNN.jpg, or a folder of class folders "
        "with images of your own",
    )
    parser.add_argument("--output", metavar="DIR", default=".", help="default: this folder")
    parser.add_argument(
        "--seed", metavar="N", type=seed, default=42, help="of the split (default: %(default)s)"
    )
    args = parser.parse_args(argv)
    return plainly(lambda: build_dataset(args.images or download(), args.output, args.seed))


if __name__ == "__main__":
    sys.exit(main())
