"""Train MiniVGGNet on Flowers-17, read from CSV by a generator written from scratch.

The story is that of PyImageSearch's tutorial, "How to use Keras fit and fit_generator". Keras has
changed since: `fit` and `predict` take the generator themselves; the learning rate's decay, which
SGD now ignores, is a schedule; the history's keys are "accuracy" and "val_accuracy"; the plot is
logarithmic above 1, since early losses are no longer clipped. And here each row is checked, and
what was learned outlives Ctrl-C. (All differences: README.md, "What changed since 2018".)

USAGE
    python train.py
    python train.py --epochs 5
    python train.py --train-csv my_training.csv --test-csv my_testing.csv --model my.keras
"""

# the settings of this process, before the imports that read them: Keras on TensorFlow, Matplotlib
# without a screen
from pyimagesearch.plumbing import environment

if __name__ == "__main__":
    environment.prepare()

import math
import sys

import keras
import numpy as np
from keras.callbacks import History
from keras.optimizers import SGD
from keras.optimizers.schedules import InverseTimeDecay
from sklearn.metrics import classification_report
from sklearn.preprocessing import LabelBinarizer

from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_pair import read_label_pair
from pyimagesearch.csv_rows import check_unchanged, open_csv, read_rows
from pyimagesearch.minivggnet import MiniVGGNet
from pyimagesearch.plumbing.ending import Ending
from pyimagesearch.plumbing.files import writing
from pyimagesearch.plumbing.generator_arguments import check_generator_arguments
from pyimagesearch.plumbing.options import parse_training_options
from pyimagesearch.plumbing.plotting import training_plot
from pyimagesearch.plumbing.stopping import StopOnTrouble, plain_row_errors

# the rows to learn from, and those to be judged by
TRAIN_CSV = "flowers17_training.csv"
TEST_CSV = "flowers17_testing.csv"

# how often to go through the training rows, and how many make one update of the weights
NUM_EPOCHS = 75
BS = 32

# where the curves go
PLOT = "plot.png"

# the tutorial fixes no seed; with a fixed one, a training can be repeated
SEED = 42


def csv_image_generator(inputPath, bs, lb, mode="train", aug=None):
    """Yield batches of images and labels from a CSV, for ever, one batch of rows after the other.

    Args:
        inputPath: path of the CSV; a row is `label,p0,...,p12287` (see pyimagesearch/csv_rows.py).
        bs: batch size, at least 1.
        lb: `LabelBinarizer` that was fitted to the class labels.
        mode: "train" fills every batch, going on with the first row after the last; "eval" ends
            a batch at the last row, so that each pass yields each row once, and never augments.
        aug: object with Keras's `.flow(images, labels, batch_size=...)`, or None. (Keras's own
            also shuffles the images within their batch.)

    Yields:
        `(images, labels)`: `(n, 64, 64, 3)`, RGB from 0 to 255, uint8 or, augmented, float32;
        and one-hot `(n, classes)` int. n is bs but for the last batch of a pass in mode "eval".

    Raises:
        CSVError: the file can't be read, or a row is not as it must be.
        TypeError, ValueError: bs, lb or mode is none of the above; at the first batch.
    """
    check_generator_arguments(bs, lb, mode)

    # read_rows turns each line of the file, from its first one on, into its label and its image;
    # a label that is none of the classes is an error, and so is a file without rows
    with open_csv(inputPath) as f:
        rows = read_rows(f, lb.classes_)

        # Keras asks for one batch after the other: only its steps say where an epoch ends
        while True:
            images = []
            labels = []

            # a batch may run over the end of the file
            while len(images) < bs:
                row = next(rows, None)
                if row is None:
                    # the end of the file: begin again at its first row
                    rows = read_rows(f, lb.classes_)

                    # whoever evaluates wants each row once: the last batch of a pass is shorter,
                    # but never empty
                    if mode == "eval" and images:
                        break
                    continue

                label, image = row
                images.append(image)
                labels.append(label)

            images = np.array(images)
            labels = one_hot(labels, lb)

            # what is evaluated must stay as it is, even where an `aug` was given
            if mode == "train" and aug is not None:
                images, labels = next(aug.flow(images, labels, batch_size=bs))

            yield images, labels


def one_hot(labels, lb):
    """Labels as `lb` encodes them, `(n, classes)` int, but with two columns for two classes."""
    encoded = lb.transform(labels)
    # LabelBinarizer makes one column of two classes, but the network has two outputs
    return np.hstack([1 - encoded, encoded]) if len(lb.classes_) == 2 else encoded


def build_model(classes, epochs):
    """MiniVGGNet for so many classes, compiled to be trained for `epochs` epochs by `fit`."""
    height, width, depth = IMAGE_SHAPE
    model = MiniVGGNet.build(width, height, depth, classes)

    # SGD now ignores its argument `decay`; this schedule does what that did in 2018: at update n
    # the learning rate is 1e-2 / (1 + decay * n), with decay = 1e-2 / epochs
    rate = InverseTimeDecay(1e-2, decay_steps=1, decay_rate=1e-2 / epochs)
    opt = SGD(learning_rate=rate, momentum=0.9)
    model.compile(loss="categorical_crossentropy", optimizer=opt, metrics=["accuracy"])
    return model


