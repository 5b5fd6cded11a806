"""Chooses the Training pictures that no network of ours is trained on, and writes their sha1 to held-out.txt.

Pictures that are nearly alike (the same photograph cut or lit differently, mirrored too) stay on the same side: they are found
by the correlation of 12 x 12 reductions. Groups are taken in the order of their smallest sha1 until 3,000 pictures are reached, so
the list does not depend on chance or on the order of the file.
"""

import argparse
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the FER2013 sheets")
    faces = read_faces(parser.parse_args().data, "Training")
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
