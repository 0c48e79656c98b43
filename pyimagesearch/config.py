"""What may be changed for data of another form."""

# height, width and channels of every image: the rows of the CSVs, the network and the drawings
# follow. Height and width from 4 pixels up; 3 channels for RGB, 1 for grey.
IMAGE_SHAPE = (64, 64, 3)


def check_image_shape(shape):
    """Exit with a message if `shape` is not as it must be."""
    whole = isinstance(shape, tuple) and all(isinstance(side, int) for side in shape)
    if not (whole and len(shape) == 3 and min(shape[:2]) >= 4 and shape[2] in (1, 3)):
        raise SystemExit(
            f"[ERROR] {__file__}: IMAGE_SHAPE is {shape!r}; expected (height, width, channels): "
            "height and width from 4 up, and 3 channels for RGB or 1 for grey"
        )


# here, so that every program ends with that line, and not with a traceback, when it imports this
check_image_shape(IMAGE_SHAPE)
