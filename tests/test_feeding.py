import keras
import numpy as np
import pytest

from feeding import CSVDataset
from pyimagesearch.csv_rows import CSVError, open_csv, read_rows, row_at


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_row_is_read_from_where_it_begins(flowers, line_end):
    path = flowers(3)
    content = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", line_end)
    path.write_bytes(content)
    lines = content.splitlines(keepends=True)
    starts = np.cumsum([0, *map(len, lines)])[:-1]
    with open_csv(path) as file:
        expected = list(read_rows(file))
        for start, (label, image) in reversed(list(zip(starts, expected, strict=True))):
            found_label, found_image = row_at(file, start)
            assert found_label == label
            np.testing.assert_array_equal(found_image, image)
        with pytest.raises(
            CSVError, match=r"flowers\.csv, byte 99: 12,2\d\d values after the label"
        ):
            row_at(file, 99)


def test_each_epoch_has_each_row_once_in_an_order_of_its_own(flowers):
    path = flowers(12)
    with open_csv(path) as file:
        labels = {image.tobytes(): label for label, image in read_rows(file)}
    batches = CSVDataset(path, 4)
    assert len(batches) == 3
    orders = []
    for _ in range(2):
        epoch = [batches[index] for index in range(len(batches))]
        images, one_hot = (np.concatenate(part) for part in zip(*epoch, strict=True))
        order = [image.tobytes() for image in images]
        assert [labels[image] for image in order] == batches.classes[one_hot.argmax(1)].tolist()
        assert sorted(order) == sorted(labels)
        orders.append(order)
        batches.on_epoch_end()
    assert orders[0] != orders[1]


def test_fit_takes_it_for_several_epochs(flowers):
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((64, 64, 3)), layers.GlobalMaxPooling2D(), layers.Dense(3, "softmax")]
    )
    model.compile(loss="categorical_crossentropy")
    history = model.fit(CSVDataset(flowers(12), 4), epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2
