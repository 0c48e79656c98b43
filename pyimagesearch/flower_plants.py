"""How a species' table entry becomes a plant in a scene: flowers, stems and leaves.

Points are `(n, 2)` pixels of the scene, y downwards, or `(n, 3)` flower radii, where z looks at
the viewer. Colours are `(3,)` RGB, 0 to 255.
"""

import numpy as np

from pyimagesearch.flower_scene import CANVAS, between, blade_outline, mix_colour, whole_between
from pyimagesearch.flower_species import OUTLINES, Whorl


def turn(tilt, roll, spin):
    """Return the rotation of a flower, `(3, 3)`.

    Its axis looks at the viewer (z) at tilt 0, and up the picture (-y) at tilt 90, roll 0.
    """
    tilt, roll, spin = np.deg2rad([tilt, roll, spin])
    about_axis = _rotation(spin, 0, 1)
    backwards = _rotation(tilt, 1, 2)
    in_picture = _rotation(roll, 0, 1)
    return in_picture @ backwards @ about_axis


def _rotation(angle, i, j):
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
    return matrix


def draw_flower(scene, plant, colours, centre, radius, pose):
    """Draw one flower.

    Args:
        scene: the `Scene`.
        plant: the `Species`.
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
    rise, curl = between(rng, whorl.rise), between(rng, whorl.curl)
    colour = colours[whorl.colour]
    base = colours.get(whorl.base, colour)
    along, across = whorl.cells
    s, v = np.linspace(0, 1, along + 1), np.linspace(-1, 1, across + 1)
    middle_s, middle_v = np.meshgrid((s[1:] + s[:-1]) / 2, (v[1:] + v[:-1]) / 2, indexing="ij")
    shaped = []
    for n in range(count):
        angle = whorl.angles[n] if whorl.angles else 360 * (n + rng.normal(0, 0.12)) / count
        length = whorl.length * (1 + rng.normal(0, whorl.ragged))
        grid = petal_surface(whorl, s, v, length, rise + rng.normal(0, 4), curl + rng.normal(0, 6))
        grid = grid @ _rotation(np.deg2rad(angle), 0, 1).T @ pose.T
        light = lit(scene, grid)
        paint = (1 - middle_s[..., None] ** 0.7) * base + middle_s[..., None] ** 0.7 * colour
        if whorl.marks:
            marked = MARKS[whorl.marks](middle_s, middle_v, rng)[..., None]
            paint = (1 - marked) * paint + marked * colours[whorl.mark]
        paint = paint * (light * rng.uniform(0.9, 1.06))[..., None]
        flat = grid[..., :2]
        cells = [
            (flat[[i, i + 1, i + 1, i], [j, j, j + 1, j + 1]], paint[i, j])
            for i in range(along)
            for j in range(across)
        ]
        rim = np.vstack([flat[:, 0], flat[::-1, -1]])
        middle = rim.mean(axis=0)
        edge = (middle + (rim - middle) * 1.06 + 0.01, paint.mean(axis=(0, 1)) * 0.62)
        shaped.append((grid[..., 2].mean(), [edge, *cells]))
    return shaped


def petal_surface(whorl, s, v, length, rise, curl):
    """Return a petal along the x axis: `(along + 1, across + 1, 3)`."""
    angle = np.deg2rad(rise + curl * s**whorl.bend)
    step = np.diff(s, prepend=0)[:, None] * length
    r = whorl.start + np.cumsum(np.cos(angle)[:, None] * step, axis=0)
    z = whorl.height + np.cumsum(np.sin(angle)[:, None] * step, axis=0)
    outline = OUTLINES[whorl.outline]
    half = np.interp(s, np.linspace(0, 1, len(outline)), outline)[:, None] * whorl.width * length
    fold = whorl.fold * half * v**2
    x = r - fold * np.sin(angle)[:, None]
    return np.stack([x, half * v, z + fold * np.cos(angle)[:, None]], axis=-1)


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
    # spread as a sunflower spreads its seeds: evenly, each a golden angle on
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


def plant_colours(plant, variant, rng):
    """Draw the colours of one plant: dict of the names of its parts, and "stem", to RGB."""
    ranges = variant | {"stem": plant.stem_colour}
    return {part: mix_colour(rng, of_part) for part, of_part in ranges.items()}


def stem_path(foot, head, bow):
    """Return a stem from foot to head, bent to one side: `(12, 2)` pixels."""
    t = np.linspace(0, 1, 12)[:, None]
    side = np.array([bow, 0.0])
    return foot * (1 - t) + head * t + side * (4 * t * (1 - t))


def place(scene, radius):
    """Choose where a flower's centre goes: inside the picture, more or less."""
    room = max(10, CANVAS / 2 - 0.75 * radius)
    return (
        CANVAS / 2
        + scene.rng.uniform(-1, 1, 2) * room * 0.35
        + scene.rng.normal(0, CANVAS / 12, 2) * (radius < CANVAS / 4)
    )


