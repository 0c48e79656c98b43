import zipfile

import numpy as np
import pytest

from pyimagesearch.class_names import one_hot, read_class_names, write_class_names


def test_one_hot_targets_have_a_column_for_each_class_also_for_two():
    targets = one_hot(["yes", "no", "yes"], np.array(["no", "yes"]))
    np.testing.assert_array_equal(targets, np.float32([[0, 1], [1, 0], [0, 1]]), strict=True)
    assert one_hot(("b",), ["a", "b", "c"]).tolist() == [[0, 1, 0]]


@pytest.mark.parametrize("label", ["maybe", b"yes", 1])
def test_a_label_of_no_class_gets_no_row_of_zeros(label):
    with pytest.raises(ValueError, match="a label is none of the 2 classes"):
        one_hot([label], ["no", "yes"])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["wild rose", "été"], ["wild rose", "été"]),
        (np.array(["no", "yes"]), ["no", "yes"]),
        (np.array([3, 7]), ["3", "7"]),
        ([b"no", np.bytes_("été".encode())], ["no", "été"]),  # as h5py has them
    ],
)
def test_class_names_of_any_kind_are_read_as_text(tmp_path, names, expected):
    path = tmp_path / "network.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    write_class_names(path, names)
    assert read_class_names(path) == expected
