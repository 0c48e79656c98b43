"""The picture around a drawn flower: background, light, focus, camera."""

import colorsys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

CANVAS = 256  # pixels a side: drawn larger than needed, then scaled down, so edges are smooth


def whole_between(rng, pair):
    """Draw a whole number from a range, both ends included."""
    return int(rng.integers(*pair, endpoint=True))


def mix_colour(rng, ranges):
    """Draw a colour from ranges of hue, saturation and value: `(3,)` RGB from 0 to 255."""
    hue, saturation, value = (rng.uniform(*pair) for pair in ranges)
    return 255 * np.array(colorsys.hsv_to_rgb(hue / 360, saturation, value))


def rgb(colour):
    """Return an RGB colour as Pillow wants it."""
    return tuple(int(c) for c in np.clip(colour, 0, 255))


class Scene:
    """A picture in the making: its canvas, its light, and what is behind the flowers."""

    def __init__(self, rng):
        self.rng = rng
        azimuth, height = rng.uniform(0, 2 * np.pi), rng.uniform(0.4, 0.9)
        flat = np.sqrt(1 - height**2)
        self.light = np.array([flat * np.cos(azimuth), flat * np.sin(azimuth), height])
        self.relief = rng.uniform(0.25, 0.6)
        self.greens = ((rng.uniform(65, 130),) * 2, (0.25, 0.7), (0.2, 0.6))
        self.image = background(rng, self.greens)
        self.draw = ImageDraw.Draw(self.image)

    def soften(self, radius):
        """Put what is drawn so far out of focus, by a blur of so many pixels."""
        self.image = self.image.filter(ImageFilter.GaussianBlur(radius))
        self.draw = ImageDraw.Draw(self.image)

    def polygon(self, points, colour):
        """Fill a polygon, `(n, 2)` pixels, with an RGB colour."""
        self.draw.polygon(points.ravel().tolist(), fill=rgb(colour))

    def stroke(self, points, width, colour):
        """Draw a line through `(n, 2)` pixels."""
        path, width = points.ravel().tolist(), max(1, round(width))
        self.draw.line(path, fill=rgb(colour), width=width, joint="curve")

    def photograph(self, height, width):
        """Return the picture as a camera gives it: exposed, tinted, noisy.

        Args:
            height, width: in pixels.

        Returns:
            `(height, width, 3)` uint8, RGB.
        """
        rng = self.rng
        small = self.image.resize((width, height), Image.Resampling.BOX)
        pixels = np.asarray(small, float) / 255
        pixels = pixels ** rng.uniform(0.75, 1.3) * rng.uniform(0.95, 1.3)
        pixels *= 1 + rng.normal(0, 0.05, 3)
        grey = pixels.mean(axis=2, keepdims=True)
        pixels = grey + (pixels - grey) * rng.uniform(0.8, 1.35)
        rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        shade = rng.uniform(-0.25, 0.25, 2)
        pixels *= (1 + shade[0] * rows + shade[1] * columns)[..., None]
        pixels += rng.normal(0, rng.uniform(0.004, 0.025), pixels.shape)
        return (np.clip(pixels, 0, 1) * 255).round().astype(np.uint8)

    def leaf_in_front(self):
        """Lay a leaf that is close to the camera, and so out of focus, over the picture."""
        rng = self.rng
        foot = np.array([rng.uniform(0, CANVAS), CANVAS + 20.0])
        outline = blade_outline(rng, foot, rng.uniform(80, 230), 14)
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).polygon(outline.ravel().tolist(), fill=230)
        mask = mask.filter(ImageFilter.GaussianBlur(rng.uniform(2, 5)))
        self.image.paste(rgb(mix_colour(rng, self.greens)), mask=mask)


# what is behind the flowers, and how often
BACKGROUNDS = {"grass": 0.34, "litter": 0.18, "soil": 0.14, "sky": 0.1, "dark": 0.24}


def background(rng, greens):
    """Draw a background out of focus: grass, leaf litter, soil, sky, or dark foliage."""
    kind = rng.choice(list(BACKGROUNDS), p=list(BACKGROUNDS.values()))
    palette = background_palette(kind, greens)
    image = Image.new("RGB", (CANVAS, CANVAS), rgb(mix_colour(rng, palette[0])))
    draw = ImageDraw.Draw(image)
    for _ in range(20 if kind == "sky" else whole_between(rng, (60, 170))):
        colour = rgb(mix_colour(rng, palette[rng.integers(len(palette))]))
        at = rng.uniform(-20, CANVAS + 20, 2)
        if kind in ("grass", "dark") and rng.random() < 0.7:
            outline = blade_outline(rng, at + (0, 60), rng.uniform(40, 180), rng.uniform(2, 7))
        else:
            outline = blot_outline(rng, at)
        draw.polygon(outline.ravel().tolist(), fill=colour)
    if rng.random() < 0.25:
        far_flowers(rng, draw)
    return image.filter(ImageFilter.GaussianBlur(float(rng.choice([2, 4, 7, 11]))))


def background_palette(kind, greens):
    """Return the colours of a background, as ranges for `mix_colour`; the first lies below all."""
    return {
        "grass": (greens, greens, ((50, 90), (0.2, 0.5), (0.3, 0.8))),
        "litter": (
            ((18, 40), (0.2, 0.5), (0.25, 0.65)),
            ((20, 45), (0.1, 0.4), (0.1, 0.45)),
            greens,
        ),
        "soil": (((15, 45), (0.1, 0.4), (0.15, 0.5)), ((0, 60), (0.0, 0.2), (0.3, 0.75))),
        "sky": (((200, 225), (0.2, 0.65), (0.6, 0.95)),) * 2,
        "dark": (
            ((90, 150), (0.2, 0.6), (0.03, 0.25)),
            ((0, 360), (0.05, 0.3), (0.03, 0.22)),
            greens,
        ),
    }[kind]


def far_flowers(rng, draw):
    """Draw flowers of other kinds, far away."""
    for _ in range(whole_between(rng, (2, 9))):
        (x, y), r = rng.uniform(0, CANVAS, 2), rng.uniform(4, 18)
        hue = (rng.choice([50, 270, 330, 0]),) * 2
        colour = mix_colour(rng, (hue, (0, 0.8), (0.5, 1)))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=rgb(colour))


def blot_outline(rng, centre):
    """Return a blot, wider than high: `(7, 2)` pixels."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, 7))
    radii = rng.uniform(0.4, 1, 7) * rng.uniform(6, 34)
    return centre + np.stack([np.cos(angles) * 1.4, np.sin(angles)], 1) * radii[:, None]


def blade_outline(rng, foot, length, width):
    """Return a leaf like a blade of grass from its foot up: `(18, 2)` pixels."""
    t = np.linspace(0, 1, 9)[:, None]
    lean, bow = rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5)
    spine = foot + length * np.hstack([lean * t + bow * t**2, -t * (1 - 0.3 * abs(bow) * t)])
    half = width * np.hstack([0.6 + 0.6 * t - 1.2 * t**3, np.zeros_like(t)])
    return np.vstack([spine - half, (spine + half)[::-1]])
