"""PILArNet-M: the published layout is read rightly, and a round trip through it keeps every label."""

from __future__ import annotations

import multiprocessing
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.events import (
    COSMIC,
    FIVE_CLASS,
    IDENTIFIER,
    OPEN_SAMPLES,
    SHAPE,
    Clusters,
    Event,
    EventId,
    Grid,
    Image,
    LabelColumn,
    LabelScheme,
    empty_particles,
)
from argoscope.files.pilarnet import PilarnetFile, is_pilarnet, write_pilarnet
from tests.files.layouts import pilarnet_made
from tests.files.layouts.pilarnet_made import EVENT, changed

# Ids of the four voxels of the made event, in order, with what each must hold.
VOXELS = [[0, 9, 2], [1, 9, 2], [5, 6, 7], [5, 6, 8], [767, 767, 767]]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return pilarnet_made.make(tmp_path / "generic_v2_2_v2.h5")


def read(path: Path, events: list[dict[str, np.ndarray]]) -> Event:
    return PilarnetFile(pilarnet_made.make(path / "bad.h5", events))[0]


@pytest.mark.parametrize("version", [1, 2])
def test_charge_of_clusters_that_share_a_voxel_is_added(tmp_path: Path, version: int) -> None:
    event = PilarnetFile(pilarnet_made.make(tmp_path / "a.h5", version=version))[0]
    image = event.images[0]
    assert image.grid == Grid((768, 768, 768), (230.4,) * 3, unit="cm")
    assert image.coordinates.tolist() == VOXELS
    np.testing.assert_array_equal(image.charge, np.float32([4.0, 0.5, 4.5, 2.5, 0.02]))
    assert event.charge_unit == "MeV"


def test_a_shared_voxel_has_the_labels_of_the_largest_charge(made: Path) -> None:
    image = PilarnetFile(made)[0].images[0]
    assert image.label("instance").values.tolist() == [11, 11, 11, 10, -1]
    assert image.label("ancestor").values.tolist() == [0, 0, 0, 0, -1]
    assert image.label("semantic").values.tolist() == [1, 2, 1, 1, 4]
    assert image.label("semantic").scheme == SHAPE


def test_equal_charges_give_the_label_of_the_first_cluster(tmp_path: Path) -> None:
    image = read(tmp_path, [changed("point", 3, 3, 1.5)]).images[0]
    assert image.label("instance").values[2] == 10


def test_truth_has_a_cluster_a_fragment(made: Path) -> None:
    truth = PilarnetFile(made)[0].images[0].truth
    assert isinstance(truth, Clusters)
    assert truth.numbers.tolist() == [-1, 10, 11, 12]
    assert truth.offsets.tolist() == [0, 1, 3, 5, 6]
    np.testing.assert_array_equal(truth.values, EVENT["point"][:, 3])


def test_particles_come_from_pid(made: Path) -> None:
    event = PilarnetFile(made)[0]
    assert event.particles["pdg"].tolist() == [0, 2212, 13, 11]
    assert event.particles["trackid"].tolist() == [2**32 - 1, 10, 11, 12]
    assert event.particles["parent_trackid"].tolist() == [2**32 - 1, 10, 11, 11]  # its group
    assert event.particles["shape"].tolist() == [0, 1, 1, 0]
    assert event.particles["vtx"]["z"].tolist() == [0, 3, 3, 6]


def test_numbers_of_fragments_start_at_zero(tmp_path: Path) -> None:
    event = changed("cluster", 1, 1, 0)
    event["cluster"][1, 2] = 0
    table = read(tmp_path, [event]).particles
    assert (int(table["trackid"][1]), int(table["parent_trackid"][1])) == (0, 0)


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"scheme .*'five'.* must be one of"):
        PilarnetFile("a.h5", scheme="five")  # type: ignore[arg-type]


def test_five_classes_tell_the_proton_from_the_muon(made: Path) -> None:
    labels = PilarnetFile(made, scheme="five-class")[0].images[0].label("semantic")
    assert labels.scheme == FIVE_CLASS
    assert labels.values.tolist() == [1, 4, 1, 0, 5]


def test_raw_rows_keep_the_order_of_the_file(made: Path) -> None:
    file = PilarnetFile(made)
    np.testing.assert_array_equal(file.points(0), EVENT["point"])
    np.testing.assert_array_equal(file.clusters(0), EVENT["cluster"])
    np.testing.assert_array_equal(file.cluster_extra(0), EVENT["cluster_extra"])
    assert len(file) == 2


def test_version_1_has_no_particles(tmp_path: Path) -> None:
    event = PilarnetFile(pilarnet_made.make(tmp_path / "a.h5", version=1))[0]
    assert event.particles["pdg"].tolist() == [0, 0, 0, 0]
    assert event.images[0].label("semantic").values.tolist() == [1, 2, 1, 1, 4]


def test_an_event_without_points_is_empty(made: Path) -> None:
    event = PilarnetFile(made)[1]
    assert event.pixels == 0
    assert len(event.particles) == 0


