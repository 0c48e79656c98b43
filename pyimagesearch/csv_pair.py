"""The training CSV and the testing CSV together: checked, and written both or neither."""

import collections
import itertools
import textwrap
from pathlib import Path

from pyimagesearch import csv_rows
from pyimagesearch.csv_problems import as_read, shown
from pyimagesearch.errors import InputError, raise_any
from pyimagesearch.files import replacing


def read_label_pair(train_csv, test_csv, batch_size):
    """Check every row of both CSVs; return the training and the testing labels, two lists of str.

    It prints how many images and classes there are, and a line for what is probably no good: a
    class spelled in two ways, training rows grouped by class or all dark, copies. A CSVError is
    raised as by `read_labels`, for a single class, and for fewer training rows than a batch.
    """
    train_labels, train_hashes, largest = _read(train_csv)
    classes = set(train_labels)
    if len(classes) < 2:
        raise csv_rows.CSVError(
            f"{train_csv}: all rows are {shown(*classes)}; expected two classes"
        )
    if len(train_labels) < batch_size:
        raise csv_rows.CSVError(
            f"{train_csv}: {len(train_labels)} rows; expected at least a batch of {batch_size} "
            "(--batch-size)"
        )
    test_labels, test_hashes, _ = _read(test_csv, classes)
    _print_counts(train_labels, test_labels)
    if alike := _look_alikes(classes):
        print(
            f"[INFO] {train_csv}: {' and '.join(alike)} count as {len(alike)} classes; "
            "are they one, spelled in several ways?"
        )
    if _is_grouped_by_class(train_labels):
        print(
            f"[INFO] {train_csv}: the rows are grouped by class, so batches hold few classes, and "
            "the network learns little. Shuffle them: pyimagesearch/README.md shows how"
        )
    if largest < 128:
        print(
            f"[INFO] {train_csv}: no value is above {largest}; expected up to 255. Pictures to "
            "predict must have the same range, or their names are chance"
        )
    trained = set(zip(train_hashes, train_labels, strict=True))
    images = set(train_hashes)
    copies = [row for row in zip(test_hashes, test_labels, strict=True) if row[0] in images]
    if copies:
        others = sum(row not in trained for row in copies)
        print(
            f"[INFO] {test_csv}: {len(copies):,} of {len(test_labels):,} images are training "
            f"images, too, {others:,} under another class; the network is worse on new images"
        )
    return train_labels, test_labels


def _read(path, classes=None):
    """Check every row; return the labels, a hash of each image, and the largest value."""
    labels, hashes, largest = [], [], 0
    with csv_rows.open_csv(path) as file:
        for label, image in csv_rows.read_rows(file, classes):
            labels.append(label)
            hashes.append(hash(image.tobytes()))
            largest = max(largest, image.max())
    return labels, hashes, largest


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
        spellings[as_read(name)].append(ascii(name))
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
    its image, `(64, 64, 3)` uint8, or raises an InputError. All of these become one at the end.
    """
    if not str(folder):
        raise InputError("the folder for the CSVs: expected a path, not ''")
    csv_rows.values_of_a_row()  # check the shape before an image is loaded
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / csv_rows.TRAIN_NAME, folder / csv_rows.TEST_NAME]
    total, done, problems = len(train) + len(test), 0, []
    with replacing(*paths) as parts:
        _print_counts([label for label, _ in train], [label for label, _ in test])
        for part, rows in zip(parts, (train, test), strict=True):
            with open(part, "wb") as file:
                for label, source in rows:
                    try:
                        file.write(csv_rows.format_row(label, load(source)))
                    except InputError as error:
                        problems.append(str(error))
                    done += 1
                    if done % 20 == 0 or done == total:
                        end = "\n" if done == total else "\r"
                        print(f"[INFO] {done:,} of {total:,} images", end=end, flush=True)
        raise_any(problems, total, "images")
    print(f"[INFO] wrote {paths[0]} and {paths[1]}")