def stand(scene, plant, colours, head, radius, bow=0.3):
    """Draw the stem below a flower, and its leaves."""
    rng = scene.rng
    foot = np.array([head[0] + rng.normal(0, 0.3) * radius, CANVAS + radius])
    path = stem_path(foot, head, rng.normal(0, bow) * radius)
    LEAVES[plant.leaf](scene, path, radius, colours)
    scene.stroke(path, plant.stem * radius, colours["stem"])


def face(scene, plant, colours, radius):
    """Let a flower look at the viewer, more or less, on a stem."""
    rng = scene.rng
    head = place(scene, radius)
    stand(scene, plant, colours, head, radius)
    pose = turn(between(rng, plant.tilt), rng.uniform(0, 360), rng.uniform(0, 360))
    draw_flower(scene, plant, colours, head, radius, pose)


def portrait(scene, plant, colours, radius):
    """Let a flower that has an up and a down look at the viewer."""
    rng = scene.rng
    head = place(scene, radius)
    stand(scene, plant, colours, head, radius)
    # y grows downwards in the picture, upwards in the table
    upwards = np.diag([1.0, -1.0, 1.0])
    pose = turn(between(rng, plant.tilt), rng.normal(0, 18), 0) @ upwards
    draw_flower(scene, plant, colours, head, radius, pose)


def upright(scene, plant, colours, radius):
    """Let a cup stand on its stem."""
    rng = scene.rng
    head = place(scene, radius) + (0, 0.4 * radius)
    stand(scene, plant, colours, head, radius, bow=0.15)
    pose = turn(between(rng, plant.tilt), rng.normal(0, 14), rng.uniform(0, 360))
    draw_flower(scene, plant, colours, head, radius, pose)


def nodding(scene, plant, colours, radius):
    """Let a flower hang from the bent end of its stem."""
    rng = scene.rng
    head = place(scene, radius) - (0, 0.5 * radius)
    roll = 180 + rng.normal(0, 22)
    tilt = between(rng, plant.tilt)
    aside = rng.choice([-1, 1]) * radius
    hook = head + np.array([aside * 0.5, -0.45 * radius])
    foot = np.array([head[0] + aside * rng.uniform(0.6, 1.6), CANVAS + radius])
    path = np.vstack([stem_path(foot, hook + (aside * 0.3, 0.3 * radius), 0), hook, head])
    LEAVES[plant.leaf](scene, path, radius, colours)
    scene.stroke(path, plant.stem * radius, colours["stem"])
    draw_flower(scene, plant, colours, head, radius, turn(tilt, roll, rng.uniform(0, 360)))


def spike(scene, plant, colours, radius):
    """Hang bells along an arching stem, on one side of it more than on the other."""
    rng = scene.rng
    top = place(scene, radius * 3) - (0, 2.5 * radius)
    foot = np.array([top[0] + rng.normal(0, 2) * radius, CANVAS + 2 * radius])
    side = rng.choice([-1, 1])
    path = stem_path(foot, top, -side * rng.uniform(0, 2.5) * radius)
    LEAVES[plant.leaf](scene, path, radius * 3, colours)
    scene.stroke(path, plant.stem * radius * 1.5, colours["stem"])
    count = whole_between(rng, plant.bells)
    spacing = rng.uniform(0.55, 1.0) * radius
    for n in range(count):
        down = 1 - n * spacing / max(1.0, np.linalg.norm(top - foot))
        at = np.array([np.interp(down, np.linspace(0, 1, 12), path[:, i]) for i in (0, 1)])
        way = side if rng.random() < 0.7 else -side
        out = rng.uniform(0.3, 0.9) * radius * way
        head = at + (out, rng.uniform(0, 0.5) * radius)
        scene.stroke(np.stack([at, head]), plant.stem * radius, colours["stem"])
        pose = turn(between(rng, plant.tilt), 180 - way * rng.uniform(0, 35), rng.uniform(0, 360))
        draw_flower(scene, plant, colours, head, radius * (0.75 + 0.25 * n / count), pose)


