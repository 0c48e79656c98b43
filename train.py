"""Train MiniVGGNet on 17 species of flowers with a data generator written from scratch.

This is PyImageSearch's tutorial "How to use Keras fit and fit_generator" on today's Keras.
README.md lists what had to change since 2018.

USAGE
    python train.py [--epochs 5] [--train-csv CSV --test-csv CSV] [--model my.keras]
"""

import argparse
import math
import sys

from pyimagesearch.quiet import loading_tensorflow

with loading_tensorflow():  # the first import of Keras loads it
    import keras

import numpy as np
from keras.callbacks import TerminateOnNaN
from keras.optimizers import SGD
from keras.optimizers.schedules import InverseTimeDecay
from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator
from sklearn.metrics import classification_report
from sklearn.preprocessing import LabelBinarizer

from pyimagesearch import config
from pyimagesearch.augmentation import ImageDataGenerator  # Keras's own, made faster
from pyimagesearch.class_names import write_class_names
from pyimagesearch.csv_pair import read_label_pair
from pyimagesearch.csv_rows import open_csv, read_labels, read_rows
from pyimagesearch.errors import one_line_errors
from pyimagesearch.files import check_output, replacing
from pyimagesearch.minivggnet import MiniVGGNet
from pyimagesearch.stopping import StopOnSignal

# the images to train on, and those to test on
TRAIN_CSV = "flowers17_training.csv"
TEST_CSV = "flowers17_testing.csv"

# the number of epochs, the batch size, and the learning rate of the first update
NUM_EPOCHS = 75
BS = 32
INIT_LR = 1e-2


def csv_image_generator(inputPath, bs, lb, mode="train", aug=None):
    """Yield batches of images and labels from a CSV file, forever, in the order of its rows.

    Args:
        inputPath: the CSV file; a row is `label,p0,...,p12287`.
        bs: the batch size.
        lb: a `LabelBinarizer` fitted to the class names.
        mode: "train" fills the last batch of a pass up with the first rows. "eval" yields each
            row once a pass, so the last batch may be smaller, and never augments.
        aug: an `ImageDataGenerator`, or None.

    Yields:
        `(images, labels)`: pixels from 0 to 255, `(n, 64, 64, 3)`, uint8 or, augmented, float32;
        and one-hot labels, `(n, classes)`.

    Raises:
        CSVError: a row is malformed, or its label is none of the classes.
    """
    if mode not in ("train", "eval"):
        raise ValueError(f'mode: expected "train" or "eval", not {mode!r}')
    images, labels = [], []

    with open_csv(inputPath) as f:
        # loop forever: steps_per_epoch tells Keras where an epoch ends
        while True:
            # one pass over the file: read_rows goes back to the first row, splits each line at its
            # commas, checks it, and yields its label and its image: a (64, 64, 3) np.uint8 array
            for label, image in read_rows(f, lb.classes_):
                images.append(image)
                labels.append(label)
                if len(images) == bs:
                    batch = np.array(images), one_hot(labels, lb)
                    if mode == "train" and aug is not None:
                        # flow is a generator, too: take one batch, shuffled with its labels
                        batch = next(aug.flow(*batch, batch_size=bs))
                    yield batch
                    images, labels = [], []

            # the end of the file: "eval" yields what is left, "train" fills it up in the next pass
            if mode == "eval" and images:
                yield np.array(images), one_hot(labels, lb)
                images, labels = [], []


def one_hot(labels, lb):
    """Return a row for each label: 1 in the column of its class, 0 elsewhere."""
    # compare each label with every class. Not lb.transform: for two classes it returns one
    # column, but the network has two outputs
    return (np.array(labels)[:, np.newaxis] == lb.classes_).astype(int)


def build_model(classes, epochs):
    """Return MiniVGGNet for this many classes, compiled for this many epochs."""
    height, width, depth = config.IMAGE_SHAPE
    model = MiniVGGNet.build(width, height, depth, classes)
    # SGD ignores `decay` since Keras 3; this schedule lowers the rate at every update, as it did
    rate = InverseTimeDecay(INIT_LR, decay_steps=1, decay_rate=INIT_LR / epochs)
    opt = SGD(learning_rate=rate, momentum=0.9)
    model.compile(loss="categorical_crossentropy", optimizer=opt, metrics=["accuracy"])
    return model


