"""Damage CSVs, or images and archives, and check that each is read or refused in one line.

USAGE (a failure leaves its file in a temporary folder, fuzz-*)
    python tests/scripts/fuzz.py rows|images COUNT [SEED]
"""

import itertools
import random
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]

from damage import damage, write_all
from plain_reading import BYTES, CHANGES, CSVS, check_plain_reading, mutate
from programs import SMALL
from pyimagesearch import config


def rows(folder, seed):
    """Yield for ever whether a damaged CSV was read, as a second, plain reading does."""
    config.IMAGE_SHAPE = SMALL
    rng = random.Random(seed)
    while True:
        content = rng.choice(CSVS)
        for _ in range(rng.randint(1, 3)):
            # near the ends as often as anywhere: there the label and the line ends are
            places = [range(len(content))] * 2 + [range(30), range(len(content))[-30:]]
            at, byte = rng.choice(rng.choice(places)), rng.choice(rng.choice([BYTES, range(256)]))
            content = mutate(content, at, byte, rng.choice(CHANGES))
        yield check_plain_reading(folder, content)


def images(folder, seed):
    """Yield for ever whether a damaged image or archive was read."""
    rng = np.random.default_rng(seed)
    for path, content in itertools.cycle(write_all(folder, rng).items()):
        yield damage(path, content, rng)


def main(kind, count, seed=0):
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    results = {"rows": rows, "images": images}[kind](folder, int(seed))
    read = sum(next(results) for _ in range(int(count)))
    print(f"{count} mutations: {read:,} read, {int(count) - read:,} refused, 0 failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
