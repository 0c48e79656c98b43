"""The training CSV and the testing CSV together: checked, and written both or neither."""

import collections
import itertools
import textwrap
from pathlib import Path

from pyimagesearch import csv_problems, csv_rows
from pyimagesearch.errors import InputError
from pyimagesearch.files import replacing


def read_label_pair(train_csv, test_csv, batch_size):
    """Check every row of both CSVs, and print how many images and classes they have.

    It also prints a line if the training rows are grouped by class, or one class seems to be
    spelled in two ways: these are no errors.

    Returns the labels of the training rows and of the testing rows, two lists of str.

    Raises:
        CSVError: as `read_labels`; or a testing label is not among the training labels, there is
            only one class, or there are fewer training rows than a batch.
    """
    train_labels = csv_rows.read_labels(train_csv)
    classes = set(train_labels)
    if len(classes) < 2:
        raise csv_rows.CSVError(
            f"{train_csv}: all rows are {csv_problems.shown(*classes)}; expected two classes"
        )
    if len(train_labels) < batch_size:
        raise csv_rows.CSVError(
            f"{train_csv}: {len(train_labels)} rows; expected at least a batch of {batch_size} "
            "(--batch-size)"
        )
    test_labels = csv_rows.read_labels(test_csv, classes)
    _print_counts(train_labels, test_labels)
    if alike := _look_alikes(classes):
        print(
            f"[INFO] {train_csv}: {' and '.join(alike)} count as {len(alike)} classes; "
            "are they one, spelled in several ways?"
        )
    if _is_grouped_by_class(train_labels):
        print(
            f"[INFO] {train_csv}: the rows are grouped by class, so batches hold few classes, and "
            'the network learns little. Shuffle them: README.md, "Your own data", shows how'
        )
    return train_labels, test_labels


def _print_counts(train_labels, test_labels):
    classes = sorted({*train_labels, *test_labels})
    names = textwrap.shorten(", ".join(classes), 100, placeholder=" ...")
    print(
        f"[INFO] {len(train_labels):,} training images, {len(test_labels):,} testing images, "
        f"{len(classes):,} classes: {names}"
    )


def _look_alikes(classes):
    """Return the first class names that are one to a reader, in ASCII; an empty list if none."""
    spellings = collections.defaultdict(list)
    for name in sorted(classes):
        spellings[csv_problems.as_read(name)].append(ascii(name))
    return next((names for names in spellings.values() if len(names) > 1), [])


def _is_grouped_by_class(labels):
    """Whether the rows are nearer to sorted by class than to shuffled."""
    neighbours = list(itertools.pairwise(labels))
    equal = sum(one == other for one, other in neighbours) / len(neighbours)
    by_chance = sum((count / len(labels)) ** 2 for count in collections.Counter(labels).values())
    return equal - by_chance > (1 - by_chance) / 2


def write_csv_pair(folder, train, test, load):
    """Write `TRAIN_NAME` and `TEST_NAME` into a folder, and print classes, progress and paths.

    Only one image is in memory at a time. Old CSVs stay until both new ones are written.

    `train` and `test` are lists of `(label, source)`, one for each row; `load` turns a source into
    its image, `(64, 64, 3)` uint8.
    """
    if not str(folder):
        raise InputError("the folder for the CSVs: expected a path, not ''")
    csv_rows.values_of_a_row()  # check the shape before an image is loaded
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / csv_rows.TRAIN_NAME, folder / csv_rows.TEST_NAME]
    total = len(train) + len(test)
    with replacing(*paths) as (train_part, test_part):
        _print_counts([label for label, _ in train], [label for label, _ in test])
        _write_rows(train_part, train, load, 0, total)
        _write_rows(test_part, test, load, len(train), total)
    print(f"[INFO] wrote {paths[0]} and {paths[1]}")


def _write_rows(path, rows, load, done, total):
    with open(path, "wb") as file:
        for label, source in rows:
            file.write(csv_rows.format_row(label, load(source)))
            done += 1
            if done % 20 == 0 or done == total:
                end = "\n" if done == total else "\r"
                print(f"[INFO] {done:,} of {total:,} images", end=end, flush=True)
