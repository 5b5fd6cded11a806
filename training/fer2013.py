"""Reads the FER2013 sheets (32 x 32 tiles of 48 x 48 grey pixels) and their labels.csv."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

TILE = 48


@dataclass
class Faces:
    """Parallel arrays, one entry a picture."""

    pixels: np.ndarray  # uint8 [n, 48, 48]
    rows: list  # the lines of labels.csv as dictionaries


def read_faces(folder: Path, split: str, keep_duplicates: bool = False) -> Faces:
    """All pictures of a split ('Training' or 'PublicTest'); pictures that also occur in Training are left out of the others."""
    with open(folder / "labels.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == split]
    if not keep_duplicates:
        rows = [row for row in rows if split == "Training" or row["duplicate_of_training"] == "0"]
    sheets = {}
    pixels = np.empty((len(rows), TILE, TILE), np.uint8)
    for i, row in enumerate(rows):
        name = row["sheet"]
        if name not in sheets:
            sheets[name] = np.asarray(Image.open(folder / name).convert("L"))
        y, x = TILE * int(row["row"]), TILE * int(row["col"])
        pixels[i] = sheets[name][y : y + TILE, x : x + TILE]
    return Faces(pixels, rows)