def test_the_format_is_told_from_the_content(made: Path, tmp_path: Path) -> None:
    with h5py.File(made) as file:
        assert is_pilarnet(file)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["point"] = np.zeros(3)
        assert not is_pilarnet(file)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (changed("point", 2, 0, 768), r"event 0: 1 of 6 pixels lie outside.*row 2"),
        (changed("point", 2, 0, -1), r"event 0: 1 of 6 pixels lie outside.*row 2"),
        (changed("point", 2, 0, 1.5), r"event 0: a coordinate of point 2 .* no whole number"),
        (changed("point", 2, 3, np.nan), r"event 0: number 19 of point is nan"),
        (changed("point", 2, 0, 1e30), r"event 0: a coordinate of point 2 .* no whole number"),
        (changed("cluster", 1, 0, 3), r"event 0: cluster has 24 numbers, .* add up to the 6 points"),
        (changed("cluster", 1, 4, 9), r"event 0: label 9 \(row 1\) means nothing in the scheme 'shape'"),
        (changed("cluster", 1, 5, 6), r"event 0: cluster 1 has the particle 6; known are -1 to 5"),
        (changed("cluster", 1, 2, 2.0**40), r"event 0: label 1099511627776 .*'identifier'"),
        ({**EVENT, "point": EVENT["point"][:, :7]}, r"event 0: point has 42 numbers, which are no rows of 8"),
        ({**EVENT, "cluster_extra": EVENT["cluster_extra"][1:]}, r"cluster_extra has 3 rows for 4 clusters"),
    ],
)
def test_damage_is_named(tmp_path: Path, event: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        read(tmp_path, [event])


def test_datasets_of_different_length_are_refused(made: Path) -> None:
    with h5py.File(made, "a") as file:
        del file["cluster"]
        file.create_dataset("cluster", (1,), dtype=h5py.vlen_dtype(np.float32))
    with pytest.raises(UnreadableFile, match=r"cluster has \(1,\) events, point \(2,\)"):
        len(PilarnetFile(made))


def test_a_missing_dataset_is_named(made: Path) -> None:
    with h5py.File(made, "a") as file:
        del file["cluster"]
    with pytest.raises(UnreadableFile, match=r"'cluster'.* is missing"):
        len(PilarnetFile(made))


def test_a_dataset_that_became_a_type_is_named(made: Path) -> None:
    """A flipped byte in an object's header does this; found by mutating files."""
    with h5py.File(made, "a") as file:
        del file["cluster_extra"]
        file["cluster_extra"] = np.dtype("f4")
    with pytest.raises(UnreadableFile, match=r"'cluster_extra'.* is missing"):
        len(PilarnetFile(made))


def charge_sum(file: PilarnetFile, index: int) -> float:
    return float(file[index].images[0].charge.sum())


def test_a_reader_travels_to_other_processes(made: Path) -> None:
    file = PilarnetFile(made, scheme="five-class")
    here = [charge_sum(file, index) for index in (0, 1)]
    assert pickle.loads(pickle.dumps(file)).scheme == "five-class"  # noqa: S301
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.starmap(charge_sum, [(file, 0), (file, 1)]) == here


# ---- writing


def labelled_event(rng: np.random.Generator, grid: Grid, voxels: int, scheme: LabelScheme = SHAPE) -> Event:
    """Random voxels with every class, unlabelled ones, and particles without number."""
    ids = np.sort(rng.choice(grid.pixels, voxels, replace=False))
    classes = np.append(np.arange(len(scheme.classes)), scheme.unlabelled)
    labels = {
        "semantic": LabelColumn(rng.choice(classes, voxels), scheme),
        "instance": LabelColumn(rng.integers(-1, 6, voxels), IDENTIFIER),
        "ancestor": LabelColumn(rng.integers(-1, 3, voxels), IDENTIFIER),
    }
    charge = rng.uniform(0.01, 18, voxels).astype(np.float32)
    particles = empty_particles(4)
    particles["trackid"] = [0, 1, 2, 3]
    particles["pdg"] = [11, -13, 211, 2212]
    particles["px"] = [3, 0, 0, 0]
    particles["py"] = [4, 0, 0, 0]
    number = EventId(1, 2, int(rng.integers(100)))
    return Event(number, (Image(grid, grid.coordinates(ids), charge, labels),), particles, "", "MeV")


def same_image(one: Image, other: Image) -> None:
    assert one.grid == other.grid
    np.testing.assert_array_equal(one.coordinates, other.coordinates)
    np.testing.assert_array_equal(one.charge, other.charge)
    for kind, column in one.labels.items():
        assert other.labels[kind] == column, kind


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    "grid",
    [
        Grid((768, 768, 768), (230.4,) * 3, unit="cm"),
        Grid((5, 9, 7), (1.5, 2.7, 2.1), (-3.0, 0.5, 10.0), unit="cm"),  # unequal sides
        Grid((192, 192, 192)),
    ],
)
def test_round_trip_is_the_identity(
    tmp_path: Path, rng: np.random.Generator, grid: Grid, version: int
) -> None:
    events = [labelled_event(rng, grid, n) for n in (200, 0, 1)]
    assert write_pilarnet(tmp_path / "a.h5", iter(events), version=version) == 3
    file = PilarnetFile(tmp_path / "a.h5")
    assert len(file) == 3
    for one, other in zip(events, file, strict=True):
        assert other.id == one.id
        same_image(one.images[0], other.images[0])


