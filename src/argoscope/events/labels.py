"""Label schemes: which number means which class, and the named ways from one to another.

Three orders of the same words are in use in the field, and a network trained
on one reads the others wrongly without a sound. So a label array always comes
with its scheme, a file says which it uses, and a conversion has a name. A
conversion that merges classes is lossy and must be asked for.

Five classes    papers 3 and 4 (arXiv:2012.08513, arXiv:1903.05663); larcv `SegLabelFiveTypes`
Shapes          PILArNet-M and SPINE; larcv `ShapeType`, whose 6 is "unknown"
Track, shower   paper 2 (arXiv:1808.07269), the public 2D sets
Cosmic          paper 0 (arXiv:2012.01301), SBND files
Ancestor        paper 1 (arXiv:2201.05705), one class an interaction
Open samples    MicroBooNE open data, `particle_table.category`
Particle        paper 2's classifier: of all pixels of an image, which particle it shows
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from argoscope.errors import InvalidArgument, named, require_known

__all__ = [
    "ANCESTOR",
    "CONVERSIONS",
    "COSMIC",
    "FIVE_CLASS",
    "IDENTIFIER",
    "OPEN_SAMPLES",
    "PARTICLE",
    "SCHEMES",
    "SHAPE",
    "TRACK_SHOWER",
    "Conversion",
    "LabelScheme",
    "convert_labels",
    "five_class_from_shape",
    "scheme_named",
]


@dataclass(frozen=True)
class LabelScheme:
    """The meaning of the numbers of a label image.

    Parameters
    ----------
    name : str
        The scheme's name, as files store it.
    classes : tuple of str
        Name of class 0, 1, 2, ...; empty for identifiers, which have no names.
    unlabelled : int
        The value of pixels without a label: no loss and no metric counts them.
    default : int
        The value of charged pixels that a sparse label product leaves out.

    Examples
    --------
    >>> FIVE_CLASS.index("Michel"), FIVE_CLASS.unlabelled
    (4, 5)
    """

    name: str
    classes: tuple[str, ...]
    unlabelled: int
    default: int

    def index(self, class_name: str) -> int:
        """Number of a class.

        Raises
        ------
        InvalidArgument
            If the scheme has no such class; the message names the nearest.
        """
        require_known(class_name, self.classes, f"the scheme {self.name!r} has no class")
        return self.classes.index(class_name)

    def require_valid(self, values: np.ndarray) -> np.ndarray:
        """Return `values` as int32, refusing numbers that mean nothing in this scheme.

        Parameters
        ----------
        values : ndarray, shape (n,)
            Class numbers; floats are taken where they are whole, as larcv stores them.

        Raises
        ------
        InvalidArgument
            If a value is neither a class nor `unlabelled`.
        """
        values = np.asarray(values)
        with np.errstate(invalid="ignore"):
            whole = values.astype(np.int32)
        known = whole == values
        if self.classes:
            known &= ((whole >= 0) & (whole < len(self.classes))) | (whole == self.unlabelled)
        if not known.all():
            row = int((~known).argmax())
            raise InvalidArgument(
                f"label {values[row]} (row {row}) means nothing in the scheme {self.name!r}, whose classes are "
                f"{', '.join(f'{i} {c}' for i, c in enumerate(self.classes))} and {self.unlabelled} unlabelled"
            )
        return whole


FIVE_CLASS = LabelScheme("five-class", ("HIP", "MIP", "shower", "delta", "Michel"), unlabelled=5, default=5)
"""Papers 3 and 4; 5 is the "empty" of paper 3's code."""
SHAPE = LabelScheme("shape", ("shower", "track", "Michel", "delta", "LED", "ghost"), unlabelled=6, default=6)
"""PILArNet-M, SPINE, larcv ShapeType; LED is a low-energy deposit."""
TRACK_SHOWER = LabelScheme("track-shower", ("background", "shower", "track"), unlabelled=-1, default=0)
"""Paper 2."""
COSMIC = LabelScheme("cosmic", ("background", "cosmic", "neutrino"), unlabelled=-1, default=0)
"""Paper 0; "background" is noise and the halo of signal shaping."""
ANCESTOR = LabelScheme(
    "ancestor",
    ("background", "cosmic", "neutron", "proton", "electron", "neutrino", "other"),
    unlabelled=-1,
    default=0,
)
"""Paper 1: the class of an interaction's ancestor."""
OPEN_SAMPLES = LabelScheme(
    "open-samples",
    ("pion", "muon", "kaon", "proton", "electron", "Michel", "delta", "other", "photon"),
    unlabelled=-1,
    default=-1,
)
"""MicroBooNE open data; charge without truth is a real cosmic or noise: unlabelled."""
PARTICLE = LabelScheme(
    "particle", ("electron", "photon", "muon", "pion", "proton"), unlabelled=-1, default=-1
)
"""Paper 2's single particles (arXiv:1808.07269, section IV A)."""
IDENTIFIER = LabelScheme("identifier", (), unlabelled=-1, default=-1)
"""Numbers that only tell things apart: particles, interactions, clusters."""

SCHEMES = {
    s.name: s for s in (FIVE_CLASS, SHAPE, TRACK_SHOWER, COSMIC, ANCESTOR, OPEN_SAMPLES, PARTICLE, IDENTIFIER)
}
"""Every scheme by its name."""


def scheme_named(name: str) -> LabelScheme:
    """Find a scheme by name.

    Raises
    ------
    InvalidArgument
        If there is none; the message names the nearest.
    """
    return named(name, SCHEMES, "there is no label scheme")


