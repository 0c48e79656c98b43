"""How each species of Flowers-17 looks, as a table: `PLANTS`.

Lengths are in flower radii, angles in degrees, hues in degrees of the colour circle,
saturation and value from 0 to 1. A pair is a range to draw from.
"""

from dataclasses import dataclass

# half the width of a petal along its length, from base to tip, as a part of its largest
OUTLINES = {
    "round": (0.25, 0.6, 0.88, 1.0, 0.98, 0.8, 0.3),
    "oval": (0.3, 0.65, 0.92, 1.0, 0.9, 0.62, 0.12),
    "pointed": (0.45, 0.8, 1.0, 0.95, 0.7, 0.35, 0.0),
    "strap": (0.6, 0.85, 1.0, 1.0, 1.0, 0.9, 0.4),
    "spoon": (0.15, 0.3, 0.6, 0.95, 1.0, 0.8, 0.15),
    "notched": (0.2, 0.5, 0.8, 0.95, 1.0, 0.95, 0.75),
    "bell": (0.8, 0.95, 1.0, 1.0, 0.9, 0.6, 0.1),
}


@dataclass(frozen=True)
class Whorl:
    """A ring of petals, rays or sepals.

    There are `count` of them, evenly round the axis or at `angles`. A petal begins `start` from
    the axis, at `height`; it leaves at the angle `rise` above the plane of the flower and bends
    on by `curl` towards its tip, mostly at the tip if `bend` is large. `outline` is a key of
    `OUTLINES`, `width` its largest half width as a part of `length`; `fold` lifts its sides, and
    `ragged` is how much lengths differ.

    Colours are keys of `Plant.colours`: `colour` at the tip, `base` at the base. The surface
    is a grid of `cells` (along, across); `marks` (a pattern's name) colours some in `mark`.
    """

    count: tuple
    outline: str
    width: float
    length: float = 1.0
    rise: tuple = (0, 10)
    curl: tuple = (0, 20)
    bend: float = 1.0
    start: float = 0.05
    height: float = 0.0
    fold: float = 0.15
    angles: tuple = ()
    colour: str = "petal"
    base: str = ""
    marks: str = ""
    mark: str = "mark"
    cells: tuple = (5, 4)
    ragged: float = 0.05


@dataclass(frozen=True)
class Dots:
    """Florets of a disc, or stamens: dots between two radii, on stalks if `stalk`.

    They stand on a dome of this `height`, each of this `size`; the outer ones have the colour
    `rim`, if there is one.
    """

    count: tuple
    radius: float
    inner: float = 0.0
    height: float = 0.05
    size: float = 0.05
    colour: str = "centre"
    rim: str = ""
    stalk: bool = False


@dataclass(frozen=True)
class Plant:
    """How one species looks: its flower, its colours, how it stands, and its leaves.

    `parts` are its `Whorl`s and `Dots`. `colours` are variants: each names the colours of the
    parts as (hue, saturation, value), three pairs. `habit` and `leaf` say how it stands and what
    leaves it has, `tilt` how far a flower looks away from the viewer, `size` its radius as a part
    of the picture's side, `flowers` how many plants there are, `bells` how many flowers hang on
    one where it bears several, `stem` the stem's width.
    """

    parts: tuple
    colours: tuple
    habit: str
    tilt: tuple
    size: tuple
    flowers: tuple
    leaf: str
    stem: float = 0.08
    stem_colour: tuple = ((80, 120), (0.35, 0.65), (0.3, 0.6))
    bells: tuple = (1, 1)