def test_five_classes_come_back_through_the_particle(tmp_path: Path, rng: np.random.Generator) -> None:
    event = labelled_event(rng, Grid((8, 9, 10), unit="cm"), 300, FIVE_CLASS)
    write_pilarnet(tmp_path / "a.h5", [event], allow_lossy=True)
    same_image(event.images[0], PilarnetFile(tmp_path / "a.h5", scheme="five-class")[0].images[0])


def test_written_files_have_the_published_layout(tmp_path: Path, rng: np.random.Generator) -> None:
    """Read with plain h5py as PILArNet-M's users do: the first cluster is the bucket, points follow clusters."""
    event = labelled_event(rng, Grid((768, 768, 768), (230.4,) * 3, unit="cm"), 500)
    write_pilarnet(tmp_path / "a.h5", [event])
    with h5py.File(tmp_path / "a.h5") as file:
        assert h5py.check_vlen_dtype(file["point"].dtype) == np.float32
        point, cluster = file["point"][0].reshape(-1, 8), file["cluster"][0].reshape(-1, 6)
        extra = file["cluster_extra"][0].reshape(-1, 5)
    assert cluster[0, 1:].tolist() == [-1, -1, -1, 4, 5]
    assert cluster[:, 0].sum() == len(point) == 500
    assert len(extra) == len(cluster)
    image = event.images[0]
    row = np.searchsorted(image.ids, image.grid.ids(point[:, :3].astype(int)))
    assert sorted(row) == list(range(500))
    instance = np.repeat(cluster[:, 2], cluster[:, 0].astype(int))
    np.testing.assert_array_equal(instance, image.label("instance").values[row])
    pid = np.repeat(cluster[:, 5], cluster[:, 0].astype(int))
    expected = np.array(
        [1, 2, 3, 4, 5, 5, 5]
    )  # instances 0-3 are e, anti-mu, pi, p; 4, 5 and none have no particle
    np.testing.assert_array_equal(pid, expected[instance.astype(int)])
    assert (extra[cluster[:, 2] == 0, 1] == 5).all()


def test_the_bucket_is_there_without_low_energy_deposits(tmp_path: Path) -> None:
    """Readers drop the first cluster unseen."""
    image = Image.from_points(Grid((4, 4, 4)), np.array([[1, 2, 3]]), np.array([2.0]))
    image = image.with_labels(semantic=LabelColumn(np.array([1]), SHAPE))
    write_pilarnet(tmp_path / "a.h5", [Event(EventId(), (image,))])
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["cluster"][0].reshape(-1, 6)[:, 0].tolist() == [0, 1]


def test_a_file_read_and_written_again_keeps_particles_and_labels(made: Path, tmp_path: Path) -> None:
    event = PilarnetFile(made)[0]
    write_pilarnet(tmp_path / "again.h5", [event])
    for scheme in ("shape", "five-class"):
        again = PilarnetFile(tmp_path / "again.h5", scheme=scheme)[0].images[0]
        same_image(PilarnetFile(made, scheme=scheme)[0].images[0], again)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"semantic": LabelColumn(np.array([0]), FIVE_CLASS)}, "event 0 .* 'five-class-to-shape' merges"),
        ({"semantic": LabelColumn(np.array([0]), OPEN_SAMPLES)}, "cannot be converted from 'open-samples'"),
        ({"origin": LabelColumn(np.array([1]), COSMIC)}, "no place for its 'origin' labels"),
        ({"instance": LabelColumn(np.array([2**24 + 1]), IDENTIFIER)}, "exact up to 16777216"),
    ],
)
def test_what_the_format_cannot_say_is_refused(
    tmp_path: Path, labels: dict[str, LabelColumn], message: str
) -> None:
    image = Image(Grid((4, 4, 4)), np.array([[1, 2, 3]]), np.ones(1, np.float32), labels)
    with pytest.raises(InvalidArgument, match=message):
        write_pilarnet(tmp_path / "a.h5", [Event(EventId(), (image,))])
    assert list(tmp_path.iterdir()) == []


def test_planes_are_refused_and_files_kept(tmp_path: Path) -> None:
    plane = Event(EventId(), (Image.from_points(Grid((4, 4)), np.array([[1, 2]]), np.ones(1)),))
    with pytest.raises(InvalidArgument, match="holds one volume an event, this one has 1 images of 2 axes"):
        write_pilarnet(tmp_path / "a.h5", [plane])
    (tmp_path / "a.h5").write_text("mine")
    with pytest.raises(InvalidArgument, match="exists"):
        write_pilarnet(tmp_path / "a.h5", [])
    assert (tmp_path / "a.h5").read_text() == "mine"
