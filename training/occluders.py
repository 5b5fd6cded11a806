"""Draws things that people hold before their faces, hands above all, on 48 x 48 grey pictures.

Everything is drawn at 2 x the size and reduced, so that edges are as soft as in a reduced photograph. Lengths are in pixels of
the 48 x 48 picture, in which a face as FER2013 cuts it is about 42 pixels high; a hand is about as long as a face.
"""

import numpy as np
from PIL import Image, ImageFilter

SIZE = 48
SCALE = 2
CANVAS = SIZE * SCALE

_grid_y, _grid_x = np.mgrid[0:CANVAS, 0:CANVAS].astype(np.float32)
_grid_x = (_grid_x + 0.5) / SCALE
_grid_y = (_grid_y + 0.5) / SCALE


def _capsule(start, end, r0, r1):
    """Distance from the axis over the radius (1 at the rim) of a limb that narrows from r0 to r1."""
    ax, ay = start
    bx, by = end
    dx, dy = bx - ax, by - ay
    t = np.clip(((_grid_x - ax) * dx + (_grid_y - ay) * dy) / (dx * dx + dy * dy + 1e-6), 0, 1)
    return np.hypot(_grid_x - ax - t * dx, _grid_y - ay - t * dy) / (r0 + (r1 - r0) * t)


class _Layer:
    """A picture that grows by solid parts, each shaded as if round and with a soft dark seam on what lies below it."""

    def __init__(self, rng, tone):
        self.rng = rng
        self.value = np.zeros((CANVAS, CANVAS), np.float32)
        self.alpha = np.zeros((CANVAS, CANVAS), bool)
        self.tone = tone
        self.roundness = rng.uniform(0.05, 0.45)
        self.seam = rng.uniform(0.0, 0.45)
        self.seam_width = rng.uniform(0.2, 0.5)

    def part(self, distance, tone=1.0):
        inside = distance < 1
        rim = self.alpha & (distance >= 1) & (distance < 1 + self.seam_width)
        self.value[rim] *= 1 - self.seam * (1 - (distance[rim] - 1) / self.seam_width)
        shade = 1 - self.roundness * (1 - np.sqrt(np.clip(1 - distance[inside] ** 2, 0, 1)))
        self.value[inside] = self.tone * tone * shade
        self.alpha |= inside


def _finger(rng, layer, start, angle, length, radius, curl):
    """Two or three segments, each turned a little against the one before, drawn as one part."""
    point = np.asarray(start, np.float64)
    segments = rng.integers(2, 4)
    distance = np.full((CANVAS, CANVAS), 9, np.float32)
    creases = []
    for i in range(segments):
        angle += rng.normal(0, 0.1) + curl / segments
        end = point + length / segments * np.array([np.cos(angle), np.sin(angle)])
        segment = _capsule(point, end, radius * (1 - 0.08 * i), radius * (1 - 0.08 * (i + 1)))
        distance = np.minimum(distance, segment)
        creases.append(point)
        point = end
    layer.part(distance, rng.uniform(0.93, 1.07))
    for crease in creases[1:]:  # folds over the joints
        fold = np.hypot(_grid_x - crease[0], _grid_y - crease[1]) / radius
        layer.value[(fold < 0.8) & (distance < 1)] *= rng.uniform(0.88, 1.0)
    if rng.random() < 0.5:
        centre = point - 0.3 * radius * np.array([np.cos(angle), np.sin(angle)])
        nail = np.hypot(_grid_x - centre[0], _grid_y - centre[1]) / (0.6 * radius)
        layer.value[nail < 1] *= rng.choice([1.15, 1.1, 0.5])


def _hand(rng, layer, target):
    """A hand, some part of which lies on `target`, coming from below or from a side, seldom from above."""
    size = rng.uniform(0.75, 1.15) * 40
    came_from = rng.choice([np.pi / 2, 0.0, np.pi, -np.pi / 2], p=[0.62, 0.16, 0.16, 0.06]) + rng.normal(0, 0.4)
    direction = came_from + np.pi  # from the wrist towards the finger tips
    along = np.array([np.cos(direction), np.sin(direction)])
    side = rng.choice([-1, 1])  # a left or a right hand
    across = side * np.array([-along[1], along[0]])
    reach = rng.uniform(0.15, 1.0)  # the part that lies on the target: wrist 0, tips 1
    wrist = np.asarray(target) - reach * size * along
    palm_end = wrist + 0.47 * size * along
    palm_width = size * rng.uniform(0.36, 0.46)
    width = palm_width * (0.35 if rng.random() < 0.25 else 1.0)  # the narrow edge of a hand: the fingers hide each other
    layer.part(_capsule(wrist - size * along, wrist, 0.3 * palm_width, 0.32 * palm_width), rng.uniform(0.7, 1.1))
    palm = [
        _capsule(wrist + 0.6 * k * width * across, palm_end + 0.8 * k * width * across, 0.16 * size, 0.13 * size)
        for k in np.linspace(-0.5, 0.5, 5)
    ]
    layer.part(np.minimum.reduce(palm))
    fist = rng.random() < 0.25
    spread = rng.uniform(0.0, 0.5)
    radius = rng.uniform(0.042, 0.06) * size
    curl = rng.normal(0, 0.35)
    order = range(4) if rng.random() < 0.5 else range(3, -1, -1)
    for i in order:
        k = (i - 1.5) / 3
        bent = rng.uniform(0.25, 0.5) if fist or rng.random() < 0.15 else rng.uniform(0.85, 1.05)
        length = (0.42, 0.5, 0.47, 0.36)[i] * size * bent
        start = palm_end + 0.95 * k * width * across
        _finger(rng, layer, start, direction + side * k * spread, length, radius, curl)
    if rng.random() < 0.75:  # the thumb
        base = wrist + 0.25 * size * along - 0.55 * width * across
        angle = direction - side * rng.uniform(0.2, 1.0)
        _finger(rng, layer, base, angle, 0.4 * size, 1.2 * radius, side * rng.uniform(0, 0.6))


