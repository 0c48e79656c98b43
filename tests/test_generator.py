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


def images_of(path):
    with open_csv(path) as file:
        return np.array([image for _, image in read_rows(file)])


@pytest.mark.parametrize(("rows", "bs"), [(12, 4), (10, 4), (3, 4), (1, 4), (4, 4), (5, 1)])
def test_train_mode_yields_the_tutorials_batches_three_times_round(flowers, lb, rows, bs):
    path = flowers(rows)
    ours = train.csv_image_generator(path, bs, lb)
    theirs = train_batches(path, bs, lb)
    for _ in range(3 * rows // bs + 2):
        (images, labels), (expected_images, expected_labels) = next(ours), next(theirs)
        assert images.dtype == np.uint8
        assert images.shape == (bs, 64, 64, 3)
        np.testing.assert_array_equal(images, expected_images)
        np.testing.assert_array_equal(labels, expected_labels)


@pytest.mark.parametrize(("rows", "bs"), [(12, 4), (10, 4), (3, 4), (1, 4), (4, 4), (5, 1)])
def test_eval_mode_yields_each_row_once_a_pass_from_the_first_on(flowers, lb, rows, bs):
    path = flowers(rows)
    expected = images_of(path)
    generator = train.csv_image_generator(path, bs, lb, mode="eval")
    steps = -(-rows // bs)
    for _ in range(3):
        batches = list(itertools.islice(generator, steps))
        sizes = [len(images) for images, _ in batches]
        assert sizes == [bs] * (rows // bs) + [rows % bs] * (rows % bs > 0)
        np.testing.assert_array_equal(np.concatenate([images for images, _ in batches]), expected)


def test_labels_are_one_hot_in_the_order_of_the_classes(flowers, lb):
    _, labels = next(train.csv_image_generator(flowers(4), 4, lb))
    np.testing.assert_array_equal(labels, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])


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


def test_eval_mode_does_not_augment(flowers, lb):
    path = flowers(4)
    aug = ImageDataGenerator(**AUGMENTATION)
    images, _ = next(train.csv_image_generator(path, 4, lb, mode="eval", aug=aug))
    np.testing.assert_array_equal(images, images_of(path))


def test_a_label_of_no_class_is_refused_with_its_line(flowers):
    generator = train.csv_image_generator(flowers(4), 4, LabelBinarizer().fit(["daisy", "iris"]))
    with pytest.raises(CSVError, match=r"flowers\.csv, line 3: .*'tulip'.*daisy, iris"):
        next(generator)


@pytest.mark.parametrize("mode", ["Eval", "test", None])
def test_another_mode_is_refused(flowers, lb, mode):
    with pytest.raises(ValueError, match='mode: expected "train" or "eval", not '):
        next(train.csv_image_generator(flowers(4), 4, lb, mode=mode))


def test_memory_does_not_grow_with_the_file(flowers, lb):
    def peak(rows):
        aug = ImageDataGenerator(**AUGMENTATION)
        generator = train.csv_image_generator(flowers(rows, f"{rows}.csv"), 8, lb, aug=aug)
        next(generator)
        tracemalloc.start()
        for _ in range(rows // 8 + 1):
            next(generator)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak(16)
    assert peak(400) < 1.2 * peak(40)


def test_one_hot_labels_of_many_classes_take_little_memory(flowers, small):
    lb = LabelBinarizer().fit(["daisy", "iris", "tulip", *map(str, range(15_000))])
    generator = train.csv_image_generator(flowers(8), 8, lb)
    tracemalloc.start()
    _, labels = next(generator)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert labels.shape == (8, 15_003)
    assert peak < 20e6  # a table of all classes by all takes 1.8e9
