"""One flower of a species, from its parts in the table: its petals and dots as polygons.

Points are `(n, 2)` pixels of the scene, y downwards, or `(n, 3)` flower radii, where z looks at
the viewer. Colours are `(3,)` RGB, 0 to 255.
"""

import numpy as np
from scipy.spatial.transform import Rotation

from pyimagesearch.drawings.scene import whole_between
from pyimagesearch.drawings.species import OUTLINES, Whorl


def turn(tilt, roll, spin):
    """Return the rotation of a flower, `(3, 3)`, from angles in degrees.

    Its axis looks at the viewer (z) at tilt 0, and up the picture (-y) at tilt 90, roll 0.
    """
    # about its own axis, backwards, and in the plane of the picture
    return Rotation.from_euler("zxz", (spin, tilt, roll), degrees=True).as_matrix()


def draw_flower(scene, plant, colours, centre, radius, pose):
    """Draw one flower.

    Args:
        scene: the `Scene`.
        plant: the `Plant`.
        colours: dict of the names of its parts to RGB.
        centre: `(2,)` pixels.
        radius: pixels.
        pose: `(3, 3)` rotation.
    """
    shapes = []
    for part in plant.parts:
        shaped = petals if isinstance(part, Whorl) else dots
        shapes += shaped(scene, part, colours, pose)
    # the painter's way: what is farther from the viewer first
    for _, polygons in sorted(shapes, key=lambda shape: shape[0]):
        for points, colour in polygons:
            scene.polygon(centre + radius * points, colour)


def petals(scene, whorl, colours, pose):
    """Shape a whorl: a list of (nearness, polygons), one for each petal."""
    rng = scene.rng
    count = whole_between(rng, whorl.count)
    rise, curl = rng.uniform(*whorl.rise), rng.uniform(*whorl.curl)
    along, across = whorl.cells
    s, v = np.linspace(0, 1, along + 1), np.linspace(-1, 1, across + 1)
    shaped = []
    for n in range(count):
        angle = whorl.angles[n] if whorl.angles else 360 * (n + rng.normal(0, 0.12)) / count
        length = whorl.length * (1 + rng.normal(0, whorl.ragged))
        grid = petal_surface(whorl, s, v, length, rise + rng.normal(0, 4), curl + rng.normal(0, 6))
        grid = grid @ turn(0, 0, angle).T @ pose.T
        paint = petal_paint(whorl, s, v, colours, rng)
        paint = paint * (lit(scene, grid) * rng.uniform(0.9, 1.06))[..., None]
        shaped.append((grid[..., 2].mean(), petal_polygons(grid[..., :2], paint)))
    return shaped


def petal_surface(whorl, s, v, length, rise, curl):
    """Return a petal along the x axis: `(along + 1, across + 1, 3)`.

    Args:
        whorl: the `Whorl`.
        s: the grid's places along the petal, `(along + 1,)` from 0 to 1.
        v: those across it, `(across + 1,)` from -1 to 1.
        length: of the petal, in flower radii.
        rise, curl: degrees, as in `Whorl`.
    """
    angle = np.deg2rad(rise + curl * s**whorl.bend)
    step = np.diff(s, prepend=0)[:, None] * length
    r = whorl.start + np.cumsum(np.cos(angle)[:, None] * step, axis=0)
    z = whorl.height + np.cumsum(np.sin(angle)[:, None] * step, axis=0)
    outline = OUTLINES[whorl.outline]
    half = np.interp(s, np.linspace(0, 1, len(outline)), outline)[:, None] * whorl.width * length
    fold = whorl.fold * half * v**2
    x = r - fold * np.sin(angle)[:, None]
    return np.stack([x, half * v, z + fold * np.cos(angle)[:, None]], axis=-1)


