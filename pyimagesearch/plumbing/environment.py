"""The settings of the process that our programs run in, and Keras's; nobody else's are changed."""

import contextlib
import os
import signal
import sys


def prepare():
    """Prepare this process for one of our programs.

    Call it only there, and before TensorFlow, Keras or matplotlib is imported: they read their
    settings while they are. Whoever imports from us keeps theirs.
    """
    # Ctrl-C while TensorFlow is imported, which takes seconds: there is nothing to save yet.
    # Where it is ignored, as in a shell's background jobs, it stays so.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, end_at_once)

    # a closed standard stream: the next file opened would take its place, and get its output
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, f"__{name}__") is None:
            os.open(os.devnull, os.O_RDWR)
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115 - open to the end

    # TensorFlow's messages at its start: they need no action
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # our network and generators are made for TensorFlow, whatever else Keras could run on
    os.environ["KERAS_BACKEND"] = "tensorflow"
    # Keras 3 also where notebooks ask for the old one, which `tensorflow.keras` would then be
    os.environ["TF_USE_LEGACY_KERAS"] = "0"
    # we only write image files; a notebook passes its own backend on to what it starts
    os.environ["MPLBACKEND"] = "Agg"


def set_keras_defaults():
    """Undo what a keras.json in the user's home says: the tutorial trains with Keras's defaults."""
    import keras  # noqa: PLC0415 - takes seconds; not every program needs it

    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")


def end_at_once(signal_number, frame):
    """End the process, where Python would show how far its imports had come."""
    with contextlib.suppress(OSError):
        os.write(2, b"[ERROR] interrupted\n")
    os._exit(128 + signal_number)
