"""The names of the classes, kept in the file of a saved network.

A `.keras` file is a zip archive; Keras ignores members that it does not know.
"""

import zipfile

from pyimagesearch.errors import InputError

MEMBER = "class_names.txt"


def write_class_names(path, names):
    """Add class names, in the order of the network's outputs, to a `.keras` file."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(MEMBER, "\n".join(names))


def read_class_names(path):
    """Return the class names that `write_class_names` added to a `.keras` file, a list of str."""
    with zipfile.ZipFile(path) as archive:
        if MEMBER not in archive.namelist():
            raise InputError(f"{path}: no class names; add them: write_class_names(path, names)")
        return archive.read(MEMBER).decode().split("\n")
