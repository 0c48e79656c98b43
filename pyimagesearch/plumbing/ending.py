"""How a program ends: what went wrong in one plain line, and an exit code that tells."""

import contextlib
import math
import os
import signal
import sys
import time

from pyimagesearch.plumbing.environment import end_at_once

FAILED, BAD_INPUT, SIGNALLED = 1, 2, 128

# Ctrl-C, the end of a job (`timeout`, `docker stop`), the closing of its window (not on Windows)
SIGNALS = [n for n in signal.Signals if n.name in ("SIGINT", "SIGTERM", "SIGHUP")]

# seconds within which two signals are one ending, told twice: a window that is closed sends
# SIGHUP, and so does its shell
TOLD_TWICE = 0.5


class InputError(ValueError):
    """Something is wrong with what the user gave; the text says what, where, and what should be.

    It is one line that UTF-8 can hold, whatever a file's name has in it: TensorFlow hands on no
    other from a generator.
    """

    def __init__(self, text):
        super().__init__(" ".join(text.encode(errors="backslashreplace").decode().splitlines()))


@contextlib.contextmanager
def undisturbed():
    """Let the signals of an `Ending` wait while the block writes or tidies up.

    One that came is raised afterwards; not in the place of an error, which says more.
    """
    ending = Ending.current or Ending()
    due = False
    ending.held += 1
    try:
        yield
    finally:
        ending.held -= 1
        if not ending.held:
            due, ending.due = ending.due, False
    if due:
        raise KeyboardInterrupt


class Ending:
    """Context manager round a whole program: it tells errors and signals, and ends without them.

    `InputError`, `OSError` and the signals are told in one line each; every other error is a fault
    of ours and keeps its traceback. Standard output may fail (its reader gone, its disk full):
    that is told once, and the program goes on, so that nothing else is lost.

    Attributes:
        exit_code: for `sys.exit`. 0: all is well. 1: not all could be written, or the loss is
            lost. 2: bad input. 128 + a signal's number: it came. The largest counts.
        interrupted: whether a signal came.
        patient: set it, and the first signal is only noted, for whoever asks `interrupted`;
            otherwise it raises KeyboardInterrupt, as each later one does.
        held, due: see `undisturbed`; how many of its blocks are open, and whether a signal waits.
        current: of the class; the `Ending` that is open, or None.
    """

    current = None

    def __init__(self):
        self.exit_code = 0
        self.interrupted = False
        self.patient = False
        self.held = 0
        self.due = False
        self._signalled_at = -math.inf

    def __enter__(self):
        # that was for the time of the imports
        if signal.getsignal(signal.SIGINT) is end_at_once:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        handlers = {number: signal.getsignal(number) for number in SIGNALS}
        # what is ignored stays so: Ctrl-C in a background job, SIGHUP under nohup
        self._handlers = {
            n: old for n, old in handlers.items() if old not in (signal.SIG_IGN, None)
        }
        for number in self._handlers:
            signal.signal(number, self._on_signal)
        Ending.current = self
        self._stdout = sys.stdout
        # in a notebook or a test it is somebody else's, and not to be touched
        if sys.stdout is sys.__stdout__:
            sys.stdout = _Output(sys.stdout, self)
        return self

    def __exit__(self, kind, error, traceback):
        told = self._tell(error)
        Ending.current = None
        sys.stdout.flush()
        sys.stdout = self._stdout
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        return told

    @contextlib.contextmanager
    def step(self):
        """Let a block fail on its own: its error is told, and what follows the block still runs.

        The first signal ends only the block, a second one the program.
        """
        before = self.interrupted
        try:
            yield
        except (InputError, OSError, KeyboardInterrupt) as error:
            if isinstance(error, KeyboardInterrupt) and before:
                raise
            self._tell(error)

    def complain(self, message, exit_code=BAD_INPUT):
        """Print one line on standard error, and remember the exit code."""
        self.exit_code = max(self.exit_code, exit_code)
        # a file's name may hold a line end; and where standard error is lost, the exit code tells
        with contextlib.suppress(OSError):
            print("[ERROR]", *str(message).splitlines(), file=sys.stderr, flush=True)

    def _tell(self, error):
        """Tell an error, and return whether it was one to be told."""
        if isinstance(error, InputError):
            self.complain(error)
        elif isinstance(error, OSError):
            where = f"{error.filename}: " if error.filename else ""
            self.complain(f"{where}{error.strerror or error}", FAILED)
        elif isinstance(error, KeyboardInterrupt):
            self.complain("interrupted", self.exit_code or SIGNALLED + signal.SIGINT)
        else:
            return False
        return True

    def _on_signal(self, number, frame):
        self.exit_code = max(self.exit_code, SIGNALLED + number)
        now = time.monotonic()
        if now - self._signalled_at < TOLD_TWICE:
            return
        self._signalled_at = now
        wait = self.patient and not self.interrupted
        self.interrupted = True
        if wait:
            return
        if not self.held:
            raise KeyboardInterrupt
        self.due = True


class _Output:
    """Standard output that never fails: its first error is told, and the rest goes nowhere.

    What its encoding lacks is replaced. A line is written at once, also into a file or a pipe.
    """

    def __init__(self, stream, ending):
        self._ending = ending
        self._stream = stream
        if stream is None:  # closed before Python started
            self._stream = open(os.devnull, "w")  # noqa: SIM115 - open to the end
            self._lose("closed")
        else:
            stream.reconfigure(errors="replace", line_buffering=True)

    def write(self, text):
        try:
            return self._stream.write(text)
        except OSError as error:
            self._lose(error.strerror)
            return len(text)

    def flush(self):
        try:
            self._stream.flush()
        except OSError as error:
            self._lose(error.strerror)

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def _lose(self, reason):
        self._ending.complain(f"standard output: {reason}; going on without it", FAILED)
        if self._stream is sys.__stdout__:
            # what is still buffered must have somewhere to go
            with open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), self._stream.fileno())
