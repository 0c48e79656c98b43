"""The one constant to change for images of another shape."""

# height, width and channels of every image: height and width from 4 pixels up, 3 channels for
# RGB or 1 for grey; write the CSVs anew after a change
IMAGE_SHAPE = (64, 64, 3)
