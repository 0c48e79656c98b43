"""Train MiniVGGNet on Flowers-17, read from CSV by a generator written from scratch.

USAGE
    python train.py
    python train.py --epochs 5
    python train.py --train-csv my_training.csv --test-csv my_testing.csv --model my.keras
"""

import argparse
import math
import os
import sys

# turn TensorFlow's start-up messages down; it reads this while it is imported
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# set the matplotlib backend so figures can be saved without a screen
import matplotlib

matplotlib.use("Agg")

# import the necessary packages
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras.optimizers import SGD
from keras.optimizers.schedules import InverseTimeDecay
from matplotlib.ticker import FixedLocator, MaxNLocator
from sklearn.metrics import classification_report
from sklearn.preprocessing import LabelBinarizer

from pyimagesearch.arguments import output_file, positive_int, seed
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.csv_pair import TEST_CSV, TRAIN_CSV, read_label_pair
from pyimagesearch.csv_rows import CSVError, check_unchanged, open_csv, read_rows
from pyimagesearch.errors import FAILED, INTERRUPTED, OK, complain, plainly
from pyimagesearch.files import replacing
from pyimagesearch.minivggnet import MiniVGGNet
from pyimagesearch.stopping import StopEarly

# initialize the number of epochs to train for and batch size
NUM_EPOCHS = 75
BS = 32

# initialize what the tutorial left open: a seed, and how to label the plot's loss axis
SEED = 42
PLOTS = (".png", ".pdf", ".svg", ".jpg")
LOSS_TICKS = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]


def csv_image_generator(inputPath, bs, lb, mode="train", aug=None):
    """Yield batches of images and labels from a CSV, for ever, in the order of its rows.

    Args:
        inputPath: path of the CSV; a row is `label,p0,...,p12287` (see pyimagesearch/csv_rows.py).
        bs: batch size, at least 1.
        lb: `LabelBinarizer` that was fitted to the class labels.
        mode: "train" fills every batch, going on with the first row after the last; "eval" ends
            a batch at the last row, so that each pass yields each row once, and never augments.
        aug: object with Keras's `.flow(images, labels, batch_size=...)`, or None.

    Yields:
        `(images, labels)`: `(n, 64, 64, 3)`, RGB from 0 to 255, uint8 or, augmented, float32;
        and one-hot `(n, classes)` int. n is bs but for the last batch of a pass in mode "eval".

    Raises:
        CSVError: the file can't be read, or a row is not as it must be.
    """
    # open the CSV file for reading
    with open_csv(inputPath) as f:
        rows = read_rows(f, lb.classes_)

        # loop indefinitely
        while True:
            # initialize our batches of images and labels
            images = []
            labels = []

            # keep looping until we reach our batch size
            while len(images) < bs:
                # attempt to read the next row of the CSV file
                row = next(rows, None)

                # check to see if we have reached the end of the file
                if row is None:
                    # go back to the beginning of the file
                    rows = read_rows(f, lb.classes_)

                    # if we are evaluating, don't fill up the batch with samples from the
                    # beginning of the file; but never yield a batch without any
                    if mode == "eval" and images:
                        break
                    continue

                # update our corresponding batches lists
                label, image = row
                images.append(image)
                labels.append(label)

            # one-hot encode the labels
            images, labels = np.array(images), one_hot(labels, lb)

            # if we are training and the data augmentation object is not None, apply it
            if mode == "train" and aug is not None:
                images, labels = next(aug.flow(images, labels, batch_size=bs))

            # yield the batch to the calling function
            yield images, labels


def one_hot(labels, lb):
    """Encode labels as `lb` does, `(n, classes)` int, with two columns for two classes."""
    encoded = lb.transform(labels)
    # LabelBinarizer makes one column of two classes, but the network has two outputs
    return np.hstack([1 - encoded, encoded]) if len(lb.classes_) == 2 else encoded


def build_model(classes, epochs):
    """Return MiniVGGNet for 64x64 RGB images, compiled to be trained for `epochs` epochs."""
    model = MiniVGGNet.build(width=64, height=64, depth=3, classes=classes)

    # today's SGD ignores `decay`; this is what it did in 2018: at update n the learning rate is
    # 1e-2 / (1 + decay * n), with decay = 1e-2 / epochs
    rate = InverseTimeDecay(1e-2, decay_steps=1, decay_rate=1e-2 / epochs)
    opt = SGD(learning_rate=rate, momentum=0.9)
    model.compile(loss="categorical_crossentropy", optimizer=opt, metrics=["accuracy"])
    return model


