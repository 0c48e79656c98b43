"""How a training ends before its last epoch: on a signal, on a loss that is NaN, on a bad row."""

import contextlib
import math
import re

import tensorflow as tf
from keras.callbacks import Callback

from pyimagesearch.plumbing.ending import FAILED, InputError


class _EndTraining(Exception):  # noqa: N818 - not an error
    """Leaves `fit` from within a callback: the epoch at hand does not count as completed."""


class StopOnTrouble(Callback):
    """Callback and context manager round `fit`, which then ends early without a traceback.

    The first signal (Ctrl-C, SIGTERM, SIGHUP) ends it after the step at hand, a second one at
    once, with KeyboardInterrupt. A loss that is not finite ends it, and so does a CSV that turns
    out bad while it is read. Keras's `TerminateOnNaN` is not enough: it validates and counts the
    epoch whose weights are lost.

    Args:
        ending: the program's `Ending`.

    Attributes:
        learned: whether the network is worth anything: it was updated, and its loss is finite.
    """

    def __init__(self, ending):
        super().__init__()
        self.ending = ending
        self.learned = False

    def __enter__(self):
        self.ending.patient = True
        return self

    def __exit__(self, kind, error, traceback):
        self.ending.patient = False
        # the signal may have come in the middle of Keras's printing: only now is it told
        going_on = kind in (None, _EndTraining) and self.learned
        if self.ending.interrupted and going_on:
            print("\n[INFO] interrupted: on to the report and the plot (Ctrl-C again: end at once)")
        if isinstance(error, _EndTraining):
            return True
        message = _message_of_row(error)
        if message:
            print()  # Keras's progress bar has not ended its line
            self.ending.complain(message)
        return message is not None

    def on_train_batch_end(self, batch, logs=None):
        """End the training if the loss is lost, or on a signal."""
        self.learned = math.isfinite(logs["loss"])
        if not self.learned:
            print()
            lost = (
                f"the loss became {logs['loss']}: the network is lost, and neither saved nor tested"
            )
            self.ending.complain(lost, FAILED)
            raise _EndTraining
        self._end_on_signal()

    def on_test_batch_end(self, batch, logs=None):
        """End the training on a signal during the validation, too."""
        self._end_on_signal()

    def _end_on_signal(self):
        if self.ending.interrupted:
            raise _EndTraining


@contextlib.contextmanager
def plain_row_errors():
    """Let what the generator raises in `predict` come out as `InputError`, not as TensorFlow's."""
    try:
        yield
    except tf.errors.OpError as error:
        message = _message_of_row(error)
        if not message:
            raise
        raise InputError(message) from None


def _message_of_row(error):
    """Return what an `InputError` in a generator says, or None for another error."""
    # in a batch that Keras looks at ahead, to see its shapes, it comes as it is
    if isinstance(error, InputError):
        return str(error)
    # in all others TensorFlow puts its text, with a traceback, into an error of its own
    if isinstance(error, tf.errors.OpError):
        found = re.search(r"CSVError: (.+)", str(error))
        return found and found[1]
    return None