def train(args):
    """Train with the options of `parse_args`; return Keras's `History`, with its `model`."""
    keras.utils.set_random_seed(args.seed)

    # one pass over both files checks every row, and returns the labels, one for each image
    train_labels, test_labels = read_label_pair(args.train_csv, args.test_csv, args.batch_size)
    lb = LabelBinarizer().fit(train_labels)  # lb.classes_: the class names, sorted

    # for your own data, leave out what changes the class: a flip turns a b into a d
    aug = ImageDataGenerator(
        rotation_range=20,
        zoom_range=0.15,
        width_shift_range=0.2,
        height_shift_range=0.2,
        shear_range=0.15,
        horizontal_flip=True,
        fill_mode="nearest",
    )

    # both in mode "train", as in the tutorial: full batches, forever; only training is augmented
    train_gen = csv_image_generator(args.train_csv, args.batch_size, lb, mode="train", aug=aug)
    test_gen = csv_image_generator(args.test_csv, args.batch_size, lb, mode="train", aug=None)
    model = build_model(len(lb.classes_), args.epochs)

    print("[INFO] training w/ generator...")
    with StopOnSignal() as stop:  # Ctrl-C ends `fit` early, and what was learned is kept
        H = model.fit(
            train_gen,
            # a generator has no end: this many batches make an epoch
            steps_per_epoch=len(train_labels) // args.batch_size,
            validation_data=test_gen,
            # at least one: with 0 steps, validation would never end
            validation_steps=max(1, len(test_labels) // args.batch_size),
            epochs=args.epochs,
            shuffle=False,  # Keras can't shuffle a generator, and would warn
            verbose=1 if sys.stdout.isatty() else 2,  # a progress bar only on a terminal
            callbacks=[stop, TerminateOnNaN()],
        )
    H.stopped_by = stop.received  # None, or the number of the signal

    # a network whose loss is NaN or infinite is lost, and must not replace an older one
    if not math.isfinite(H.history["loss"][-1] + H.history["val_loss"][-1]):
        plot(H, args.plot)
        sys.exit("[ERROR] the loss is NaN or infinite: the network is neither saved nor tested")

    if args.model:
        # write another file, then rename it: an older network stays until this one is whole
        with replacing(args.model) as (part,):
            model.save(part)
            write_class_names(part, lb.classes_)

    print("[INFO] evaluating network...")
    # read the labels again, in case the file was replaced during the training
    test_labels = read_labels(args.test_csv, lb.classes_)
    predictions = predict(model, args.test_csv, args.batch_size, lb, len(test_labels))
    print(classification_report(test_labels, predictions, labels=lb.classes_, zero_division=0))

    plot(H, args.plot)
    return H


def predict(model, test_csv, batch_size, lb, num_test_images):
    """Return the predicted class name of each row of a CSV: `(num_test_images,)` str."""
    # a new generator: the one for validation is somewhere in the middle of the file
    test_gen = csv_image_generator(test_csv, batch_size, lb, mode="eval", aug=None)
    # one pass over the file, rounded up since the last batch may be smaller
    steps = math.ceil(num_test_images / batch_size)
    probabilities = model.predict(test_gen, steps=steps, verbose=0)
    test_gen.close()  # Keras keeps the generator, and the generator would keep its file open
    return lb.classes_[probabilities.argmax(axis=1)]


def plot(H, path):
    """Plot the loss and accuracy of a Keras `History` into an image file."""
    # a Figure needs no screen, and unlike pyplot leaves a notebook's backend alone
    with style.context(["default", "ggplot"]):
        fig = Figure(figsize=(8, 6), layout="constrained")
        ax = fig.subplots()
        ax.plot(H.history["loss"], marker=".", label="train_loss")
        ax.plot(H.history["val_loss"], marker=".", label="val_loss")
        ax.plot(H.history["accuracy"], marker=".", label="train_acc")
        ax.plot(H.history["val_accuracy"], marker=".", label="val_acc")
        ax.set_title("Training Loss and Accuracy on Dataset")
        ax.set_xlabel("Epoch #")
        ax.set_ylabel("Loss/Accuracy")
        # the first validation losses reach hundreds: linear up to 1, logarithmic above it
        ax.set_yscale("symlog", linthresh=1, linscale=1.5)
        ax.set_ylim(bottom=0)
        ticks = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]
        ax.yaxis.set_major_locator(FixedLocator([0, 0.2, 0.4, 0.6, 0.8, *ticks]))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        fig.legend(loc="outside lower center", ncols=4)
        fig.savefig(path)


def parse_args(argv=None):
    """Parse the command line; check now that the outputs can be written after the training."""
    parser = argparse.ArgumentParser(
        description="Train MiniVGGNet; without options, as the tutorial does.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--train-csv", metavar="CSV", default=TRAIN_CSV, help="images to train on")
    add("--test-csv", metavar="CSV", default=TEST_CSV, help="images to test on")
    add("--epochs", metavar="N", default=NUM_EPOCHS, type=int, help="passes over the images")
    add("--batch-size", metavar="N", default=BS, type=int, help="images in a batch")
    add("--seed", metavar="N", default=42, type=int, help="same seed, same training")
    add("--plot", metavar="FILE", default="plot.png", help="the curves: .png, .pdf, .svg or .jpg")
    add("--model", metavar="FILE", help="save the network and its class names: .keras")
    args = parser.parse_args(argv)
    if min(args.epochs, args.batch_size) < 1 or not 0 <= args.seed < 2**32:
        parser.error("expected --epochs and --batch-size from 1 up, --seed from 0 to 2**32 - 1")
    check_output(args.plot, ".png", ".pdf", ".svg", ".jpg")
    if args.model is not None:
        check_output(args.model, ".keras")
    return args


def main(argv=None):
    """Run the command line; after a signal, exit as the shell expects it."""
    with one_line_errors():
        H = train(parse_args(argv))
    if H.stopped_by:
        sys.exit(128 + H.stopped_by)


if __name__ == "__main__":
    main()
