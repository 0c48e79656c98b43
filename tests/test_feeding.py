import numpy as np
import pytest
import tensorflow as tf

from feeding import MappedImages, parse_once
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.csv_rows import open_csv, read_rows
from reference import AUGMENTATION
from scripts.fast_feed import warp


@pytest.fixture
def mapped(flowers, tmp_path):
    """Return a dataset of 13 rows, and the label of each image."""
    path = flowers(13)
    labels = parse_once(path, tmp_path / "images.npy")
    with open_csv(path) as file:
        label_of = {image.tobytes(): label for label, image in read_rows(file)}
    return MappedImages(tmp_path / "images.npy", labels, 4), label_of


def test_each_epoch_has_each_row_at_most_once_in_an_order_of_its_own(mapped):
    batches, label_of = mapped
    assert len(batches) == 3
    orders = []
    for _ in range(2):
        epoch = [batches[index] for index in range(len(batches))]
        images, targets = (np.concatenate(part) for part in zip(*epoch, strict=True))
        order = [image.tobytes() for image in images]
        assert [label_of[image] for image in order] == batches.classes[targets.argmax(1)].tolist()
        assert len(set(order)) == 12
        orders.append(order)
        batches.on_epoch_end()
    assert orders[0] != orders[1]


def test_augmented_images_keep_their_labels(mapped):
    batches, label_of = mapped
    # a flip alone can be undone
    batches.aug = ImageDataGenerator(horizontal_flip=True)
    images, targets = batches[0]
    assert images.dtype == np.float32
    for image, target in zip(images.astype(np.uint8), targets, strict=True):
        original = image if image.tobytes() in label_of else image[:, ::-1]
        assert label_of[original.tobytes()] == batches.classes[target.argmax()]


def test_batches_of_forked_processes_are_augmented_each_in_its_own_way(mapped):
    batches, _ = mapped
    batches.aug = ImageDataGenerator(rotation_range=20)
    batches.order[:] = 0
    drawn = []
    for index in (0, 1, 0):
        np.random.seed(1)  # the state that each process inherits
        drawn.append(batches[index][0])
    assert (drawn[0] != drawn[1]).any()
    np.testing.assert_array_equal(drawn[0], drawn[2])


def test_the_fast_feed_warps_as_the_tutorials_augmentation():
    images = np.random.default_rng(0).integers(0, 256, (16, 64, 64, 3)).astype(np.float32)
    aug = ImageDataGenerator(**AUGMENTATION)
    drawn = [aug.get_random_transform((64, 64, 3), seed=n) for n in range(len(images))]
    ours = [aug.apply_transform(image, d) for image, d in zip(images, drawn, strict=True)]
    names = "theta", "shear", "tx", "ty", "zx", "zy", "flip_horizontal"
    theta, shear, tx, ty, zx, zy, flip = (np.array([d[n] for d in drawn], "f") for n in names)
    fast = warp(tf.constant(images), theta, shear, tx, ty, zx, zy, flip > 0)
    np.testing.assert_allclose(fast, np.array(ours), atol=0.01)
