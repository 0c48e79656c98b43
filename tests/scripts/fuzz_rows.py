"""Mutate valid CSVs and check that each is read plainly or refused, for as long as you like.

USAGE
    python tests/scripts/fuzz_rows.py [COUNT] [SEED]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]

from plain_reading import BYTES, CSVS, check_against_plain_reading, mutate
from programs import SMALL
from pyimagesearch import config


def main(count=100_000, seed=0):
    config.IMAGE_SHAPE = SMALL
    rng = np.random.default_rng(seed)
    accepted = 0
    with tempfile.TemporaryDirectory() as folder:
        for n in range(count):
            content = CSVS[rng.integers(len(CSVS))]
            for _ in range(rng.integers(1, 4)):
                # near the ends as often as anywhere: there the label and the line ends are
                size = len(content)
                ends = [rng.integers(size), rng.integers(30), size - rng.integers(1, 30)]
                at = rng.choice(ends, p=[0.5, 0.25, 0.25])
                byte = BYTES[rng.integers(len(BYTES))] if rng.random() < 0.7 else rng.integers(256)
                how = ("change", "insert", "remove")[rng.integers(3)]
                content = mutate(content, int(at), int(byte), how)
            try:
                accepted += check_against_plain_reading(Path(folder), content)
            except BaseException:
                Path("failing.csv").write_bytes(content)
                print(f"mutation {n} with seed {seed} failed: see failing.csv")
                raise
    print(f"{count:,} mutations: {accepted:,} read plainly, {count - accepted:,} refused, 0 failed")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
