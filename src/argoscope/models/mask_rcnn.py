"""Mask R-CNN on wire images: the network of paper 1, dense and sparse ("sMask-RCNN").

    image -> backbone -> features of cells -> proposals (boxes that may hold an interaction)
    proposal -> RoIAlign -> a stage of the ResNet -> class, box; mask

The parts are in `mask_rcnn_backbones`, `rpn`, `roi_align`, `mask_rcnn_heads`;
this module puts them together, to losses and to detections. Everything is by
image, the balance of the masks' points too, which the authors take over their
batch of one image: others in the batch change nothing but batch norms in training.

The same function as the authors' network, computed on less (exact): one channel
in place of three equal ones; the features stay sparse up to RoIAlign; answers of
cells that see nothing are computed once; masks are read at active pixels only.
An image without active pixels has no detections.

References
----------
Paper 1: arXiv:2201.05705. He et al., Mask R-CNN, arXiv:1703.06870.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from argoscope.errors import InvalidArgument
from argoscope.models.anchors import STRIDE
from argoscope.models.boxes import clip, decode, encode, enlarged
from argoscope.models.detections import Detections, Targets, best_boxes, no_detections
from argoscope.models.mask_pixels import mask_target, on_pixels
from argoscope.models.mask_rcnn_backbones import make_backbone
from argoscope.models.mask_rcnn_config import MaskRCNNConfig
from argoscope.models.mask_rcnn_heads import BoxHead, MaskHead, shared_stage, upsampled
from argoscope.models.mask_rcnn_losses import DELTA_WEIGHTS, box_loss, class_loss, mask_loss
from argoscope.models.matching import match, sample
from argoscope.models.roi_align import roi_align
from argoscope.models.rpn import ProposalNetwork, proposal_losses, proposals
from argoscope.models.suppression import mask_nms
from argoscope.sparse import SiteIndex, SparseTensor
from argoscope.sparse.tensor import check_tensor

__all__ = ["LOSSES", "BoxAnswer", "MaskRCNN", "SampledProposals", "sample_proposals"]

LOSSES = ("proposal_score", "proposal_box", "class", "box", "mask")
"""Names of the losses that training adds up."""
CHUNK = 64
"""Proposals that go through the heads at once in evaluation; it bounds the memory (about 0.2 GB)."""


@dataclass(frozen=True, eq=False)
class SampledProposals:
    """Proposals of one image that count in the loss, foreground first.

    Attributes
    ----------
    boxes : Tensor, shape (proposals, 4)
    labels : Tensor of int64, shape (proposals,)
        Class; 0 for background.
    rows : Tensor of int64, shape (proposals,)
        True interaction of each; of no meaning for background.
    """

    boxes: Tensor
    labels: Tensor
    rows: Tensor


def sample_proposals(
    boxes: Tensor, targets: Targets, config: MaskRCNNConfig, generator: torch.Generator | None = None
) -> SampledProposals:
    """Draw proposals to train with; the true boxes are among those to draw from.

    Parameters
    ----------
    boxes : Tensor, shape (proposals, 4)
    targets : Targets
    config : MaskRCNNConfig
    generator : torch.Generator, optional
    """
    boxes = torch.cat([targets.boxes, boxes])
    matches, _ = match(boxes, targets.boxes)
    is_foreground = matches.overlap >= config.boxes.foreground
    foreground, background = sample(
        is_foreground.nonzero().squeeze(1), (~is_foreground).nonzero().squeeze(1), count=config.boxes.sampled,
        fraction=config.boxes.foreground_fraction, generator=generator,
    )  # fmt: skip
    rows = torch.cat([foreground, background])
    labels = torch.zeros_like(rows)
    labels[: len(foreground)] = targets.classes[matches.rows[foreground]]
    return SampledProposals(boxes[rows], labels, matches.rows[rows])


@dataclass(frozen=True, eq=False)
class BoxAnswer:
    """What the first stage says of the images of a batch; the second is asked for losses or for detections.

    Attributes
    ----------
    network : MaskRCNN
        Whose answer it is.
    pixels : SiteIndex
        Active pixels of the images.
    cells : SparseTensor
        Features of cells of 16 x 16 pixels.
    scores : Tensor, shape (images, anchors)
        Before the sigmoid.
    deltas : Tensor, shape (images, anchors, 4)
    anchors : Tensor, shape (anchors, 4)
    """

    network: MaskRCNN
    pixels: SiteIndex
    cells: SparseTensor
    scores: Tensor
    deltas: Tensor
    anchors: Tensor


class MaskRCNN(nn.Module):
    """The network; see the module's text.

    Parameters
    ----------
    config : MaskRCNNConfig

    Examples
    --------
    >>> from argoscope.models.mask_rcnn_config import BackboneConfig
    >>> network = MaskRCNN(MaskRCNNConfig(backbone=BackboneConfig(width=32, norm="batch"))).eval()
    >>> x = SparseTensor.from_coordinates([[0, 3, 4], [0, 9, 9]], torch.ones(2, 1), shape=(64, 48))
    >>> (found,) = network.detections(network(x))
    >>> found.masks.shape[1]
    2
    """

    def __init__(self, config: MaskRCNNConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = make_backbone(config.backbone)
        self.proposals = ProposalNetwork(self.backbone.channels, config.proposals.anchors)
        self.stage = shared_stage(config)
        channels, classes = 4 * config.backbone.inner[3], config.boxes.classes
        self.box_head = BoxHead(channels, classes)
        filters = max(1, config.masks.filters // config.backbone.width)
        self.mask_head = MaskHead(channels, filters, classes)

    def forward(self, x: SparseTensor) -> BoxAnswer:
        """Answer of the images of a batch.

        Parameters
        ----------
        x : SparseTensor
            Charge, one channel.

        Raises
        ------
        InvalidArgument
            If there is not one channel.
        """
        return self.answered(x, self.features(x))

    def features(self, x: SparseTensor) -> SparseTensor:
        """Features of cells: what proposals and heads read."""
        check_tensor("x", x)
        if x.features.shape[1] != 1:
            raise InvalidArgument(
                f"features have {x.features.shape[1]} channels; give the charge alone, (sites, 1)"
            )
        cells: SparseTensor = self.backbone(x)
        return cells

    def answered(self, x: SparseTensor, cells: SparseTensor) -> BoxAnswer:
        """Answer from the features of an image's cells."""
        scores, deltas = self.proposals(cells)
        return BoxAnswer(self, x.index, cells, scores, deltas, self.proposals.anchors(cells))

    def losses(
        self,
        answer: BoxAnswer,
        targets: Sequence[Targets],
        generators: Sequence[torch.Generator] | None = None,
    ) -> dict[str, Tensor]:
        """Losses of a batch.

        Parameters
        ----------
        answer : BoxAnswer
        targets : sequence of Targets
            Of every image.
        generators : sequence of torch.Generator, optional
            For every image the one that draws its samples of anchors and proposals; torch's own without.

        Returns
        -------
        dict of str to scalar Tensor
            `LOSSES`, with their weights, means over images: their sum is what is minimized.

        Raises
        ------
        InvalidArgument
            If there is not one Targets for each image, or a class is unknown.
        """
        count = answer.pixels.batch_size
        if len(targets) != count:
            raise InvalidArgument(
                f"targets (={len(targets)} of them) must be those of all {count} images of the batch, empty ones too"
            )
        drawing: Sequence[torch.Generator | None] = generators or [None] * count
        each = [
            torch.stack(self._image_losses(answer, image, self._checked(answer, image, truth), generator))
            for image, (truth, generator) in enumerate(zip(targets, drawing, strict=True))
        ]
        return dict(zip(LOSSES, torch.stack(each).mean(dim=0), strict=True))

    def _checked(self, answer: BoxAnswer, image: int, targets: Targets) -> Targets:
        most = self.config.boxes.classes - 1
        if (targets.classes > most).any():
            raise InvalidArgument(
                f"targets of image {image} have class {int(targets.classes.max())}, and the network knows 1 to {most}"
            )
        return targets.to(answer.scores)

    def _image_losses(
        self, answer: BoxAnswer, image: int, targets: Targets, generator: torch.Generator | None
    ) -> tuple[Tensor, ...]:
        """The five losses of one image."""
        config, sides = self.config.proposals, answer.pixels.shape
        given = answer.scores[image], answer.deltas[image], answer.anchors
        first = proposal_losses(*given, targets.boxes, sides=sides, config=config, generator=generator)
        boxes = proposals(*given, sides, config, training=True)
        sampled = sample_proposals(boxes, targets, self.config, generator)
        return (*first, *self._second_losses(answer.cells, image, sampled, targets))

    def _second_losses(
        self, cells: SparseTensor, image: int, sampled: SampledProposals, targets: Targets
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Losses of class, box and mask of an image."""
        boxes, labels = sampled.boxes, sampled.labels
        features = self.stage(self._bins(cells, boxes, torch.full_like(labels, image)))
        scores, deltas = self.box_head(features)
        foreground = labels.nonzero().squeeze(1)
        maps = self._mask_scores(features[foreground], labels[foreground])
        masks = [
            mask_target(targets.pixels[int(row)], box, self.config.masks.side)
            for box, row in zip(boxes[foreground], sampled.rows[foreground], strict=True)
        ]
        truth_of_masks = torch.stack(masks) if masks else torch.zeros_like(maps, dtype=torch.bool)
        return (
            class_loss(scores, labels, scores.new_tensor(self.config.boxes.class_weights)),
            box_loss(deltas, labels, _wanted(sampled, targets)),
            self.config.masks.loss_weight * mask_loss(maps, truth_of_masks),
        )

    def _bins(self, cells: SparseTensor, boxes: Tensor, images: Tensor) -> Tensor:
        return roi_align(cells, boxes, images, scale=1 / STRIDE)

    def _mask_scores(self, features: Tensor, classes: Tensor) -> Tensor:
        """Score of every point of the mask of a class, shape (boxes, side, side)."""
        maps = self.mask_head(features)
        return upsampled(
            maps[torch.arange(len(maps), device=maps.device), classes], self.config.masks.upsampling
        )

    @torch.no_grad()
    def detections(self, answer: BoxAnswer) -> list[Detections]:
        """Detections of every image of a batch; none in an image without active pixels.

        Parameters
        ----------
        answer : BoxAnswer
        """
        index, config = answer.pixels, self.config.proposals
        results = []
        for image, (first, last) in enumerate(pairwise(index.event_starts.tolist())):
            pixels = torch.from_numpy(index.coordinates[first:last]).to(answer.scores.device)
            if not len(pixels):
                results.append(no_detections(answer.scores, 0))
                continue
            given = answer.scores[image], answer.deltas[image], answer.anchors
            boxes = proposals(*given, index.shape, config, training=False)
            found = self._classified(answer.cells, boxes, image, index.shape)
            results.append(self._masked(answer.cells, found, image, pixels))
        return results

    def _classified(
        self, cells: SparseTensor, boxes: Tensor, image: int, sides: tuple[int, ...]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Boxes, classes and scores of what is found among the proposals of an image."""
        answers = [
            self.box_head(self.stage(self._bins(cells, boxes[part], torch.full_like(part, image))))
            for part in _chunks(boxes)
        ]
        scores, deltas = (torch.cat(answer) for answer in zip(*answers, strict=True))
        moved = clip(decode(deltas, boxes, DELTA_WEIGHTS), sides)
        return best_boxes(scores.softmax(dim=1), moved, self.config.boxes)

    def _masked(
        self, cells: SparseTensor, found: tuple[Tensor, Tensor, Tensor], image: int, pixels: Tensor
    ) -> Detections:
        """What is found, with its masks."""
        config = self.config.masks
        boxes, classes, scores = found
        around = enlarged(boxes, config.enlargement)
        likely = scores.new_zeros(len(boxes), len(pixels))
        for part in _chunks(boxes):
            features = self.stage(self._bins(cells, around[part], torch.full_like(part, image)))
            points = self._mask_scores(features, classes[part]).sigmoid()
            for row, probabilities in zip(part.tolist(), points, strict=True):
                likely[row] = on_pixels(probabilities, around[row], pixels, config.threshold)
        detections = Detections(boxes, classes, scores, likely)
        if self.config.boxes.mask_overlap is None:
            return detections
        return detections.chosen(mask_nms(detections.masks, scores, self.config.boxes.mask_overlap))


def _chunks(boxes: Tensor) -> list[Tensor]:
    """Row numbers of boxes, some at a time."""
    rows = torch.arange(len(boxes), device=boxes.device)
    return [rows[first : first + CHUNK] for first in range(0, len(rows), CHUNK)]


def _wanted(sampled: SampledProposals, truth: Targets) -> Tensor:
    """Deltas from proposals to their true boxes, shape (proposals, 4); 0 in an image without interactions."""
    if not len(truth.boxes):
        return torch.zeros_like(sampled.boxes)
    return encode(truth.boxes[sampled.rows], sampled.boxes, DELTA_WEIGHTS)
