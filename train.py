"""Train MiniVGGNet on Flowers-17, read from two CSV files by a generator written from scratch.

This is PyImageSearch's tutorial "How to use Keras fit and fit_generator" on today's Keras. What
had to change since 2018 stands in README.md.

USAGE
    python train.py [--epochs 5] [--train-csv CSV --test-csv CSV] [--model my.keras]
"""

# not part of the lesson: check Python and its packages, import TensorFlow quietly
from pyimagesearch.plumbing import environment

if __name__ == "__main__":
    environment.prepare()
    environment.load_tensorflow()

import math
import sys

import keras
import numpy as np
from keras.callbacks import TerminateOnNaN
from keras.optimizers import SGD
from keras.optimizers.schedules import InverseTimeDecay
from sklearn.metrics import classification_report
from sklearn.preprocessing import LabelBinarizer

from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.class_names import write_class_names
from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_pair import read_label_pair
from pyimagesearch.csv_rows import open_csv, read_labels, read_rows
from pyimagesearch.minivggnet import MiniVGGNet
from pyimagesearch.plotting import training_plot

# not part of the lesson: options, one-line errors, Ctrl-C, files that are replaced whole
from pyimagesearch.plumbing.errors import FAILED, ErrorHandler
from pyimagesearch.plumbing.files import writing
from pyimagesearch.plumbing.options import parse_training_options
from pyimagesearch.plumbing.stopping import StopOnSignal

# the images to train on, those to test on, and the file for the plot
TRAIN_CSV = "flowers17_training.csv"
TEST_CSV = "flowers17_testing.csv"
PLOT = "plot.png"

# the number of epochs, the batch size, and the seed (the tutorial sets none)
NUM_EPOCHS = 75
BS = 32
SEED = 42


def csv_image_generator(inputPath, bs, lb, mode="train", aug=None):
    """Yield batches of images and labels from a CSV file, forever, in the order of its rows.

    Args:
        inputPath: the CSV file; a row is `label,p0,...,p12287`, see pyimagesearch/csv_rows.py.
        bs: the batch size.
        lb: a `LabelBinarizer` that was fitted to the class names.
        mode: "train" yields full batches only, which may run over the end of the file; "eval"
            ends a batch at the last row, so that a pass yields each row once, and never augments.
        aug: an `ImageDataGenerator`, or None.

    Yields:
        `(images, labels)`: pixels from 0 to 255, `(n, 64, 64, 3)`, uint8 or, augmented, float32;
        and one-hot labels `(n, classes)`. n is bs, but for the last batch of a pass in mode "eval".

    Raises:
        CSVError: a row is not as expected, or its label is none of the classes.
    """
    if mode not in ("train", "eval"):
        raise ValueError(f'mode: expected "train" or "eval", not {mode!r}')

    # what `lb.transform` makes of each class name, but also for two classes a column for each
    one_hot = dict(zip(lb.classes_, np.eye(len(lb.classes_), dtype=int), strict=True))

    with open_csv(inputPath) as f:
        # from the first line on: label, *values = line.strip().split(",")
        # and then: image = np.array([int(v) for v in values], np.uint8).reshape(64, 64, 3)
        rows = read_rows(f, lb.classes_)

        # Keras asks for batch after batch: only its steps say where an epoch ends
        while True:
            images, labels = [], []
            while len(images) < bs:
                row = next(rows, None)
                # at the end of the file, read_rows goes back to its first row; in mode "eval" the
                # batch ends here, unless it is still empty
                if row is None:
                    rows = read_rows(f, lb.classes_)
                    if mode == "eval" and images:
                        break
                    continue
                label, image = row
                images.append(image)
                labels.append(one_hot[label])

            images, labels = np.array(images), np.array(labels)
            if mode == "train" and aug is not None:
                images, labels = next(aug.flow(images, labels, batch_size=bs))
            yield images, labels


def build_model(classes, epochs):
    """Return MiniVGGNet for so many classes, compiled to be trained for so many epochs."""
    height, width, depth = IMAGE_SHAPE
    model = MiniVGGNet.build(width, height, depth, classes)
    # SGD now ignores `decay`; this schedule does the same: at update n the learning rate is
    # 1e-2 / (1 + decay * n), with decay = 1e-2 / epochs
    rate = InverseTimeDecay(1e-2, decay_steps=1, decay_rate=1e-2 / epochs)
    opt = SGD(learning_rate=rate, momentum=0.9)
    model.compile(loss="categorical_crossentropy", optimizer=opt, metrics=["accuracy"])
    return model


