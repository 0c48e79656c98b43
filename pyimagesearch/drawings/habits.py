"""How a plant stands in a scene: its stem, its leaves, and where its flowers are.

Points are `(n, 2)` pixels of the scene, y downwards. Colours are `(3,)` RGB, 0 to 255.
"""

import numpy as np

from pyimagesearch.drawings.flowers import draw_flower, turn
from pyimagesearch.drawings.scene import CANVAS, blade_outline, mix_colour, whole_between


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
    pose = turn(rng.uniform(*plant.tilt), rng.uniform(0, 360), rng.uniform(0, 360))
    draw_flower(scene, plant, colours, head, radius, pose)


def portrait(scene, plant, colours, radius):
    """Let a flower that has an up and a down look at the viewer."""
    rng = scene.rng
    head = place(scene, radius)
    stand(scene, plant, colours, head, radius)
    # y grows downwards in the picture, upwards in the table
    upwards = np.diag([1.0, -1.0, 1.0])
    pose = turn(rng.uniform(*plant.tilt), rng.normal(0, 18), 0) @ upwards
    draw_flower(scene, plant, colours, head, radius, pose)


def upright(scene, plant, colours, radius):
    """Let a cup stand on its stem."""
    rng = scene.rng
    head = place(scene, radius) + (0, 0.4 * radius)
    stand(scene, plant, colours, head, radius, bow=0.15)
    pose = turn(rng.uniform(*plant.tilt), rng.normal(0, 14), rng.uniform(0, 360))
    draw_flower(scene, plant, colours, head, radius, pose)


def nodding(scene, plant, colours, radius):
    """Let a flower hang from the bent end of its stem."""
    rng = scene.rng
    head = place(scene, radius) - (0, 0.5 * radius)
    roll = 180 + rng.normal(0, 22)
    tilt = rng.uniform(*plant.tilt)
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
        at = np.array([np.interp(down, np.linspace(0, 1, len(path)), path[:, i]) for i in (0, 1)])
        way = side if rng.random() < 0.7 else -side
        out = rng.uniform(0.3, 0.9) * radius * way
        head = at + (out, rng.uniform(0, 0.5) * radius)
        scene.stroke(np.stack([at, head]), plant.stem * radius, colours["stem"])
        pose = turn(rng.uniform(*plant.tilt), 180 - way * rng.uniform(0, 35), rng.uniform(0, 360))
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
        pose = turn(rng.uniform(*plant.tilt), roll, rng.uniform(0, 360))
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
