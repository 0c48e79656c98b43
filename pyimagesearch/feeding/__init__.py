"""Ways to feed Keras: scripts that each train MiniVGGNet on the CSVs of the current folder."""

from pyimagesearch.quiet import loading_tensorflow

with loading_tensorflow():
    import keras  # noqa: F401
