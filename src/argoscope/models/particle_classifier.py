"""Which particle an image shows: the encoder of a segmentation network, and one answer for the whole image.

Paper 2 trains it first, on images of single particles, and starts its U-ResNet
from the encoder. So the encoders here have the names and shapes of the weights
of `UBSSNet` and `UResNet`: `start_from` (`argoscope.models.transfer`) takes
them over by name. After the encoder come the mean over the pixels of the deepest level and a
linear layer.

Every active pixel gets the scores of its image, so that training, validation
and prediction see a network of pixels like any other. With the loss
``event-mean`` that is the cross entropy of the images.

References
----------
Paper 2: arXiv:1808.07269, section IV A; its data set is that of arXiv:1611.05531.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from argoscope.models.dense_images import dense_images
from argoscope.models.ubssnet import UBSSNetConfig, UBSSNetEncoder
from argoscope.models.uresnet import Level, UResNetConfig
from argoscope.sparse import BatchNorm, SparseTensor, SubmanifoldConvolution, global_pool
from argoscope.sparse.convolution import Backend

__all__ = ["DenseParticleClassifier", "SparseParticleClassifier"]


def _on_pixels(x: SparseTensor, scores: Tensor) -> SparseTensor:
    """Scores of images, shape (images, classes), at each of their active pixels."""
    return x.with_features(scores[torch.from_numpy(x.index.events).to(scores.device)])


class _DenseImages(nn.Module):
    """Classes of dense images; its weights are named as those of `UBSSNet`."""

    def __init__(self, config: UBSSNetConfig) -> None:
        super().__init__()
        self.encoder = UBSSNetEncoder(config)
        self.particle = nn.Linear(config.channels[-1], config.classes)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.particle(self.encoder(x)[-1].mean(dim=(2, 3)))
        return scores


class DenseParticleClassifier(nn.Module):
    """The classifier with the encoder of paper 2's dense network.

    Parameters
    ----------
    config : UBSSNetConfig
        `classes` are those of the images.

    Examples
    --------
    >>> network = DenseParticleClassifier(UBSSNetConfig(classes=5, filters=2, depth=2)).eval()
    >>> x = SparseTensor.from_coordinates([[0, 0, 1], [0, 1, 0]], torch.ones(2, 1), shape=(4, 8))
    >>> scores = network(x).features
    >>> scores.shape, bool((scores[0] == scores[1]).all())
    (torch.Size([2, 5]), True)
    """

    def __init__(self, config: UBSSNetConfig) -> None:
        super().__init__()
        self.network = _DenseImages(config)

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Scores before softmax of the image of every active pixel, on the same sites."""
        return _on_pixels(x, self.network(dense_images(x)))


class _WayDown(nn.Module):
    """A level of the U-ResNet without its way up, and those below it; the weights keep their names."""

    def __init__(self, level: Level) -> None:
        super().__init__()
        self.encoder = level.encoder
        self.deeper = None if level.deeper is None else _WayDown(level.deeper)
        if level.deeper is not None:
            self.down_norm, self.down = level.down_norm, level.down

    def forward(self, x: SparseTensor) -> SparseTensor:
        for block in self.encoder:
            x = block(x)
        if self.deeper is None:
            return x
        result: SparseTensor = self.deeper(self.down(self.down_norm(x)))
        return result


class SparseParticleClassifier(nn.Module):
    """The classifier with the encoder of the sparse U-ResNet.

    Parameters
    ----------
    config : UResNetConfig
        `classes` are those of the images.
    backend : {"auto", "numba", "torch", "reference"}

    Examples
    --------
    >>> network = SparseParticleClassifier(UResNetConfig(filters=2, depth=2)).eval()
    >>> x = SparseTensor.from_coordinates([[0, 0, 1], [0, 1, 0]], torch.ones(2, 1), shape=(4, 6))
    >>> network(x).features.shape
    torch.Size([2, 5])
    """

    def __init__(self, config: UResNetConfig, *, backend: Backend = "auto") -> None:
        super().__init__()
        self.stem = SubmanifoldConvolution(
            config.features, config.filters, dimensions=config.dimensions, kernel=3, backend=backend
        )
        self.level = _WayDown(Level(config, 0, backend))
        self.particle_norm = BatchNorm(config.channels[-1], relu=True)
        self.particle = nn.Linear(config.channels[-1], config.classes)

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Scores before softmax of the image of every active pixel, on the same sites."""
        deepest = self.particle_norm(self.level(self.stem(x)))
        return _on_pixels(x, self.particle(global_pool(deepest)))