@dataclass(frozen=True)
class Conversion:
    """One named way from a scheme to another.

    Parameters
    ----------
    name : str
        Name of the conversion, for messages.
    source, target : LabelScheme
        From and to.
    mapping : dict of str to str
        Target class of each source class; None makes the pixel unlabelled.
    """

    name: str
    source: LabelScheme
    target: LabelScheme
    mapping: dict[str, str | None]

    @property
    def lossy(self) -> bool:
        """Whether two classes become one or a class becomes unlabelled: no way back."""
        targets = list(self.mapping.values())
        return None in targets or len(set(targets)) < len(targets)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Convert labels, shape (n,), integer, to int32 of the target scheme."""
        values = self.source.require_valid(values)
        table = [
            self.target.unlabelled if self.mapping[c] is None else self.target.index(str(self.mapping[c]))
            for c in self.source.classes
        ]
        labelled = values != self.source.unlabelled
        out = np.full(values.shape, self.target.unlabelled, dtype=np.int32)
        out[labelled] = np.asarray(table, dtype=np.int32)[values[labelled]]
        return out


_ALL = (
    Conversion(
        "five-class-to-shape",
        FIVE_CLASS,
        SHAPE,
        {"HIP": "track", "MIP": "track", "shower": "shower", "delta": "delta", "Michel": "Michel"},
    ),
    Conversion(
        "five-class-to-track-shower",
        FIVE_CLASS,
        TRACK_SHOWER,
        {"HIP": "track", "MIP": "track", "shower": "shower", "delta": "shower", "Michel": "shower"},
    ),
    Conversion(
        "shape-to-track-shower",
        SHAPE,
        TRACK_SHOWER,
        {
            "shower": "shower",
            "track": "track",
            "Michel": "shower",
            "delta": "shower",
            "LED": "shower",
            "ghost": "background",
        },
    ),
    Conversion(
        "ancestor-to-cosmic",
        ANCESTOR,
        COSMIC,
        {
            "background": "background",
            "cosmic": "cosmic",
            # Single-particle ancestors come from cosmic-ray showers (paper 1, table 1).
            "neutron": "cosmic",
            "proton": "cosmic",
            "electron": "cosmic",
            "other": "cosmic",
            "neutrino": "neutrino",
        },
    ),
    Conversion(
        "open-samples-to-five-class",
        OPEN_SAMPLES,
        FIVE_CLASS,
        {
            "pion": "MIP",
            "muon": "MIP",
            "kaon": "MIP",
            "proton": "HIP",
            "electron": "shower",
            "Michel": "Michel",
            "delta": "delta",
            "other": None,
            "photon": "shower",
        },
    ),
)

CONVERSIONS = {(c.source.name, c.target.name): c for c in _ALL}
"""Every conversion by the names of its two schemes."""


def convert_labels(
    values: np.ndarray, source: LabelScheme, target: LabelScheme, *, allow_lossy: bool = False
) -> np.ndarray:
    """Say labels in another scheme.

    Parameters
    ----------
    values : ndarray, shape (n,), integer
        Labels in `source`.
    source, target : LabelScheme
        The two schemes; equal ones return the labels as they are.
    allow_lossy : bool
        Whether a conversion may merge or drop classes.

    Returns
    -------
    ndarray, shape (n,), int32

    Raises
    ------
    InvalidArgument
        If no conversion is known, or it is lossy and that was not asked for.

    Examples
    --------
    >>> convert_labels(np.array([0, 1, 4]), FIVE_CLASS, SHAPE, allow_lossy=True)
    array([1, 1, 2], dtype=int32)
    """
    if source == target:
        return source.require_valid(values)
    conversion = CONVERSIONS.get((source.name, target.name))
    if conversion is None:
        known = [f"{a} to {b}" for a, b in CONVERSIONS]
        raise InvalidArgument(
            f"labels cannot be converted from {source.name!r} to {target.name!r}. Known: {'; '.join(known)}. "
            "From shape to five-class the particle table is needed: five_class_from_shape()."
        )
    if conversion.lossy and not allow_lossy:
        raise InvalidArgument(
            f"the conversion {conversion.name!r} merges or drops classes and cannot be undone; "
            "ask for it with allow_lossy=True (--lossy on the command line)"
        )
    return conversion.apply(values)


def five_class_from_shape(shape: np.ndarray, pdg: np.ndarray) -> np.ndarray:
    """Five classes from shapes and the particle of each pixel: a proton's track is HIP, others MIP.

    Parameters
    ----------
    shape : ndarray, shape (n,), integer
        Labels in the scheme `SHAPE`.
    pdg : ndarray, shape (n,), integer
        PDG code of the particle in each pixel.

    Returns
    -------
    ndarray, shape (n,), int32
        Labels in `FIVE_CLASS`; low-energy deposits and ghosts are unlabelled.

    Examples
    --------
    >>> five_class_from_shape(np.array([1, 1, 0]), np.array([2212, 13, 11]))
    array([0, 1, 2], dtype=int32)
    """
    shape = SHAPE.require_valid(shape)
    out = np.full(shape.shape, FIVE_CLASS.unlabelled, dtype=np.int32)
    for name in ("shower", "Michel", "delta"):
        out[shape == SHAPE.index(name)] = FIVE_CLASS.index(name)
    track = shape == SHAPE.index("track")
    proton = np.abs(np.asarray(pdg)) == 2212  # PDG code of the proton
    out[track & proton] = FIVE_CLASS.index("HIP")
    out[track & ~proton] = FIVE_CLASS.index("MIP")
    return out
