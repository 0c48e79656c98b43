"""Mutate real images and archives and check that each is read or refused in one line.

USAGE
    python tests/scripts/fuzz_images.py [COUNT] [SEED]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]

from damage import damage, write_all


def main(count=5_000, seed=0):
    rng = np.random.default_rng(seed)
    read = 0
    with tempfile.TemporaryDirectory() as folder:
        contents = list(write_all(Path(folder), rng).items())
        for n in range(count):
            path, content = contents[n % len(contents)]
            try:
                read += damage(path, content, rng)
            except BaseException:
                failing = Path(f"failing{path.suffix}")
                failing.write_bytes(path.read_bytes())
                print(f"mutation {n} with seed {seed} failed: see {failing}")
                raise
    print(f"{count:,} mutations: {read:,} read, {count - read:,} refused, 0 failed")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
