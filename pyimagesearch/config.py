"""What may be changed for data of another form."""

# height, width and channels of every image: the CSVs' rows, the network and the drawings follow.
# Sides of at least 4 pixels; 3 channels, RGB.
IMAGE_SHAPE = (64, 64, 3)
