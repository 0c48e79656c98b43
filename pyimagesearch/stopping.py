"""Stop a training early, and keep what was learned."""

import signal
import sys
import threading

from keras.callbacks import Callback


class StopOnSignal(Callback):
    """Let Ctrl-C or SIGTERM end `fit` after the current step; a second Ctrl-C ends at once.

    Keras validates the epoch that was cut short. In the first epoch there is nothing to keep, and
    the program ends. Outside `fit`, signals act as ever. As a context manager, it exits as a shell
    expects after a signal: 130 after Ctrl-C, 143 after SIGTERM.
    """

    def __init__(self):
        super().__init__()
        self._received = None  # the number of the signal
        self._whole_epochs = 0
        self._handlers = {}  # those before `fit`, by signal

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self._restore_handlers()  # where `fit` failed
        if self._received and error is None:
            sys.exit(128 + self._received)

    def _restore_handlers(self):
        while self._handlers:
            signal.signal(*self._handlers.popitem())

    def _on_signal(self, number, frame):
        # a second Ctrl-C ends at once; a second SIGTERM does not, since `timeout` may send two
        if number == self._received == signal.SIGINT:
            raise KeyboardInterrupt
        self._received = number

    def on_train_begin(self, logs=None):
        """Handle the signals while `fit` runs; only Python's main thread can."""
        main = threading.current_thread() is threading.main_thread()
        for number in signal.SIGINT, signal.SIGTERM:
            # an ignored signal stays ignored: a shell starts background jobs without Ctrl-C
            if main and signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._handlers[number] = signal.signal(number, self._on_signal)

    def on_train_batch_end(self, batch=None, logs=None):
        """End the epoch if a signal came."""
        if self._received and not self.model.stop_training:
            print("\n[INFO] interrupted: the training ends here (Ctrl-C again: end at once)")
            self.model.stop_training = True

    on_test_batch_end = on_train_batch_end

    def on_epoch_end(self, epoch, logs=None):
        """Count the epoch, unless it was cut short."""
        self._whole_epochs += not self._received
        self.on_train_batch_end()

    def on_train_end(self, logs=None):
        """End the program if no epoch is whole."""
        self._restore_handlers()
        if self._received and not self._whole_epochs:
            print("[ERROR] interrupted in the first epoch: nothing is written", file=sys.stderr)
            sys.exit(128 + self._received)
