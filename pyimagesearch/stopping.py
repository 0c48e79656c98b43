"""How a training ends before its last epoch: on Ctrl-C, on a loss that is NaN, on a bad row."""

import math
import re
import signal
import sys

import tensorflow as tf
from keras.callbacks import Callback

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


class _EndTraining(Exception):  # noqa: N818 - nothing has gone wrong
    """Raised by the callback to leave `fit`; the epoch at hand does not count as completed."""


class StopEarly(Callback):
    """Callback and context manager round `fit`, which then ends early without a traceback.

    Ctrl-C ends it after the step at hand, a second Ctrl-C at once (with KeyboardInterrupt). So
    do a loss that is not finite, and a CSV that turned out bad while it was being read.

    Attributes:
        exit_code: what the program should exit with; OK where `fit` went through.
    """

    def __enter__(self):
        self.exit_code = OK
        self._handler = signal.getsignal(signal.SIGINT)
        # a shell starts background jobs with Ctrl-C ignored: leave it so
        if self._handler is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(self, kind, error, traceback):
        signal.signal(signal.SIGINT, self._handler)
        if isinstance(error, tf.errors.OpError):
            # TensorFlow wraps what the generator raised, with its traceback, in its own error
            message = re.search(r"CSVError: (.+)", str(error))
            if message is None:
                return False
            self.exit_code = BAD_INPUT
            print(f"\n[ERROR] {message[1]}", file=sys.stderr)
        return error is None or isinstance(error, _EndTraining | tf.errors.OpError)

    def _on_interrupt(self, signal_number, frame):
        signal.signal(signal.SIGINT, self._handler)
        self.exit_code = INTERRUPTED
        print(
            "\n[INFO] interrupted: ending the training after this step (Ctrl-C again: at once)...",
            flush=True,
        )

    def on_train_batch_end(self, batch, logs=None):
        """End the training if it was interrupted or its loss is lost."""
        if not math.isfinite(logs["loss"]):
            self.exit_code = FAILED
            print(
                f"\n[ERROR] the loss became {logs['loss']}: the network can't learn any more; "
                "training ended",
                file=sys.stderr,
            )
        if self.exit_code:
            raise _EndTraining

    def on_test_batch_end(self, batch, logs=None):
        """End the training if it was interrupted during the validation."""
        if self.exit_code:
            raise _EndTraining
