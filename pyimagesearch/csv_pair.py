"""The training CSV and the testing CSV together: named, checked, and written or not."""

import os
from pathlib import Path

from pyimagesearch.csv_rows import CSVError, format_row, read_labels
from pyimagesearch.files import replacing

TRAIN_CSV = "flowers17_training.csv"
TEST_CSV = "flowers17_testing.csv"


def read_label_pair(train_csv, test_csv, batch_size):
    """Check every row of both CSVs, and that a network can be trained and tested on them.

    Args:
        train_csv, test_csv: paths.
        batch_size: images that the training takes at a time.

    Returns:
        the labels of the training rows and of the testing rows: two lists of str.

    Raises:
        CSVError: as `read_labels`; or a testing label is not among the training ones, all of
            them are the same, or there are fewer than a batch.
    """
    train_labels = read_labels(train_csv)
    classes = set(train_labels)
    if len(classes) < 2:
        raise CSVError(f"{train_csv}: all rows are {classes.pop()!r}; expected two classes or more")
    if len(train_labels) < batch_size:
        raise CSVError(
            f"{train_csv}: {len(train_labels)} rows; expected at least a batch of {batch_size} "
            "(--batch-size)"
        )
    return train_labels, read_labels(test_csv, classes)


def write_csv_pair(folder, train, test, load):
    """Write `TRAIN_CSV` and `TEST_CSV` into a folder, with progress, and tell where they went.

    Only one image is held in memory at a time. CSVs that are there stay as they are until both
    new ones are on disk.

    Args:
        folder: where to write; made if it is missing.
        train, test: lists of `(label, source)`, one for each row, in the order to write.
        load: function that turns a source into its `(64, 64, 3)` uint8 image.

    Raises:
        OSError: no permission, no space.
        Whatever `load` raises.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    total = len(train) + len(test)
    with replacing(folder / TRAIN_CSV) as train_part, replacing(folder / TEST_CSV) as test_part:
        _write_rows(train_part, train, load, 0, total)
        _write_rows(test_part, test, load, len(train), total)
    print(f"[INFO] {len(train):,} training rows in {folder / TRAIN_CSV}")
    print(f"[INFO] {len(test):,} testing rows in {folder / TEST_CSV}")


def _write_rows(path, rows, load, done, total):
    with open(path, "wb") as file:
        for label, source in rows:
            file.write(format_row(label, load(source)))
            done += 1
            if done % 20 == 0 or done == total:
                end = "\n" if done == total else ""
                print(f"\r[INFO] {done:,} of {total:,} images", end=end, flush=True)
        # on disk before the caller renames it: a full disk must fail here
        file.flush()
        os.fsync(file.fileno())
