"""Flowers-17, the data set of the tutorial: 1,360 photographs, 80 of each of 17 species.

They are RGB JPEGs, their shorter side about 500 pixels, without labels: the order gives them. Their
licence is unclear, so none of them ships with this project.
"""

PAGE = "https://www.robots.ox.ac.uk/~vgg/data/flowers/17/"
ARCHIVE = f"{PAGE}17flowers.tgz"
MD5 = "b59a65d8d1a99cd66944d474e1289eab"
CITATION = (
    'M-E. Nilsback and A. Zisserman, "A Visual Vocabulary for Flower Classification", CVPR 2006.'
)
IMAGES_PER_SPECIES = 80

# the species in the archive's order (image_0001.jpg to image_0080.jpg are daffodils), and how many
# images of each the tutorial tested on: "support" in its classification report
TEST_SUPPORT = {
    "daffodil": 27,
    "snowdrop": 22,
    "lilyvalley": 22,
    "bluebell": 21,
    "crocus": 24,
    "iris": 24,
    "tigerlily": 14,
    "tulip": 16,
    "fritillary": 22,
    "sunflower": 18,
    "daisy": 18,
    "coltsfoot": 21,
    "dandelion": 18,
    "cowslip": 20,
    "buttercup": 15,
    "windflower": 20,
    "pansy": 18,
}
SPECIES = tuple(TEST_SUPPORT)
# the label of image_0001.jpg, of image_0002.jpg, and so on
LABELS = [name for name in SPECIES for _ in range(IMAGES_PER_SPECIES)]
