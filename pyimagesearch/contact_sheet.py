"""Show what is in a CSV of images: ten of each class, as one PNG.

USAGE
    python -m pyimagesearch.contact_sheet CSV [-o PNG]
"""

import argparse
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pyimagesearch.arguments import output_file
from pyimagesearch.csv_rows import IMAGE_SHAPE, open_csv, read_rows
from pyimagesearch.errors import OK, plainly
from pyimagesearch.files import replacing

PER_CLASS = 10
GAP = 4
HEIGHT, WIDTH, _ = IMAGE_SHAPE


def draw_contact_sheet(path):
    """Draw the first ten images of each class in a CSV, a row a class, in alphabetical order.

    Args:
        path: of any CSV that train.py reads.

    Returns:
        a `PIL.Image`, RGB.

    Raises:
        CSVError: the file can't be read, or a row is not as it must be.
    """
    images = {}
    with open_csv(path) as file:
        for label, image in read_rows(file):
            of_class = images.setdefault(label, [])
            if len(of_class) < PER_CLASS:
                of_class.append(image)

    font = ImageFont.load_default(14)
    left = GAP + max(int(font.getlength(label)) for label in images) + 2 * GAP
    size = left + PER_CLASS * (WIDTH + GAP), GAP + len(images) * (HEIGHT + GAP)
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for row, label in enumerate(sorted(images)):
        top = GAP + row * (HEIGHT + GAP)
        draw.text((2 * GAP, top + HEIGHT / 2), label, fill="black", font=font, anchor="lm")
        for column, image in enumerate(images[label]):
            sheet.paste(Image.fromarray(image), (left + column * (WIDTH + GAP), top))
    return sheet


def write_contact_sheet(path, output):
    """Draw the contact sheet of a CSV into a file; return the exit code.

    Raises:
        CSVError: as `draw_contact_sheet`.
        OSError: the file can't be written.
    """
    sheet = draw_contact_sheet(path)
    with replacing(output) as part:
        sheet.save(part)
    print(f"[INFO] wrote {output}")
    return OK


def main(argv=None):
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pyimagesearch.contact_sheet",
        description="Draw ten images of each class in a CSV, a row a class.",
    )
    parser.add_argument("csv", metavar="CSV", help="training or testing images")
    parser.add_argument(
        "-o",
        "--output",
        metavar="PNG",
        type=output_file(".png", ".jpg"),
        help="default: the name of the CSV, with .png, in this folder",
    )
    args = parser.parse_args(argv)
    output = args.output or f"{Path(args.csv).stem}.png"
    return plainly(lambda: write_contact_sheet(args.csv, output))


if __name__ == "__main__":
    sys.exit(main())
