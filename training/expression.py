"""Trains an expression network of ours on FER2013's Training split, without the pictures of held-out.txt.

    python3 expression.py --data FOLDER --network mien-votes --out ../models

A network has two heads on one trunk: eight expressions, learnt from the votes of FER+, and seven, learnt from FER2013's labels. What a
network is called decides how its pictures are changed and what its loss weighs (NETWORKS). Some faces without an expression are given a small
smile (smiles.py). A run that was stopped goes on from its last whole epoch. Written are NAME.onnx, what it says of four made-up pictures (test/golden/NAME.check.json), and the log of the run.
"""

import argparse
import copy
import hashlib
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from eight_bits import EightBitNet
from fer2013 import read_faces
from occluders import occlude
from smiles import MOST, Mouths, happiness_of, nudged, pulled, read_mouths
from window import SIZE, face_window, normalised, whole_window

HERE = Path(__file__).parent
EIGHT = ["anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"]
SEVEN = [name for name in EIGHT if name != "contempt"]
LABELS = {"angry": "anger", "disgust": "disgust", "fear": "fear", "happy": "happiness", "neutral": "neutral", "sad": "sadness", "surprise": "surprise"}


@dataclass(frozen=True)
class Recipe:
    """How pictures differ from what the data set holds, and what the loss weighs. Lengths in parts of the picture's side."""

    turn_deg: float
    zoom: float
    shift: float
    #: Share of pictures that are made small and large again; half of them get noise, too.
    worn: float
    #: How much lighter or darker, as the largest logarithm of gamma.
    light: float
    #: Weights of the two heads' losses.
    votes: float
    labels: float
    #: Pictures of every batch that are no upright face; both heads learn to say nothing of them.
    no_face: int
    #: Pictures of every batch whose mouths are pulled (smiles.py), and whether what lies around a face is left out.
    smiles: int
    is_face_only: bool


NETWORKS = {
    "mien-votes": Recipe(turn_deg=15, zoom=0.12, shift=0.07, worn=0.05, light=0.6, votes=1.0, labels=0.4, no_face=8, smiles=10, is_face_only=True),
    "mien-labels": Recipe(turn_deg=15, zoom=0.12, shift=0.07, worn=0.05, light=0.35, votes=0.5, labels=1.0, no_face=6, smiles=0, is_face_only=False),
    "mien-photos": Recipe(turn_deg=30, zoom=0.22, shift=0.09, worn=0.35, light=0.35, votes=1.0, labels=0.6, no_face=6, smiles=0, is_face_only=False),
}


