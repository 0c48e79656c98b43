"""The arguments of the generator, checked: what would else quietly do something else."""

from numbers import Integral

from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.validation import check_is_fitted


def check_generator_arguments(bs, lb, mode):
    """Check what `csv_image_generator` is given besides its path and its augmentation.

    Raises:
        TypeError: `bs` is no whole number; `lb` is no `LabelBinarizer`, or was fitted to something
            other than text.
        ValueError: `mode` is neither "train" nor "eval", `bs` is below 1, `lb` is not fitted, or
            gives something else than zeros and ones in an array.
    """
    if mode not in ("train", "eval"):
        raise ValueError(f'mode: expected "train" or "eval", not {mode!r}')
    if not isinstance(bs, Integral) or isinstance(bs, bool):
        raise TypeError(f"bs: expected a whole number, not {bs!r}")
    if bs < 1:
        raise ValueError(f"bs: expected at least 1, not {bs}")
    if not isinstance(lb, LabelBinarizer):
        raise TypeError(f"lb: expected a LabelBinarizer, not {type(lb).__name__}")
    check_is_fitted(lb)
    if (lb.neg_label, lb.pos_label, lb.sparse_output) != (0, 1, False):
        raise ValueError("lb: expected one with its default options, not " + repr(lb))
    # labels are read as text: "7" is none of the classes 6, 7 and 8
    if not all(isinstance(label, str) for label in lb.classes_):
        raise TypeError(f"lb: expected labels that are text, not {type(lb.classes_[0]).__name__}")