GREEN = ((85, 115), (0.4, 0.7), (0.35, 0.65))
PALE_GREEN = ((70, 95), (0.2, 0.45), (0.6, 0.85))
YELLOW = ((46, 57), (0.75, 1.0), (0.8, 1.0))
DEEP_YELLOW = ((38, 48), (0.85, 1.0), (0.8, 1.0))
PALE_YELLOW = ((50, 60), (0.25, 0.6), (0.88, 1.0))
ORANGE = ((22, 36), (0.8, 1.0), (0.8, 1.0))
WHITE = ((40, 260), (0.0, 0.08), (0.86, 1.0))
CREAM = ((45, 65), (0.06, 0.2), (0.88, 1.0))
VIOLET = ((252, 285), (0.4, 0.8), (0.45, 0.85))
BLUE_VIOLET = ((228, 262), (0.4, 0.75), (0.5, 0.88))
LILAC = ((262, 305), (0.15, 0.42), (0.7, 0.95))
DARK_VIOLET = ((255, 290), (0.6, 0.9), (0.15, 0.4))
PINK = ((318, 350), (0.3, 0.65), (0.75, 1.0))
RED = ((345, 368), (0.75, 0.95), (0.6, 0.9))
BRONZE = ((8, 26), (0.55, 0.85), (0.4, 0.7))
BROWN = ((15, 38), (0.5, 0.85), (0.12, 0.4))
DARK = ((330, 370), (0.4, 0.8), (0.1, 0.3))

