import numpy as np
import pytest
from tensorflow.keras.preprocessing.image import ImageDataGenerator as StockGenerator

from pyimagesearch.augmentation import ImageDataGenerator
from reference import AUGMENTATION

BOTH = (StockGenerator, ImageDataGenerator)
# what it meant in 2017: shear in radians
IN_2017 = AUGMENTATION | {"shear_range": np.degrees(0.15)}

EACH = [{name: value} for name, value in AUGMENTATION.items()]
# not warped, since it rounds to whole numbers
BRIGHTNESS = {"horizontal_flip": True, "brightness_range": (0.5, 1.5)}
MORE = [
    {"rescale": 1 / 255, "samplewise_center": True, "samplewise_std_normalization": True},
    {"preprocessing_function": lambda image: image[::-1] / 2},
    {"vertical_flip": True, "channel_shift_range": 30},
    {"width_shift_range": [-3, 0, 3], "height_shift_range": 5, "zoom_range": (0.5, 2)},
    {"fill_mode": "constant", "cval": 9},
    {"interpolation_order": 3},
    {"dtype": "float64"},
    {"dtype": "uint8"},
]
OPTIONS = [*EACH, BRIGHTNESS, IN_2017, AUGMENTATION, *(AUGMENTATION | more for more in MORE)]
ONE_BY_ONE = [{}, {"theta": 20}, {"ty": 3, "shear": 9}, {"zx": 0.5, "flip_vertical": True}]


def noise(*shape):
    """Return the hardest images to warp alike: no two neighbouring pixels are."""
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def two_batches(generator_class, options, images, **flow):
    """Return the images of two batches as an array, and their numbers as another."""
    numbers = np.arange(len(images))
    np.random.seed(7)
    batches = generator_class(**options).flow(images, numbers, batch_size=len(images), **flow)
    return map(np.array, zip(next(batches), next(batches), strict=True))


def assert_alike(options, images, **flow):
    both = (two_batches(generator_class, options, images, **flow) for generator_class in BOTH)
    (expected, expected_numbers), (ours, numbers) = both
    assert ours.dtype == expected.dtype
    np.testing.assert_array_equal(numbers, expected_numbers)
    np.testing.assert_allclose(ours, expected, atol=0.01)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: list(options)[-1])
def test_options_of_all_kinds_give_the_parents_pixels(options):
    assert_alike(options, noise(32, 64, 64, 3))


@pytest.mark.parametrize("order", [0, 1])
def test_scipy_is_not_called_for_each_channel(monkeypatch, order):
    monkeypatch.setattr("scipy.ndimage.interpolation.affine_transform", None)
    options = AUGMENTATION | {"interpolation_order": order}
    two_batches(ImageDataGenerator, options, noise(9, 8, 8, 3))


@pytest.mark.parametrize("shape", [(3, 48, 64, 3), (3, 64, 48, 1), (1, 5, 7, 4), (1, 1, 1, 3)])
def test_other_shapes_and_arguments_of_flow_give_the_parents_pixels(shape):
    assert_alike(AUGMENTATION, noise(*shape), shuffle=False, seed=3)


def test_nearest_neighbours_are_the_parents_but_for_rounding_ties():
    options, images = IN_2017 | {"interpolation_order": 0}, noise(32, 64, 64, 3)
    (expected, _), (ours, _) = (two_batches(one, options, images) for one in BOTH)
    assert (ours == expected).mean() > 0.999
    assert set(np.unique(ours)) <= set(np.unique(images))


def test_each_pixel_of_a_large_image_keeps_its_value():
    image = noise(4097, 4097, 1).astype("float16")
    ours = ImageDataGenerator().apply_transform(image, {"flip_horizontal": True})
    np.testing.assert_array_equal(ours, image[:, ::-1])


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool", "float32", "float64"])
@pytest.mark.parametrize("transformation", ONE_BY_ONE)
def test_one_image_of_each_dtype_gives_the_parents_pixels(transformation, dtype):
    image = (noise(9, 7, 3) // (128 if dtype == "bool" else 1)).astype(dtype)
    both = (generator_class(**AUGMENTATION) for generator_class in BOTH)
    expected, ours = (one.apply_transform(image, transformation) for one in both)
    assert ours.dtype == expected.dtype == image.dtype
    np.testing.assert_allclose(ours.astype(float), expected.astype(float), atol=0.01)
