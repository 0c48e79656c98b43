"""What a program sets up before it imports its packages. Nothing of it outlives the imports."""

import contextlib
import faulthandler
import importlib.util
import os
import sys
import tempfile
from unittest import mock

PACKAGES = ("tensorflow", "keras", "numpy", "sklearn", "matplotlib", "PIL", "scipy")

# TensorFlow's messages as it starts need no action; our code needs Keras 3, on TensorFlow
SETTINGS = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "TF_USE_LEGACY_KERAS": "0"}

# what takes seconds to import
SLOW = ("keras", "tensorflow.keras.preprocessing.image", "sklearn.metrics", "matplotlib.figure")


def prepare():
    """Check Python and its packages. A program calls it first, before it imports them."""
    # a Python that is too old must be able to read this file, and those that call it
    if sys.version_info < (3, 10):  # noqa: UP036 - for those who have an older one
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"[ERROR] this is Python {version}; expected Python 3.10 to 3.13")
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        folder = os.path.abspath(".venv")
        other = os.path.isdir(folder) and not sys.executable.startswith(folder)
        sys.exit(
            f"[ERROR] {sys.executable} lacks {', '.join(missing)}; "
            f"{f'run the python in {folder}, or' if other else 'expected them:'} pip install "
            "-r requirements.txt (TensorFlow has packages for Python 3.10 to 3.13)"
        )
    # a notebook's backend, where that notebook's Python is not ours: Matplotlib would fail
    backend = os.environ.get("MPLBACKEND", "").partition("://")[2].partition(".")[0]
    if backend and importlib.util.find_spec(backend) is None:
        del os.environ["MPLBACKEND"]
    # a closed stream: the next file opened would take its number, and get its output
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - open to the end


def load_tensorflow():
    """Import TensorFlow and Keras, without the lines that TensorFlow prints meanwhile."""
    try:
        with contextlib.suppress(OSError):  # a full disk: `ErrorHandler` reports it
            print("[INFO] loading TensorFlow...", flush=True)
        with mock.patch.dict(os.environ, SETTINGS), _stderr_held_back():
            for name in SLOW:
                importlib.import_module(name)
    except KeyboardInterrupt:
        print("[ERROR] interrupted", file=sys.stderr)
        sys.exit(130)


@contextlib.contextmanager
def _stderr_held_back():
    """Hold back what the block writes to file descriptor 2; show it if the block fails."""
    stderr = os.dup(2)
    # if TensorFlow ends the process (without AVX it does), show where at least
    dump_here = not faulthandler.is_enabled()
    if dump_here:
        faulthandler.enable(stderr)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except Exception:
            held.seek(0)
            os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            if dump_here:
                faulthandler.disable()
            os.close(stderr)


def set_keras_defaults():
    """Set Keras's defaults, which a keras.json in the user's home may have changed."""
    import keras  # noqa: PLC0415 - takes seconds; not every program needs it

    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
