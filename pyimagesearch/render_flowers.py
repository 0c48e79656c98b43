"""Draw the CSVs that ship: 1,360 flowers of the 17 species of Flowers-17.

The photographs may not be redistributed, so these drawings stand in for them: same species, same
row format, same counts as in the tutorial's report. `flower_species` says how a species looks.

USAGE
    python -m pyimagesearch.render_flowers [--output DIR] [--seed N]
"""

import argparse
import sys

import numpy as np

from pyimagesearch.arguments import seed
from pyimagesearch.build_dataset import IMAGES_PER_SPECIES
from pyimagesearch.csv_pair import write_csv_pair
from pyimagesearch.errors import OK, plainly
from pyimagesearch.flower_plants import HABITS, plant_colours
from pyimagesearch.flower_scene import CANVAS, Scene, between, whole_between
from pyimagesearch.flower_species import SPECIES

SEED = 17

# rows for testing, as the tutorial's report has them
TEST_SUPPORT = {
    "bluebell": 21,
    "buttercup": 15,
    "coltsfoot": 21,
    "cowslip": 20,
    "crocus": 24,
    "daffodil": 27,
    "daisy": 18,
    "dandelion": 18,
    "fritillary": 22,
    "iris": 24,
    "lilyvalley": 22,
    "pansy": 18,
    "snowdrop": 22,
    "sunflower": 18,
    "tigerlily": 14,
    "tulip": 16,
    "windflower": 20,
}


def render_flower(species, rng):
    """Draw one image.

    Args:
        species: key of `flower_species.SPECIES`.
        rng: `numpy.random.Generator`; the same state draws the same image.

    Returns:
        `(64, 64, 3)` uint8, RGB.
    """
    plant = SPECIES[species]
    variant = plant.colours[rng.integers(len(plant.colours))]
    scene = Scene(rng)
    for radius in sorted(flower_radii(plant, rng)):
        # what stands farther away is smaller, and less in focus
        scene.soften(rng.uniform(0.5, 1.6))
        HABITS[plant.habit](scene, plant, plant_colours(plant, variant, rng), radius)
    if rng.random() < 0.25:
        scene.leaf_in_front()
    return scene.photograph()


def flower_radii(plant, rng):
    """Draw how many flowers there are, and the radius of each in pixels."""
    count = whole_between(rng, plant.flowers) if rng.random() < 0.6 else plant.flowers[0]
    largest = between(rng, plant.size) * CANVAS / (1 + 0.12 * (count - 1))
    return [largest] + [largest * rng.uniform(0.5, 1) for _ in range(count - 1)]


def draw_row(species, number, dataset_seed=SEED):
    """Draw one image of the data set, the same whichever others are drawn.

    Args:
        species: key of `flower_species.SPECIES`.
        number: of the image among its species', 0 to 79.
        dataset_seed: of the data set; the default is what ships.

    Returns:
        `(64, 64, 3)` uint8, RGB.
    """
    rng = np.random.default_rng([dataset_seed, list(SPECIES).index(species), number])
    return render_flower(species, rng)


def dataset_rows(dataset_seed=SEED):
    """List the images of both CSVs, in the order of their rows.

    Returns:
        two lists of `(species, number)`, for training and for testing.
    """
    rng = np.random.default_rng(dataset_seed)
    train, test = [], []
    for species, support in TEST_SUPPORT.items():
        test += [(species, number) for number in range(support)]
        train += [(species, number) for number in range(support, IMAGES_PER_SPECIES)]
    rng.shuffle(train)
    rng.shuffle(test)
    return train, test


def render_dataset(output, dataset_seed=SEED):
    """Draw both CSVs into a folder; return the exit code.

    Raises:
        OSError: no permission, no space.
    """
    train, test = (
        [(species, (species, number)) for species, number in rows]
        for rows in dataset_rows(dataset_seed)
    )
    write_csv_pair(output, train, test, lambda row: draw_row(*row, dataset_seed))
    return OK


def main(argv=None):
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pyimagesearch.render_flowers",
        description="Draw the flowers of flowers17_training.csv and flowers17_testing.csv.",
    )
    parser.add_argument("--output", metavar="DIR", default=".", help="default: this folder")
    parser.add_argument(
        "--seed", metavar="N", type=seed, default=SEED, help="default: %(default)s, as shipped"
    )
    args = parser.parse_args(argv)
    return plainly(lambda: render_dataset(args.output, args.seed))


if __name__ == "__main__":
    sys.exit(main())
