"""Draw the CSVs that ship.

USAGE
    python -m pyimagesearch.drawings [--output DIR] [--seed N]
"""

import argparse

from pyimagesearch.csv_pair import write_csv_pair
from pyimagesearch.drawings.dataset import SEED, dataset_rows, draw_row
from pyimagesearch.errors import check_seed, one_line_errors


def draw_dataset(output, dataset_seed):
    """Draw both CSVs into a folder.

    Raises:
        OSError: no permission, no space.
    """
    train, test = (
        [(species, (species, number)) for species, number in rows]
        for rows in dataset_rows(dataset_seed)
    )
    write_csv_pair(output, train, test, lambda row: draw_row(*row, dataset_seed))


def main(argv=None):
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m pyimagesearch.drawings",
        description="Draw the flowers of flowers17_training.csv and flowers17_testing.csv.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--output", metavar="DIR", default=".", help="folder for the CSVs")
    parser.add_argument("--seed", metavar="N", type=int, default=SEED, help="17 is what ships")
    args = parser.parse_args(argv)
    check_seed(parser, args.seed)
    with one_line_errors():
        draw_dataset(args.output, args.seed)


if __name__ == "__main__":
    main()
