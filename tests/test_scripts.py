"""The scripts that make README's figures, run briefly on small images."""

import re
import shutil

import pytest

from programs import ROOT, SMALL, copy_project, run
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME
from small_csvs import SPECIES, cycle, write_csv


@pytest.fixture
def folder(tmp_path, small):
    """Copy the project and its scripts, with CSVs of the shipped names, but small."""
    copy_project(tmp_path)
    shutil.copytree(ROOT / "tests" / "scripts", tmp_path / "tests" / "scripts")
    reference = (ROOT / "tests" / "reference.py").read_text()
    (tmp_path / "tests" / "reference.py").write_text(reference.replace("(64, 64, 3)", str(SMALL)))
    write_csv(tmp_path / TRAIN_NAME, cycle(64, *SPECIES), seed=1)
    write_csv(tmp_path / TEST_NAME, cycle(32, *SPECIES), seed=2)
    return tmp_path


def test_the_benchmark_measures_all_that_it_says(folder):
    result = run("tests/scripts/benchmark.py", "--brief", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert len(re.findall(r"\d+ +\d+ images/s .* at least ", result.stdout)) == 4
    ways = re.findall(r"^ +(\S.*?) +\d+ images/s", result.stdout, re.MULTILINE)
    assert len(ways) == 5 + 7


def test_the_results_are_a_row_a_seed(folder):
    options = "--seeds", "42", "1", "--csvs", ".", "--epochs", "1", "--pixels", "2017"
    result = run("tests/scripts/results.py", *options, cwd=folder)
    assert result.returncode == 0, result.stderr
    *_, first, second, mean, span = result.stdout.splitlines()
    values = [[float(v) for v in re.findall(r"\d\.\d+", row)] for row in (first, second, mean)]
    for one, other, middle in zip(*values, strict=True):
        assert 0 <= one <= 1
        assert middle == pytest.approx((one + other) / 2, abs=0.002)
    assert len(re.findall(r"\d\.\d+ to \d\.\d+", span)) == 2
