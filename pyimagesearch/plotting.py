"""How the plot of a training looks."""

import contextlib

from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from pyimagesearch.plumbing.files import writing

LOSS_TICKS = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]


@contextlib.contextmanager
def training_plot(path):
    """Let the block draw the curves of a training, then save them as an image.

    Yields a `matplotlib.axes.Axes`, whose x axis counts epochs. The image's suffix is its format.
    """
    # the same for all, whatever the user's own style is. And without pyplot, whose backend (a
    # notebook's inline plots) is the user's to choose
    with style.context(["default", "ggplot"]):
        fig = Figure(figsize=(8, 6), layout="constrained")
        ax = fig.subplots()
        yield ax

        # the first validation losses reach hundreds: linear up to 1, logarithmic above it
        ax.set_yscale("symlog", linthresh=1, linscale=1.5)
        ax.set_ylim(bottom=0)
        ax.yaxis.set_major_locator(FixedLocator([0, 0.2, 0.4, 0.6, 0.8, *LOSS_TICKS]))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        fig.legend(loc="outside lower center", ncols=4)
        with writing(path) as part:
            fig.savefig(part)
