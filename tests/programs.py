"""Our programs as a user runs them: in processes of their own."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SMALL = (8, 8, 3)  # an image shape with which a training takes a second

# longer than anything here takes, on a busy machine
PATIENCE = 300


def run(*command, **options):
    """Run Python with these arguments to its end; return the `subprocess.CompletedProcess`."""
    options = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": PATIENCE} | options
    options["env"] = os.environ | options.get("env", {})
    return subprocess.run([sys.executable, *command], check=False, **options)


def exit_code(main, arguments):
    """Call a program's `main` with these arguments; return the exit code, and print its message."""
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as exit_:
        if isinstance(exit_.code, str):
            print(exit_.code, file=sys.stderr)
            return 1
        return exit_.code
    return 0


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


def copy_project(folder, shape=SMALL):
    """Copy the project, with another image shape in its one place; return the folder."""
    # not the modes: the checkout may be read-only
    shutil.copytree(ROOT / "pyimagesearch", folder / "pyimagesearch", copy_function=shutil.copyfile)
    shutil.copy(ROOT / "train.py", folder)
    config = folder / "pyimagesearch" / "config.py"
    config.write_text(config.read_text().replace("SHAPE = (64, 64, 3)", f"SHAPE = {shape}"))
    return folder


def shrink(monkeypatch):
    """Let images be of the shape `SMALL` in this process, too."""
    monkeypatch.setattr("pyimagesearch.config.IMAGE_SHAPE", SMALL)
