"""Show what is in a CSV of images: ten of each class, as one PNG.

USAGE
    python -m pyimagesearch.contact_sheet CSV [-o PNG]
"""

from pyimagesearch.plumbing import environment

if __name__ == "__main__":
    environment.prepare()

import argparse
import os
import sys
from pathlib import Path

from matplotlib import ft2font, get_data_path
from PIL import Image, ImageDraw, ImageFont

from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.csv_rows import open_csv, read_rows
from pyimagesearch.plumbing.ending import Ending, InputError
from pyimagesearch.plumbing.files import writing
from pyimagesearch.plumbing.options import option_parser, output_file

PER_CLASS = 10
LONGEST_NAME = 60  # characters: a label may be as long as a picture
GAP = 4
HEIGHT, WIDTH, _ = IMAGE_SHAPE

# matplotlib brings it: Latin, Greek, Cyrillic, Arabic and more, but neither Chinese nor Japanese
FONT = os.path.join(get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
LONGEST_JPEG = 65_500  # pixels of a side, in the library that every program uses


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

    font = ImageFont.truetype(FONT, 14)
    known = ft2font.FT2Font(FONT).get_charmap()
    names = {label: _drawable(label, known) for label in sorted(images)}
    left = GAP + max(int(font.getlength(name)) for name in names.values()) + 2 * GAP
    size = left + PER_CLASS * (WIDTH + GAP), GAP + len(images) * (HEIGHT + GAP)
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for row, (label, name) in enumerate(names.items()):
        top = GAP + row * (HEIGHT + GAP)
        draw.text((2 * GAP, top + HEIGHT / 2), name, fill="black", font=font, anchor="lm")
        for column, image in enumerate(images[label]):
            sheet.paste(Image.fromarray(image), (left + column * (WIDTH + GAP), top))
    return sheet


def _drawable(label, known):
    """Return a label, or its beginning, with escapes for what the font lacks or nobody sees."""
    name = label if len(label) <= LONGEST_NAME else f"{label[:LONGEST_NAME]}..."
    return "".join(
        c if ord(c) in known and c.isprintable() else c.encode("unicode_escape").decode()
        for c in name
    )


def save_contact_sheet(csv, path):
    """Draw the contact sheet of a CSV into an image file, and say so.

    Args:
        csv: path of the CSV.
        path: of the PNG or JPEG.

    Raises:
        CSVError: as `draw_contact_sheet`.
        InputError: `path` is the CSV.
        OSError: it can't be written; what was there stays.
    """
    if os.path.exists(csv) and os.path.exists(path) and os.path.samefile(csv, path):
        raise InputError(f"{path}: this is the CSV itself; expected another name for the sheet: -o")
    sheet = draw_contact_sheet(csv)
    if max(sheet.size) > LONGEST_JPEG and Path(path).suffix.lower() == ".jpg":
        reason = "the sheet has {:,} x {:,} pixels, too many for a JPEG; expected a name in .png"
        raise OSError(None, reason.format(*sheet.size), str(path))
    with writing(path) as part:
        sheet.save(part)


def main(argv=None):
    """Run the command line, and return its exit code (see `Ending`)."""
    parser = option_parser(
        "Draw ten images of each class in a CSV, a row a class.",
        prog="python -m pyimagesearch.contact_sheet",
    )
    parser.add_argument("csv", metavar="CSV", help="training or testing images")
    parser.add_argument(
        "-o",
        "--output",
        metavar="PNG",
        type=output_file(".png", ".jpg"),
        default=argparse.SUPPRESS,
        help="the sheet (default: the name of the CSV, with .png, in this folder)",
    )
    with Ending() as ending:
        args = parser.parse_args(argv, argparse.Namespace(output=None))
        save_contact_sheet(args.csv, args.output or f"{Path(args.csv).stem}.png")
    return ending.exit_code


if __name__ == "__main__":
    sys.exit(main())
