"""Weights of a ResNet-50 that was trained on photographs, as the start of Mask R-CNN.

The weights do not ship. A file of them is safetensors or npz with the names of

- torchvision ("layer1.0.conv1.weight", "bn1.running_var"): norms are folded into a scale and a shift;
- Detectron's Caffe models ("res2_0_branch2a_w", "res_conv1_bn_s"): they have scale and shift already,

made in that framework's own environment from its state dict:

    numpy.savez("r50.npz", **{k: v.numpy() for k, v in torchvision_model.state_dict().items()})
    numpy.savez("r50.npz", **pickled_blobs)

What changes on the way: the three colours of the first convolution are summed,
for three equal channels are the same as one; kernels are transposed, for an
image's rows are times in those frameworks' pictures of a plane, and its first
axis is the wire here; stage 4 is the stage that the heads share. The last layer
is left out.

References
----------
He et al., arXiv:1512.03385, table 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file
from torch import Tensor

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.models.bottlenecks import EPSILON, to_sparse
from argoscope.models.mask_rcnn import MaskRCNN
from argoscope.typing import PathLike

__all__ = ["load_imagenet"]

_CAFFE_BRANCHES = {"1": "branch2a", "2": "branch2b", "3": "branch2c"}


def load_imagenet(network: MaskRCNN, path: PathLike) -> None:
    """Fill the ResNet of a network with weights of a file.

    Parameters
    ----------
    network : MaskRCNN
        With frozen norms ("affine") and the stride where the file's framework has it.
    path : path
        Of a safetensors or npz file.

    Raises
    ------
    InvalidArgument
        If the network's norms are trained, or its stride is elsewhere.
    UnreadableFile
        If the file cannot be read, or lacks a weight of this ResNet or has it in another shape.
    """
    config = network.config.backbone
    if config.norm != "affine":
        raise InvalidArgument(
            f"norm (={config.norm!r}) must be 'affine' to start from trained weights: they are good with their own norms"
        )
    given = _read(Path(path))
    caffe = "conv1_w" in given
    if config.stride_in_1x1 != caffe:
        raise InvalidArgument(
            f"stride_in_1x1 (={config.stride_in_1x1}) must be {caffe} for the weights of {path}, which are "
            f"{'Caffe' if caffe else 'torchvision'}'s"
        )
    values = {}
    for ours, wanted in network.state_dict().items():
        if not ours.startswith(("backbone.", "stage.")):
            continue
        value = _caffe_value(ours, given, path) if caffe else _torchvision_value(ours, given, path)
        value = _turned(value, colours=ours == "backbone.stem.weight")
        if value.shape != wanted.shape:
            value = to_sparse(value)
        if value.shape != wanted.shape:
            raise UnreadableFile(
                f"{path}: the weight for {ours!r} has shape {tuple(value.shape)}, the network's is "
                f"{tuple(wanted.shape)}; only a ResNet-50 of full width fits"
            )
        values[ours] = value
    network.load_state_dict(values, strict=False)


def _read(path: Path) -> Mapping[str, np.ndarray]:
    """Arrays of a file by name."""
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as archive:
                return dict(archive)
        return dict(load_file(path))
    except (OSError, ValueError, SafetensorError, BadZipFile) as error:
        raise UnreadableFile(
            f"{path}: no weights can be read there ({error}); give safetensors or npz"
        ) from error


def _entry(name: str, given: Mapping[str, np.ndarray], path: PathLike) -> Tensor:
    if name not in given:
        raise UnreadableFile(
            f"{path} lacks {name!r}; give all weights of a ResNet-50, under their framework's names"
        )
    return torch.from_numpy(np.array(given[name], dtype=np.float32))


def _turned(value: Tensor, *, colours: bool) -> Tensor:
    """A weight for images whose first axis is the wire, and for one channel."""
    if value.ndim != 4:
        return value
    value = value.transpose(2, 3)
    return value.sum(dim=1, keepdim=True) if colours else value


def _place(ours: str) -> tuple[int, str, str]:
    """Stage from 1 (0 for the stem), block and rest of one of our names.

    Examples
    --------
    >>> _place("backbone.stages.2.5.conv1.weight"), _place("stage.0.norm3.bias"), _place("backbone.stem.weight")
    ((3, '5', 'conv1.weight'), (4, '0', 'norm3.bias'), (0, '', 'conv1.weight'))
    """
    if ours.startswith("backbone.stem"):
        return 0, "", ours.replace("backbone.stem_norm", "norm1").replace("backbone.stem", "conv1")
    parts = ours.split(".")
    if parts[0] == "stage":
        return 4, parts[1], ".".join(parts[2:])
    return int(parts[2]) + 1, parts[3], ".".join(parts[4:])


def _torchvision_value(ours: str, given: Mapping[str, np.ndarray], path: PathLike) -> Tensor:
    """Weight, or folded norm, under torchvision's names."""
    stage, block, rest = _place(ours)
    prefix = f"layer{stage}.{block}." if stage else ""
    layer, kind = rest.split(".")
    if "norm" not in layer:
        theirs = "downsample.0" if layer == "shortcut" else layer
        return _entry(f"{prefix}{theirs}.weight", given, path)
    theirs = "downsample.1" if layer == "shortcut_norm" else layer.replace("norm", "bn")
    numbers = {
        name: _entry(f"{prefix}{theirs}.{name}", given, path)
        for name in ("weight", "bias", "running_mean", "running_var")
    }
    scale = numbers["weight"] / (numbers["running_var"] + EPSILON).sqrt()
    return scale if kind == "weight" else numbers["bias"] - numbers["running_mean"] * scale


def _caffe_value(ours: str, given: Mapping[str, np.ndarray], path: PathLike) -> Tensor:
    """Weight, scale or shift under the names of Detectron's Caffe models."""
    stage, block, rest = _place(ours)
    layer, kind = rest.split(".")
    if stage:
        branch = "branch1" if layer.startswith("shortcut") else _CAFFE_BRANCHES[layer[-1]]
        convolution = norm = f"res{stage + 1}_{block}_{branch}"
    else:
        convolution, norm = "conv1", "res_conv1"
    if "norm" not in layer:
        return _entry(f"{convolution}_w", given, path)
    return _entry(f"{norm}_bn_{'s' if kind == 'weight' else 'b'}", given, path)
