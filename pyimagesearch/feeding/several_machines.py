"""Several machines: each reads its share of the rows, and gradients are averaged.

For a network that takes long, on a fast network or with large batches: MiniVGGNet's 34 MB of
gradients take 0.27 s or more on 1 Gbit/s at each update, a step of 32 images 0.4 s on 2 cores.
`fit` fails in the scope of `MultiWorkerMirroredStrategy` (keras#20585); outside of it, an
optimizer that averages the gradients is enough.

Traps:
- Machines wait for each other at the start and at each update; if one ends, the others fail.
- A schedule of the learning rate counts updates, which are fewer in an epoch.
- `fit` prints the loss of the machine's own share.
- Several GPUs in a machine need a process each. XLA can't compile the averaging on CPUs.

USAGE: on each machine, with an index of its own
    TF_CONFIG='{"cluster": {"worker": ["first:2222", "second:2222"]},
                "task": {"type": "worker", "index": 0}}' \\
        python -m pyimagesearch.feeding.several_machines
"""

import keras
import numpy as np
import tensorflow as tf

from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.csv_rows import TRAIN_NAME, open_csv, read_rows
from pyimagesearch.errors import one_line_errors
from pyimagesearch.feeding import build_model

EPOCHS = 2
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


def read_share(csv, index, machines):
    """Read every `machines`-th row of a CSV, as many on each machine; see `arrays.read_arrays`."""
    labels, images = [], []
    with open_csv(csv) as file:
        for row, (label, image) in enumerate(read_rows(file)):
            labels.append(label)
            if row % machines == index:
                images.append(image)
    classes, rows = sorted(set(labels)), len(labels) // machines
    targets = np.array(labels[index::machines][:rows])[:, np.newaxis] == classes
    return np.array(images[:rows]), targets.astype("float32"), classes


def main():
    """Train, and return the network; the first machine saves it as several.keras."""
    # before any other use of TensorFlow: it connects to the machines that TF_CONFIG names
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    machines, index = strategy.num_replicas_in_sync, strategy.cluster_resolver.task_id or 0
    images, targets, classes = read_share(TRAIN_NAME, index, machines)

    keras.utils.set_random_seed(42)
    weights = build_model(len(classes)).get_weights()  # the same on all machines
    keras.utils.set_random_seed(42 + index)  # but dropout and augmentation are each its own
    model = build_model(len(classes), AveragingSGD(strategy, learning_rate=1e-2, momentum=0.9))
    model.set_weights(weights)
    aug = ImageDataGenerator(rotation_range=20, zoom_range=0.15, horizontal_flip=True)
    print(f"[INFO] training on {len(images)} images, on machine {index + 1} of {machines}...")
    model.fit(aug.flow(images, targets, batch_size=BATCH_SIZE), epochs=EPOCHS, verbose=2)

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
