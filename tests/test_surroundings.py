"""The output of train.py on an odd terminal, and while TensorFlow loads."""

import contextlib
import io
import os
import re
import sys

import pytest

import train
from programs import ROOT, run
from pyimagesearch.quiet import loading_tensorflow
from small_csvs import arguments, write_both


def test_a_character_that_the_terminal_can_not_show_is_replaced(tmp_path, monkeypatch, small):
    write_both(tmp_path, "daisy", "été", "花")
    terminal = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    train.main(arguments(tmp_path, epochs=1))
    terminal.seek(0)
    rows = re.findall(r"^ +(\S+)(?: +\d\.\d\d){3} +3$", terminal.read(), re.MULTILINE)
    assert rows == ["daisy", "?t?", "?"]


@pytest.mark.parametrize("error", [None, ImportError, KeyboardInterrupt])
def test_lines_of_the_imports_are_shown_only_if_they_fail(capfd, monkeypatch, error):
    monkeypatch.delitem(sys.modules, "keras")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    with contextlib.suppress(ImportError, KeyboardInterrupt), loading_tensorflow():
        os.write(2, b"a line of TensorFlow's\n")
        if error:
            raise error
    os.write(2, b"after\n")
    shown = "a line of TensorFlow's\n" if error else ""
    assert capfd.readouterr() == ("[INFO] loading TensorFlow...\n", f"{shown}after\n")


def test_a_process_that_tensorflow_ends_says_where(tmp_path):
    # as it does on a processor without AVX
    command = "import os\nfrom pyimagesearch.quiet import *\nwith loading_tensorflow(): os.abort()"
    result = run("-c", command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert result.returncode != 0
    assert re.search(r"^Fatal Python error: Aborted$", result.stderr, re.MULTILINE)
