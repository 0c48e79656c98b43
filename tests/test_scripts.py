"""The scripts that make README's figures, run briefly on small images."""

import re
import runpy
import shutil
import sys

import pytest

import train
from programs import ROOT, copy_project, run
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME
from small_csvs import SPECIES, cycle, write_csv

SCRIPTS = ROOT / "tests" / "scripts"


@pytest.fixture
def folder(tmp_path, small):
    write_csv(tmp_path / TRAIN_NAME, cycle(64, *SPECIES), seed=1)
    write_csv(tmp_path / TEST_NAME, cycle(32, *SPECIES), seed=2)
    return tmp_path


def test_the_benchmark_measures_all_that_it_says(folder):
    copy_project(folder)
    shutil.copytree(SCRIPTS, folder / "tests" / "scripts")
    shutil.copy(ROOT / "tests" / "reference.py", folder / "tests")
    result = run("tests/scripts/benchmark.py", "--brief", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert len(re.findall(r"\d+ +\d+ images/s .* at least ", result.stdout)) == 4
    assert len(re.findall(r"^ +\S.*? +\d+ images/s", result.stdout, re.MULTILINE)) == 5 + 7


def test_the_results_are_a_row_a_seed(folder, monkeypatch, capsys):
    options = ["--seeds", "42", "1", "--epochs", "1", "--pixels", "2017", "--csvs"]
    monkeypatch.setattr(sys, "argv", ["results.py", *options, str(folder)])
    # the script puts another there
    monkeypatch.setattr(train, "ImageDataGenerator", train.ImageDataGenerator)
    runpy.run_path(str(SCRIPTS / "results.py"), run_name="__main__")
    *_, first, second, mean, span = capsys.readouterr().out.splitlines()
    values = [[float(v) for v in re.findall(r"\d\.\d+", row)] for row in (first, second, mean)]
    for one, other, middle in zip(*values, strict=True):
        assert 0 <= one <= 1
        assert middle == pytest.approx((one + other) / 2, abs=0.002)
    assert len(re.findall(r"\d\.\d+ to \d\.\d+", span)) == 2
