"""How hard a data set is for methods that see only colour or a thumbnail.

The drawn flowers must not be told apart by their colour alone, so they should be about as hard
for these methods as the photographs are.

USAGE
    python tests/scripts/hardness.py [TRAIN_CSV TEST_CSV]
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pyimagesearch.csv_pair import TEST_NAME, TRAIN_NAME
from pyimagesearch.csv_rows import open_csv, read_rows


def load(path):
    with open_csv(path) as file:
        labels, images = zip(*read_rows(file), strict=True)
    return np.array(labels), np.array(images)


def mean_colour(images):
    return images.mean(axis=(1, 2))


def colour_histogram(images):
    """Count the pixels of an image in 4 x 4 x 4 bins of red, green and blue."""
    bins = (images // 64).astype(int) @ (16, 4, 1)
    return np.array([np.bincount(b.ravel(), minlength=64) for b in bins])


def thumbnail(images):
    """Average each 8 x 8 block of pixels."""
    blocks = images.reshape(len(images), 8, 8, 8, 8, 3).mean(axis=(2, 4))
    return blocks.reshape(len(images), -1)


METHODS = {
    "k-NN on the mean colour": (mean_colour, KNeighborsClassifier(5)),
    "random forest on the 64-bin colour histogram": (
        colour_histogram,
        RandomForestClassifier(500, random_state=0, n_jobs=-1),
    ),
    "logistic regression on 8x8 thumbnails": (
        thumbnail,
        make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=2000)),
    ),
}


def main(paths):
    (train_labels, train_images), (test_labels, test_images) = map(load, paths)
    for name, (features, model) in METHODS.items():
        model.fit(features(train_images), train_labels)
        print(f"{name}: accuracy {model.score(features(test_images), test_labels):.2f}")


if __name__ == "__main__":
    main(sys.argv[1:] or [ROOT / TRAIN_NAME, ROOT / TEST_NAME])
