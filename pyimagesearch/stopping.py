"""Stop a training early, and keep what was learned."""

import signal
import sys
import threading

from keras.callbacks import Callback


class StopOnSignal(Callback):
    """Let Ctrl-C or SIGTERM end `fit` after the step at hand; a second Ctrl-C ends it at once.

    Usage: `with StopOnSignal() as stop: model.fit(..., callbacks=[stop])`. Keras validates the
    epoch that was cut short. In the first epoch, there is nothing to keep: the program ends.
    `received` is the number of the signal, or None.
    """

    received = None
    _whole_epochs = 0

    def __enter__(self):
        self._before = {}
        main = threading.current_thread() is threading.main_thread()
        for number in signal.SIGINT, signal.SIGTERM:
            # an ignored signal stays ignored: a shell starts background jobs without Ctrl-C
            if main and signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, kind, error, traceback):
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self.received and not self._whole_epochs and error is None:
            print("[ERROR] interrupted in the first epoch: nothing is written", file=sys.stderr)
            sys.exit(128 + self.received)

    def _on_signal(self, number, frame):
        # a second Ctrl-C ends at once; a second SIGTERM does not, since `timeout` may send two
        if number == self.received == signal.SIGINT:
            raise KeyboardInterrupt
        self.received = number

    def on_train_batch_end(self, batch=None, logs=None):
        """End the epoch if a signal came."""
        if self.received and not self.model.stop_training:
            print("\n[INFO] interrupted: the training ends here (Ctrl-C again: end at once)")
            self.model.stop_training = True

    on_test_batch_end = on_train_batch_end

    def on_epoch_end(self, epoch, logs=None):
        """Count the epoch, unless it was cut short."""
        if not self.received:
            self._whole_epochs += 1
        self.on_train_batch_end()
