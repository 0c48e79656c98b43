"""The training CSV and the testing CSV: their names, and how both are written or neither."""

import os
from pathlib import Path

from pyimagesearch.csv_rows import format_row
from pyimagesearch.files import replacing

TRAIN_CSV = "flowers17_training.csv"
TEST_CSV = "flowers17_testing.csv"


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
