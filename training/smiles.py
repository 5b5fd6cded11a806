"""Smiles drawn on faces without an expression: mouth corners are pulled up and out by a known length, and cheeks are lifted.

Most people who smile in FER2013 laugh. What a small smile is can be drawn: zygomaticus major pulls the corners of the mouth up and to the side
(action unit 12 of FACS), which lifts the cheeks (6). Pictures are not changed here: the result is a displacement that is added to the grid by which a picture is cut, so
that a face with a smile is as sharp as one without. Lengths are in widths of the mouth.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import torch

#: How far corners are lifted where few people would see a smile, and where nearly all would.
UNSEEN, SEEN = 0.035, 0.13
#: The furthest that corners are lifted.
MOST = 0.2
#: Nearly all is so much: a drawn smile has no wrinkles around it.
SURE = 0.9
#: The mesh network's logit from which its points are taken for true.
SURE_FACE = 12.0


@dataclass
class Mouths:
    """Where mouths are, one entry a picture; coordinates of grid_sample, -1 to 1 from edge to edge."""

    corners: torch.Tensor  # [n, 2, 2] left and right in the picture, x and y
    up: torch.Tensor  # [n, 2] unit vector from the mouth to the eyes
    is_known: torch.Tensor  # [n]

    def of(self, some):
        return Mouths(self.corners[some], self.up[some], self.is_known[some])


def read_mouths(path: Path, rows, size: int) -> Mouths:
    """What landmarks.ts wrote, for rows of labels.csv; a picture that is not in it has no known mouth."""
    with open(path, newline="") as file:
        found = {row["index"]: row for row in csv.DictReader(file)}
    points = torch.full((len(rows), 6, 2), float("nan"))
    sure = torch.zeros(len(rows))
    for i, row in enumerate(rows):
        if row["index"] in found:
            entry = found[row["index"]]
            sure[i] = float(entry["face_logit"])
            points[i] = torch.tensor([[float(entry[f"{axis}{k}"]) for axis in "xy"] for k in (36, 39, 42, 45, 48, 54)])
    points = 2 * points / size - 1
    corners = points[:, 4:]
    to_eyes = points[:, :4].mean(1) - corners.mean(1)
    width = (corners[:, 1] - corners[:, 0]).norm(dim=1)
    eyes = (points[:, 2:4].mean(1) - points[:, :2].mean(1)).norm(dim=1)
    frontal = (width > 0.6 * eyes) & (width < 1.3 * eyes)
    inside = (corners.abs() < 0.9).all(2).all(1)
    return Mouths(corners, to_eyes / to_eyes.norm(dim=1, keepdim=True), (sure > SURE_FACE) & frontal & inside)


def happiness_of(lift):
    """The share of happiness in the truth of a face whose corners were lifted so far."""
    return (SURE * (lift - UNSEEN) / (SEEN - UNSEEN)).clamp(0, SURE)


def pulled(grid, mouths: Mouths, lift, aside):
    """A sampling grid [n, h, w, 2] in which corners appear lifted by `lift` [n] and drawn aside by `aside` [n] (negative: the other way)."""
    left, right = mouths.corners[:, 0], mouths.corners[:, 1]
    along = right - left
    width = along.norm(dim=1, keepdim=True)
    for corner, outward in ((left, -along), (right, along)):
        move = width * lift[:, None] * mouths.up + outward * aside[:, None]
        grid = _moved(grid, corner, move, 0.24 * width)
        cheek = corner + 0.45 * width * mouths.up + 0.1 * outward
        grid = _moved(grid, cheek, 0.45 * width * lift[:, None] * mouths.up, 0.28 * width)
    return grid


def nudged(grid, place, move, radius):
    """A sampling grid in which what is at `place` [n, 2] appears moved by `move` [n, 2], and its surroundings within `radius` [n, 1] with it."""
    return _moved(grid, place, move, radius)


def _moved(grid, place, move, radius):
    away = ((grid - (place + move)[:, None, None]) ** 2).sum(3) / (2 * radius[:, :, None] ** 2)
    return grid - move[:, None, None] * torch.exp(-away)[..., None]
