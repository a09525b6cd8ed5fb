"""From products to an event and back: which product plays which role.

larcv3 files name their products by who made them. A layout says which of them
is the charge, which a label and in which scheme, which the truth. Files that
argoscope writes say it themselves (header.py); for the others the producers'
names decide, tried in the order of `LAYOUTS`.

Pixels and labels may be stored on different lists of pixels. The charge
decides: a label elsewhere has no place in the event (the file keeps it), and
a charged pixel that the label leaves out gets the scheme's `default`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import (
    COSMIC,
    FIVE_CLASS,
    IDENTIFIER,
    SHAPE,
    TRACK_SHOWER,
    Clusters,
    DenseImage,
    Event,
    Grid,
    Image,
    LabelColumn,
    LabelScheme,
    Product,
    Record,
    Voxels,
)
from argoscope.events.grid import rows_in
from argoscope.files.header import Header

__all__ = [
    "DENSE_THRESHOLD",
    "LAYOUTS",
    "event_from_record",
    "header_for",
    "label_product",
    "record_from_event",
    "values_at",
]

DENSE_THRESHOLD = 10.0
"""Pixels of a dense wire image from this value up are charge (papers 1, 2 and 3)."""

EXACT_FLOAT32 = 2**24
"""Whole numbers up to this are exact in float32."""

LABEL_ROLES = ("semantic", "origin", "instance", "ancestor", "prediction", "predicted_ancestor")
"""Roles that are label images, the last two what a network says; the other roles are charge, truth, interaction,
predicted_interaction and its scores, particles (of the truth's clusters) and neutrino (the neutrino, then what it made)."""


_CLUSTER_ROLES = (
    ("truth", "instance"),
    ("interaction", "ancestor"),
    ("predicted_interaction", "predicted_ancestor"),
)
"""Roles of clusters, and the labels that follow from who has the largest share of a pixel."""


@dataclass(frozen=True)
class _Layout:
    """One family of files: its header, its other names of a role, its detectors by image shape."""

    name: str
    header: Header
    detectors: Mapping[tuple[int, ...], str] = field(default_factory=dict)
    also: Mapping[str, tuple[str, LabelScheme | None]] = field(default_factory=dict)


LAYOUTS = (
    _Layout(
        "sbnd",
        Header(
            roles={
                "charge": "sparse2d_sbndwire",
                "origin": "sparse2d_sbnd_cosmicseg",
                "semantic": "sparse2d_semantic",
                "truth": "cluster2d_sbndsegmerged",
                "interaction": "cluster2d_interaction",
                "particles": "particle_mcst",
                "neutrino": "particle_sbndneutrino",
            },
            schemes={"sparse2d_sbnd_cosmicseg": COSMIC, "sparse2d_semantic": FIVE_CLASS},
            energy_unit="GeV",
        ),
        # Image sizes of the 2018 sample and of today's geometry (formats.md; physics of the detectors package).
        {(2048, 1280): "sbnd-2018", (2048, 1408): "sbnd"},
        # The only table that the original files have.
        also={"particles": ("particle_sbndneutrino", None)},
    ),
    _Layout(
        "wire",
        Header(
            roles={
                "charge": "sparse2d_wire",
                "semantic": "sparse2d_semantic",
                "origin": "sparse2d_origin",
                "instance": "sparse2d_instance",
                "ancestor": "sparse2d_ancestor",
                "truth": "cluster2d_segment",
                "interaction": "cluster2d_interaction",
                "particles": "particle_mcst",
                "neutrino": "particle_neutrino",
            },
            schemes={
                "sparse2d_semantic": FIVE_CLASS,
                "sparse2d_origin": COSMIC,
                "sparse2d_instance": IDENTIFIER,
                "sparse2d_ancestor": IDENTIFIER,
            },
            charge_unit="PIU",
        ),
        {(3456, 1008): "microboone"},
        # Paper 3's own files call their five-class truth so (formats page, larcv2 producers).
        also={"semantic": ("sparse2d_label", FIVE_CLASS)},
    ),
    _Layout(
        "cube",
        Header(
            roles={
                "charge": "sparse3d_data",
                "semantic": "sparse3d_fivetypes",
                "instance": "sparse3d_instance",
                "ancestor": "sparse3d_ancestor",
                "truth": "cluster3d_mcst",
                "particles": "particle_mcst",
            },
            schemes={
                "sparse3d_fivetypes": FIVE_CLASS,
                "sparse3d_instance": IDENTIFIER,
                "sparse3d_ancestor": IDENTIFIER,
            },
            charge_unit="MeV",
        ),
    ),
    _Layout(
        "reconstruction",
        Header(
            roles={
                "charge": "sparse3d_pcluster",
                "semantic": "sparse3d_pcluster_semantics",
                "truth": "cluster3d_pcluster",
                "particles": "particle_corrected",
            },
            schemes={"sparse3d_pcluster_semantics": SHAPE},
            charge_unit="MeV",
        ),
    ),
    _Layout(
        "dense-wire",
        Header(
            roles={"charge": "image2d_wire", "particles": "particle_mcst"},
            charge_unit="PIU",
        ),
    ),
    _Layout(
        "dense-tpc",
        Header(
            roles={"charge": "image2d_tpc", "semantic": "image2d_segment", "particles": "particle_mctruth"},
            schemes={"image2d_segment": TRACK_SHOWER},
            charge_unit="PIU",
        ),
    ),
    _Layout(
        "dense-segment",
        Header(
            roles={"charge": "image2d_data", "semantic": "image2d_segment", "particles": "particle_mctruth"},
            schemes={"image2d_segment": TRACK_SHOWER},
            charge_unit="PIU",
        ),
    ),
)
"""Known layouts; the first whose charge product is in the file is taken."""


def header_for(products: Collection[str], shape: tuple[int, ...] = ()) -> Header:
    """Header of a file that says nothing of itself, from the names of its products.

    Parameters
    ----------
    products : collection of str
        Names of the file's products.
    shape : tuple of int, optional
        Shape of its images, which tells detectors of one family apart.

    Returns
    -------
    Header
        Without a "charge" role where nothing is known of the products; the only
        sparse product of a file is its charge.
    """
    for layout in LAYOUTS:
        if layout.header.roles["charge"] in products:
            roles = {role: product for role, product in layout.header.roles.items() if product in products}
            other = {role: name for role, (name, _) in layout.also.items() if name in products}
            known = {
                **layout.header.schemes,
                **{name: scheme for name, scheme in layout.also.values() if scheme},
            }
            roles = {**other, **roles}
            schemes = {product: scheme for product, scheme in known.items() if product in roles.values()}
            detector = layout.detectors.get(shape, "")
            return replace(layout.header, roles=roles, schemes=schemes, detector=detector)
    labels = {
        p for layout in LAYOUTS for p in (*layout.header.schemes, *(n for n, _ in layout.also.values()))
    }
    sparse = [p for p in products if p.startswith("sparse") and p not in labels]
    return Header(roles={"charge": sparse[0]} if len(sparse) == 1 else {})


def event_from_record(record: Record, header: Header) -> Event:
    """See the products of a record as an event.

    Parameters
    ----------
    record : Record
        It must hold the product of the role "charge"; the other roles are taken where present.
    header : Header
        Roles, schemes and units.

    Returns
    -------
    Event
        Instance labels are taken from the truth clusters where the file has no
        instance product: the particle with the largest share of a pixel owns it.

    Raises
    ------
    InvalidArgument
        If there is no charge, or a label means nothing in its scheme.
    """
    charge = _planes(record, header.roles.get("charge", ""))
    if not charge:
        known = ", ".join(record.products) or "none"
        raise InvalidArgument(
            f"no product is known to be the charge; the file has {known}. Rename the product or state its role"
        )
    images = []
    for position, product in enumerate(charge):
        image = _image(product)
        labels = _labels(image, position, record, header)
        truth, shares = _truth(image, position, record, header)
        images.append(replace(image, labels={**shares, **labels}, truth=truth))
    particles = record.products.get(header.roles.get("particles", ""))
    return Event(
        id=record.id,
        images=tuple(images),
        detector=header.detector,
        charge_unit=header.charge_unit,
        energy_unit=header.energy_unit,
        **({"particles": particles} if isinstance(particles, np.ndarray) else {}),
    )


def _planes(record: Record, product: str) -> tuple[Product, ...]:
    planes = record.products.get(product, ())
    return planes if isinstance(planes, tuple) else ()


def _image(product: Product) -> Image:
    if isinstance(product, DenseImage):
        product = product.above(DENSE_THRESHOLD)
    if not isinstance(product, Voxels):
        raise InvalidArgument(f"the charge must be a sparse or a dense image, not {type(product).__name__}")
    return Image.from_voxels(product)


def _labels(image: Image, position: int, record: Record, header: Header) -> dict[str, LabelColumn]:
    """Label columns that the file stores as images."""
    labels = {}
    for role in LABEL_ROLES:
        name = header.roles.get(role, "")
        planes = _planes(record, name)
        if planes:
            product = _plane(planes, position, name, image.grid)
            labels[role] = _label_column(image, product, header.schemes.get(name, IDENTIFIER), name)
    return labels


def _plane(planes: tuple[Product, ...], position: int, name: str, grid: Grid) -> Product:
    if position >= len(planes) or planes[position].grid.shape != grid.shape:
        shapes = [plane.grid.shape for plane in planes]
        raise InvalidArgument(
            f"{name} has the images {shapes}, which do not match plane {position} of the charge, {grid.shape}"
        )
    return planes[position]


def _label_column(image: Image, product: Product, scheme: LabelScheme, name: str) -> LabelColumn:
    try:
        if isinstance(product, DenseImage):
            return LabelColumn(product.pixels[tuple(image.coordinates.T)], scheme)
        if not isinstance(product, Voxels):
            raise InvalidArgument(f"a label must be an image, not {type(product).__name__}")
        return LabelColumn(values_at(image.ids, product, scheme.default), scheme)
    except InvalidArgument as error:
        raise InvalidArgument(f"{name}, projection {image.grid.projection}: {error}") from error


def values_at(ids: np.ndarray, product: Voxels, default: int) -> np.ndarray:
    """Values of `product` at the pixels `ids`, shape (n,), rising; `default` where it has none.

    Examples
    --------
    >>> values_at(np.array([3, 7]), Voxels(Grid((4, 4)), np.array([7]), np.array([2.0])), 0)
    array([0., 2.], dtype=float32)
    """
    if np.array_equal(ids, product.ids):
        return product.values
    values = np.full(len(ids), default, dtype=np.float32)
    rows = rows_in(ids, product.ids)
    values[rows[rows >= 0]] = product.values[rows >= 0]
    return values


def _truth(
    image: Image, position: int, record: Record, header: Header
) -> tuple[Clusters | None, dict[str, LabelColumn]]:
    """Truth clusters, and the labels that follow from clusters: who has the largest share of a pixel."""
    truth, shares = None, {}
    for role, kind in _CLUSTER_ROLES:
        name = header.roles.get(role, "")
        planes = _planes(record, name)
        if not planes:
            continue
        clusters = _plane(planes, position, name, image.grid)
        if not isinstance(clusters, Clusters):
            raise InvalidArgument(f"{name} must hold clusters, not {type(clusters).__name__}")
        truth = clusters if role == "truth" else truth
        shares[kind] = LabelColumn(largest_share(image, clusters), IDENTIFIER)
    return truth, shares


def largest_share(image: Image, clusters: Clusters) -> np.ndarray:
    """Number of the cluster with the largest share of each pixel; -1 where none has any.

    Parameters
    ----------
    image : Image
    clusters : Clusters
        On the same grid.

    Returns
    -------
    ndarray, shape (n,), int32
        Of equal shares the first cluster's.
    """
    owner = np.full(len(image), IDENTIFIER.unlabelled, dtype=np.int32)
    rows = rows_in(image.ids, clusters.ids)
    charged = rows >= 0
    rows, values = rows[charged], clusters.values[charged]
    largest = np.full(len(image), -np.inf, dtype=np.float32)
    np.maximum.at(largest, rows, values)
    # Backwards, so that of equal shares the first cluster's is written last.
    winners = np.flatnonzero(values == largest[rows])[::-1]
    if len(clusters) and int(clusters.numbers.max()) >= 2**31:
        raise InvalidArgument(
            f"cluster number {clusters.numbers.max()} does not fit a label, which has 31 bits"
        )
    owner[rows[winners]] = clusters.numbers[clusters.cluster_of_row[charged][winners]]
    return owner


def record_from_event(event: Event) -> tuple[Record, Header]:
    """Say an event in products, and which plays which role: the inverse of `event_from_record`.

    Returns
    -------
    record : Record
        Charge, every label, truth clusters and particles.
    header : Header
        Roles, schemes, units and detector.

    Raises
    ------
    InvalidArgument
        If the planes do not carry the same labels.

    Examples
    --------
    >>> from argoscope.events import EventId
    >>> image = Image.from_points(Grid((4, 4)), np.array([[1, 2]]), np.array([5.0]))
    >>> record, header = record_from_event(Event(EventId(), (image,)))
    >>> list(record.products), header.roles["charge"]
    (['sparse2d_wire', 'particle_mcst'], 'sparse2d_wire')
    """
    d = event.dimensions
    charge = f"sparse{d}d_{'wire' if d == 2 else 'data'}"
    products: dict[str, tuple[Product, ...] | np.ndarray] = {charge: tuple(i.voxels() for i in event.images)}
    roles, schemes = {"charge": charge}, {}
    for role in LABEL_ROLES:
        columns = [image.labels.get(role) for image in event.images]
        present = [column for column in columns if column is not None]
        if not present:
            continue
        if len(present) != len(columns) or len({c.scheme.name for c in present}) > 1:
            raise InvalidArgument(f"{role} labels must be on every plane and in one scheme, or on none")
        name = _label_name(role, d, present[0].scheme)
        roles[role], schemes[name] = name, present[0].scheme
        products[name] = tuple(
            Voxels(i.grid, i.ids, _as_float32(c.values, role))
            for i, c in zip(event.images, present, strict=True)
        )
    truth = [image.truth for image in event.images]
    if all(clusters is not None for clusters in truth):
        roles["truth"] = "cluster2d_segment" if d == 2 else "cluster3d_mcst"
        products[roles["truth"]] = tuple(clusters for clusters in truth if clusters is not None)
    roles["particles"] = "particle_mcst"
    products["particle_mcst"] = event.particles
    header = Header(
        roles=roles,
        schemes=schemes,
        charge_unit=event.charge_unit,
        energy_unit=event.energy_unit,
        detector=event.detector,
    )
    return Record(event.id, products), header


def label_product(dimensions: int) -> str:
    """Name of the predicted labels.

    Examples
    --------
    >>> label_product(2)
    'sparse2d_argoscope_label'
    """
    return f"sparse{dimensions}d_argoscope_label"


def _label_name(role: str, dimensions: int, scheme: LabelScheme) -> str:
    """Name of the product of a label."""
    if role == "prediction":
        return label_product(dimensions)
    five_types = dimensions == 3 and scheme == FIVE_CLASS and role == "semantic"
    return f"sparse{dimensions}d_{'fivetypes' if five_types else role}"


def _as_float32(values: np.ndarray, role: str) -> np.ndarray:
    """Labels as larcv stores them; float32 holds whole numbers up to 2**24."""
    if len(values) and int(np.abs(values).max()) > EXACT_FLOAT32:
        raise InvalidArgument(
            f"{role} labels reach {np.abs(values).max()}, and larcv's float32 images hold whole numbers up to 2**24: "
            "number them anew"
        )
    return values.astype(np.float32)