def umbel(scene, plant, colours, radius):
    """Let a tuft of flowers hang to all sides from the top of a stem."""
    rng = scene.rng
    top = place(scene, radius * 3) - (0, radius)
    stand(scene, plant, colours, top, radius * 2.5)
    for _ in range(whole_between(rng, plant.bells)):
        roll = 180 + rng.normal(0, 55)
        way = np.deg2rad(roll)
        reach = rng.uniform(0.3, 1.7) * radius
        head = top + reach * np.array([np.sin(way), -0.5 * np.cos(way) - 0.35])
        scene.stroke(np.stack([top, head]), 0.1 * radius, colours["stem"])
        pose = turn(between(rng, plant.tilt), roll, rng.uniform(0, 360))
        draw_flower(scene, plant, colours, head, radius, pose)


HABITS = {
    "face": face,
    "portrait": portrait,
    "upright": upright,
    "nodding": nodding,
    "spike": spike,
    "umbel": umbel,
}


def grass_leaves(scene, path, radius, colours):
    """Draw narrow leaves from the ground."""
    rng = scene.rng
    for _ in range(whole_between(rng, (2, 7))):
        foot = path[0] + (rng.normal(0, 1.2) * radius, 0)
        blade = blade_outline(
            rng, foot, rng.uniform(0.5, 1.1) * (CANVAS + 60 - path[-1, 1]), 0.13 * radius + 2
        )
        scene.polygon(blade, mix_colour(rng, scene.greens))


def blade_leaves(scene, path, radius, colours):
    """Draw a few wider leaves up the stem."""
    rng = scene.rng
    for _ in range(whole_between(rng, (1, 4))):
        foot = path[rng.integers(0, 7)]
        blade = blade_outline(rng, foot, rng.uniform(0.9, 2) * radius, 0.17 * radius)
        scene.polygon(blade, mix_colour(rng, scene.greens))


def broad_leaves(scene, path, radius, colours):
    """Draw one to three broad leaves from the ground."""
    rng = scene.rng
    for _ in range(whole_between(rng, (1, 3))):
        foot = path[0] + (rng.normal(0, 0.8) * radius, 0)
        length = rng.uniform(0.5, 0.95) * (CANVAS + 60 - path[-1, 1])
        width = rng.uniform(0.16, 0.28) * length
        colour = mix_colour(rng, scene.greens)
        blade = blade_outline(rng, foot, length, width)
        scene.polygon(blade, colour)
        scene.stroke((blade[:9] + blade[:8:-1]) / 2, 2, colour * 1.25)


def divided_leaves(scene, path, radius, colours):
    """Draw leaves cut into narrow lobes."""
    rng = scene.rng
    for _ in range(whole_between(rng, (1, 4))):
        at = path[rng.integers(0, 9)] + rng.normal(0, 0.6, 2) * radius
        colour = mix_colour(rng, scene.greens)
        for angle in rng.uniform(0, 2 * np.pi, whole_between(rng, (4, 8))):
            tip = at + rng.uniform(0.4, 1) * radius * np.array([np.cos(angle), np.sin(angle)])
            aside = 0.13 * radius * np.array([-np.sin(angle), np.cos(angle)])
            middle = 0.45 * at + 0.55 * tip
            scene.polygon(np.stack([at, middle + aside, tip, middle - aside]), colour)


def scale_leaves(scene, path, radius, colours):
    """Draw scales up the stem, as a coltsfoot has them."""
    rng = scene.rng
    scene.stroke(path, 0.16 * radius, colours["stem"])
    for n, at in enumerate(path[2:-1]):
        aside = (-1) ** n * 0.13 * radius
        scale = np.stack([at, at + (aside, -0.1 * radius), at + (aside * 0.6, -0.42 * radius)])
        scene.polygon(scale, colours["stem"] * rng.uniform(0.55, 0.85))


LEAVES = {
    "grass": grass_leaves,
    "blades": blade_leaves,
    "broad": broad_leaves,
    "divided": divided_leaves,
    "scales": scale_leaves,
}
