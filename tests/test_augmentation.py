import numpy as np
import pytest
from tensorflow.keras.preprocessing.image import ImageDataGenerator as StockGenerator

from pyimagesearch.augmentation import ImageDataGenerator
from reference import AUGMENTATION

# what it meant in 2017: shear in radians
IN_2017 = AUGMENTATION | {"shear_range": np.degrees(0.15)}


def noise(*shape, seed=0):
    """Return the hardest images to warp alike: no two neighbouring pixels are."""
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def batches(generator_class, options, images, count=2, **flow):
    labels = np.arange(len(images))
    np.random.seed(7)
    iterator = generator_class(**options).flow(images, labels, batch_size=len(images), **flow)
    images, labels = zip(*(next(iterator) for _ in range(count)), strict=True)
    return np.array(images), np.array(labels)


def assert_alike(options, images, **flow):
    expected, expected_labels = batches(StockGenerator, options, images, **flow)
    ours, labels = batches(ImageDataGenerator, options, images, **flow)
    assert ours.dtype == expected.dtype
    np.testing.assert_array_equal(labels, expected_labels)
    np.testing.assert_allclose(ours, expected, atol=0.01)
    return ours


@pytest.mark.parametrize("name", [*AUGMENTATION, None])
@pytest.mark.parametrize("source", [AUGMENTATION, IN_2017], ids=["today", "2017"])
def test_each_option_and_all_give_the_parents_pixels(name, source):
    options = source if name is None else {name: source[name]}
    images = noise(32, 64, 64, 3)
    ours = assert_alike(options, images)
    if name != "fill_mode":
        assert not np.array_equal(np.sort(ours[0], axis=0), np.sort(images, axis=0))


def test_nearest_neighbours_are_the_parents_but_for_rounding_ties():
    options = IN_2017 | {"interpolation_order": 0}
    images = noise(32, 64, 64, 3)
    expected, _ = batches(StockGenerator, options, images)
    ours, _ = batches(ImageDataGenerator, options, images)
    assert (ours == expected).mean() > 0.999
    assert set(np.unique(ours)) <= set(np.unique(images))


@pytest.mark.parametrize("shape", [(3, 48, 64, 3), (3, 64, 48, 1), (1, 5, 7, 4), (1, 1, 1, 3)])
def test_other_shapes_and_arguments_of_flow_give_the_parents_pixels(shape):
    assert_alike(AUGMENTATION, noise(*shape), shuffle=False, seed=3)


@pytest.mark.parametrize(
    "more",
    [
        {"rescale": 1 / 255, "samplewise_center": True, "samplewise_std_normalization": True},
        {"preprocessing_function": lambda image: image[::-1] / 2},
        {"vertical_flip": True, "channel_shift_range": 30},
        {"brightness_range": (0.5, 1.5)},
        {"width_shift_range": [-3, 0, 3], "height_shift_range": 5, "zoom_range": (0.5, 2)},
        {"fill_mode": "constant", "cval": 9},
        {"interpolation_order": 3},
        {"dtype": "float64"},
        {"dtype": "uint8"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_options_of_all_kinds_give_the_parents_pixels(more):
    # images that brightness_range, which rounds to whole numbers, can't round two ways
    images = noise(4, 4, 4, 3).repeat(16, axis=1).repeat(16, axis=2)
    options = AUGMENTATION | more
    if "brightness_range" in more:
        options = more | {"horizontal_flip": True}
    assert_alike(options, images)


def test_each_pixel_of_a_large_image_keeps_its_value():
    image = noise(4097, 4097, 1).astype("float16")
    ours = ImageDataGenerator().apply_transform(image, {"flip_horizontal": True})
    np.testing.assert_array_equal(ours, image[:, ::-1])


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool", "float32", "float64"])
@pytest.mark.parametrize(
    "transformation", [{}, {"theta": 20}, {"ty": 3, "shear": 9}, {"zx": 0.5, "flip_vertical": True}]
)
def test_one_image_of_each_dtype_gives_the_parents_pixels(transformation, dtype):
    image = (noise(9, 7, 3) // (128 if dtype == "bool" else 1)).astype(dtype)
    expected, ours = (
        generator_class(**AUGMENTATION).apply_transform(image, transformation)
        for generator_class in (StockGenerator, ImageDataGenerator)
    )
    assert ours.dtype == expected.dtype == image.dtype
    np.testing.assert_allclose(ours.astype(float), expected.astype(float), atol=0.01)
