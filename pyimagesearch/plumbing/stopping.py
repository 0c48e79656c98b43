"""How a signal ends a training."""

from keras.callbacks import Callback


class StopOnSignal(Callback):
    """Let the first signal end `fit` after the step at hand; the epoch is validated, and counts.

    `errors` is the program's `ErrorHandler`. A second signal ends the program.
    """

    def __init__(self, errors):
        super().__init__()
        self.errors = errors

    def on_train_begin(self, logs=None):
        """From here on there is something to keep."""
        self.errors.patient = True

    def on_train_batch_end(self, batch, logs=None):
        """Look whether a signal came."""
        if self.errors.interrupted and not self.model.stop_training:
            print("\n[INFO] interrupted: the training ends here (Ctrl-C again: end at once)")
            self.model.stop_training = True

    on_test_batch_end = on_train_batch_end
    on_epoch_end = on_train_batch_end

    def on_train_end(self, logs=None):
        """The next signal is for what comes after `fit`."""
        self.errors.patient = False
