"""Makes an expression network whose convolutions count in 8-bit integers, for a third of the time and of the memory.

In the file, whole numbers stand between QuantizeLinear and DequantizeLinear, and ONNX Runtime makes integer convolutions of what is between
(https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html). Answers must not depend on the processor. So weights have
7 bits: two products of 255 and 64 fit into the 16 bits in which processors without VNNI add them. Everything that is rounded to 8 bits is
either a sum of whole numbers, or computed number by number in float32, or in float64, where the order of a sum does not reach a rounding.
PyTorch computes the same integers here as ONNX Runtime does.
"""

from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Function

from window import normalised

#: The largest weight; the largest activation.
LIMIT, TOP = 64, 255
#: Input channels of which 3 x 3 products stay below 2^24, so that float32 adds them without rounding.
EXACT = 64


class QuantizeLinear(Function):
    """float32 to uint8, half to even."""

    @staticmethod
    def forward(ctx, x, scale, zero):
        return ((x / scale).round() + zero).clamp(0, TOP).to(torch.uint8)

    @staticmethod
    def symbolic(g, x, scale, zero):
        return g.op("QuantizeLinear", x, scale, zero)


class DequantizeLinear(Function):
    """uint8 to float32."""

    @staticmethod
    def forward(ctx, x, scale, zero):
        return (x.float() - zero) * scale

    @staticmethod
    def symbolic(g, x, scale, zero):
        return g.op("DequantizeLinear", x, scale, zero)


class QLinearConv(Function):
    """uint8 [n, in, h, w] to uint8 [n, out, h', w'], with weights int8 [out, in, k, k] and biases int32 [out]: sums are whole, and rounded once."""

    @staticmethod
    def forward(ctx, x, x_scale, x_zero, weight, weight_scale, weight_zero, bias, bias_scale, y_scale, y_zero, stride, padding):
        x, weight, total = x.float() - x_zero, weight.float(), bias.double()[:, None, None]
        for part, own in zip(x.split(EXACT, 1), weight.split(EXACT, 1)):
            total = total + F.conv2d(part, own, None, stride, padding).double()
        scale = (x_scale * weight_scale / y_scale)[:, None, None]
        return ((total.float() * scale).round() + y_zero).clamp(0, TOP).to(torch.uint8)

    @staticmethod
    def symbolic(g, x, x_scale, x_zero, weight, weight_scale, weight_zero, bias, bias_scale, y_scale, y_zero, stride, padding):
        real = g.op(
            "Conv",
            g.op("DequantizeLinear", x, x_scale, x_zero),
            g.op("DequantizeLinear", weight, weight_scale, weight_zero, axis_i=0),
            g.op("DequantizeLinear", bias, bias_scale, axis_i=0),
            kernel_shape_i=weight.type().sizes()[2:], strides_i=[stride] * 2, pads_i=[padding] * 4,
        )
        return g.op("QuantizeLinear", real, y_scale, y_zero)


class Grid(nn.Module):
    """Which real numbers the 256 whole ones stand for: scale * (number - zero)."""

    def __init__(self, scale, zero):
        super().__init__()
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32))
        self.register_buffer("zero", torch.tensor(zero, dtype=torch.uint8))
        self.register_buffer("one", torch.ones(()))

    def quantize(self, x):
        return QuantizeLinear.apply(x, self.scale, self.zero)

    def dequantize(self, x):
        return DequantizeLinear.apply(x, self.scale, self.zero)

    def whole(self, x):
        """In steps of the grid, so that their sum is exact."""
        return DequantizeLinear.apply(x, self.one, self.zero)


def grid_of(values):
    """The grid with the least squared error. A few values outside it are a smaller loss than wide steps."""
    low, high = min(0.0, float(values.min())), float(values.max())
    counts = torch.histc(values, 4096, low, high)
    centres = low + (torch.arange(4096) + 0.5) * (high - low) / 4096
    parts = [0.2 + 0.025 * i for i in range(33)]
    best, least = None, float("inf")
    for below in parts if low < 0 else [1.0]:
        for above in parts:
            scale = (above * high - below * low) / TOP
            zero = round(-below * low / scale)
            error = float((counts * (((centres / scale).round() + zero).clamp(0, TOP).sub(zero) * scale - centres) ** 2).sum())
            if error < least:
                best, least = Grid(scale, zero), error
    return best


