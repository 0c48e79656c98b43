import itertools
import tracemalloc

import numpy as np
import pytest
from sklearn.preprocessing import LabelBinarizer
from tensorflow.keras.preprocessing.image import ImageDataGenerator as StockGenerator

from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.csv_rows import CSVError
from reference import AUGMENTATION, parse_row, train_batches
from small_csvs import SPECIES
from train import csv_image_generator

ROWS_AND_BATCH_SIZES = [(12, 4), (10, 4), (3, 4), (1, 4), (4, 4), (5, 1)]


@pytest.mark.parametrize("kind", [None, ImageDataGenerator, StockGenerator])
@pytest.mark.parametrize(("rows", "bs"), ROWS_AND_BATCH_SIZES)
def test_train_mode_yields_the_tutorials_batches_three_times_round(flowers, lb, rows, bs, kind):
    aug = kind and kind(**AUGMENTATION)
    stock = kind and StockGenerator(**AUGMENTATION)
    ours = csv_image_generator(flowers(rows), bs, lb, aug=aug)
    theirs = train_batches(flowers(rows), bs, lb, stock)
    for n in range(3 * rows // bs + 2):
        np.random.seed(n)
        expected_images, expected_labels = next(theirs)
        np.random.seed(n)
        images, labels = next(ours)
        assert (images.dtype, labels.dtype) == (np.float32 if aug else np.uint8, np.float32)
        np.testing.assert_allclose(images, expected_images, atol=0.01 if aug else 0)
        np.testing.assert_array_equal(labels, expected_labels)


@pytest.mark.parametrize(("rows", "bs"), ROWS_AND_BATCH_SIZES)
def test_eval_mode_yields_each_row_once_a_pass_and_does_not_augment(flowers, lb, rows, bs):
    names, expected = zip(*map(parse_row, flowers(rows).read_text().splitlines()), strict=True)
    aug = ImageDataGenerator(**AUGMENTATION)
    generator = csv_image_generator(flowers(rows), bs, lb, mode="eval", aug=aug)
    for _ in range(3):
        images, labels = zip(*itertools.islice(generator, -(-rows // bs)), strict=True)
        assert list(map(len, images)) == [bs] * (rows // bs) + [rows % bs] * (rows % bs > 0)
        np.testing.assert_array_equal(np.concatenate(images), expected)
        np.testing.assert_array_equal(np.concatenate(labels), lb.transform(names))


def test_a_label_of_no_class_is_refused_with_its_line(flowers):
    generator = csv_image_generator(flowers(4), 4, LabelBinarizer().fit(["daisy", "iris"]))
    with pytest.raises(CSVError, match=r"flowers\.csv, line 3: .*'tulip'.*daisy, iris"):
        next(generator)


@pytest.mark.parametrize("mode", ["Eval", "test", None])
def test_another_mode_is_refused(flowers, lb, mode):
    with pytest.raises(ValueError, match='mode: expected "train" or "eval", not '):
        next(csv_image_generator(flowers(4), 4, lb, mode=mode))


def test_memory_grows_neither_with_the_file_nor_with_the_square_of_the_classes(flowers, lb):
    def peak(rows, lb):
        """Return the most bytes that are in use while the file is read once, and a batch more."""
        aug = ImageDataGenerator(**AUGMENTATION)
        generator = csv_image_generator(flowers(rows), 8, lb, aug=aug)
        tracemalloc.start()
        for _ in range(rows // 8 + 1):
            next(generator)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(16, lb)  # to warm up
    assert peak(160, lb) < 1.2 * peak(40, lb)
    many = LabelBinarizer().fit([*SPECIES, *map(str, range(15_000))])
    assert peak(8, many) < 20e6  # a table of all classes by all takes 1.8e9