def train(args, ending):
    """Train, save, evaluate and plot, as the options say.

    Args:
        args: the options, see `parse_training_options`.
        ending: the program's `Ending`, which is told what goes wrong.

    Returns:
        Keras's `History` of the completed epochs; its `model` is the trained network.

    Raises:
        CSVError: a CSV is not as it must be, found before the training.
    """
    # for the weights at the start, the dropout and the augmentation
    keras.utils.set_random_seed(args.seed)

    # one pass over both files checks every row; their labels tell the classes, and how many
    # images there are to learn from and to test on
    train_labels, test_labels = read_label_pair(args.train_csv, args.test_csv, args.batch_size)
    num_train_images = len(train_labels)
    num_test_images = len(test_labels)

    # fitted to the training labels: a class that is only tested could not be learned
    lb = LabelBinarizer()
    lb.fit(train_labels)

    # the tutorial's own arguments, though Keras now reads the shear of 0.15 as degrees, not as
    # radians: next to none
    aug = ImageDataGenerator(
        rotation_range=20,
        zoom_range=0.15,
        width_shift_range=0.2,
        height_shift_range=0.2,
        shear_range=0.15,
        horizontal_flip=True,
        fill_mode="nearest",
    )

    # both in mode "train", since validation takes full batches, too; but only images to learn from
    # are augmented
    train_gen = csv_image_generator(args.train_csv, args.batch_size, lb, mode="train", aug=aug)
    test_gen = csv_image_generator(args.test_csv, args.batch_size, lb, mode="train", aug=None)

    model = build_model(len(lb.classes_), args.epochs)

    print("[INFO] training w/ generator...")
    # a History of our own: `fit` returns one, too, but not where StopOnTrouble (Ctrl-C, a NaN
    # loss, a bad row) ends it early (nor is there a `model.history` if the first batch is bad)
    H = History()
    with StopOnTrouble(ending) as stop:
        model.fit(
            train_gen,
            steps_per_epoch=num_train_images // args.batch_size,
            validation_data=test_gen,
            # at least one step: with fewer testing rows than a batch, it goes round the file
            validation_steps=max(1, num_test_images // args.batch_size),
            epochs=args.epochs,
            # a generator's order is its own: Keras would warn that it can't shuffle it
            shuffle=False,
            # a progress bar is for a terminal; a file gets a line an epoch
            verbose=1 if sys.stdout.isatty() else 2,
            callbacks=[stop, H],
        )

    # ending.step() tells what goes wrong within it (a full disk), and what follows still runs. A
    # network without an update, or with a NaN loss, is not worth saving or evaluating
    if stop.learned:
        if args.model:
            with ending.step(), writing(args.model) as part:
                model.save(part)

        with ending.step():
            print("[INFO] evaluating network...")
            # the rows to predict must still be those that the labels were read from
            check_unchanged(args.test_csv, test_labels)
            predictions = predict(model, args.test_csv, args.batch_size, lb, num_test_images)
            # names against names, so no label needs encoding; `labels` keeps a class that has no
            # testing row, and `zero_division` spares a warning for one that was never predicted
            report = classification_report(
                test_labels, predictions, labels=lb.classes_, zero_division=0
            )
            print(report)

    with ending.step():
        plot(H, args.plot)
    return H


def predict(model, test_csv, batch_size, lb, num_test_images):
    """Class names predicted for the rows of a CSV, each row once: `(num_test_images,)` str."""
    # a fresh generator: the one that validated stands somewhere within the file
    test_gen = csv_image_generator(test_csv, batch_size, lb, mode="eval", aug=None)

    # just the steps of one pass: rounded up, since the last batch may be shorter
    steps = math.ceil(num_test_images / batch_size)
    with plain_row_errors():
        probabilities = model.predict(test_gen, steps=steps, verbose=0)
    return lb.classes_[probabilities.argmax(axis=1)]


def plot(H, path):
    """Plot the loss and accuracy of a Keras `History` into an image file."""
    if not H.history:
        print(f"[INFO] no epoch was completed: {path} not written")
        return
    epochs = np.arange(len(H.history["loss"]))
    # a single point is no line
    marker = "o" if len(epochs) == 1 else None
    with training_plot(path) as ax:
        ax.plot(epochs, H.history["loss"], marker=marker, label="train_loss")
        ax.plot(epochs, H.history["val_loss"], marker=marker, label="val_loss")
        ax.plot(epochs, H.history["accuracy"], marker=marker, label="train_acc")
        ax.plot(epochs, H.history["val_accuracy"], marker=marker, label="val_acc")
        ax.set_title("Training Loss and Accuracy on Dataset")
        ax.set_xlabel("Epoch #")
        ax.set_ylabel("Loss/Accuracy")


def main(argv=None):
    """Run the command line, and return its exit code (see `Ending`)."""
    with Ending() as ending:
        args = parse_training_options(argv, TRAIN_CSV, TEST_CSV, NUM_EPOCHS, BS, SEED, PLOT)
        # whatever the user's ~/.keras/keras.json says
        environment.set_keras_defaults()
        train(args, ending)
    return ending.exit_code


if __name__ == "__main__":
    sys.exit(main())
