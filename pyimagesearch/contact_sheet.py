"""Show what is in a CSV of images: ten of each class, as one picture.

USAGE
    python -m pyimagesearch.contact_sheet CSV [-o PNG]
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
from matplotlib import style
from matplotlib.figure import Figure

from pyimagesearch.csv_rows import open_csv, read_rows
from pyimagesearch.errors import one_line_errors, option_errors
from pyimagesearch.files import check_output, replacing

PER_CLASS = 10
GAPS = (2, 2), (2, 2), (0, 0)  # pixels round an image
MOST_PIXELS = 60_000  # the longest side that Matplotlib and JPEG allow


def contact_sheet(path):
    """Put the first ten images of each class in a CSV side by side, a row a class.

    Returns the sorted class names, and the sheet, `(height, width, channels)` uint8.
    """
    images = {}
    with open_csv(path) as file:
        for label, image in read_rows(file):
            tiles = images.setdefault(label, [])
            if len(tiles) < PER_CLASS:
                tiles.append(np.pad(image, GAPS, constant_values=255))
    names = sorted(images)
    blank = np.full_like(images[names[0]][0], 255)
    rows = [np.hstack((images[name] + [blank] * PER_CLASS)[:PER_CLASS]) for name in names]
    return names, np.vstack(rows)


def save_contact_sheet(csv, path):
    """Draw the contact sheet of a CSV, with the class names, into an image file."""
    names, sheet = contact_sheet(csv)
    # small images enlarged by a whole number
    height, width = (side * max(1, 640 // sheet.shape[1]) for side in sheet.shape[:2])
    with style.context("default"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the font may lack a character of a name
        fig = Figure(figsize=(width / 100, height / 100), dpi=min(100, 100 * MOST_PIXELS / height))
        ax = fig.add_axes((0, 0, 1, 1), frameon=False)
        ax.imshow(sheet, cmap="gray", vmin=0, vmax=255, interpolation="nearest", aspect="auto")
        middles = sheet.shape[0] / len(names) * (np.arange(len(names)) + 0.5)
        ax.set_yticks(middles, [name[:60] for name in names], parse_math=False)
        ax.set_xticks([])
        with replacing(path) as (part,):
            fig.savefig(part, bbox_inches="tight")
    print(f"[INFO] wrote {path}")


def main(argv=None):
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m pyimagesearch.contact_sheet",
        description="Draw ten images of each class in a CSV, a row a class.",
    )
    parser.add_argument("csv", metavar="CSV", help="training or testing images")
    parser.add_argument(
        "-o", "--output", metavar="PNG", help="the sheet (default: the CSV's name with .png, here)"
    )
    args = parser.parse_args(argv)
    output = f"{Path(args.csv).stem}.png" if args.output is None else args.output
    with option_errors(parser):
        check_output(output, ".png", ".jpg")
    with one_line_errors():
        save_contact_sheet(args.csv, output)


if __name__ == "__main__":
    main()