class Squeeze(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.gate = nn.Sequential(nn.Conv2d(channels, channels // 8, 1), nn.ReLU(), nn.Conv2d(channels // 8, channels, 1), nn.Sigmoid())

    def forward(self, x):
        return x * self.gate(x.mean((2, 3), keepdim=True))


class Block(nn.Module):
    """Two convolutions and a gate beside a way past them."""

    def __init__(self, before, channels, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, channels, 3, stride, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels), Squeeze(channels),
        )
        same = before == channels and stride == 1
        self.past = nn.Identity() if same else nn.Sequential(
            nn.AvgPool2d(stride, ceil_mode=True) if stride > 1 else nn.Identity(),
            nn.Conv2d(before, channels, 1, bias=False), nn.BatchNorm2d(channels),
        )
        nn.init.zeros_(self.body[4].weight)

    def forward(self, x):
        return F.relu(self.past(x) + self.body(x))


class ExpressionNet(nn.Module):
    """[n, 1, 48, 48] grey 0..255 to logits [n, 8] and [n, 7].

    A picture's own mean and spread are taken out first: those of the face alone where what lies around it is left out.
    """

    def __init__(self, is_face_only=False, widths=(32, 64, 128, 256), depths=(1, 2, 2, 2)):
        super().__init__()
        self.register_buffer("window", face_window() if is_face_only else whole_window(), persistent=False)
        self.stem = nn.Sequential(
            nn.Conv2d(1, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, widths[0], 3, 2, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(),
        )
        blocks, before = [], widths[0]
        for stage, (width, depth) in enumerate(zip(widths, depths)):
            for i in range(depth):
                blocks.append(Block(before, width, 2 if stage > 0 and i == 0 else 1))
                before = width
        self.trunk = nn.Sequential(*blocks)
        self.drop = nn.Dropout(0.3)
        self.votes = nn.Linear(before, len(EIGHT))
        self.labels = nn.Linear(before, len(SEVEN))

    def forward(self, x):
        x = self.trunk(self.stem(normalised(x, self.window)))
        x = self.drop(x.mean((2, 3)))
        return self.votes(x), self.labels(x)


@dataclass
class Truth:
    """What people said of pictures, one entry each."""

    shares: torch.Tensor  # [n, 8] votes of FER+ as shares; zero where nobody voted for an expression
    labels: torch.Tensor  # [n] FER2013's label as a place in SEVEN
    is_face: torch.Tensor  # [n] False where most votes say "unknown" or "no face"

    def of(self, some):
        return Truth(self.shares[some], self.labels[some], self.is_face[some])


def truth_of(rows):
    votes = np.array([[float(row[name] or 0) for name in EIGHT] for row in rows], np.float32)
    others = np.array([max(float(row["unknown"] or 0), float(row["not_face"] or 0)) for row in rows], np.float32)
    is_face = votes.max(1) > others
    # One vote of ten is more often a slip than an opinion; such votes do not count where another expression has more.
    votes = np.where((votes == 1) & (votes.max(1, keepdims=True) > 1), 0, votes)
    total = votes.sum(1, keepdims=True)
    shares = np.divide(votes, total, out=np.zeros_like(votes), where=total > 0)
    labels = np.array([SEVEN.index(LABELS[row["fer_label"]]) for row in rows])
    return Truth(torch.tensor(shares), torch.tensor(labels), torch.tensor(is_face))


def things(pixels, seed, count=1500):
    """Pictures [count, 1, 48, 48] without a face: parts of pictures as walls and cloth, half with a drawn hand, cup or scarf before them."""
    rng = np.random.default_rng(seed)
    out = np.empty((count, SIZE, SIZE), np.float32)
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE - 0.5
    for i in range(count):
        source = pixels[rng.integers(len(pixels))].astype(np.float32)
        side = int(rng.integers(3, 13))
        top, left = rng.integers(0, SIZE - side, 2)
        part = torch.tensor(source[None, None, top : top + side, left : left + side])
        wall = F.interpolate(part, size=(SIZE, SIZE), mode="bicubic", align_corners=False)[0, 0].numpy()
        wall = wall + rng.normal(0, 40) * x + rng.normal(0, 40) * y + rng.normal(0, rng.uniform(0, 8), (SIZE, SIZE))
        wall = np.clip(wall, 0, 255).astype(np.float32)
        out[i] = occlude(rng, wall, source)[0] if rng.random() < 0.5 else wall
    return torch.tensor(out)[:, None]


def augmented(pictures, recipe, generator, lifts=None):
    """A batch [n, 1, 48, 48] of 0..255 as other cameras, crops and light would give it, its corners of the mouth pulled as Lifts say."""
    n = len(pictures)
    uniform = lambda low, high: torch.empty(n).uniform_(low, high, generator=generator)
    angle = uniform(-1, 1) * math.radians(recipe.turn_deg)
    zoom = torch.exp(uniform(-1, 1) * math.log1p(recipe.zoom))
    flip = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    stretch = torch.exp(uniform(-0.06, 0.06))
    cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
    x, y = 2 * uniform(-1, 1) * recipe.shift, 2 * uniform(-1, 1) * recipe.shift
    theta = torch.stack([torch.stack([cos * flip * stretch, -sin, x], 1), torch.stack([sin * flip, cos / stretch, y], 1)], 1)
    grid = F.affine_grid(theta, [n, 1, SIZE, SIZE], align_corners=False)
    if lifts is not None:
        # Something is pulled in other pictures too, so that a bend alone says nothing.
        place, way, far = torch.stack([uniform(-1, 1), uniform(-1, 0.1)], 1), uniform(0, 2 * math.pi), uniform(0, 0.1)
        grid = nudged(grid, place, far[:, None] * torch.stack([way.cos(), way.sin()], 1), uniform(0.12, 0.25)[:, None])
        k = lifts.places
        grid[k] = pulled(grid[k], lifts.mouths, lifts.up, lifts.up * uniform(0.3, 1.0)[k])
    out = F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    worn = uniform(0, 1) < recipe.worn
    if worn.any():
        small = int(torch.randint(14, 36, (1,), generator=generator))
        out[worn] = F.interpolate(F.interpolate(out[worn], size=(small, small), mode="area"), size=(SIZE, SIZE), mode="bilinear", align_corners=False)
        noise = torch.empty(out.shape).normal_(generator=generator) * uniform(0, 12)[:, None, None, None]
        out = torch.where((worn & (uniform(0, 1) < 0.5))[:, None, None, None], out + noise, out)
    gamma = torch.exp(uniform(-1, 1) * recipe.light)[:, None, None, None]
    out = 255 * (out.clamp(0, 255) / 255 + 1e-4) ** gamma
    # Light from one side.
    across = torch.linspace(-1, 1, SIZE)
    slope = uniform(-0.3, 0.3)[:, None, None, None] * across + uniform(-0.2, 0.2)[:, None, None, None] * across[:, None]
    out = out * (1 + slope)
    # Something before every second face: a patch of one grey.
    top, left, height, width = (uniform(low, high)[:, None, None] for low, high in ((0, 0.8), (0, 0.8), (0.1, 0.35), (0.1, 0.35)))
    rows, columns = (torch.arange(SIZE) / SIZE)[None, :, None], (torch.arange(SIZE) / SIZE)[None, None, :]
    hidden = (rows >= top) & (rows < top + height) & (columns >= left) & (columns < left + width) & (uniform(0, 1) < 0.5)[:, None, None]
    return torch.where(hidden[:, None], uniform(0, 255)[:, None, None, None], out)


def only(name, names):
    """All of the probability on one expression."""
    return F.one_hot(torch.tensor(names.index(name)), len(names)).float()


@dataclass
class Lifts:
    """Which pictures of a batch get another mouth, and how far its corners go up."""

    places: slice
    mouths: Mouths
    up: torch.Tensor


def loss_of(outputs, shares, labels, recipe):
    """Cross-entropy with the votes [n, 8] and with the labels as shares [n, 7]."""
    voted = shares.sum(1) > 0
    by_votes = -(shares * F.log_softmax(outputs[0].float(), 1)).sum(1).sum() / voted.sum().clamp(min=1)
    by_labels = -(labels * F.log_softmax(outputs[1].float(), 1)).sum(1).mean()
    return recipe.votes * by_votes + recipe.labels * by_labels


@torch.no_grad()
def probabilities_of(net, pictures):
    """Both heads' probabilities, each the mean of a picture and its mirror image."""
    net.eval()
    heads = [[], []]
    for part in pictures.split(256):
        for head, (own, mirrored) in enumerate(zip(net(part), net(part.flip(3)))):
            heads[head].append((F.softmax(own, 1) + F.softmax(mirrored, 1)) / 2)
    return [torch.cat(parts) for parts in heads]


def seven_of(eight, seven):
    """Both heads' mean over the seven expressions of FER2013."""
    without_contempt = eight[:, [EIGHT.index(name) for name in SEVEN]]
    return (without_contempt / without_contempt.sum(1, keepdim=True) + seven) / 2


def measure(net, pictures, truth):
    """Shares of right answers: of the second head and of both on FER2013's labels, of the first on the majority of FER+ votes."""
    eight, seven = probabilities_of(net, pictures)
    right = lambda p, target: round(float((p.argmax(1) == target).float().mean()), 4)
    return {
        "fer2013": right(seven, truth.labels),
        "fer2013_both": right(seven_of(eight, seven), truth.labels),
        "fer2013_loss": round(float(F.nll_loss(seven.log(), truth.labels)), 4),
        "ferplus": right(eight[truth.is_face], truth.shares[truth.is_face].argmax(1)),
    }


def check_pictures(count=4):
    """Pictures that the test of the ONNX file makes by the same formula: no photograph belongs into the repository."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    pictures = [128 + 80 * np.sin((k + 2) * x / 9) * np.cos((k + 3) * y / 11) + (x * y * (k + 1)) % 23 for k in range(count)]
    return torch.tensor(np.floor(np.asarray(pictures)).astype(np.float32))[:, None]


def without_norms(net):
    """A copy in which normalisations are part of the convolutions before them."""
    net = copy.deepcopy(net).eval()
    for part in [part for part in net.modules() if isinstance(part, nn.Sequential)]:
        for i in range(len(part)):
            if isinstance(part[i], nn.Conv2d) and i + 1 < len(part) and isinstance(part[i + 1], nn.BatchNorm2d):
                part[i], part[i + 1] = fuse_conv_bn_eval(part[i], part[i + 1]), nn.Identity()
    return net


def pictures_to_calibrate(pixels, recipe, count=2048):
    """Pictures [count, 1, 48, 48] by which the grids of the 8-bit numbers are chosen: half as they are, half as training changes them."""
    generator = torch.Generator().manual_seed(1)
    plain, changed = pixels[torch.randperm(len(pixels), generator=generator)[:count]].chunk(2)
    return torch.cat([plain, augmented(changed, recipe, generator)])


def export(net, name, folder, checks, calibration):
    """Writes a network in 8 bits and what it says of the check pictures; gives the file's path and that network."""
    path = folder / f"{name}.onnx"
    pictures = check_pictures()
    net = EightBitNet(without_norms(net), calibration).eval()
    torch.onnx.export(
        net, pictures[:1], str(path), opset_version=13, do_constant_folding=False, input_names=["face"], output_names=["ferplus_logits", "fer2013_logits"],
        dynamic_axes={key: {0: "n"} for key in ("face", "ferplus_logits", "fer2013_logits")},
    )
    with torch.no_grad():
        eight, seven = (head.flatten().tolist() for head in net(pictures))
    check = {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "ferplus_logits": [round(v, 6) for v in eight],
        "fer2013_logits": [round(v, 6) for v in seven],
    }
    (checks / f"{name}.check.json").write_text(json.dumps(check) + "\n")
    return path, net


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the FER2013 sheets")
    parser.add_argument("--out", type=Path, required=True, help="where NAME.onnx goes")
    parser.add_argument("--checks", type=Path, default=HERE.parent / "test" / "golden", help="where NAME.check.json goes")
    parser.add_argument("--network", choices=sorted(NETWORKS), required=True)
    parser.add_argument("--epochs", type=int, default=72)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--threads", type=int, default=0, help="of the processor; two networks at once with one each are faster than one after the other")
    parser.add_argument("--work", type=Path, default=HERE.parent / "out" / "training", help="where checkpoints lie")
    parser.add_argument("--landmarks", type=Path, help="what landmarks.ts wrote, for a network with drawn smiles")
    parser.add_argument("--export-now", action="store_true", help="write what the last checkpoint holds, and train no further")
    parser.add_argument("--limit", type=int, default=0, help="stop after so many steps, to see how long one takes")
    settings = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if settings.threads:
        torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    recipe = NETWORKS[settings.network]
    settings.work.mkdir(parents=True, exist_ok=True)
    checkpoint = settings.work / f"{settings.network}.pt"

    faces = read_faces(settings.data, "Training")
    held_out = set((HERE / "held-out.txt").read_text().split())
    apart = torch.tensor([row["sha1"] in held_out for row in faces.rows])
    truth = truth_of(faces.rows)
    pixels = torch.tensor(faces.pixels, dtype=torch.float32)[:, None]
    own, validation = (~apart & truth.is_face).nonzero()[:, 0], apart.nonzero()[:, 0]
    if recipe.smiles and not settings.landmarks:
        parser.error(f"{settings.network} needs --landmarks: landmarks.ts makes the file")
    mouths = read_mouths(settings.landmarks, faces.rows, SIZE) if recipe.smiles else None
    calm = (truth.shares[:, EIGHT.index("neutral")] >= 0.6) & (truth.shares[:, EIGHT.index("happiness")] == 0)
    calm &= truth.labels == SEVEN.index("neutral")
    unsmiling = (~apart & truth.is_face & calm & mouths.is_known).nonzero()[:, 0] if mouths else None
    smooth = 0.9 * F.one_hot(truth.labels, len(SEVEN)).float() + 0.1 / len(SEVEN)

    net = ExpressionNet(recipe.is_face_only).to(device, memory_format=torch.channels_last)
    average = copy.deepcopy(net).eval()
    decayed = [p for p in net.parameters() if p.dim() > 1]
    plain = [p for p in net.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": 5e-4}, {"params": plain, "weight_decay": 0}]
    optimizer = torch.optim.SGD(groups, lr=settings.rate, momentum=0.9, nesterov=True)
    steps = len(own) // settings.batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.rate, total_steps=steps * settings.epochs, pct_start=0.15)
    begin, lines = 0, []
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["chance"].cpu())
        begin, lines = state["epoch"], state["lines"]

    def log(entry):
        print(json.dumps(entry), flush=True)
        lines.append(entry)

    if not lines:
        chosen = {k: getattr(settings, k) for k in ("network", "epochs", "batch", "seed", "rate")}
        log({"settings": chosen, "recipe": vars(recipe), "pictures": len(own), "unsmiling": 0 if unsmiling is None else len(unsmiling), "weights": sum(p.numel() for p in net.parameters()), "torch": torch.__version__, "device": device})
    no_faces = things(faces.pixels[(~apart).numpy()], settings.seed)
    done = 0
    for epoch in range(begin, 0 if settings.export_now else settings.epochs):
        generator = torch.Generator().manual_seed(settings.seed * 10_000 + epoch)
        started, running = time.time(), 0.0
        net.train()
        order = own[torch.randperm(len(own), generator=generator)]
        for step in range(steps):
            some = order[step * settings.batch : (step + 1) * settings.batch].clone()
            lifts = None
            if mouths:
                places = slice(recipe.no_face, recipe.no_face + recipe.smiles)
                some[places] = unsmiling[torch.randint(0, len(unsmiling), (recipe.smiles,), generator=generator)]
                lifts = Lifts(places, mouths.of(some[places]), torch.empty(recipe.smiles).uniform_(-MOST / 3, MOST, generator=generator))
            pictures, shares, labels = pixels[some], truth.shares[some], smooth[some].clone()
            # The first few are turned upside down or become things, and nothing can be said of them.
            half = recipe.no_face // 2
            pictures[half:recipe.no_face] = no_faces[torch.randint(0, len(no_faces), (recipe.no_face - half,), generator=generator)]
            if lifts:
                happy = happiness_of(lifts.up)[:, None]
                shares[places] = shares[places] * (1 - happy) + happy * only("happiness", EIGHT)
                labels[places] = labels[places] * (1 - happy) + happy * only("happiness", SEVEN)
            pictures = augmented(pictures, recipe, generator, lifts)
            pictures[:half] = pictures[:half].flip(2)
            shares[:recipe.no_face], labels[:recipe.no_face] = 1 / len(EIGHT), 1 / len(SEVEN)
            with torch.autocast(device, dtype=torch.bfloat16):
                outputs = net(pictures.to(device, memory_format=torch.channels_last))
            loss = loss_of(outputs, shares.to(device), labels.to(device), recipe)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            done += 1
            so_far = epoch * steps + step + 1
            keep = min(0.999, so_far / (10 + so_far))
            with torch.no_grad():
                for mean, value in zip(average.state_dict().values(), net.state_dict().values()):
                    if value.dtype.is_floating_point:
                        mean.lerp_(value, 1 - keep)
                    else:
                        mean.copy_(value)
            running += float(loss)
            if settings.limit and done >= settings.limit:
                print(f"{(time.time() - started) / (step + 1):.3f} s a step, {steps} steps an epoch")
                return
        entry = {"epoch": epoch + 1, "loss": round(running / steps, 4), "seconds": round(time.time() - started)}
        if (epoch + 1) % 5 == 0 or epoch + 1 == settings.epochs:
            entry |= measure(average, pixels[validation].to(device), truth.of(validation))
        log(entry)
        state = {"net": net.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()}
        partial = checkpoint.with_suffix(".partial")
        torch.save(state | {"epoch": epoch + 1, "lines": lines, "chance": torch.get_rng_state()}, partial)
        partial.replace(checkpoint)
    path, shipped = export(average.cpu(), settings.network, settings.out, settings.checks, pictures_to_calibrate(pixels[own], recipe))
    lines = [line for line in lines if "file" not in line]
    log({"file": path.name, "bytes": path.stat().st_size} | measure(shipped, pixels[validation], truth.of(validation)))
    (HERE / "runs").mkdir(exist_ok=True)
    (HERE / "runs" / f"{settings.network}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
