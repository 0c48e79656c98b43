"""Our programs as a user runs them: in processes of their own."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# longer than anything here takes, on a busy machine
PATIENCE = 300


def run(*command, **options):
    """Run Python with these arguments to its end; return the `subprocess.CompletedProcess`."""
    options = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": PATIENCE} | options
    options["env"] = os.environ | options.get("env", {})
    return subprocess.run([sys.executable, *command], check=False, **options)


@contextlib.contextmanager
def running(*command, **options):
    """Start Python with these arguments; yield the `subprocess.Popen`, and leave none behind."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    options = {"cwd": ROOT} | pipes | options
    options["env"] = os.environ | options.get("env", {})
    with subprocess.Popen([sys.executable, *command], **options) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(condition, process):
    """Wait for a condition, while a process runs."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
