"""Writes a small network of chance weights in 8 bits and what PyTorch says of it, for test/golden/eight-bits.test.ts.

    python3 eight_bits_check.py

Its file is what a test holds ONNX Runtime's integer arithmetic against on every processor, whatever networks are shipped.
"""

from pathlib import Path

import torch
import torch.nn as nn

from expression import ExpressionNet, check_pictures, export

GOLDEN = Path(__file__).parent.parent / "test" / "golden"


def main():
    torch.manual_seed(1)
    net = ExpressionNet(True, (16, 24, 72), (1, 2, 1))
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.uniform_(part.bias, -0.5, 0.5)
    # Large logits, so that one step of one activation shows.
    for head in (net.votes, net.labels):
        nn.init.uniform_(head.weight, -3, 3)
    export(net, "eight-bits", GOLDEN, GOLDEN, check_pictures(64))


if __name__ == "__main__":
    main()