def train(args, errors):
    """Train, save, evaluate and plot; return Keras's `History`, whose `model` is the network."""
    keras.utils.set_random_seed(args.seed)

    # one pass over both files checks every row, and gives the labels, which count the images
    train_labels, test_labels = read_label_pair(args.train_csv, args.test_csv, args.batch_size)
    num_train_images = len(train_labels)
    num_test_images = len(test_labels)

    lb = LabelBinarizer().fit(train_labels)

    # the tutorial's arguments (Keras now reads the shear as degrees, which is next to none);
    # drop what would make another class of an image: a flip makes a d of a b
    aug = ImageDataGenerator(
        rotation_range=20,
        zoom_range=0.15,
        width_shift_range=0.2,
        height_shift_range=0.2,
        shear_range=0.15,
        horizontal_flip=True,
        fill_mode="nearest",
    )

    # both yield full batches, but only the training images are augmented
    train_gen = csv_image_generator(args.train_csv, args.batch_size, lb, mode="train", aug=aug)
    test_gen = csv_image_generator(args.test_csv, args.batch_size, lb, mode="train", aug=None)
    model = build_model(len(lb.classes_), args.epochs)

    print("[INFO] training w/ generator...")
    H = model.fit(
        train_gen,
        steps_per_epoch=num_train_images // args.batch_size,
        validation_data=test_gen,
        validation_steps=max(1, num_test_images // args.batch_size),
        epochs=args.epochs,
        shuffle=False,  # Keras can't shuffle a generator, and would warn
        verbose=1 if sys.stdout.isatty() else 2,  # a progress bar only on a terminal
        callbacks=[StopOnSignal(errors), TerminateOnNaN()],
    )

    # with a NaN loss the network is lost, and must not replace an older one
    if not math.isfinite(H.history["loss"][-1]):
        errors.report("the loss became NaN: the network is neither saved nor tested", FAILED)
    else:
        if args.model:
            with errors.step(), writing(args.model) as part:
                model.save(part)
                write_class_names(part, lb.classes_)
        # in `errors.step()` an error is reported, and what follows still runs
        with errors.step():
            print("[INFO] evaluating network...")
            # read again: the file may have been replaced since
            test_labels = read_labels(args.test_csv, lb.classes_)
            predictions = predict(model, args.test_csv, args.batch_size, lb, len(test_labels))
            print(
                classification_report(test_labels, predictions, labels=lb.classes_, zero_division=0)
            )
    with errors.step():
        plot(H, args.plot)
    return H


def predict(model, test_csv, batch_size, lb, num_test_images):
    """Return the predicted class name of each row of a CSV file: `(num_test_images,)` str."""
    # a new generator: the one for validation is somewhere in the middle of the file
    test_gen = csv_image_generator(test_csv, batch_size, lb, mode="eval", aug=None)
    # the steps of one pass, rounded up since the last batch may be smaller
    steps = math.ceil(num_test_images / batch_size)
    probabilities = model.predict(test_gen, steps=steps, verbose=0)
    return lb.classes_[probabilities.argmax(axis=1)]


def plot(H, path):
    """Plot the loss and accuracy of a Keras `History` into an image file."""
    with training_plot(path) as ax:
        ax.plot(H.history["loss"], marker=".", label="train_loss")
        ax.plot(H.history["val_loss"], marker=".", label="val_loss")
        ax.plot(H.history["accuracy"], marker=".", label="train_acc")
        ax.plot(H.history["val_accuracy"], marker=".", label="val_acc")
        ax.set_title("Training Loss and Accuracy on Dataset")
        ax.set_xlabel("Epoch #")
        ax.set_ylabel("Loss/Accuracy")


def main(argv=None):
    """Run the command line, and return its exit code (see `ErrorHandler`)."""
    with ErrorHandler() as errors:
        args = parse_training_options(argv, TRAIN_CSV, TEST_CSV, NUM_EPOCHS, BS, SEED, PLOT)
        environment.set_keras_defaults()
        train(args, errors)
    return errors.exit_code


if __name__ == "__main__":
    sys.exit(main())
