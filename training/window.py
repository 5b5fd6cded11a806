"""The part of a picture that an expression network looks at, and what it takes out of it first."""

import torch

#: Side of a picture in pixels.
SIZE = 48


def whole_window():
    return torch.ones(1, 1, SIZE, SIZE)


def face_window():
    """[1, 1, 48, 48], 1 on the face and 0 around it: an oval with a soft edge where FER2013's faces lie."""
    y, x = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    radius = (((x - 23.5) / 18) ** 2 + ((y - 26.5) / 24) ** 2).sqrt()
    return torch.sigmoid((1 - radius) / 0.04)[None, None]


def normalised(x, window):
    """Pictures [n, 1, 48, 48] without the mean and spread that they have within a window, and nothing outside of it."""
    share = window / window.sum()
    mean = (x * share).sum((2, 3), keepdim=True)
    spread = ((x - mean) ** 2 * share).sum((2, 3), keepdim=True).sqrt()
    return (x - mean) / (spread + 8.0) * window
