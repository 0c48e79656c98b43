"""The names of the classes, kept in the file of a saved network, so that no CSV is needed.

A `.keras` file is a zip archive; Keras ignores what it did not put there.
"""

import zipfile

MEMBER = "class_names.txt"


def write_class_names(path, names):
    """Add class names, in the order of the outputs, to a `.keras` file that Keras has saved."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(MEMBER, "\n".join(names))


def read_class_names(path):
    """Return the class names that `write_class_names` added to a `.keras` file, a list of str."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(MEMBER).decode().split("\n")
