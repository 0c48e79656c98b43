"""What a user meets before the first epoch, where something is wrong."""

import os
import re
import signal

import pytest

from programs import ROOT, run
from pyimagesearch.plumbing import environment


def test_ctrl_c_during_the_imports_ends_them_with_one_line(tmp_path, monkeypatch, capfd):
    (tmp_path / "slow.py").write_text(
        """
import os, signal
os.environ["SLOW"] = "1"
os.write(2, b"a line of TensorFlow's")
signal.raise_signal(signal.SIGINT)
"""
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(environment, "SLOW", ("slow",))
    before = dict(os.environ)
    with pytest.raises(SystemExit) as end:
        environment.load_tensorflow()
    assert end.value.code == 130
    assert capfd.readouterr() == ("[INFO] loading TensorFlow...\n", "[ERROR] interrupted\n")
    # a notebook goes on after it
    assert os.environ == before
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_process_that_tensorflow_ends_says_where(tmp_path):
    # as it does on a processor without AVX
    command = """
import os
from pyimagesearch.plumbing import environment
with environment._stderr_held_back():
    os.abort()
"""
    result = run("-c", command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert result.returncode != 0
    assert re.search(r"^Fatal Python error: Aborted$", result.stderr, re.MULTILINE)
