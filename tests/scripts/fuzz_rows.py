"""Mutate valid CSVs and check that each is read plainly or refused, for as long as you like.

The images are small, so that a row is short: a mutation then takes a hundredth of the time, and
falls as often on each part of it.

USAGE
    python tests/scripts/fuzz_rows.py [COUNT] [SEED]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]

from pyimagesearch import config

config.IMAGE_SHAPE = (4, 4, 3)

from plain_reading import ROW, check_against_plain_reading, mutate
from pyimagesearch.csv_rows import BYTE_ORDER_MARK

BASES = (ROW, ROW + b"\r\n" + ROW, BYTE_ORDER_MARK + ROW.replace(b",", b", "))
BYTES = b'0123456789,,,;"\r\n\t  -+.e\0\x80\xff'


def main(count=100_000, seed=0):
    rng = np.random.default_rng(seed)
    accepted = 0
    with tempfile.TemporaryDirectory() as folder:
        for n in range(count):
            content = BASES[rng.integers(len(BASES))]
            for _ in range(rng.integers(1, 4)):
                # near the ends as often as anywhere: there the label and the line ends are
                at = rng.integers(len(content))
                if rng.random() < 0.5:
                    at = (
                        rng.integers(30)
                        if rng.random() < 0.5
                        else len(content) - rng.integers(1, 30)
                    )
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
