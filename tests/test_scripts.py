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
    write_csv(tmp_path / TRAIN_NAME, cycle(32, *SPECIES), seed=1)
    write_csv(tmp_path / TEST_NAME, cycle(9, *SPECIES), seed=2)
    # results.py puts another there
    monkeypatch.setattr(train, "ImageDataGenerator", train.ImageDataGenerator)

    def run(name, *options):
        monkeypatch.setattr(sys, "argv", [name, *map(str, options)])
        runpy.run_path(str(ROOT / "tests" / "scripts" / name), run_name="__main__")
        return capsys.readouterr().out

    return run


def test_the_benchmark_measures_all_that_it_says(script, tmp_path):
    output = script("benchmark.py", "--brief", "--train-csv", tmp_path / TRAIN_NAME)
    assert output.count(": at least ") == 4
    assert len(re.findall(r"^ +\S.*? +\d+ images/s +\d+\.\d\d", output, re.M)) == 4 * 2 + 5 + 7


def test_the_results_are_a_row_a_seed(script, tmp_path):
    options = "--seeds", 42, 1, "--csvs", tmp_path, "--epochs", 1, "--pixels", "2017"
    accuracies = re.findall(r"\d\.\d{3}", script("results.py", *options))
    first, second, mean, least, most = map(float, accuracies)
    assert mean == pytest.approx((first + second) / 2, abs=0.001)
    assert [least, most] == sorted([first, second])
