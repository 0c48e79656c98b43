"""Turn photographs into the tutorial's two CSVs.

Without options it downloads Flowers-17 from the page of its authors (see flowers17.py).

USAGE
    python -m pyimagesearch.build_dataset [--images PATH] [--output DIR] [--seed N]
"""

from pyimagesearch.plumbing import environment

if __name__ == "__main__":
    environment.prepare()

import argparse
import sys

from sklearn.model_selection import train_test_split

from pyimagesearch.archives import unpacked
from pyimagesearch.csv_pair import write_csv_pair
from pyimagesearch.flowers17 import FLOWERS17, LABELS
from pyimagesearch.images import find_images, load_image
from pyimagesearch.plumbing.errors import ErrorHandler, InputError
from pyimagesearch.plumbing.options import option_parser, path_name, random_seed

TEST_SHARE = 0.25


def download(url=FLOWERS17.archive, md5=FLOWERS17.md5, cache_dir=None):
    """Return the path of the Flowers-17 archive, downloaded (60 MB) unless Keras has it cached.

    `cache_dir` is where to keep it; None is Keras's folder, ~/.keras. Without a connection, or if
    the checksum is another, it raises an InputError.
    """
    # imported here: TensorFlow takes seconds to start, and only a download needs it
    environment.load_tensorflow()
    from keras.utils import get_file  # noqa: PLC0415

    try:
        return get_file(origin=url, file_hash=md5, hash_algorithm="md5", cache_dir=cache_dir)
    except Exception as error:  # get_file raises plain Exception where the network fails
        raise InputError(
            f"can't download {url}: {str(error).rstrip('.')}. Without a connection, give the "
            "archive or a folder of images: --images PATH"
        ) from None


def split(images, seed):
    """Shuffle images, and keep a quarter of them for testing; of each class at least one.

    `images` is a list of `(label, path)`, at least `FEWEST_IMAGES` of each label. The same seed
    gives the same two lists, for training and for testing.
    """
    labels = [label for label, _ in images]
    # Flowers-17 is split without regard to its classes, as the published results were: its
    # testing rows are as uneven as the tutorial's
    stratify = None if labels == LABELS else labels
    return train_test_split(images, test_size=TEST_SHARE, random_state=seed, stratify=stratify)


def build_dataset(images, output, seed):
    """Write the two CSVs of an archive or a folder of images.

    `images` is a folder, see `find_images`, or a tar or zip archive of one; `output` a folder.

    Raises:
        InputError: the images are not as expected.
        OSError: no permission, no space.
    """
    with unpacked(images) as folder:
        train, test = split(find_images(folder), seed)
        write_csv_pair(output, train, test, load_image)


def main(argv=None):
    """Run the command line, and return its exit code (see `ErrorHandler`)."""
    parser = option_parser(
        "Turn photographs into flowers17_training.csv and flowers17_testing.csv. "
        f"Without --images, Flowers-17 is downloaded (60 MB, once): {FLOWERS17.page} Cite "
        f"{FLOWERS17.citation}",
        prog="python -m pyimagesearch.build_dataset",
    )
    parser.add_argument(
        "--images",
        metavar="PATH",
        type=path_name,
        default=argparse.SUPPRESS,
        help="17flowers.tgz, a folder of its image_NNNN.jpg, or a folder of class folders "
        "with images of your own; or either as a tar or zip archive",
    )
    parser.add_argument(
        "--output", metavar="DIR", type=path_name, default=".", help="folder for the CSVs"
    )
    parser.add_argument("--seed", metavar="N", type=random_seed, default=42, help="of the split")
    with ErrorHandler() as errors:
        args = parser.parse_args(argv, argparse.Namespace(images=None))
        build_dataset(args.images or download(), args.output, args.seed)
    return errors.exit_code


if __name__ == "__main__":
    sys.exit(main())
