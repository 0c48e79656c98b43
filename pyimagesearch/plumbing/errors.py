"""How a program ends: one line for each error or signal, and an exit code."""

import contextlib
import os
import re
import signal
import sys
import threading
import time

FAILED, BAD_INPUT, SIGNALLED = 1, 2, 128

# Ctrl-C, the end of a job (`timeout`, `docker stop`), a closed window (the last not on Windows)
SIGNALS = [n for n in signal.Signals if n.name in ("SIGINT", "SIGTERM", "SIGHUP")]

SAME_SIGNAL = 0.5  # seconds: `timeout` and a closed window may send theirs twice


class InputError(ValueError):
    """Bad input. The text says in one line which file, where, and what was expected."""

    def __init__(self, text):
        # a file's name may hold line ends, or bytes that UTF-8 can't encode
        super().__init__(" ".join(text.encode(errors="backslashreplace").decode().splitlines()))


class ErrorHandler:
    """Context manager around a whole program: an error or a signal ends it with one line.

    Any error but `InputError` and `OSError` is a bug, and keeps its traceback.

    Attributes:
        exit_code: 0: done. 1: something could not be written, or the loss became NaN. 2: bad
            input. 128 + n: signal n came. The largest counts.
        interrupted: whether a signal came.
        patient: if True, the first signal only sets `interrupted`; else it raises
            KeyboardInterrupt, as each further one does.
    """

    def __init__(self):
        self.exit_code = 0
        self.interrupted = False
        self.patient = False
        self._signalled_at = -SAME_SIGNAL

    def __enter__(self):
        self._signals = signals_handled(self._on_signal)
        self._signals.__enter__()
        self._stdout = sys.stdout
        # but not a notebook's
        if sys.stdout is sys.__stdout__:
            sys.stdout = _SafeOutput(sys.stdout, self)
        return self

    def __exit__(self, kind, error, traceback):
        expected = self._report_expected(error)
        sys.stdout.flush()
        sys.stdout = self._stdout
        self._signals.__exit__(None, None, None)
        return expected

    @contextlib.contextmanager
    def step(self):
        """Report an error of the block, and go on after it; a second signal ends the program."""
        before = self.interrupted
        try:
            yield
        except (Exception, KeyboardInterrupt) as error:
            second_signal = before and isinstance(error, KeyboardInterrupt)
            if second_signal or not self._report_expected(error):
                raise

    def report(self, message, exit_code=BAD_INPUT):
        """Print one line on standard error, and remember the exit code."""
        self.exit_code = max(self.exit_code, exit_code)
        with contextlib.suppress(OSError):
            print("[ERROR]", *str(message).splitlines(), file=sys.stderr, flush=True)

    def _report_expected(self, error):
        """Report an error if it is an expected one, and return whether it is."""
        if isinstance(error, InputError):
            self.report(error)
        elif isinstance(error, KeyboardInterrupt):
            self.report("interrupted", self.exit_code or SIGNALLED + signal.SIGINT)
        # TensorFlow wraps what a generator raises, with a traceback, into an error of its own
        elif row_error := re.search(r"CSVError: (.+)", str(error)):
            print()  # Keras's progress bar has not ended its line
            self.report(row_error[1])
        elif isinstance(error, OSError):
            where = f"{error.filename}: " if error.filename else ""
            self.report(f"{where}{error.strerror or error}", FAILED)
        else:
            return False
        return True

    def _on_signal(self, number, frame):
        self.exit_code = max(self.exit_code, SIGNALLED + number)
        now = time.monotonic()
        same = now - self._signalled_at < SAME_SIGNAL
        noted = self.patient and not self.interrupted
        self._signalled_at, self.interrupted = now, True
        if not (same or noted):
            raise KeyboardInterrupt


@contextlib.contextmanager
def signals_handled(handler):
    """Give the signals of `SIGNALS` another handler, such as `signal.SIG_IGN`, in the block."""
    # what is ignored stays so: Ctrl-C in a shell's background job, SIGHUP under nohup. And only
    # the main thread can set handlers
    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in SIGNALS if main}
    before = {n: old for n, old in before.items() if old not in (signal.SIG_IGN, None)}
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


class _SafeOutput:
    """Standard output that never fails (full disk, closed pipe): the rest of it is dropped."""

    def __init__(self, stream, errors):
        # what its encoding lacks is replaced, and a file gets each line at once
        stream.reconfigure(errors="replace", line_buffering=True)
        self._stream, self._errors = stream, errors

    def write(self, text):
        self._try(self._stream.write, text)
        return len(text)

    def flush(self):
        self._try(self._stream.flush)

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def _try(self, action, *args):
        try:
            action(*args)
        except OSError as error:
            reason = f"standard output: {error.strerror}; going on without it"
            self._errors.report(reason, FAILED)
            # Python writes what is still buffered when it exits
            with open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), self._stream.fileno())