def petal_paint(whorl, s, v, colours, rng):
    """Return the colours of a petal's cells before light falls on them: `(along, across, 3)`.

    `s` and `v` are those of `petal_surface`.
    """
    s, v = np.meshgrid((s[1:] + s[:-1]) / 2, (v[1:] + v[:-1]) / 2, indexing="ij")
    colour = colours[whorl.colour]
    tipwards = s[..., None] ** 0.7
    paint = (1 - tipwards) * colours.get(whorl.base, colour) + tipwards * colour
    if whorl.marks:
        marked = MARKS[whorl.marks](s, v, rng)[..., None]
        paint = (1 - marked) * paint + marked * colours[whorl.mark]
    return paint


def petal_polygons(flat, paint):
    """Return a petal as (points, colour): a dark rim below all, and its cells.

    Args:
        flat: its grid as the viewer sees it, `(along + 1, across + 1, 2)`.
        paint: colours of its cells, `(along, across, 3)`.
    """
    rim = np.vstack([flat[:, 0], flat[::-1, -1]])
    middle = rim.mean(axis=0)
    edge = (middle + (rim - middle) * 1.06 + 0.01, paint.mean(axis=(0, 1)) * 0.62)
    cells = [
        (flat[[i, i + 1, i + 1, i], [j, j, j + 1, j + 1]], paint[i, j])
        for i, j in np.ndindex(paint.shape[:2])
    ]
    return [edge, *cells]


def lit(scene, grid):
    """Return how bright each cell of a surface is: `(along, across)`."""
    one, other = grid[1:, 1:] - grid[:-1, :-1], grid[1:, :-1] - grid[:-1, 1:]
    normal = np.cross(one, other)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
    return 1.05 - scene.relief * (1 - np.abs(normal @ scene.light))


# how far a cell takes the mark's colour, from its place along (s, 0 to 1) and across (v, -1 to 1)
MARKS = {
    "base": lambda s, v, rng: (s < 0.4) * 0.8,
    "beard": lambda s, v, rng: ((np.abs(v) < 0.3) & (s < 0.5)) * 0.9,
    "chequer": lambda s, v, rng: np.indices(s.shape).sum(axis=0) % 2 * 0.75,
    "face": lambda s, v, rng: (s < 0.6 - 0.4 * v**2) * 0.85,
    "spots": lambda s, v, rng: ((rng.random(s.shape) < 0.25) & (s < 0.8)) * 0.8,
    "tip": lambda s, v, rng: ((s > 0.6) & (s < 0.9)) * 0.9,
    "veins": lambda s, v, rng: (np.abs(v) < 0.3) * (0.75 * (1 - s) + 0.15),
}


def dots(scene, part, colours, pose):
    """Shape florets or stamens: a list of (nearness, polygons), one for each."""
    rng = scene.rng
    count = whole_between(rng, part.count)
    # spread as a sunflower spreads its seeds: evenly, each a golden angle (137.5 degrees) on
    share = (np.arange(count) + 0.5) / count
    r = np.sqrt(part.inner**2 + (part.radius**2 - part.inner**2) * share)
    angle = np.arange(count) * 2.39996 + rng.uniform(0, 0.3, count)
    dome = part.height * (1.5 - share) * rng.uniform(0.85, 1.15, count)
    heads = np.stack([r * np.cos(angle), r * np.sin(angle), dome], axis=1) @ pose.T
    circle = np.linspace(0, 2 * np.pi, 7)[:-1]
    hexagon = np.stack([np.cos(circle), np.sin(circle)], axis=1)
    shaped = []
    for n in range(count):
        colour = colours[part.rim if part.rim and share[n] > 0.55 else part.colour]
        colour = colour * rng.uniform(0.7, 1.1)
        tip = heads[n, :2]
        polygons = [(tip + part.size * hexagon, colour)]
        if part.stalk:
            aside = np.full(2, 0.012)
            stalk = np.stack([-aside, aside, tip + aside, tip - aside])
            polygons.insert(0, (stalk, colour * 0.8))
        # florets sit on the petals' bases, whatever their mean nearness
        shaped.append((heads[n, 2] + 0.3 * pose[2, 2], polygons))
    return shaped
