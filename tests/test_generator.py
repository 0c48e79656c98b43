import itertools
import tracemalloc

import numpy as np
import pytest
from sklearn.preprocessing import LabelBinarizer
from tensorflow.keras.preprocessing.image import ImageDataGenerator as StockGenerator

import train
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.csv_rows import CSVError, open_csv, read_rows
from reference import AUGMENTATION, train_batches
from small_csvs import write_csv

ROWS_AND_BATCH_SIZES = [(12, 4), (10, 4), (3, 4), (1, 4), (4, 4), (5, 1)]


@pytest.mark.parametrize(("rows", "bs"), ROWS_AND_BATCH_SIZES)
def test_train_mode_yields_the_tutorials_batches_three_times_round(flowers, lb, rows, bs):
    path = flowers(rows)
    ours = train.csv_image_generator(path, bs, lb)
    theirs = train_batches(path, bs, lb)
    for _ in range(3 * rows // bs + 2):
        (images, labels), (expected_images, expected_labels) = next(ours), next(theirs)
        assert (images.shape, images.dtype) == ((bs, 64, 64, 3), np.uint8)
        np.testing.assert_array_equal(images, expected_images)
        np.testing.assert_array_equal(labels, expected_labels)


@pytest.mark.parametrize("aug", [None, ImageDataGenerator(**AUGMENTATION)])
@pytest.mark.parametrize(("rows", "bs"), ROWS_AND_BATCH_SIZES)
def test_eval_mode_yields_each_row_once_a_pass_and_does_not_augment(flowers, lb, rows, bs, aug):
    path = flowers(rows)
    with open_csv(path) as file:
        names, expected = zip(*read_rows(file), strict=True)
    generator = train.csv_image_generator(path, bs, lb, mode="eval", aug=aug)
    for _ in range(3):
        images, labels = zip(*itertools.islice(generator, -(-rows // bs)), strict=True)
        assert list(map(len, images)) == [bs] * (rows // bs) + [rows % bs] * (rows % bs > 0)
        np.testing.assert_array_equal(np.concatenate(images), expected)
        np.testing.assert_array_equal(np.concatenate(labels), lb.transform(names))


def test_two_classes_have_two_columns(tmp_path):
    path = write_csv(tmp_path / "two.csv", ["no", "yes", "yes"])
    _, labels = next(train.csv_image_generator(path, 3, LabelBinarizer().fit(["no", "yes"])))
    np.testing.assert_array_equal(labels, [[1, 0], [0, 1], [0, 1]])


@pytest.mark.parametrize("generator_class", [ImageDataGenerator, StockGenerator])
def test_augmented_batches_are_the_tutorials_in_float32(flowers, lb, generator_class):
    path = flowers(6)
    np.random.seed(5)
    theirs = list(itertools.islice(train_batches(path, 4, lb, StockGenerator(**AUGMENTATION)), 4))
    np.random.seed(5)
    aug = generator_class(**AUGMENTATION)
    ours = list(itertools.islice(train.csv_image_generator(path, 4, lb, aug=aug), 4))
    for (images, labels), (expected_images, expected_labels) in zip(ours, theirs, strict=True):
        assert images.dtype == np.float32
        np.testing.assert_allclose(images, expected_images, atol=0.01)
        np.testing.assert_array_equal(labels, expected_labels)


def test_a_label_of_no_class_is_refused_with_its_line(flowers):
    generator = train.csv_image_generator(flowers(4), 4, LabelBinarizer().fit(["daisy", "iris"]))
    with pytest.raises(CSVError, match=r"flowers\.csv, line 3: .*'tulip'.*daisy, iris"):
        next(generator)


@pytest.mark.parametrize("mode", ["Eval", "test", None])
def test_another_mode_is_refused(flowers, lb, mode):
    with pytest.raises(ValueError, match='mode: expected "train" or "eval", not '):
        next(train.csv_image_generator(flowers(4), 4, lb, mode=mode))


def peak_memory(generator, batches):
    """Take so many batches; return the most bytes that were in use, and the last batch."""
    tracemalloc.start()
    for _ in range(batches):
        batch = next(generator)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, batch


def test_memory_does_not_grow_with_the_file(flowers, lb):
    def peak(rows):
        aug = ImageDataGenerator(**AUGMENTATION)
        generator = train.csv_image_generator(flowers(rows, f"{rows}.csv"), 8, lb, aug=aug)
        next(generator)
        return peak_memory(generator, rows // 8 + 1)[0]

    peak(16)
    assert peak(400) < 1.2 * peak(40)


def test_one_hot_labels_of_many_classes_take_little_memory(flowers, small):
    lb = LabelBinarizer().fit(["daisy", "iris", "tulip", *map(str, range(15_000))])
    peak, (_, labels) = peak_memory(train.csv_image_generator(flowers(8), 8, lb), 1)
    assert labels.shape == (8, 15_003)
    assert peak < 20e6  # a table of all classes by all takes 1.8e9
