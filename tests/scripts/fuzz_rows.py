"""Mutate valid CSVs and check that each is read plainly or refused, for as long as you like.

USAGE
    python tests/scripts/fuzz_rows.py [COUNT] [SEED]
"""

import random
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]

from plain_reading import BYTES, CHANGES, CSVS, check_plain_reading, mutate
from programs import SMALL
from pyimagesearch import config


def main(count=100_000, seed=0):
    config.IMAGE_SHAPE = SMALL
    rng = random.Random(seed)
    accepted = 0
    with tempfile.TemporaryDirectory() as folder:
        for n in range(count):
            content = rng.choice(CSVS)
            for _ in range(rng.randint(1, 3)):
                # near the ends as often as anywhere: there the label and the line ends are
                places = [range(len(content))] * 2 + [range(30), range(len(content))[-30:]]
                at = rng.choice(rng.choice(places))
                byte = rng.choice(rng.choice([BYTES, BYTES, range(256)]))
                content = mutate(content, at, byte, rng.choice(CHANGES))
            try:
                accepted += check_plain_reading(Path(folder), content)
            except BaseException:
                Path("failing.csv").write_bytes(content)
                print(f"mutation {n} with seed {seed} failed: see failing.csv")
                raise
    print(f"{count:,} mutations: {accepted:,} read plainly, {count - accepted:,} refused, 0 failed")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