def weight_scale_of(weight):
    """Of each output channel the step with the least squared error: float32 [out]."""
    rows = weight.flatten(1)
    largest = rows.abs().max(1).values.clamp(min=1e-8)
    scales = torch.stack([largest * part / LIMIT for part in torch.linspace(0.5, 1, 60)])
    errors = torch.stack([(((rows / s[:, None]).round().clamp(-LIMIT, LIMIT) * s[:, None] - rows) ** 2).sum(1) for s in scales])
    return scales.gather(0, errors.argmin(0)[None])[0]


@dataclass
class Signal:
    """What the pictures to calibrate with are at one place of a network: as it was trained, and in 8 bits on a grid."""

    exact: torch.Tensor
    eight: torch.Tensor
    grid: Grid
    #: By what the channels were divided before they got on one grid: float32 [channels].
    units: torch.Tensor


def in_parts(run, *tensors):
    """run's answers for a batch, computed for 256 pictures at a time."""
    return torch.cat([run(*parts) for parts in zip(*(x.split(256) for x in tensors))])


def line_through(got, wanted):
    """Factors and biases [rows] that make the rows of got [rows, count] those of wanted, but for noise that wanted does not explain."""
    mean, target = got.mean(1), wanted.mean(1)
    around = wanted - target[:, None]
    factor = (around * around).sum(1) / (around * (got - mean[:, None])).sum(1).clamp(min=1e-12)
    # A row that hardly changes says nothing of its factor.
    factor = factor.clamp(0.5, 2)
    return factor, target - factor * mean


class EightBitConv(nn.Module):
    """A convolution from one grid to another, of the weights that give wanted (its outputs in their units, before a ReLU) without rounding.

    Rounding to the nearest makes numbers smaller on average, and a little in each layer is 5 % in the end. So each channel gets the factor
    and the bias with which it is right on average.
    """

    def __init__(self, conv, weight, signal, wanted, after):
        super().__init__()
        self.before, self.after, self.stride, self.padding = signal.grid, after, conv.stride[0], conv.padding[0]
        scale = weight_scale_of(weight)
        weight = (weight / scale[:, None, None, None]).round().clamp(-LIMIT, LIMIT)
        rounded = weight * scale[:, None, None, None]
        got = in_parts(lambda x: F.conv2d(self.before.dequantize(x), rounded, None, self.stride, self.padding), signal.eight)
        factor, bias = line_through(got.transpose(0, 1).flatten(1), wanted.transpose(0, 1).flatten(1))
        scale = scale * factor
        bias_scale = self.before.scale * scale
        self.register_buffer("weight", weight.to(torch.int8))
        self.register_buffer("weight_scale", scale)
        self.register_buffer("weight_zero", torch.zeros(len(scale), dtype=torch.int8))
        self.register_buffer("bias", (bias / bias_scale).round().to(torch.int32))
        self.register_buffer("bias_scale", bias_scale)

    def forward(self, x):
        return QLinearConv.apply(
            x, self.before.scale, self.before.zero, self.weight, self.weight_scale, self.weight_zero,
            self.bias, self.bias_scale, self.after.scale, self.after.zero, self.stride, self.padding,
        )


def convolved(conv, signal, relu=False, units_of=lambda exact: torch.ones(exact.shape[1])):
    """An EightBitConv, and the signal behind it. A grid that begins at zero is a ReLU, too."""
    wanted = in_parts(conv, signal.exact)
    exact = wanted.relu() if relu else wanted
    units = units_of(exact)
    weight = conv.weight * signal.units[:, None, None] / units[:, None, None, None]
    eight = EightBitConv(conv, weight, signal, wanted / units[:, None, None], grid_of(exact / units[:, None, None]))
    return eight, Signal(exact, in_parts(eight, signal.eight), eight.after, units)


def spread_of(exact):
    """The root mean square of each channel [channels]."""
    return exact.square().mean((0, 2, 3)).sqrt().clamp(min=1e-6)


def shared_with(conv):
    """Units between two convolutions, so that neither the channels nor conv's weights for them differ much in size."""
    return lambda exact: (spread_of(exact) / conv.weight.square().mean((0, 2, 3)).sqrt().clamp(min=1e-6)).sqrt()


