"""How TensorFlow is loaded: it takes seconds, and prints lines that need no action."""

import contextlib
import faulthandler
import importlib.util
import os
import sys
import tempfile


@contextlib.contextmanager
def loading_tensorflow():
    """Announce that the block imports TensorFlow; hide what it prints, unless it fails."""
    if "keras" in sys.modules:
        yield
        return
    print("[INFO] loading TensorFlow...", flush=True)
    os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever ~/.keras/keras.json says
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # oneDNN's faster kernels also on processors without AVX-512
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    # Matplotlib fails on a notebook's backend that this Python lacks (!.venv/bin/python train.py)
    backend = os.environ.get("MPLBACKEND", "").partition("module://")[2].partition(".")[0]
    if backend and importlib.util.find_spec(backend) is None:
        del os.environ["MPLBACKEND"]

    # TensorFlow writes to file descriptor 2, not to sys.stderr
    stderr = os.dup(2)
    faulthandler.enable(stderr)  # without AVX, TensorFlow ends the process: show where
    with tempfile.TemporaryFile() as hidden:
        os.dup2(hidden.fileno(), 2)
        try:
            yield
        except BaseException:
            hidden.seek(0)
            os.write(stderr, hidden.read())
            raise
        finally:
            os.dup2(stderr, 2)
            faulthandler.disable()
            os.close(stderr)
