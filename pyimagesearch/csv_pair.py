"""The training CSV and the testing CSV together: named, checked, and written or not."""

import collections
import errno
import itertools
import textwrap
from pathlib import Path

from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME, CSVError, format_row, read_labels, shown
from pyimagesearch.plumbing.files import check_writable, replacing


def read_label_pair(train_csv, test_csv, batch_size):
    """Check every row of both CSVs, and print how many images and classes they have.

    If the training rows are grouped by class, it says so: that is bad, but no error.

    Returns the labels of the training rows and of the testing rows, two lists of str.

    Raises:
        CSVError: as `read_labels`; or a testing label is not among the training labels, there is
            only one class, or there are fewer training rows than a batch.
    """
    train_labels = read_labels(train_csv)
    classes = set(train_labels)
    if len(classes) < 2:
        raise CSVError(
            f"{train_csv}: all rows are {shown(classes.pop())}; expected two classes or more"
        )
    if len(train_labels) < batch_size:
        raise CSVError(
            f"{train_csv}: {len(train_labels)} rows; expected at least a batch of {batch_size} "
            "(--batch-size)"
        )
    test_labels = read_labels(test_csv, classes)
    names = textwrap.shorten(", ".join(sorted(classes)), 100, placeholder=" ...")
    print(
        f"[INFO] {len(train_labels):,} training images, {len(test_labels):,} testing images, "
        f"{len(classes):,} classes: {names}"
    )
    if _is_grouped_by_class(train_labels):
        print(
            f"[INFO] {train_csv}: the rows are grouped by class, so batches hold few classes, and "
            'the network learns little. Shuffle them: README.md, "Your own data", shows how'
        )
    return train_labels, test_labels


def _is_grouped_by_class(labels):
    """Whether equal labels are neighbours more than halfway from chance to a sorted file."""
    neighbours = list(itertools.pairwise(labels))
    equal = sum(one == other for one, other in neighbours) / len(neighbours)
    counts = collections.Counter(labels).values()
    by_chance = sum((count / len(labels)) ** 2 for count in counts)
    return equal - by_chance > (1 - by_chance) / 2


def write_csv_pair(folder, train, test, load):
    """Write `TRAIN_NAME` and `TEST_NAME` into a folder, and print progress and their paths.

    Only one image is in memory at a time. Old CSVs stay until both new ones are on disk.

    `train` and `test` are lists of `(label, source)`, one for each row; `load` turns a source into
    its image, `(64, 64, 3)` uint8.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OSError(errno.ENOTDIR, "is not a folder", str(folder)) from None
    paths = [folder / TRAIN_NAME, folder / TEST_NAME]
    # a minute of work must not be for nothing
    for path in paths:
        check_writable(path)
    total = len(train) + len(test)
    with replacing(*paths) as (train_part, test_part):
        _write_rows(train_part, train, load, 0, total)
        _write_rows(test_part, test, load, len(train), total)
    print(f"[INFO] {len(train):,} training rows in {paths[0]}")
    print(f"[INFO] {len(test):,} testing rows in {paths[1]}")


def _write_rows(path, rows, load, done, total):
    with open(path, "wb") as file:
        for label, source in rows:
            file.write(format_row(label, load(source)))
            done += 1
            if done % 20 == 0 or done == total:
                end = "\n" if done == total else ""
                print(f"\r[INFO] {done:,} of {total:,} images", end=end, flush=True)