PLANTS = {
    "bluebell": Plant(
        parts=(Whorl((6, 6), "bell", 0.3, rise=(76, 88), curl=(-120, -80), bend=5, start=0.22),),
        colours=(
            {"petal": BLUE_VIOLET},
            {"petal": BLUE_VIOLET},
            {"petal": VIOLET},
            {"petal": LILAC},
        ),
        habit="spike",
        tilt=(65, 105),
        size=(0.09, 0.19),
        flowers=(1, 4),
        leaf="grass",
        bells=(5, 11),
    ),
    "buttercup": Plant(
        parts=(
            Whorl((5, 5), "round", 0.5, rise=(8, 40), curl=(15, 50), base="base"),
            Dots((22, 34), 0.36, inner=0.16, height=0.2, size=0.035, stalk=True),
            Dots((14, 20), 0.14, height=0.1, size=0.045, colour="pistil"),
        ),
        colours=(
            {"petal": YELLOW, "base": DEEP_YELLOW, "centre": YELLOW, "pistil": PALE_GREEN},
            {"petal": DEEP_YELLOW, "base": YELLOW, "centre": DEEP_YELLOW, "pistil": PALE_GREEN},
        ),
        habit="face",
        tilt=(0, 65),
        size=(0.2, 0.5),
        flowers=(1, 4),
        leaf="divided",
    ),
    "coltsfoot": Plant(
        parts=(
            Whorl(
                (46, 64),
                "strap",
                0.028,
                rise=(0, 35),
                curl=(-25, 15),
                start=0.3,
                length=0.75,
                cells=(2, 1),
            ),
            Whorl(
                (34, 48),
                "strap",
                0.028,
                rise=(10, 45),
                curl=(-20, 15),
                start=0.28,
                length=0.55,
                cells=(2, 1),
            ),
            Dots((70, 100), 0.36, height=0.14, size=0.045, rim="rim"),
        ),
        colours=(
            {"petal": YELLOW, "centre": DEEP_YELLOW, "rim": YELLOW},
            {"petal": DEEP_YELLOW, "centre": ORANGE, "rim": DEEP_YELLOW},
            {"petal": YELLOW, "centre": YELLOW, "rim": ORANGE},
        ),
        habit="face",
        tilt=(0, 62),
        size=(0.22, 0.5),
        flowers=(1, 4),
        leaf="scales",
        stem=0.17,
        stem_colour=((10, 70), (0.2, 0.45), (0.35, 0.6)),
    ),
    "cowslip": Plant(
        parts=(
            Whorl(
                (5, 5),
                "bell",
                0.36,
                rise=(82, 88),
                curl=(2, 8),
                start=0.2,
                length=0.85,
                colour="calyx",
                cells=(3, 2),
            ),
            Whorl(
                (5, 5),
                "notched",
                0.45,
                rise=(15, 40),
                curl=(5, 30),
                start=0.12,
                length=0.75,
                height=0.8,
                marks="base",
                cells=(4, 2),
            ),
        ),
        colours=(
            {"petal": YELLOW, "calyx": PALE_GREEN, "mark": ORANGE},
            {"petal": DEEP_YELLOW, "calyx": PALE_GREEN, "mark": ORANGE},
        ),
        habit="umbel",
        tilt=(40, 100),
        size=(0.1, 0.19),
        flowers=(1, 3),
        leaf="broad",
        bells=(5, 12),
    ),
    "crocus": Plant(
        parts=(
            Whorl(
                (3, 3),
                "oval",
                0.36,
                rise=(48, 80),
                curl=(-5, 22),
                marks="veins",
                base="base",
                angles=(0, 120, 240),
            ),
            Whorl(
                (3, 3),
                "oval",
                0.33,
                rise=(58, 84),
                curl=(0, 22),
                marks="veins",
                base="base",
                angles=(60, 180, 300),
                length=0.95,
            ),
            Dots((5, 7), 0.1, height=0.6, size=0.06, stalk=True),
        ),
        colours=(
            {"petal": VIOLET, "base": LILAC, "mark": DARK_VIOLET, "centre": ORANGE},
            {"petal": LILAC, "base": WHITE, "mark": VIOLET, "centre": ORANGE},
            {"petal": WHITE, "base": LILAC, "mark": LILAC, "centre": ORANGE},
            {"petal": DEEP_YELLOW, "base": YELLOW, "mark": ORANGE, "centre": ORANGE},
        ),
        habit="upright",
        tilt=(28, 90),
        size=(0.24, 0.46),
        flowers=(1, 6),
        leaf="grass",
        stem=0.16,
        stem_colour=((60, 300), (0.0, 0.2), (0.65, 0.9)),
    ),
    "daffodil": Plant(
        parts=(
            Whorl((6, 6), "pointed", 0.32, rise=(-12, 22), curl=(-25, 25), start=0.12),
            Whorl(
                (14, 14),
                "strap",
                0.19,
                rise=(70, 84),
                curl=(-45, -10),
                bend=3,
                start=0.2,
                length=0.75,
                colour="trumpet",
                base="throat",
                cells=(4, 1),
                ragged=0.12,
            ),
            Dots((5, 7), 0.07, height=0.3, size=0.05),
        ),
        colours=(
            {"petal": YELLOW, "trumpet": DEEP_YELLOW, "throat": DEEP_YELLOW, "centre": YELLOW},
            {"petal": PALE_YELLOW, "trumpet": YELLOW, "throat": DEEP_YELLOW, "centre": YELLOW},
            {"petal": CREAM, "trumpet": YELLOW, "throat": ORANGE, "centre": YELLOW},
            {"petal": YELLOW, "trumpet": ORANGE, "throat": ORANGE, "centre": YELLOW},
        ),
        habit="face",
        tilt=(10, 85),
        size=(0.24, 0.5),
        flowers=(1, 4),
        leaf="grass",
    ),
    "daisy": Plant(
        parts=(
            Whorl(
                (16, 30),
                "strap",
                0.095,
                rise=(-12, 18),
                curl=(-25, 15),
                start=0.22,
                length=0.8,
                cells=(3, 2),
            ),
            Dots((60, 90), 0.3, height=0.12, size=0.045, rim="rim"),
        ),
        colours=(
            {"petal": WHITE, "centre": DEEP_YELLOW, "rim": YELLOW},
            {"petal": WHITE, "centre": YELLOW, "rim": ORANGE},
            {"petal": CREAM, "centre": DEEP_YELLOW, "rim": ORANGE},
        ),
        habit="face",
        tilt=(0, 62),
        size=(0.22, 0.5),
        flowers=(1, 4),
        leaf="divided",
    ),
    "dandelion": Plant(
        parts=(
            Whorl(
                (38, 48),
                "notched",
                0.055,
                rise=(-8, 15),
                curl=(-10, 20),
                length=0.95,
                cells=(2, 1),
                ragged=0.12,
            ),
            Whorl(
                (34, 42),
                "notched",
                0.06,
                rise=(14, 32),
                curl=(-5, 20),
                length=0.8,
                cells=(2, 1),
                ragged=0.12,
            ),
            Whorl(
                (26, 34),
                "notched",
                0.07,
                rise=(32, 50),
                curl=(0, 20),
                length=0.62,
                colour="inner",
                cells=(2, 1),
                ragged=0.15,
            ),
            Whorl(
                (16, 24),
                "notched",
                0.09,
                rise=(52, 76),
                curl=(0, 15),
                length=0.45,
                colour="inner",
                cells=(2, 1),
                ragged=0.2,
            ),
        ),
        colours=(
            {"petal": YELLOW, "inner": DEEP_YELLOW},
            {"petal": DEEP_YELLOW, "inner": DEEP_YELLOW},
            {"petal": YELLOW, "inner": ORANGE},
        ),
        habit="face",
        tilt=(0, 62),
        size=(0.22, 0.5),
        flowers=(1, 4),
        leaf="divided",
        stem=0.1,
    ),
    "fritillary": Plant(
        parts=(
            Whorl(
                (6, 6),
                "bell",
                0.38,
                rise=(50, 66),
                curl=(35, 62),
                start=0.12,
                length=1.25,
                marks="chequer",
                cells=(9, 6),
            ),
        ),
        colours=(
            {"petal": ((315, 345), (0.4, 0.7), (0.35, 0.6)), "mark": LILAC},
            {"petal": ((300, 335), (0.3, 0.6), (0.3, 0.55)), "mark": PINK},
            {"petal": ((315, 350), (0.45, 0.7), (0.3, 0.5)), "mark": PINK},
            {"petal": CREAM, "mark": PALE_GREEN},
        ),
        habit="nodding",
        tilt=(72, 112),
        size=(0.2, 0.42),
        flowers=(1, 4),
        leaf="grass",
    ),
    "iris": Plant(
        parts=(
            Whorl(
                (3, 3),
                "round",
                0.45,
                rise=(8, 35),
                curl=(-140, -95),
                length=1.15,
                colour="fall",
                marks="beard",
                angles=(30, 150, 270),
                cells=(7, 5),
                ragged=0.1,
            ),
            Whorl(
                (3, 3),
                "round",
                0.46,
                rise=(55, 72),
                curl=(25, 60),
                length=1.05,
                angles=(90, 210, 330),
                fold=-0.3,
                cells=(6, 4),
                ragged=0.1,
            ),
        ),
        colours=(
            {"petal": LILAC, "fall": VIOLET, "mark": DEEP_YELLOW},
            {"petal": VIOLET, "fall": VIOLET, "mark": YELLOW},
            {"petal": BLUE_VIOLET, "fall": BLUE_VIOLET, "mark": YELLOW},
            {"petal": WHITE, "fall": WHITE, "mark": YELLOW},
            {"petal": YELLOW, "fall": DEEP_YELLOW, "mark": BRONZE},
            {"petal": BRONZE, "fall": BRONZE, "mark": DEEP_YELLOW},
            {"petal": CREAM, "fall": PINK, "mark": ORANGE},
        ),
        habit="upright",
        tilt=(58, 84),
        size=(0.24, 0.46),
        flowers=(1, 3),
        leaf="grass",
        stem=0.12,
    ),
    "lilyvalley": Plant(
        parts=(
            Whorl(
                (6, 6),
                "bell",
                0.42,
                rise=(18, 30),
                curl=(95, 120),
                bend=0.8,
                start=0.12,
                length=1.35,
                cells=(5, 2),
            ),
            Whorl(
                (6, 6),
                "pointed",
                0.35,
                rise=(10, 30),
                curl=(-70, -30),
                start=0.5,
                length=0.4,
                height=1.0,
                cells=(2, 2),
            ),
        ),
        colours=({"petal": WHITE}, {"petal": WHITE}, {"petal": CREAM}),
        habit="spike",
        tilt=(72, 108),
        size=(0.07, 0.15),
        flowers=(1, 3),
        leaf="broad",
        bells=(5, 10),
    ),
    "pansy": Plant(
        parts=(
            Whorl(
                (2, 2),
                "round",
                0.56,
                length=1.0,
                angles=(58, 122),
                colour="upper",
                rise=(0, 8),
                curl=(-5, 15),
            ),
            Whorl(
                (2, 2),
                "round",
                0.55,
                length=0.9,
                angles=(-4, 184),
                height=0.06,
                rise=(0, 8),
                curl=(-5, 15),
                marks="face",
                cells=(9, 8),
            ),
            Whorl(
                (1, 1),
                "round",
                0.72,
                length=0.95,
                angles=(270,),
                height=0.12,
                rise=(0, 8),
                curl=(-5, 15),
                marks="face",
                colour="lip",
                cells=(7, 6),
            ),
            Dots((4, 6), 0.08, height=0.16, size=0.07),
        ),
        colours=(
            {
                "upper": VIOLET,
                "petal": VIOLET,
                "lip": VIOLET,
                "mark": DARK_VIOLET,
                "centre": YELLOW,
            },
            {"upper": VIOLET, "petal": LILAC, "lip": YELLOW, "mark": DARK_VIOLET, "centre": YELLOW},
            {"upper": DARK_VIOLET, "petal": YELLOW, "lip": YELLOW, "mark": DARK, "centre": ORANGE},
            {"upper": WHITE, "petal": WHITE, "lip": WHITE, "mark": VIOLET, "centre": YELLOW},
            {
                "upper": LILAC,
                "petal": BLUE_VIOLET,
                "lip": CREAM,
                "mark": DARK_VIOLET,
                "centre": ORANGE,
            },
            {"upper": RED, "petal": YELLOW, "lip": DEEP_YELLOW, "mark": DARK, "centre": ORANGE},
        ),
        habit="portrait",
        tilt=(0, 45),
        size=(0.22, 0.5),
        flowers=(1, 3),
        leaf="divided",
    ),
    "snowdrop": Plant(
        parts=(
            Whorl(
                (3, 3),
                "pointed",
                0.26,
                rise=(50, 66),
                curl=(30, 55),
                start=0.1,
                height=-0.75,
                length=0.85,
                colour="ovary",
                cells=(3, 2),
            ),
            Whorl(
                (3, 3),
                "bell",
                0.25,
                rise=(70, 84),
                curl=(0, 10),
                length=0.55,
                marks="tip",
                cells=(5, 3),
            ),
            Whorl(
                (3, 3),
                "spoon",
                0.36,
                rise=(42, 78),
                curl=(8, 34),
                length=1.2,
                cells=(5, 3),
            ),
        ),
        colours=(
            {"petal": WHITE, "mark": GREEN, "ovary": GREEN},
            {"petal": CREAM, "mark": GREEN, "ovary": GREEN},
        ),
        habit="nodding",
        tilt=(70, 112),
        size=(0.17, 0.38),
        flowers=(1, 5),
        leaf="grass",
    ),
    "sunflower": Plant(
        parts=(
            Whorl(
                (18, 26),
                "pointed",
                0.15,
                rise=(-12, 20),
                curl=(-20, 25),
                start=0.42,
                length=0.65,
                base="base",
                cells=(3, 2),
                ragged=0.1,
            ),
            Whorl(
                (16, 24),
                "pointed",
                0.16,
                rise=(5, 30),
                curl=(-20, 25),
                start=0.4,
                length=0.55,
                base="base",
                cells=(3, 2),
                ragged=0.1,
            ),
            Dots((140, 180), 0.5, height=0.08, size=0.05, rim="rim"),
        ),
        colours=(
            {"petal": DEEP_YELLOW, "base": ORANGE, "centre": BROWN, "rim": BROWN},
            {"petal": YELLOW, "base": DEEP_YELLOW, "centre": BROWN, "rim": BRONZE},
            {
                "petal": YELLOW,
                "base": DEEP_YELLOW,
                "centre": ((40, 70), (0.4, 0.8), (0.3, 0.6)),
                "rim": BROWN,
            },
        ),
        habit="face",
        tilt=(0, 60),
        size=(0.26, 0.54),
        flowers=(1, 3),
        leaf="broad",
        stem=0.11,
    ),
    "tigerlily": Plant(
        parts=(
            Whorl(
                (6, 6),
                "pointed",
                0.19,
                rise=(30, 60),
                curl=(-170, -95),
                length=1.5,
                marks="spots",
                cells=(11, 5),
            ),
            Dots((6, 6), 0.5, inner=0.4, height=0.85, size=0.07, stalk=True),
        ),
        colours=(
            {"petal": ((12, 26), (0.75, 1.0), (0.75, 1.0)), "mark": DARK, "centre": BROWN},
            {"petal": ORANGE, "mark": BROWN, "centre": BROWN},
            {"petal": ((2, 16), (0.4, 0.65), (0.8, 1.0)), "mark": DARK, "centre": BRONZE},
        ),
        habit="nodding",
        tilt=(15, 105),
        size=(0.2, 0.4),
        flowers=(1, 3),
        leaf="blades",
    ),
    "tulip": Plant(
        parts=(
            Whorl(
                (3, 3),
                "pointed",
                0.36,
                rise=(18, 78),
                curl=(5, 40),
                angles=(0, 120, 240),
                base="base",
                ragged=0.03,
            ),
            Whorl(
                (3, 3),
                "pointed",
                0.38,
                rise=(28, 82),
                curl=(5, 35),
                angles=(60, 180, 300),
                base="base",
                ragged=0.03,
            ),
            Dots((6, 6), 0.16, inner=0.12, height=0.25, size=0.055, stalk=True),
        ),
        colours=(
            {"petal": YELLOW, "base": YELLOW, "centre": DEEP_YELLOW},
            {"petal": YELLOW, "base": PALE_GREEN, "centre": DEEP_YELLOW},
            {"petal": YELLOW, "base": BRONZE, "centre": BROWN},
            {"petal": RED, "base": YELLOW, "centre": DARK},
            {"petal": PINK, "base": CREAM, "centre": YELLOW},
            {"petal": VIOLET, "base": CREAM, "centre": DARK},
        ),
        habit="upright",
        tilt=(15, 92),
        size=(0.24, 0.46),
        flowers=(1, 5),
        leaf="blades",
        stem=0.11,
    ),
    "windflower": Plant(
        parts=(
            Whorl((6, 7), "oval", 0.33, rise=(2, 30), curl=(-5, 32), base="base"),
            Dots((20, 30), 0.3, inner=0.14, height=0.16, size=0.035, stalk=True),
            Dots((12, 16), 0.12, height=0.12, size=0.045, colour="pistil"),
        ),
        colours=(
            {"petal": WHITE, "base": WHITE, "centre": YELLOW, "pistil": PALE_GREEN},
            {"petal": WHITE, "base": LILAC, "centre": CREAM, "pistil": GREEN},
            {"petal": CREAM, "base": PALE_GREEN, "centre": YELLOW, "pistil": GREEN},
        ),
        habit="face",
        tilt=(0, 65),
        size=(0.22, 0.5),
        flowers=(1, 4),
        leaf="divided",
    ),
}
