"""Several machines: each trains on its share of the rows, and their gradients are averaged.

For a model that trains slowly, over a fast connection: on 1 Gbit/s, exchanging MiniVGGNet's 34 MB
of gradients takes 0.27 s or more at each update. `fit` fails in the scope of
`MultiWorkerMirroredStrategy` (keras#20585); outside, an optimizer that averages them is enough.

Traps:
- Machines wait for each other at the start and at each update; if one ends, the others fail.
- A schedule of the learning rate counts updates, and an epoch has fewer of them.
- `fit` prints the loss of the machine's own share.
- Several GPUs in a machine need a process each. XLA can't compile the averaging on CPUs.

USAGE: on each machine, with an index of its own
    TF_CONFIG='{"cluster": {"worker": ["first:2222", "second:2222"]},
                "task": {"type": "worker", "index": 0}}' \\
        python -m pyimagesearch.feeding.several_machines
"""

import keras
import tensorflow as tf

from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.csv_rows import TRAIN_NAME
from pyimagesearch.errors import one_line_errors
from pyimagesearch.feeding.arrays import read_arrays
from pyimagesearch.minivggnet import MiniVGGNet

BATCH_SIZE = 32  # on each machine


class AveragingSGD(keras.optimizers.SGD):
    """SGD that applies the mean of the gradients of all machines."""

    def __init__(self, strategy, **options):
        super().__init__(**options)
        self.strategy = strategy

    def apply(self, grads, trainable_variables=None):
        """Average the gradients, then apply them; arguments as of any Keras optimizer."""

        def mean(*grads):
            grads = [tf.identity(grad) for grad in grads]  # copies, on a known device
            return tf.distribute.get_replica_context().all_reduce("MEAN", grads)

        super().apply(self.strategy.run(mean, args=tuple(grads)), trainable_variables)


def main():
    """Train, and return the network; the first machine saves it as several.keras."""
    # before any other use of TensorFlow: it connects to the machines that TF_CONFIG names
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    machines, index = strategy.num_replicas_in_sync, strategy.cluster_resolver.task_id or 0
    images, targets, classes = read_arrays(TRAIN_NAME)
    # every machine has as many rows, and so as many updates: a few rows may be left out
    share = slice(index, len(images) // machines * machines, machines)

    height, width, depth = images.shape[1:]
    keras.utils.set_random_seed(42)
    weights = MiniVGGNet.build(width, height, depth, len(classes)).get_weights()
    keras.utils.set_random_seed(42 + index)  # each machine drops out and augments in its own way
    model = MiniVGGNet.build(width, height, depth, len(classes))
    model.set_weights(weights)  # but all start with the same weights
    sgd = AveragingSGD(strategy, learning_rate=1e-2, momentum=0.9)
    model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])

    aug = ImageDataGenerator(rotation_range=20, zoom_range=0.15, horizontal_flip=True)
    print(f"[INFO] training on machine {index + 1} of {machines}...")
    model.fit(aug.flow(images[share], targets[share], batch_size=BATCH_SIZE), epochs=2, verbose=2)

    # until here, batch normalization's moving averages were each machine's own
    for weight in model.non_trainable_weights:
        weight.assign(strategy.reduce("MEAN", weight.numpy(), axis=None))
    if index == 0:
        model.compile(loss=model.loss, optimizer="sgd")  # a file can't name AveragingSGD
        model.save("several.keras")
    return model


if __name__ == "__main__":
    with one_line_errors():
        main()
