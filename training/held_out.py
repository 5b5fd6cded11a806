"""Chooses the Training pictures that no network of ours is trained on, and writes their sha1 to held-out.txt.

With --folder it makes a data set of those pictures (split "held-out") and of PublicTest, for "mien tune": a table, and links to the sheets.

Pictures that are nearly alike (the same photograph cut or lit differently, mirrored too) stay on the same side: they are found
by the correlation of 12 x 12 reductions. Groups are taken in the order of their smallest sha1 until 3,000 pictures are reached, so
the list does not depend on chance or on the order of the file.
"""

import argparse
import csv
from pathlib import Path

import numpy as np

from fer2013 import read_faces

WANTED = 3000
ALIKE = 0.985
HERE = Path(__file__).parent


def reduced(pixels):
    small = pixels.reshape(-1, 12, 4, 12, 4).mean((2, 4)).reshape(len(pixels), -1).astype(np.float32)
    small -= small.mean(1, keepdims=True)
    return small / (np.linalg.norm(small, axis=1, keepdims=True) + 1e-6)


def groups_of_alike(pixels):
    """The number of each picture's group (union-find over all pairs above the threshold)."""
    parent = np.arange(len(pixels))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    vectors, mirrored = reduced(pixels), reduced(pixels[:, :, ::-1])
    for start in range(0, len(pixels), 1000):
        block = vectors[start : start + 1000]
        for others in (vectors, mirrored):
            for i, j in np.argwhere(block @ others.T > ALIKE):
                a, b = root(start + i), root(j)
                parent[max(a, b)] = min(a, b)
    return np.array([root(i) for i in range(len(pixels))])


def make_folder(data, folder):
    chosen = set((HERE / "held-out.txt").read_text().split())
    folder.mkdir(parents=True)
    with open(data / "labels.csv", newline="") as table, open(folder / "labels.csv", "w", newline="") as own:
        reader = csv.DictReader(table)
        writer = csv.DictWriter(own, reader.fieldnames)
        writer.writeheader()
        rows = list(reader)
        for row in rows:
            if row["split"] == "Training" and row["sha1"] in chosen:
                row["split"] = "held-out"
        rows = [row for row in rows if row["split"] != "Training"]
        writer.writerows(rows)
    for sheet in {row["sheet"] for row in rows}:
        (folder / sheet).symlink_to((data / sheet).resolve())
    print(f"{len(rows)} pictures in {folder}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the FER2013 sheets")
    parser.add_argument("--folder", type=Path, help="where to make a data set for tuning; held-out.txt is left as it is")
    settings = parser.parse_args()
    if settings.folder:
        return make_folder(settings.data, settings.folder)
    faces = read_faces(settings.data, "Training")
    hashes = np.array([row["sha1"] for row in faces.rows])
    members = {}
    for i, group in enumerate(groups_of_alike(faces.pixels)):
        members.setdefault(group, []).append(hashes[i])
    chosen = []
    for group in sorted(members.values(), key=min):
        if len(chosen) + len(group) <= WANTED:
            chosen += group
    print(f"{len(members)} groups of {len(hashes)} pictures, the largest of {max(map(len, members.values()))}; {len(chosen)} held out")
    (HERE / "held-out.txt").write_text("\n".join(sorted(chosen)) + "\n")


if __name__ == "__main__":
    main()
