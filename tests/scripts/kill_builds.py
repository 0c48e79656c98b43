"""Kill the builder at random moments, and check that both CSVs are old or both are new.

USAGE
    python tests/scripts/kill_builds.py [COUNT] [SEED]
"""

import collections
import os
import shutil
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
            output = Path(shutil.copytree(f"{folder}/0", f"{folder}/killed {n}"))
            with running(*command, f"--output={output}", "--seed=1") as process:
                # half of them in its last moments, in which it writes
                late = n // len(SIGNALS) % 2
                while late and process.poll() is None and len(os.listdir(output)) == 2:
                    time.sleep(0.001)
                time.sleep(rng.uniform(0, whole / 8 if late else whole))
                ends["killed before its end"] += process.poll() is None
                process.send_signal(number)
                process.communicate()
            ends[("old", "new")[pairs.index(pair(output))]] += 1
            if number != signal.SIGKILL:
                ends["left a part file, though not by SIGKILL"] += len(os.listdir(output)) > 2
    print(f"{count} builds: {dict(ends)}, none mixed")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
