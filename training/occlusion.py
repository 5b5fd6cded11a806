"""Trains the occlusion network: which parts of a face are hidden by a hand, a cup, a scarf.

There are no labels to learn from, so the things that hide a face are drawn (occluders.py) on faces of FER2013's Training split,
without the pictures of held-out.txt. Some of those faces have a hand before them already; a first short training finds the
worst of them and leaves them out of the second.

    python3 occlusion.py --data FOLDER --out ../models

writes occlusion.onnx, what it says of four made-up pictures (test/golden/occlusion.check.json), and the log of the run.
"""

import argparse
import hashlib
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image, ImageFilter

from fer2013 import read_faces
from occluders import occlude

HERE = Path(__file__).parent
CELLS = 12
SIZE = 48


def face_ellipse():
    """Weights [12, 12]: the cells in which a face lies when it is cut as FER2013 cuts it."""
    y, x = np.mgrid[0:CELLS, 0:CELLS] * 4.0 + 2.0
    return torch.tensor((((x - 24) / 18) ** 2 + ((y - 26) / 21) ** 2 <= 1).astype(np.float32))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        return F.relu(x + self.body(x))


class OcclusionNet(nn.Module):
    """[n, 1, 48, 48] grey 0..255 to logits [n, 12, 12]; each cell stands for 4 x 4 pixels."""

    def __init__(self, width=40):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, width, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
        )
        self.local = nn.Sequential(Residual(width), Residual(width))
        self.wide = nn.Sequential(
            nn.Conv2d(width, 64, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
            Residual(64), Residual(64),
        )
        self.mix = nn.Sequential(nn.Conv2d(width + 64, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(), Residual(width))
        self.head = nn.Conv2d(width, 1, 1)

    def forward(self, x):
        mean = x.mean((2, 3), keepdim=True)
        spread = ((x - mean) ** 2).mean((2, 3), keepdim=True).sqrt()
        x = self.stem((x - mean) / (spread + 8.0))
        near = self.local(x)
        far = F.interpolate(self.wide(near), scale_factor=2.0, mode="nearest")
        return self.head(self.mix(torch.cat([near, far], 1)))[:, 0]


def jitter(rng, picture):
    """What differs between cameras and crops: place, size, turn, light, blur, compression."""
    image = Image.fromarray(picture)
    scale, angle = rng.uniform(0.86, 1.14), rng.normal(0, 8)
    sx, sy = rng.normal(0, 1.6, 2)
    cos, sin = np.cos(np.radians(angle)) / scale, np.sin(np.radians(angle)) / scale
    matrix = (cos, sin, 24 - cos * (24 + sx) - sin * (24 + sy), -sin, cos, 24 + sin * (24 + sx) - cos * (24 + sy))
    padded = Image.fromarray(np.pad(picture, 12, mode="edge"))
    shift = (matrix[0], matrix[1], matrix[2] + 12, matrix[3], matrix[4], matrix[5] + 12)
    image = padded.transform((SIZE, SIZE), Image.AFFINE, shift, Image.BILINEAR)
    values = np.asarray(image, np.float32)
    return values[:, ::-1] if rng.random() < 0.5 else values


def photographed(rng, values):
    """The finished scene through a lens and a codec."""
    if rng.random() < 0.5:
        small = int(rng.uniform(18, 48))
        image = Image.fromarray(values.astype(np.uint8)).resize((small, small), Image.BOX)
        values = np.asarray(image.resize((SIZE, SIZE), Image.BILINEAR), np.float32)
    if rng.random() < 0.3:
        values = np.asarray(Image.fromarray(values.astype(np.uint8)).filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2))), np.float32)
    gain, lift, gamma = rng.uniform(0.5, 1.3), rng.uniform(-25, 25), rng.uniform(0.7, 1.4)
    values = 255 * (np.clip(values, 0, 255) / 255) ** gamma * gain + lift
    values += rng.normal(0, rng.uniform(0, 6), values.shape)
    return np.clip(values, 0, 255)


class Scenes(torch.utils.data.IterableDataset):
    """Endless pairs of a picture and its coverage [12, 12]; 45 % of the pictures have no occluder."""

    def __init__(self, pixels, seed):
        self.pixels, self.seed = pixels, seed

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        while True:
            a, b = rng.integers(len(self.pixels), size=2)
            picture = jitter(rng, self.pixels[a])
            covered = np.zeros((SIZE, SIZE), np.float32)
            if rng.random() < 0.55:
                picture, covered = occlude(rng, picture, self.pixels[b])
            coverage = covered.reshape(CELLS, 4, CELLS, 4).mean((1, 3))
            yield photographed(rng, picture).astype(np.float32)[None], coverage.astype(np.float32)


