"""The names of the classes: as one-hot targets, and in the file of a saved network."""

import zipfile

import numpy as np

from pyimagesearch.errors import InputError
from pyimagesearch.files import replacing

MEMBER = "class_names.txt"  # of the zip archive that a `.keras` file is; Keras ignores it


def one_hot(labels, classes):
    """Return one-hot targets: `(labels, classes)` float32, 1 in the column of each label's class.

    A label that is none of the classes raises a ValueError: zeros would pass for the first class.
    """
    targets = np.asarray(labels)[:, np.newaxis] == np.asarray(classes)
    if not targets.any(axis=1).all():
        raise ValueError(f"a label is none of the {len(classes)} classes; expected one of them")
    return targets.astype("float32")


def save_network(model, names, path):
    """Save a network with its class names; an older file stays until the new one is whole."""
    with replacing(path) as (part,):
        model.save(part)
        write_class_names(part, names)


def write_class_names(path, names):
    """Add class names, in the order of the network's outputs, to a `.keras` file, as text.

    They may be numbers, or bytes in UTF-8, as in HDF5.
    """
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in names]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(MEMBER, "\n".join(names))


def read_class_names(path):
    """Return the class names that `write_class_names` added to a `.keras` file, a list of str."""
    with zipfile.ZipFile(path) as archive:
        if MEMBER not in archive.namelist():
            raise InputError(f"{path}: no class names; add them: write_class_names(path, names)")
        return archive.read(MEMBER).decode().split("\n")
