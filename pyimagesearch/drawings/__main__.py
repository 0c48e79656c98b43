"""Draw the CSVs that ship.

USAGE
    python -m pyimagesearch.drawings [--output DIR] [--seed N]
"""

from pyimagesearch.plumbing import environment

if __name__ == "__main__":
    environment.prepare()

import sys

from pyimagesearch.csv_pair import write_csv_pair
from pyimagesearch.drawings.dataset import SEED, dataset_rows, draw_row
from pyimagesearch.plumbing.errors import ErrorHandler
from pyimagesearch.plumbing.options import option_parser, path_name, random_seed


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
    """Run the command line, and return its exit code (see `ErrorHandler`)."""
    parser = option_parser(
        "Draw the flowers of flowers17_training.csv and flowers17_testing.csv.",
        prog="python -m pyimagesearch.drawings",
    )
    parser.add_argument(
        "--output", metavar="DIR", type=path_name, default=".", help="folder for the CSVs"
    )
    parser.add_argument(
        "--seed", metavar="N", type=random_seed, default=SEED, help="the default is what ships"
    )
    with ErrorHandler() as errors:
        args = parser.parse_args(argv)
        draw_dataset(args.output, args.seed)
    return errors.exit_code


if __name__ == "__main__":
    sys.exit(main())