def train(pixels, steps, batch, seed, log):
    torch.manual_seed(seed)
    net = OcclusionNet()
    average = {k: v.clone() for k, v in net.state_dict().items()}
    loader = torch.utils.data.DataLoader(Scenes(pixels, seed), batch_size=batch, num_workers=1, prefetch_factor=8)
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps, pct_start=0.15)
    weight = face_ellipse()
    started, running = time.time(), 0.0
    for step, (pictures, coverage) in enumerate(loader):
        if step == steps:
            break
        loss = F.binary_cross_entropy_with_logits(net(pictures), coverage, reduction="none")
        loss = (loss * weight).sum() / (weight.sum() * len(pictures))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        for key, value in net.state_dict().items():
            if value.dtype.is_floating_point:
                average[key].lerp_(value, 0.01)
            else:
                average[key].copy_(value)
        running += loss.item()
        if (step + 1) % 100 == 0:
            log({"step": step + 1, "loss": round(running / 100, 4), "seconds": round(time.time() - started)})
            running = 0.0
    net.load_state_dict(average)
    return net.eval()


@torch.no_grad()
def share_hidden(net, pictures):
    """The mean predicted coverage over the face ellipse of each picture."""
    weight = face_ellipse()
    shares = [(torch.sigmoid(net(part)) * weight).sum((1, 2)) / weight.sum() for part in pictures.split(512)]
    return torch.cat(shares).numpy()


@torch.no_grad()
def measure(net, pixels, seed):
    """On held-out faces: how well drawn occluders are told from bare faces, as areas under the ROC curve."""
    rng = np.random.default_rng(seed)
    bare, hidden, true = [], [], []
    weight = face_ellipse().numpy()
    for i in range(len(pixels)):
        picture = jitter(rng, pixels[i])
        bare.append(photographed(rng, picture))
        scene, covered = occlude(rng, picture, pixels[rng.integers(len(pixels))])
        hidden.append(photographed(rng, scene))
        true.append((covered.reshape(CELLS, 4, CELLS, 4).mean((1, 3)) * weight).sum() / weight.sum())
    tensor = lambda values: torch.tensor(np.asarray(values, np.float32))[:, None]
    bare_share, hidden_share = share_hidden(net, tensor(bare)), share_hidden(net, tensor(hidden))
    true = np.asarray(true)
    figures = {}
    for low, high in ((0.03, 0.1), (0.1, 0.2), (0.2, 1.0)):
        some = hidden_share[(true >= low) & (true < high)]
        figures[f"auc_{low}-{high}"] = round(float((some[:, None] > bare_share[None]).mean()), 4)
    figures["bare_p95"] = round(float(np.quantile(bare_share, 0.95)), 4)
    figures["bare_p99"] = round(float(np.quantile(bare_share, 0.99)), 4)
    figures["mean_error"] = round(float(np.abs(hidden_share - true).mean()), 4)
    return figures


def check_pictures(count=4):
    """Pictures that the test of the ONNX file makes by the same formula: no photograph belongs into the repository."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    pictures = [128 + 80 * np.sin((k + 2) * x / 9) * np.cos((k + 3) * y / 11) + (x * y * (k + 1)) % 23 for k in range(count)]
    return torch.tensor(np.floor(np.asarray(pictures)).astype(np.float32))[:, None]


def export(net, folder):
    """Writes the network, and its outputs on the check pictures for test/golden."""
    path = folder / "occlusion.onnx"
    pictures = check_pictures()
    torch.onnx.export(
        net, pictures[:1], str(path), opset_version=13, input_names=["face"], output_names=["occlusion_logits"],
        dynamic_axes={"face": {0: "n"}, "occlusion_logits": {0: "n"}},
    )
    with torch.no_grad():
        outputs = net(pictures).flatten().tolist()
    check = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "occlusion_logits": [round(v, 6) for v in outputs]}
    (HERE.parent / "test" / "golden" / "occlusion.check.json").write_text(json.dumps(check))
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the FER2013 sheets")
    parser.add_argument("--out", type=Path, required=True, help="where occlusion.onnx goes")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    settings = parser.parse_args()
    torch.set_num_threads(2)
    settings.out.mkdir(parents=True, exist_ok=True)
    lines = (HERE / "runs" / "occlusion.jsonl")
    lines.parent.mkdir(exist_ok=True)
    with open(lines, "w") as file:
        def log(entry):
            print(entry, flush=True)
            file.write(json.dumps(entry) + "\n")
            file.flush()

        log({"settings": {k: str(v) for k, v in vars(settings).items() if k not in ("data", "out")}})
        faces = read_faces(settings.data, "Training")
        held_out = set((HERE / "held-out.txt").read_text().split())
        apart = np.array([row["sha1"] in held_out for row in faces.rows])
        pixels, validation = faces.pixels[~apart], faces.pixels[apart]
        first = train(pixels, settings.steps // 3, settings.batch, settings.seed, log)
        log({"first": measure(first, validation, 7)})
        natural = share_hidden(first, torch.tensor(pixels, dtype=torch.float32)[:, None])
        clean = pixels[natural < np.quantile(natural, 0.94)]
        second = train(clean, settings.steps, settings.batch, settings.seed + 1, log)
        log({"second": measure(second, validation, 7)})
        torch.save(second.state_dict(), settings.out / "occlusion.pt")
        path = export(second, settings.out)
        log({"file": path.name, "bytes": path.stat().st_size})


if __name__ == "__main__":
    main()
