"""Train MiniVGGNet on 17 species of flowers with a data generator written from scratch.

This is PyImageSearch's tutorial "How to use Keras fit and fit_generator" on today's Keras.
README.md lists what had to change since 2018.

USAGE
    python train.py [--epochs 5] [--model my.keras]
"""

import argparse
import math
import os

from pyimagesearch.quiet import loading_tensorflow

with loading_tensorflow():  # takes seconds; hides TensorFlow's start-up lines
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
from pyimagesearch.class_names import one_hot, save_network
from pyimagesearch.csv_pair import read_label_pair
from pyimagesearch.csv_rows import open_csv, read_rows
from pyimagesearch.errors import InputError, check_seed, one_line_errors, option_errors
from pyimagesearch.files import check_output
from pyimagesearch.minivggnet import MiniVGGNet
from pyimagesearch.stopping import StopOnSignal

# the training and testing CSVs
TRAIN_CSV = "flowers17_training.csv"
TEST_CSV = "flowers17_testing.csv"

# the number of epochs, the batch size, and the learning rate of the first update
NUM_EPOCHS = 75
BS = 32
INIT_LR = 1e-2


def csv_image_generator(inputPath, bs, lb, mode="train", aug=None):
    """Yield batches of images and labels from a CSV file, forever.

    Args:
        inputPath: the CSV file, shuffled; a row is `label,p0,...,p12287`.
        bs: the batch size.
        lb: a `LabelBinarizer` fitted to the class names.
        mode: "train" completes the last batch of a pass with the first rows of the next. "eval"
            yields each row once a pass, so the last batch may be smaller, and never augments.
        aug: an `ImageDataGenerator`, or None.

    Yields:
        `(images, labels)`: pixels from 0 to 255, `(n, 64, 64, 3)`, uint8 or, augmented, float32;
        and one-hot labels, `(n, classes)` float32.

    Raises:
        CSVError: a row is malformed, or its label is none of the classes.
    """
    if mode not in ("train", "eval"):
        raise ValueError(f'mode: expected "train" or "eval", not {mode!r}')
    images, labels = [], []

    with open_csv(inputPath) as f:
        # loop forever, one pass over the file after the other: steps_per_epoch tells Keras where
        # an epoch ends
        while True:
            f.seek(0)  # go back to the first row
            # read_rows checks each line, and turns it into a label and an image as these two lines
            # would, ten times as fast:
            #     label, *values = line.strip().split(",")
            #     image = np.array(values, np.uint8).reshape(64, 64, 3)
            for label, image in read_rows(f, lb.classes_):
                images.append(image)
                labels.append(label)
                if len(images) == bs:
                    # not lb.transform: it would give two classes a single column
                    batch = np.array(images), one_hot(labels, lb.classes_)
                    if mode == "train" and aug is not None:
                        # flow never ends: take one batch, its images and labels shuffled alike
                        batch = next(aug.flow(*batch, batch_size=bs))
                    yield batch
                    images, labels = [], []

            # the end of the file: "eval" yields the rest, "train" completes it in the next pass
            if mode == "eval" and images:
                yield np.array(images), one_hot(labels, lb.classes_)
                images, labels = [], []


def build_model(classes, epochs, lr=INIT_LR):
    """Return MiniVGGNet for this many classes, compiled for this many epochs."""
    height, width, depth = config.IMAGE_SHAPE
    model = MiniVGGNet.build(width, height, depth, classes)
    # SGD ignores `decay` since Keras 3; this lowers the rate at every update, as `decay` did
    schedule = InverseTimeDecay(lr, decay_steps=1, decay_rate=lr / epochs)
    opt = SGD(learning_rate=schedule, momentum=0.9)
    model.compile(loss="categorical_crossentropy", optimizer=opt, metrics=["accuracy"])
    return model


