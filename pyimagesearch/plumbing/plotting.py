"""The frame of the training plot: where its curves go is train.py's, how it looks stands here."""

import contextlib

from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from pyimagesearch.plumbing.files import writing

LOSS_TICKS = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]


@contextlib.contextmanager
def training_plot(path):
    """Let the block draw the curves of a training, save them as an image, and say so.

    Args:
        path: of the image; its suffix is its format, as Matplotlib knows it.

    Yields:
        a `matplotlib.axes.Axes`; the x axis counts epochs.

    Raises:
        OSError: it can't be written; what was there stays.
    """
    # the same everywhere, whatever the user's own style is; and without pyplot, whose backend
    # (a notebook's inline plots) is not ours to choose
    with style.context(["default", "ggplot"]):
        fig = Figure(figsize=(8, 6), layout="constrained")
        ax = fig.subplots()
        yield ax

        # the first validation losses reach hundreds: linear up to 1, logarithmic above it
        ax.set_yscale("symlog", linthresh=1, linscale=1.5)
        ax.set_ylim(bottom=0)
        ax.yaxis.set_major_locator(FixedLocator([0, 0.2, 0.4, 0.6, 0.8, *LOSS_TICKS]))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        fig.legend(loc="outside lower center", ncols=4)
        with writing(path) as part:
            fig.savefig(part)
