"""Where a prediction and the truth differ, pixel by pixel, as labels of their own.

==============  ==============================================================
`background`    background, and called so
`right`         another class, and called so
`missed`        a true class that is called background
`false`         background that is called a class
`confused`      one class that is called another
==============  ==============================================================

In schemes without background every pixel is right or confused. Truth of finer
classes is taken to those of the prediction. Pixels without truth or prediction
are unlabelled.
"""

from __future__ import annotations

import numpy as np

from argoscope.events import Image, LabelColumn, LabelScheme, convert_labels
from argoscope.events.image import LabelKind
from argoscope.events.labels import CONVERSIONS

__all__ = ["DIFFERENCE", "difference_of", "truth_kind"]

DIFFERENCE = LabelScheme(
    "difference", ("background", "right", "missed", "false", "confused"), unlabelled=-1, default=-1
)
"""What a pixel of the prediction is."""


def truth_kind(image: Image) -> LabelKind | None:
    """The kind of label that is the truth of an image's prediction.

    Returns
    -------
    str or None
        The first kind in the prediction's scheme, or else the first in one that is converted to it; None without a
        prediction, or without such truth.
    """
    said = image.labels.get("prediction")
    if said is None:
        return None
    kinds: tuple[LabelKind, ...] = ("semantic", "origin")
    known = [kind for kind in kinds if kind in image.labels]
    same = [kind for kind in known if image.labels[kind].scheme == said.scheme]
    finer = [kind for kind in known if (image.labels[kind].scheme.name, said.scheme.name) in CONVERSIONS]
    return next(iter(same + finer), None)


def difference_of(image: Image) -> LabelColumn | None:
    """The prediction of an image against its truth.

    Parameters
    ----------
    image : Image

    Returns
    -------
    LabelColumn or None
        In the scheme `DIFFERENCE`; None without a prediction, or without truth in its scheme or a finer one.

    Examples
    --------
    >>> from argoscope.events import COSMIC, Grid
    >>> image = Image.from_points(Grid((4, 4)), np.array([[0, 0], [1, 1], [2, 2]]), np.ones(3))
    >>> truth, said = (LabelColumn(np.array(values), COSMIC) for values in ([1, 2, 2], [1, 1, 0]))
    >>> found = difference_of(image.with_labels(origin=truth, prediction=said))
    >>> [DIFFERENCE.classes[value] for value in found.values]
    ['right', 'confused', 'missed']
    """
    kind = truth_kind(image)
    if kind is None:
        return None
    said, truth = image.labels["prediction"], _truth(image, kind)
    nothing = said.scheme.classes.index("background") if "background" in said.scheme.classes else None
    is_nothing, said_nothing = truth.values == nothing, said.values == nothing
    right = truth.values == said.values
    names = np.select(
        [~(truth.labelled & said.labelled), right & is_nothing, right, said_nothing, is_nothing],
        [DIFFERENCE.unlabelled, *map(DIFFERENCE.index, ("background", "right", "missed", "false"))],
        DIFFERENCE.index("confused"),
    )
    return LabelColumn(names, DIFFERENCE)


def _truth(image: Image, kind: LabelKind) -> LabelColumn:
    """True labels in the scheme of the prediction."""
    scheme, true = image.labels["prediction"].scheme, image.labels[kind]
    return LabelColumn(convert_labels(true.values, true.scheme, scheme, allow_lossy=True), scheme)
