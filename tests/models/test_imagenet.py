"""Weights of other frameworks' ResNets compute here what they compute there."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from torch.testing import assert_close

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.models.builders import build_network
from argoscope.models.imagenet import load_imagenet
from argoscope.sparse import SparseTensor

BLOCKS = (2, 1, 1, 1)
WIDTH = 16


def network_of(*, sparse=True, caffe=True, **backbone):
    description = {
        "sparse": sparse,
        "stride_in_1x1": caffe,
        "width": WIDTH,
        "blocks": list(BLOCKS),
        **backbone,
    }
    return build_network({"extends": "paper1", "backbone": description})


def layers():
    """Every convolution: torchvision's name, Caffe's, and its shape; norms follow each."""
    stem = 64 // WIDTH
    yield ("conv1", "bn1", "conv1", "res_conv1", (stem, 3, 7, 7))
    before = stem
    for stage, blocks in enumerate(BLOCKS, 1):
        inner = stem * 2 ** (stage - 1)
        for block in range(blocks):
            ours, theirs = f"layer{stage}.{block}.", f"res{stage + 1}_{block}_"
            shapes = ((inner, before, 1, 1), (inner, inner, 3, 3), (4 * inner, inner, 1, 1))
            for number, shape in enumerate(shapes, 1):
                branch = f"{theirs}branch2{'abc'[number - 1]}"
                yield (f"{ours}conv{number}", f"{ours}bn{number}", branch, branch, shape)
            if block == 0:
                branch = f"{theirs}branch1"
                yield (
                    f"{ours}downsample.0",
                    f"{ours}downsample.1",
                    branch,
                    branch,
                    (4 * inner, before, 1, 1),
                )
            before = 4 * inner


def weights(*, caffe):
    rng, state = np.random.default_rng(0), {}
    for convolution, norm, blob, blob_norm, shape in layers():
        weight = rng.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape)
        scale, shift = rng.uniform(0.5, 1.5, shape[0]), rng.normal(0, 0.2, shape[0])
        mean, variance = rng.normal(0, 0.2, shape[0]), rng.uniform(0.5, 1.5, shape[0])
        if caffe:
            state |= {f"{blob}_w": weight, f"{blob_norm}_bn_s": scale, f"{blob_norm}_bn_b": shift}
        else:
            state |= {
                f"{convolution}.weight": weight, f"{norm}.weight": scale, f"{norm}.bias": shift,
                f"{norm}.running_mean": mean, f"{norm}.running_var": variance,
            }  # fmt: skip
    return {name: value.astype(np.float32) for name, value in state.items()}


def their_answer(state, image, *, caffe):
    """The ResNet of that framework, on an image of rows and columns with three equal colours."""
    get = {name: torch.from_numpy(value) for name, value in state.items()}
    names = {convolution: (norm, blob, blob_norm) for convolution, norm, blob, blob_norm, _ in layers()}

    def layer(x, convolution, stride=1):
        norm, blob, blob_norm = names[convolution]
        weight = get[f"{blob}_w" if caffe else f"{convolution}.weight"]
        x = F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)
        if caffe:
            return x * get[f"{blob_norm}_bn_s"][:, None, None] + get[f"{blob_norm}_bn_b"][:, None, None]
        numbers = [get[f"{norm}.{key}"] for key in ("running_mean", "running_var", "weight", "bias")]
        return F.batch_norm(x, *numbers)

    x = F.max_pool2d(layer(image.expand(-1, 3, -1, -1), "conv1", 2).relu(), 3, 2, 1)
    for stage, blocks in enumerate(BLOCKS[:3], 1):
        for block in range(blocks):
            stride, name = 1 + (stage > 1 and block == 0), f"layer{stage}.{block}."
            y = layer(x, f"{name}conv1", stride if caffe else 1).relu()
            y = layer(y, f"{name}conv2", 1 if caffe else stride).relu()
            around = layer(x, f"{name}downsample.0", stride) if block == 0 else x
            x = (layer(y, f"{name}conv3") + around).relu()
    return x


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("caffe", [False, True])
def test_the_same_image_gives_the_same_features(tmp_path, caffe, sparse):
    state = weights(caffe=caffe)
    path = tmp_path / ("r50.npz" if caffe else "r50.safetensors")
    if caffe:
        np.savez(path, **state, pred_w=np.zeros(3))
    else:
        save_file({**state, "fc.weight": np.zeros(3, np.float32)}, path)
    network = network_of(sparse=sparse, caffe=caffe).eval()
    load_imagenet(network, path)
    image = torch.rand(1, 1, 40, 52, generator=torch.Generator().manual_seed(0)) + 0.5
    want = their_answer(state, image, caffe=caffe)
    wires_first = SparseTensor.from_dense(image.transpose(2, 3))
    got = network.backbone(wires_first).to_dense().transpose(2, 3)
    # A dozen layers of single precision.
    assert_close(got, want, rtol=1e-3, atol=1e-3)
    shared = state["res5_0_branch2b_w" if caffe else "layer4.0.conv2.weight"]
    assert_close(network.stage[0].conv2.weight, torch.from_numpy(shared).transpose(2, 3), rtol=0.0, atol=0.0)


def test_what_does_not_fit_is_refused(tmp_path):
    state = weights(caffe=True)
    path = tmp_path / "r50.npz"
    np.savez(path, **state)
    with pytest.raises(InvalidArgument, match=r"norm \(='batch'\) must be 'affine'"):
        load_imagenet(network_of(norm="batch"), path)
    with pytest.raises(
        InvalidArgument, match=r"stride_in_1x1 \(=False\) must be True for the weights of .* Caffe's"
    ):
        load_imagenet(network_of(caffe=False), path)
    with pytest.raises(UnreadableFile, match=r"has shape \(4,\), the network's is \(8,\)"):
        load_imagenet(network_of(sparse=False, width=8), path)
    missing = {name: value for name, value in state.items() if name != "res3_0_branch1_bn_s"}
    np.savez(path, **missing)
    with pytest.raises(UnreadableFile, match="lacks 'res3_0_branch1_bn_s'"):
        load_imagenet(network_of(), path)
    np.savez(path, conv1_w=np.array([{}], dtype=object))
    with pytest.raises(UnreadableFile, match="no weights can be read there"):
        load_imagenet(network_of(), path)
    for name in ("broken.npz", "broken.safetensors", "absent.npz"):
        if "broken" in name:
            (tmp_path / name).write_bytes(b"nothing")
        with pytest.raises(UnreadableFile, match="no weights can be read there"):
            load_imagenet(network_of(), tmp_path / name)
