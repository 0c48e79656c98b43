"""Several GPUs of one machine: each takes a share of every batch, and gradients are averaged.

For a network that takes longer than its data. `MirroredStrategy` keeps a copy of the network on
each GPU, and gives each `BATCH_SIZE` images of a batch. Without a GPU, it trains on the CPU.

Not averaged are batch normalization's moving averages: the first GPU's are kept. All GPUs draw the
same dropout mask.

Traps:
- Keras 3.5 to 3.7 train other weights, in silence: refused here.
- `fit` loses batches that Keras reads ahead of a generator or of a `PyDataset` with `workers`.
  Arrays, `tf.data` (`records.py`) and `aug.flow` lose none.
- Larger batches mean fewer updates in an epoch: train for more epochs, or at a higher rate.

USAGE: python -m pyimagesearch.feeding.several_gpus
"""

import keras
import tensorflow as tf

from pyimagesearch.csv_rows import TRAIN_NAME
from pyimagesearch.errors import InputError, one_line_errors
from pyimagesearch.feeding import build_model
from pyimagesearch.feeding.arrays import read_arrays

EPOCHS = 2
BATCH_SIZE = 32  # on each GPU


def main():
    """Train on all GPUs of this machine; return the network."""
    if tuple(map(int, keras.__version__.split(".")[:2])) < (3, 8):
        raise InputError(f"Keras {keras.__version__} averages wrongly; expected Keras 3.8 or later")
    images, targets, classes = read_arrays(TRAIN_NAME)

    keras.utils.set_random_seed(42)
    strategy = tf.distribute.MirroredStrategy()
    print(f"[INFO] devices: {strategy.num_replicas_in_sync}")
    with strategy.scope():  # building and compiling make variables: a copy of each on every GPU
        model = build_model(len(classes))
    batch_size = BATCH_SIZE * strategy.num_replicas_in_sync
    model.fit(images, targets, batch_size=batch_size, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    with one_line_errors():
        main()
