"""Turn photographs into the tutorial's two CSVs.

Without options it downloads Flowers-17 from the page of its authors (see flowers17.py).

USAGE
    python -m pyimagesearch.build_dataset [--images PATH] [--output DIR] [--seed N]
"""

import argparse

from sklearn.model_selection import train_test_split

from pyimagesearch import flowers17
from pyimagesearch.archives import unpacked
from pyimagesearch.csv_pair import write_csv_pair
from pyimagesearch.errors import InputError, one_line_errors
from pyimagesearch.images import find_images, load_image
from pyimagesearch.quiet import loading_tensorflow


def download(url=flowers17.ARCHIVE, md5=flowers17.MD5, cache_dir=None):
    """Return the path of the Flowers-17 archive; download it (60 MB) unless Keras has it cached.

    `cache_dir` is the folder to keep it in; None is Keras's own, ~/.keras. If there is no
    connection, or the checksum is another, it raises an InputError.
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
    """Shuffle images, and keep a quarter of each class for testing; of Flowers-17, of all images.

    `images` is a list of `(label, path)`, at least `FEWEST_IMAGES` of each label. The same seed
    gives the same two lists, for training and for testing.
    """
    labels = [label for label, _ in images]
    # split Flowers-17 without regard to its classes, as the published results were: its testing
    # rows are as uneven as the tutorial's
    stratify = None if labels == flowers17.LABELS else labels
    return train_test_split(images, test_size=0.25, random_state=seed, stratify=stratify)


def build_dataset(images, output, seed):
    """Write the CSVs of a folder of images, see `find_images`, or of an archive of one."""
    with unpacked(images) as folder:
        train, test = split(find_images(folder), seed)
        write_csv_pair(output, train, test, load_image)


def main(argv=None):
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m pyimagesearch.build_dataset",
        description="Turn photographs into flowers17_training.csv and flowers17_testing.csv. "
        f"Without --images, Flowers-17 is downloaded (60 MB, once): {flowers17.PAGE} Cite "
        f"{flowers17.CITATION}",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--images",
        metavar="PATH",
        default=argparse.SUPPRESS,
        help="17flowers.tgz, a folder of its image_NNNN.jpg, or a folder of class folders "
        "with images of your own; or either as a tar or zip archive",
    )
    parser.add_argument("--output", metavar="DIR", default=".", help="folder for the CSVs")
    parser.add_argument("--seed", metavar="N", type=int, default=42, help="of the split")
    args = parser.parse_args(argv)
    if not 0 <= args.seed < 2**32:
        parser.error("expected --seed from 0 to 2**32 - 1")
    with one_line_errors():
        images = args.images if "images" in args else download()
        build_dataset(images, args.output, args.seed)


if __name__ == "__main__":
    main()
