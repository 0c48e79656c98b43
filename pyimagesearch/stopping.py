"""How a training ends before its last epoch: on Ctrl-C, on a loss that is NaN, on a bad row."""

import math
import re
import signal

import tensorflow as tf
from keras.callbacks import Callback

from pyimagesearch.errors import BAD_INPUT, FAILED, INTERRUPTED, OK, complain


class _EndTraining(Exception):  # noqa: N818 - not an error
    """Leaves `fit` from within a callback: the epoch at hand does not count as completed."""


class StopEarly(Callback):
    """Callback and context manager round `fit`, which then ends early without a traceback.

    Ctrl-C ends it after the step at hand, a second Ctrl-C at once, with KeyboardInterrupt. A
    loss that is not finite ends it, and so does a CSV that turns out bad while it is read.

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
            if message:
                print()  # Keras's progress bar has not ended its line
                self.exit_code = complain(message[1], BAD_INPUT)
            return message is not None
        return isinstance(error, _EndTraining)

    def _on_interrupt(self, signal_number, frame):
        # nothing is printed here: the signal may have come in the middle of Keras's printing
        signal.signal(signal.SIGINT, self._handler)
        self.exit_code = INTERRUPTED

    def on_train_batch_end(self, batch, logs=None):
        """End the training if the loss is lost, or on Ctrl-C."""
        if not math.isfinite(logs["loss"]):
            print()
            self.exit_code = complain(
                f"the loss became {logs['loss']}: the network can't learn any more", FAILED
            )
            raise _EndTraining
        self.on_test_batch_end(batch)

    def on_test_batch_end(self, batch, logs=None):
        """End the training on Ctrl-C, during the validation too."""
        if self.exit_code == INTERRUPTED:
            print(
                "\n[INFO] interrupted: on to the report and the plot (Ctrl-C again: end at once)",
                flush=True,
            )
            raise _EndTraining