def train(args):
    """Train, evaluate and plot as the tutorial does; return the exit code."""
    # let the random numbers of Python, NumPy and TensorFlow start from the same seed
    keras.utils.set_random_seed(args.seed)

    # loop over all rows of both CSV files, check them and collect their labels: they tell us
    # the unique classes, and how many training and testing images there are
    train_labels, test_labels = read_label_pair(args.train_csv, args.test_csv, args.batch_size)

    # create the label binarizer for one-hot encoding labels
    lb = LabelBinarizer()
    lb.fit(train_labels)

    # construct the training image generator for data augmentation
    aug = ImageDataGenerator(
        rotation_range=20,
        zoom_range=0.15,
        width_shift_range=0.2,
        height_shift_range=0.2,
        shear_range=0.15,
        horizontal_flip=True,
        fill_mode="nearest",
    )

    # initialize both the training and testing image generators
    train_gen = csv_image_generator(args.train_csv, args.batch_size, lb, mode="train", aug=aug)
    test_gen = csv_image_generator(args.test_csv, args.batch_size, lb, mode="train", aug=None)

    # initialize our Keras model and compile it
    model = build_model(len(lb.classes_), args.epochs)

    # train the network
    print("[INFO] training w/ generator...")
    with StopEarly() as stop:
        model.fit(
            train_gen,
            steps_per_epoch=len(train_labels) // args.batch_size,
            validation_data=test_gen,
            validation_steps=max(1, len(test_labels) // args.batch_size),
            epochs=args.epochs,
            shuffle=False,
            callbacks=[stop],
        )
    H = model.history
    exit_codes = [stop.exit_code]

    # save the network, unless its weights are lost
    if args.model and stop.exit_code != FAILED:
        exit_codes.append(save(model.save, args.model))

    # evaluate the network, unless its weights are lost or a CSV file went bad
    if stop.exit_code in (OK, INTERRUPTED):
        exit_codes.append(evaluate(model, lb, args, test_labels))

    # plot the training loss and accuracy
    exit_codes.append(plot(H, args.plot))
    return max(exit_codes)


def evaluate(model, lb, args, test_labels):
    """Predict each testing image once, and print the report; return an exit code."""
    print("[INFO] evaluating network...")
    try:
        check_unchanged(args.test_csv, test_labels)
    except CSVError as error:
        return complain(error)

    # re-initialize our testing data generator, this time for evaluating
    test_gen = csv_image_generator(args.test_csv, args.batch_size, lb, mode="eval", aug=None)

    # make predictions on the testing images, in just the steps of one pass over them, finding
    # the index of the label with the corresponding largest predicted probability
    steps = math.ceil(len(test_labels) / args.batch_size)
    predictions = model.predict(test_gen, steps=steps, verbose=0).argmax(axis=1)

    # show a nicely formatted classification report
    print(
        classification_report(
            one_hot(test_labels, lb).argmax(axis=1),
            predictions,
            labels=np.arange(len(lb.classes_)),
            target_names=lb.classes_,
            zero_division=0,
        )
    )
    return OK


def plot(H, path):
    """Plot the loss and accuracy of a Keras `History`, and save it; return an exit code."""
    epochs = np.arange(len(H.epoch))
    if not len(epochs):
        print(f"[INFO] no epoch was completed: {path} not written")
        return OK
    plt.style.use("ggplot")
    fig, ax = plt.subplots(figsize=(8, 6), layout="constrained")
    marker = "o" if len(epochs) == 1 else None
    ax.plot(epochs, H.history["loss"], marker=marker, label="train_loss")
    ax.plot(epochs, H.history["val_loss"], marker=marker, label="val_loss")
    ax.plot(epochs, H.history["accuracy"], marker=marker, label="train_acc")
    ax.plot(epochs, H.history["val_accuracy"], marker=marker, label="val_acc")
    ax.set_title("Training Loss and Accuracy on Dataset")
    ax.set_xlabel("Epoch #")
    ax.set_ylabel("Loss/Accuracy")

    # the first validation losses reach hundreds: linear up to 1, logarithmic above it
    ax.set_yscale("symlog", linthresh=1, linscale=1.5)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(FixedLocator([0, 0.2, 0.4, 0.6, 0.8, *LOSS_TICKS]))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    fig.legend(loc="outside lower center", ncols=4)
    exit_code = save(fig.savefig, path)
    plt.close(fig)
    return exit_code


def save(write, path):
    """Let `write` make the file `path`, whole or not at all; return an exit code."""
    try:
        with replacing(path) as part:
            write(part)
    except OSError as error:
        return complain(f"{path}: not written: {error.strerror or error}", FAILED)
    print(f"[INFO] wrote {path}")
    return OK


def parse_arguments(argv):
    """Parse and check the command line."""
    parser = argparse.ArgumentParser(
        description="Train MiniVGGNet on the images of two CSV files, print a report on the "
        "testing images, and plot the training. Without options: the tutorial's experiment."
    )

    def add(option, metavar, help_, default=None, type_=str):
        shown = "not written" if default is None else "%(default)s"
        help_ = f"{help_} (default: {shown})"
        parser.add_argument(option, metavar=metavar, help=help_, default=default, type=type_)

    add("--train-csv", "CSV", "images to train on", TRAIN_CSV)
    add("--test-csv", "CSV", "images to test on", TEST_CSV)
    add("--epochs", "N", "how often to go through the training images", NUM_EPOCHS, positive_int)
    add("--batch-size", "N", "images in a batch", BS, positive_int)
    add("--seed", "N", "the same seed repeats a training", SEED, seed)
    add("--plot", "FILE", "the curves, as an image", "plot.png", output_file(*PLOTS))
    add("--model", "FILE", "the trained network, as .keras", None, output_file(".keras"))
    return parser.parse_args(argv)


def main(argv=None):
    """Run the command line; return its exit code.

    0: trained. 1: not all was written, or the loss became NaN. 2: bad input. 130: Ctrl-C.
    """
    args = parse_arguments(argv)
    return plainly(lambda: train(args))


if __name__ == "__main__":
    sys.exit(main())
