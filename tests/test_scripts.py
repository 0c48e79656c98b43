"""The scripts that make README's figures, run briefly on small images."""

import re
import runpy
import sys

import pytest

import train
from programs import ROOT
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME
from small_csvs import SPECIES, cycle, write_csv


@pytest.fixture
def script(tmp_path, monkeypatch, capsys, small):
    """Return a function that runs a script with options, and returns what it prints."""
    write_csv(tmp_path / TRAIN_NAME, cycle(64, *SPECIES), seed=1)
    write_csv(tmp_path / TEST_NAME, cycle(32, *SPECIES), seed=2)
    # results.py puts another there
    monkeypatch.setattr(train, "ImageDataGenerator", train.ImageDataGenerator)

    def run(name, *options):
        monkeypatch.setattr(sys, "argv", [name, *map(str, options)])
        runpy.run_path(str(ROOT / "tests" / "scripts" / name), run_name="__main__")
        return capsys.readouterr().out

    return run


def test_the_benchmark_measures_all_that_it_says(script, tmp_path):
    output = script("benchmark.py", "--brief", "--train-csv", tmp_path / TRAIN_NAME)
    assert len(re.findall(r"\d+ +\d+ images/s .* at least ", output)) == 4
    assert len(re.findall(r"^ +\S.*? +\d+ images/s", output, re.MULTILINE)) == 5 + 7


def test_the_results_are_a_row_a_seed(script, tmp_path):
    options = "--seeds", 42, 1, "--csvs", tmp_path, "--epochs", 1, "--pixels", "2017"
    rows = script("results.py", *options).splitlines()
    first, second, mean = (float(re.search(r"\d\.\d+", row)[0]) for row in rows[-4:-1])
    assert min(first, second) >= 0
    assert mean == pytest.approx((first + second) / 2, abs=0.002)
    least, most = sorted((first, second))
    assert rows[-1].endswith(f" {least:.3f} to {most:.3f} |")
