"""Turn photographs into the tutorial's two CSVs.

Without options it downloads Flowers-17 from the page of its authors (see flowers17.py).

USAGE
    python -m pyimagesearch.build_dataset [--images PATH [--test-images PATH]] [--output DIR]
"""

import argparse
import math

from sklearn.model_selection import train_test_split
from sklearn.utils import shuffle

from pyimagesearch import flowers17
from pyimagesearch.archives import unpacked
from pyimagesearch.csv_pair import write_csv_pair
from pyimagesearch.errors import InputError, check_seed, one_line_errors
from pyimagesearch.images import find_images, load_image
from pyimagesearch.quiet import loading_tensorflow

TEST_SHARE = 0.25  # of the images, kept for testing
FEWEST_IMAGES = math.ceil(1 / TEST_SHARE)  # of each class, so that one or more is for testing


def download(url=flowers17.ARCHIVE, md5=flowers17.MD5, cache_dir=None):
    """Return the path of the Flowers-17 archive; download it (60 MB) unless `cache_dir` has it.

    None is Keras's folder, ~/.keras. No connection, or another checksum, is an InputError.
    """
    # imported here: Keras takes seconds to load, and only a download needs it
    with loading_tensorflow():
        from keras.utils import get_file  # noqa: PLC0415

    try:
        return get_file(origin=url, file_hash=md5, hash_algorithm="md5", cache_dir=cache_dir)
    except Exception as error:  # get_file raises plain Exception where the network fails
        raise InputError(
            f"can't download {url}: {str(error).rstrip('.')}. Without a connection, give the "
            "archive or a folder of images: --images PATH"
        ) from None


def split(images, seed):
    """Shuffle `(label, path)` pairs, and keep `TEST_SHARE` of each label for testing.

    Returns two lists, for training and for testing, the same for the same seed.
    """
    labels = [label for label, _ in images]
    # Flowers-17 is split whatever the labels: its testing rows are as uneven as the tutorial's
    stratify = None if labels == flowers17.LABELS else labels
    return train_test_split(images, test_size=TEST_SHARE, random_state=seed, stratify=stratify)


def build_dataset(images, output, seed):
    """Write the CSVs of a folder of images, see `find_images`, or of an archive of one."""
    with unpacked(images) as folder:
        train, test = split(find_images(folder, FEWEST_IMAGES), seed)
        write_csv_pair(output, train, test, load_image)


def build_from_parts(images, test_images, output, seed):
    """Write the CSVs of two folders or archives: all images for training, and for testing."""
    with unpacked(images) as folder, unpacked(test_images) as test_folder:
        train, test = find_images(folder), find_images(test_folder)
        if unknown := ", ".join(sorted(dict(test).keys() - dict(train).keys())):
            raise InputError(f"{test_images}: {unknown}; expected only classes of {images}")
        train, test = (shuffle(part, random_state=seed) for part in (train, test))
        write_csv_pair(output, train, test, load_image)


def main(argv=None):
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m pyimagesearch.build_dataset",
        description="Turn photographs into flowers17_training.csv and flowers17_testing.csv. "
        f"Without --images, Flowers-17 is downloaded (60 MB, once): {flowers17.PAGE} Cite "
        f"{flowers17.CITATION}",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    add = parser.add_argument
    add(
        "--images",
        metavar="PATH",
        help="17flowers.tgz, a folder of its image_NNNN.jpg, or a folder of class folders "
        "with images of your own; or either as a tar or zip archive",
    )
    add("--test-images", metavar="PATH", help="images to test on; all of --images are to train on")
    add("--output", metavar="DIR", default=".", help="folder for the CSVs")
    add("--seed", metavar="N", type=int, default=42, help="of the split and the order")
    args = parser.parse_args(argv)
    if "test_images" in args and "images" not in args:
        parser.error("--test-images needs --images, to train on")
    check_seed(parser, args.seed)
    with one_line_errors():
        if "test_images" in args:
            build_from_parts(args.images, args.test_images, args.output, args.seed)
        else:
            images = args.images if "images" in args else download()
            build_dataset(images, args.output, args.seed)


if __name__ == "__main__":
    main()