class Gate(nn.Module):
    """What whole numbers of a grid [n, channels, h, w] are multiplied with, for Squeeze and to be real again: float32 [n, channels, 1, 1]."""

    def __init__(self, squeeze, signal):
        super().__init__()
        down, _, up, _ = squeeze.gate
        step = signal.units * signal.grid.scale
        self.register_buffer("step", step)
        self.register_buffer("down", down.weight.flatten(1) * step / signal.exact[0, 0].numel())
        self.register_buffer("down_bias", down.bias)
        self.register_buffer("up", up.weight.flatten(1))
        self.register_buffer("up_bias", up.bias)

    def forward(self, whole):
        x = F.linear(whole.sum((2, 3)).double(), self.down.double(), self.down_bias.double()).relu()
        x = F.linear(x, self.up.double(), self.up_bias.double()).sigmoid() * self.step.double()
        return x.float().reshape(-1, len(self.up), 1, 1)


class EightBitBlock(nn.Module):
    """A Block of float32 [n, channels, h, w]: what its convolutions read is rounded, what goes past them is not."""

    def __init__(self, block, signal):
        super().__init__()
        self.before = signal.grid
        self.first, inner = convolved(block.body[0], signal, True, shared_with(block.body[3]))
        self.second, inner = convolved(block.body[3], inner, False, spread_of)
        self.gate = Gate(block.body[5], inner)
        self.past = None if isinstance(block.past, nn.Identity) else convolved(one_convolution(block.past), signal)[0]

    def forward(self, x):
        rounded = self.before.quantize(x)
        body = self.second.after.whole(self.second(self.first(rounded)))
        if self.past is not None:
            x = self.past.after.dequantize(self.past(rounded))
        return F.relu(body * self.gate(body) + x)


def one_convolution(past):
    """The mean of 2 x 2 places and a 1 x 1 convolution are one 2 x 2 convolution: its sums are rounded once, not twice."""
    pool, conv = past[0], past[1]
    if isinstance(pool, nn.Identity):
        return conv
    side = pool.kernel_size
    one = nn.Conv2d(conv.in_channels, conv.out_channels, side, side)
    one.weight.copy_(conv.weight.expand(-1, -1, side, side) / side**2)
    one.bias.copy_(conv.bias)
    return one


def corrected(head, got, wanted):
    """A copy of a head that says of its inputs got [n, channels] on average what head says of wanted."""
    factor, bias = line_through(F.linear(got, head.weight).T, head(wanted).T)
    copy = nn.Linear(head.in_features, head.out_features)
    copy.weight.copy_(head.weight * factor[:, None])
    copy.bias.copy_(bias)
    return copy


class EightBitNet(nn.Module):
    """net, an ExpressionNet without BatchNorms, with grids and biases for pictures [n, 1, 48, 48]."""

    @torch.no_grad()
    def __init__(self, net, pictures):
        super().__init__()
        self.register_buffer("window", net.window)
        exact = self.normalised(pictures)
        self.before = grid_of(exact)
        start = Signal(exact, self.before.quantize(exact), self.before, torch.ones(1))
        first, signal = convolved(net.stem[0], start, True, shared_with(net.stem[3]))
        second, signal = convolved(net.stem[3], signal, True)
        self.stem, self.after = nn.Sequential(first, second), signal.grid
        blocks, x = [], self.after.dequantize(signal.eight)
        for block in net.trunk:
            blocks.append(EightBitBlock(block, signal))
            exact, x = in_parts(block, signal.exact), in_parts(blocks[-1], x)
            grid = grid_of(exact)
            signal = Signal(exact, grid.quantize(x), grid, torch.ones(exact.shape[1]))
        self.trunk = nn.Sequential(*blocks)
        self.votes, self.labels = (corrected(head, x.mean((2, 3)), signal.exact.mean((2, 3))) for head in (net.votes, net.labels))

    def normalised(self, x):
        """As in ExpressionNet, but with sums that are the same on every processor."""
        return normalised(x.double(), self.window.double()).float()

    def forward(self, x):
        x = self.stem(self.before.quantize(self.normalised(x)))
        x = self.trunk(self.after.dequantize(x)).mean((2, 3))
        return self.votes(x), self.labels(x)
