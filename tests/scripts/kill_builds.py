"""Kill the builder at random moments, and check that both CSVs are old or both are new.

USAGE
    python tests/scripts/kill_builds.py [COUNT] [SEED]
"""

import collections
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]

from programs import run, running
from pyimagesearch.csv_pair import TEST_NAME, TRAIN_NAME
from small_images import class_folders

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def pair(folder):
    """Return the content of both CSVs."""
    return [(folder / name).read_bytes() for name in (TRAIN_NAME, TEST_NAME)]


def main(count=50, seed=0):
    rng = np.random.default_rng(seed)
    ends = collections.Counter()
    in_time = 0
    with tempfile.TemporaryDirectory() as folder:
        images = class_folders(Path(folder) / "images", count=60)
        command = ("-m", "pyimagesearch.build_dataset", f"--images={images}")
        pairs = []
        for n in range(2):
            start = time.monotonic()
            assert run(*command, f"--output={folder}/{n}", f"--seed={n}").returncode == 0
            whole = time.monotonic() - start
            pairs.append(pair(Path(folder, str(n))))
        for n in range(count):
            number = SIGNALS[n % len(SIGNALS)]
            output = Path(folder, f"killed {n}")
            output.mkdir()
            for name, content in zip((TRAIN_NAME, TEST_NAME), pairs[0], strict=True):
                (output / name).write_bytes(content)
            with running(*command, f"--output={output}", "--seed=1") as process:
                # half of them in its last moments, in which it writes
                if n // len(SIGNALS) % 2:
                    while process.poll() is None and len(os.listdir(output)) == 2:
                        time.sleep(0.001)
                    time.sleep(rng.uniform(0, whole / 8))
                else:
                    time.sleep(rng.uniform(0, whole))
                in_time += process.poll() is None
                process.send_signal(number)
                process.communicate()
            ends[("old", "new")[pairs.index(pair(output))]] += 1
            left = set(os.listdir(output)) - {TRAIN_NAME, TEST_NAME}
            if left and number != signal.SIGKILL:
                ends["left a part file, though not by SIGKILL"] += 1
    print(f"{count} builds, {in_time} killed before their end; CSVs: {dict(ends)}, none mixed")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
