"""The 1,360 drawings of the CSVs that ship: which of them is which row, and how each is drawn.

They stand in for the photographs: same species, same row format, and as many of each species for
testing as in the tutorial's report.
"""

import numpy as np
from PIL import Image

from pyimagesearch import config
from pyimagesearch.drawings.habits import HABITS, plant_colours
from pyimagesearch.drawings.scene import CANVAS, Scene, whole_between
from pyimagesearch.drawings.species import PLANTS
from pyimagesearch.flowers17 import IMAGES_PER_SPECIES, SPECIES, TEST_SUPPORT
from pyimagesearch.images import to_array

SEED = 17

SPECIES_BY_NAME = sorted(SPECIES)


def dataset_rows(seed=SEED):
    """List the images of both CSVs, in the order of their rows.

    Args:
        seed: of the order; the default is what ships.

    Returns:
        two lists of `(species, number)`, for training and for testing; see `draw_row`.
    """
    rng = np.random.default_rng(seed)
    train, test = [], []
    for species in SPECIES_BY_NAME:
        images = [(species, number) for number in range(IMAGES_PER_SPECIES)]
        test += images[: TEST_SUPPORT[species]]
        train += images[TEST_SUPPORT[species] :]
    rng.shuffle(train)
    rng.shuffle(test)
    return train, test


def draw_row(species, number, seed=SEED):
    """Draw one image of the data set, the same whichever others are drawn.

    Args:
        species: name, as in `flowers17.SPECIES`.
        number: of the image among its species', 0 to 79.
        seed: of the data set; the default is what ships.

    Returns:
        `(64, 64, 3)` uint8, RGB; in general `IMAGE_SHAPE`, grey with one channel.
    """
    rng = np.random.default_rng([seed, SPECIES_BY_NAME.index(species), number])
    return draw_picture(PLANTS[species], rng)


def draw_picture(plant, rng):
    """Draw a picture of one plant, or of several of a species.

    Args:
        plant: the `Plant`.
        rng: `numpy.random.Generator`; the same state draws the same picture.

    Returns:
        `(64, 64, 3)` uint8, RGB; in general `IMAGE_SHAPE`.
    """
    variant = plant.colours[rng.integers(len(plant.colours))]
    scene = Scene(rng)
    for radius in sorted(flower_radii(plant, rng)):
        # what stands farther away is smaller, and less in focus
        scene.soften(rng.uniform(0.5, 1.6))
        HABITS[plant.habit](scene, plant, plant_colours(plant, variant, rng), radius)
    if rng.random() < 0.25:
        scene.leaf_in_front()
    height, width, _ = config.IMAGE_SHAPE
    return to_array(Image.fromarray(scene.photograph(height, width)))


def flower_radii(plant, rng):
    """Draw how many flowers there are, and the radius of each in pixels of the scene."""
    count = whole_between(rng, plant.flowers) if rng.random() < 0.6 else plant.flowers[0]
    largest = rng.uniform(*plant.size) * CANVAS / (1 + 0.12 * (count - 1))
    return [largest] + [largest * rng.uniform(0.5, 1) for _ in range(count - 1)]