def train(args, callbacks=()):
    """Train with the options of `parse_args`, plot and report; return Keras's `History`."""
    keras.utils.set_random_seed(args.seed)

    # count the images: one pass over each file checks every row, and collects its label
    train_labels, test_labels = read_label_pair(args.train_csv, args.test_csv, args.batch_size)
    num_train_images, num_test_images = len(train_labels), len(test_labels)
    lb = LabelBinarizer().fit(train_labels)  # lb.classes_: the class names, sorted

    # for training only. Leave out what changes your classes: a flip makes a "b" a "d"
    aug = ImageDataGenerator(
        rotation_range=20,
        zoom_range=0.15,
        width_shift_range=0.2,
        height_shift_range=0.2,
        shear_range=0.15,
        horizontal_flip=True,
        fill_mode="nearest",
    )

    train_gen = csv_image_generator(args.train_csv, args.batch_size, lb, mode="train", aug=aug)
    # validate on arrays, one batch of all testing images. Keras 3 reads a generator ahead: each
    # validation would begin with the same two batches again, and miss others
    test_data = next(csv_image_generator(args.test_csv, num_test_images, lb, mode="eval"))
    model = build_model(len(lb.classes_), args.epochs, args.lr)

    print("[INFO] training w/ generator...")
    H = model.fit(  # fit takes a generator, too: fit_generator is gone
        train_gen,
        # full batches; the rows left over come first in the next epoch
        steps_per_epoch=num_train_images // args.batch_size,
        validation_data=test_data,
        validation_batch_size=args.batch_size,
        epochs=args.epochs,
        shuffle=False,  # Keras can't shuffle a generator, and would warn
        verbose=1 if os.isatty(1) else 2,  # a progress bar only on a terminal
        callbacks=[TerminateOnNaN(), *callbacks],
    )
    plot(H, args.plot)  # first: a report that fails costs no plot
    if not math.isfinite(H.history["loss"][-1] + H.history["val_loss"][-1]):
        raise InputError("the loss is NaN or infinite: try a lower --lr; the network is not saved")
    if "model" in args:  # the option was given
        save_network(model, lb.classes_, args.model)

    print("[INFO] evaluating network...")
    predictions = predict(model, args.test_csv, args.batch_size, lb, num_test_images)
    print(classification_report(test_labels, predictions, labels=lb.classes_, zero_division=0))
    return H


def predict(model, test_csv, batch_size, lb, num_test_images):
    """Return the predicted class name of each row of a CSV: `(num_test_images,)` str."""
    test_gen = csv_image_generator(test_csv, batch_size, lb, mode="eval", aug=None)
    # one pass over the file, rounded up since the last batch may be smaller
    steps = math.ceil(num_test_images / batch_size)
    probabilities = model.predict(test_gen, steps=steps, verbose=0)  # was predict_generator
    test_gen.close()  # Keras keeps the generator, and the generator would keep its file open
    return lb.classes_[probabilities.argmax(axis=1)]


def plot(H, path):
    """Plot the loss and accuracy of a Keras `History` into an image file."""
    # on Matplotlib's defaults, whatever a notebook has set. Unlike pyplot, a Figure needs no screen
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
        # the first validation losses reach hundreds (old Keras clipped them): logarithmic above 1
        ax.set_yscale("symlog", linthresh=1, linscale=1.5)
        ax.set_ylim(bottom=0)
        ticks = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]
        ax.yaxis.set_major_locator(FixedLocator([0, 0.2, 0.4, 0.6, 0.8, *ticks]))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)  # whole epochs only
        fig.legend(loc="outside lower center", ncols=4)
        fig.savefig(path)


def parse_args(argv=None):
    """Parse the command line, and refuse now what would fail after the training."""
    parser = argparse.ArgumentParser(
        description="Train MiniVGGNet; without options, as the tutorial does.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--train-csv", metavar="CSV", default=TRAIN_CSV, help="images to train on")
    add("--test-csv", metavar="CSV", default=TEST_CSV, help="images to test on")
    add("--epochs", metavar="N", default=NUM_EPOCHS, type=int, help="epochs to train for")
    add("--batch-size", metavar="N", default=BS, type=int, help="images in a batch")
    add("--lr", metavar="X", default=INIT_LR, type=float, help="learning rate of the first update")
    add("--seed", metavar="N", default=42, type=int, help="same seed, same training")
    add("--plot", metavar="FILE", default="plot.png", help="the curves: .png, .pdf, .svg or .jpg")
    add("--model", metavar="FILE", default=argparse.SUPPRESS, help="save the network: .keras")
    args = parser.parse_args(argv)
    if min(args.epochs, args.batch_size) < 1 or not 0 < args.lr < math.inf:
        parser.error("expected --epochs and --batch-size from 1 up, and --lr above 0")
    check_seed(parser, args.seed)
    with option_errors(parser):
        check_output(args.plot, ".png", ".pdf", ".svg", ".jpg")
        if "model" in args:
            check_output(args.model, ".keras")
    return args


def main(argv=None):
    """Run the command line: an error is one line; Ctrl-C ends `fit` early, and still reports."""
    with one_line_errors(), StopOnSignal() as stop:
        train(parse_args(argv), callbacks=[stop])


if __name__ == "__main__":
    main()