def _few_fingers(rng, layer, target):
    """One to three finger tips alone: scratching, pointing, resting."""
    direction = rng.uniform(0, 2 * np.pi)
    if rng.random() < 0.6:
        direction = -np.pi / 2 + rng.normal(0, 0.6)
    along = np.array([np.cos(direction), np.sin(direction)])
    across = np.array([-along[1], along[0]])
    radius = rng.uniform(1.7, 2.8)
    for i in range(rng.integers(1, 4)):
        tip = np.asarray(target) + across * i * radius * 2.0 + along * rng.normal(0, 2)
        start = tip - along * rng.uniform(20, 40)
        _finger(rng, layer, start, direction, np.linalg.norm(tip - start), radius, rng.normal(0, 0.15))


def _object(rng, layer, target):
    """A phone, a cup, a book, a microphone: boxes and ellipses with edges and stripes, in any tone."""
    angle = rng.normal(0, 0.4)
    u = (_grid_x - target[0]) * np.cos(angle) + (_grid_y - target[1]) * np.sin(angle)
    v = -(_grid_x - target[0]) * np.sin(angle) + (_grid_y - target[1]) * np.cos(angle)
    width, height = rng.uniform(5, 22), rng.uniform(5, 26)
    kind = rng.integers(3)
    if kind == 0:
        distance = np.maximum(np.abs(u) / width, np.abs(v) / height)
    elif kind == 1:
        distance = np.hypot(u / width, v / height)
    else:
        distance = np.minimum(np.hypot(u, v) / (0.5 * width), np.where(v > 0, np.abs(u) / (0.22 * width), 9))
    layer.roundness = rng.uniform(0, 0.4)
    layer.part(distance)
    if rng.random() < 0.4:
        stripes = np.sin(rng.uniform(0.5, 2.0) * (u if rng.random() < 0.5 else v) + rng.uniform(0, 6))
        layer.value[layer.alpha] *= 1 + rng.uniform(0.1, 0.5) * stripes[layer.alpha]


def _cloth(rng, layer, target):
    """A mask, a scarf or a collar over everything below (seldom above) a wavy line."""
    line = target[1] + rng.normal(0, 2) * np.sin(_grid_x / rng.uniform(4, 12) + rng.uniform(0, 6)) + rng.normal(0, 0.15) * (_grid_x - 24)
    distance = np.where(_grid_y > line, 0.5, 2.0) if rng.random() < 0.85 else np.where(_grid_y < line - 12, 0.5, 2.0)
    layer.roundness = 0
    layer.part(distance.astype(np.float32))
    layer.value[layer.alpha] *= 1 + 0.15 * np.sin(_grid_x / rng.uniform(1.5, 6) + _grid_y / rng.uniform(1.5, 6))[layer.alpha]


def occlude(rng, picture, other):
    """Puts one occluder on `picture` (float32 [48, 48], 0..255).

    `other` is another picture, whose patches lend texture. Returns the new picture and the coverage of each pixel, 0..1.
    """
    target = (rng.normal(24, 8), rng.normal(30, 9))
    kind = rng.choice(["hand", "fingers", "object", "cloth"], p=[0.58, 0.17, 0.17, 0.08])
    skin = np.median(picture[16:36, 14:34])
    if kind in ("hand", "fingers"):
        tone = np.clip(skin * rng.uniform(0.72, 1.35) + rng.normal(0, 6), 15, 245)
    else:
        tone = rng.uniform(10, 245)
    layer = _Layer(rng, tone)
    draw = {"hand": _hand, "fingers": _few_fingers, "object": _object, "cloth": _cloth}[kind]
    draw(rng, layer, target)
    if kind == "hand" and rng.random() < 0.25:
        draw(rng, layer, (48 - target[0] + rng.normal(0, 4), target[1] + rng.normal(0, 4)))
    # Light from one side, softness of the shading, and the texture of somebody else's picture.
    value = layer.value
    inside = max(float(layer.alpha.sum()), 1.0)
    fill = np.where(layer.alpha, value, value.sum() / inside)
    value = _blur(fill, rng.uniform(0.0, 2.0))
    tilt = rng.normal(0, 0.006, 2)
    value = value * (1 + tilt[0] * (_grid_x - 24) + tilt[1] * (_grid_y - 24))
    texture = np.roll(_enlarged(other), rng.integers(0, CANVAS, 2), (0, 1))
    value = value + rng.choice([0, 0.15, 0.3, 0.6]) * (texture - texture.mean())
    alpha = 255 * layer.alpha.astype(np.float32)
    edge = _blur(alpha, rng.uniform(0.3, 1.6)) / 255
    shadow = np.roll(_blur(alpha, rng.uniform(2, 6)), rng.integers(-5, 6, 2), (0, 1)) / 255 * rng.uniform(0, 0.45)
    mixed = _enlarged(picture) * (1 - shadow) * (1 - edge) + np.clip(value, 0, 255) * edge
    return _reduced(mixed), _reduced(255 * edge) / 255


def _blur(values, radius):
    image = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32)


def _enlarged(picture):
    return np.asarray(Image.fromarray(picture.astype(np.uint8)).resize((CANVAS, CANVAS), Image.BICUBIC), np.float32)


def _reduced(canvas):
    image = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
    return np.asarray(image.resize((SIZE, SIZE), Image.BOX), np.float32)
