"""Mutate real images and archives and check that each is read or refused in one line.

USAGE
    python tests/scripts/fuzz_images.py [COUNT] [SEED]
"""

import collections
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]

from damage import damage, write_all


def main(count=5_000, seed=0):
    rng = np.random.default_rng(seed)
    read = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        contents = write_all(Path(folder), rng)
        for n in range(count):
            path = list(contents)[n % len(contents)]
            try:
                read[path.suffix] += damage(path, contents[path], rng)
            except BaseException:
                failing = Path(f"failing{path.suffix}")
                failing.write_bytes(path.read_bytes())
                print(f"mutation {n} with seed {seed} failed: see {failing}")
                raise
    total = read.total()
    print(f"{count:,} mutations: {total:,} read, {count - total:,} refused, 0 failed")
    print(f"read of each kind: {dict(read)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
