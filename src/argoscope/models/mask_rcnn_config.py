"""The numbers of paper 1's Mask R-CNN: a configuration for each of its parts.

Where no other source is named, a default is that of the authors' configuration
of the sparse network ("mills_config_2_full_image"), or of Detectron where that
leaves it open.

Not settled: which class weights the dense network was trained with; ours are
the sparse network's.

References
----------
Paper 1: JINST 17 (2022) P09015, arXiv:2201.05705. He et al., arXiv:1703.06870.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, COSMIC, LabelScheme
from argoscope.models.anchors import anchor_shapes
from argoscope.models.bottlenecks import Norm
from argoscope.models.roi_align import BINS
from argoscope.sparse.checks import check_choice, check_count, check_number

__all__ = ["BackboneConfig", "BoxHeadConfig", "MaskHeadConfig", "MaskRCNNConfig", "ProposalConfig"]

STEM_CHANNELS = 64
"""Of the first convolution (arXiv:1512.03385, table 1)."""


@dataclass(frozen=True, kw_only=True)
class BackboneConfig:
    """Shape of the ResNet that reads the image.

    Raises
    ------
    InvalidArgument
        If a number is no positive integer, or the width does not divide the channels.
    """

    sparse: bool = True
    """Whether it computes at active pixels only."""
    norm: Norm = "affine"
    """"affine" for weights that were trained elsewhere; "batch" to train from nothing, with "group" in the heads."""
    stride_in_1x1: bool = True
    """Where a block halves the resolution: true for weights from Caffe, false for those from torchvision."""
    blocks: tuple[int, int, int, int] = (3, 4, 6, 3)
    """Blocks of the three stages and of the one that the heads share: ResNet-50."""
    width: int = 1
    """Divisor of all channels, for tests."""

    def __post_init__(self) -> None:
        for blocks in (*self.blocks, self.width):
            check_count("blocks and width", blocks)
        if STEM_CHANNELS % self.width:
            raise InvalidArgument(
                f"width (={self.width}) must divide {STEM_CHANNELS}, the channels of the stem"
            )

    @property
    def stem(self) -> int:
        """Channels of the first convolution."""
        return STEM_CHANNELS // self.width

    @property
    def inner(self) -> tuple[int, int, int, int]:
        """Channels inside the blocks of each stage."""
        return (self.stem, 2 * self.stem, 4 * self.stem, 8 * self.stem)

    @property
    def head_norm(self) -> Norm:
        """The norm of the stage that the heads share: few boxes make no batch."""
        return "affine" if self.norm == "affine" else "group"


@dataclass(frozen=True, kw_only=True)
class ProposalConfig:
    """Anchors, what they are taught, and which proposals they become.

    Raises
    ------
    InvalidArgument
        If a number is out of its range.
    """

    sizes: tuple[float, ...] = (32.0, 64.0, 128.0, 256.0, 512.0)
    """Edges of square anchors, in pixels."""
    ratios: tuple[float, ...] = (0.5, 1.0, 2.0)
    """Times over wires of the anchors."""
    shapes: tuple[tuple[float, float], ...] = ()
    """Sizes (wires, times) of anchors in place of `sizes` and `ratios`, such as those of `kmeans_shapes`."""
    before: int = 6000
    """Proposals with the best scores that go into the suppression."""
    kept: int = 1000
    """Proposals that come out of it."""
    overlap: float = 0.7
    """Overlap from which a proposal suppresses another."""
    training_overlap: float = 0.1
    """The same in training (collection plane; the authors' induction planes: 0.7)."""
    positive: float = 0.7
    """Overlap with a true box from which an anchor is positive."""
    negative: float = 0.3
    """Overlap below which it is negative."""
    sampled: int = 256
    """Anchors of an image that count in the loss, half of them positive at most."""

    def __post_init__(self) -> None:
        for name in ("before", "kept", "sampled"):
            check_count(name, getattr(self, name))
        for name in ("overlap", "training_overlap", "positive", "negative"):
            check_number(name, getattr(self, name), most=1)
        if not self.anchors or any(not side > 0 for shape in self.anchors for side in shape):
            raise InvalidArgument(
                f"anchors (={list(self.anchors)}) must be at least one shape of positive sides; give sizes and ratios, "
                "or shapes"
            )

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """Shapes (wires, times) of the anchors of a cell, in pixels."""
        return self.shapes or anchor_shapes(self.sizes, self.ratios)


@dataclass(frozen=True, kw_only=True)
class BoxHeadConfig:
    """What the second stage is taught of proposals, and which detections it gives.

    Raises
    ------
    InvalidArgument
        If a number is out of its range.
    """

    class_weights: tuple[float, ...] = (1.0, 2.0, 0.0, 0.0, 0.0, 2 * 3498 / 194, 0.0)
    """Weight in the loss of each class: those of `ANCESTOR`, or of `COSMIC` if there are three."""
    sampled: int = 512
    """Proposals of an image that count in the loss."""
    foreground_fraction: float = 0.25
    """Largest part of them that is foreground."""
    foreground: float = 0.5
    """Overlap with a true box from which a proposal is foreground."""
    least_score: float = 0.05
    """Detections of a class have a larger score."""
    overlap: float = 0.3
    """Overlap of boxes from which a detection suppresses another of its class (dense network: 0.1)."""
    mask_overlap: float | None = None
    """Overlap of masks from which a detection suppresses another of any class; none of that if None, as in the paper."""
    most: int = 100
    """Detections of an image."""

    def __post_init__(self) -> None:
        for name in ("sampled", "most"):
            check_count(name, getattr(self, name))
        for name in ("foreground_fraction", "foreground", "least_score", "overlap"):
            check_number(name, getattr(self, name), most=1)
        if self.mask_overlap is not None:
            check_number("mask_overlap", self.mask_overlap, most=1)
        for weight in self.class_weights:
            check_number("class_weights", weight)
        if len(self.class_weights) < 2 or not self.class_weights[0]:
            raise InvalidArgument(
                f"class_weights (={list(self.class_weights)}) must be those of the background, not 0, and of at least "
                "one class"
            )

    @property
    def classes(self) -> int:
        """Number of classes, background included."""
        return len(self.class_weights)

    @property
    def scheme(self) -> LabelScheme:
        """What the classes mean, by their number.

        Raises
        ------
        InvalidArgument
            If no scheme of interactions has that many.
        """
        for scheme in (COSMIC, ANCESTOR):
            if len(scheme.classes) == self.classes:
                return scheme
        raise InvalidArgument(
            f"boxes.class_weights (={list(self.class_weights)}) must be three ({', '.join(COSMIC.classes)}) or seven "
            f"({', '.join(ANCESTOR.classes)}) for interactions to be learned"
        )


@dataclass(frozen=True, kw_only=True)
class MaskHeadConfig:
    """Size and weight of the masks.

    Raises
    ------
    InvalidArgument
        If a number is out of its range.
    """

    filters: int = 256
    """Channels before the class maps; divided by the backbone's `width`."""
    upsampling: int = 32
    """Factor of the fixed bilinear upsampling from 14 x 14: masks of 448 x 448."""
    loss_weight: float = 0.1
    """Factor of the mask's loss."""
    threshold: float = 0.5
    """Probability above which a pixel belongs to a mask."""
    enlargement: float = 1.0
    """Factor by which the sides of a detection's box grow before its mask is made."""

    def __post_init__(self) -> None:
        for name in ("filters", "upsampling"):
            check_count(name, getattr(self, name))
        for name in ("loss_weight", "enlargement"):
            check_number(name, getattr(self, name))
        check_number("threshold", self.threshold, most=1)

    @property
    def side(self) -> int:
        """Edge of a mask, in its own pixels."""
        return BINS * self.upsampling


@dataclass(frozen=True, kw_only=True)
class MaskRCNNConfig:
    """The whole network.

    Examples
    --------
    >>> len(MaskRCNNConfig().proposals.anchors), MaskRCNNConfig().masks.side
    (15, 448)
    """

    dimensions: Literal[2] = 2
    """Number of axes of the image: wire and drift."""
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    proposals: ProposalConfig = field(default_factory=ProposalConfig)
    boxes: BoxHeadConfig = field(default_factory=BoxHeadConfig)
    masks: MaskHeadConfig = field(default_factory=MaskHeadConfig)

    def __post_init__(self) -> None:
        check_choice("dimensions", self.dimensions, (2,))
