"""Predicted instances in files: what is written is read again, and what does not belong together is refused."""

from __future__ import annotations

from dataclasses import replace

import h5py
import numpy as np
import pytest
from tests.instance_files import CHARGE, GRID, event, header, truth_of, with_prediction, write

from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, COSMIC, Grid, Record, Voxels
from argoscope.events.instances import Instances
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.cluster_events import cluster_file
from argoscope.inference.instance_products import (
    INSTANCES,
    SCORES,
    instances_header,
    no_instances,
    predicted_instances,
    with_instances,
)


def found(scheme=ANCESTOR) -> Instances:
    """Overlapping, one without pixels, scores that float32 holds, numbers with gaps and in no order."""
    sets, chances = [[5, 3, 700], [], [700, 5]], [np.array([1, 0.75, 0.5]), np.zeros(0), np.ones(2)]
    made = Instances.of_sets(GRID, sets, [1, 2, 1], [0.5, 0.25, 1.0], probabilities=chances, scheme=scheme)
    return replace(made, clusters=replace(made.clusters, numbers=np.array([7, 2, 65535])))


@pytest.mark.parametrize("scheme", [ANCESTOR, COSMIC])
def test_what_is_written_is_read_again(tmp_path, scheme):
    records = [
        with_instances(event(1), [found(scheme)]),
        with_instances(event(2), [no_instances(GRID, scheme)]),
    ]
    path = write(tmp_path / "a.h5", records, instances_header(header(), scheme))
    with Larcv3File(path) as file:
        assert [file.record(n) for n in range(2)] == records
        assert predicted_instances(file.record(0), file.header, 2) == found(scheme)
        assert len(predicted_instances(file.record(1), file.header, 2)) == 0


def test_each_plane_has_its_own(tmp_path):
    planes = [
        Instances.of_sets(Grid((48, 40), projection=n), [[n]] * (n + 1), [1] * (n + 1), np.arange(n + 1) / 4)
        for n in range(3)
    ]
    record = with_instances(event(1), planes)
    for plane in range(3):
        assert predicted_instances(record, instances_header(header(), ANCESTOR), plane) == planes[plane]


def test_predictions_take_the_place_of_earlier_ones():
    once = with_prediction(event(1))
    again = with_instances(once, [found()])
    assert set(again.products) == set(once.products)
    assert predicted_instances(again, instances_header(header(), ANCESTOR), 2) == found()


def test_the_strongest_claim_owns_a_pixel_in_the_event(tmp_path):
    """Instance 65535 claims pixels 700 and 5 with 1; 7 claims 3, too, which has no charge."""
    path = write(tmp_path / "a.h5", [with_instances(event(1), [found()])])
    with Larcv3File(path) as file:
        image = file.event(0).images[0]
    owner = dict(zip(image.ids.tolist(), image.label("predicted_ancestor").values.tolist(), strict=True))
    assert (owner[5], owner[3], owner[4]) == (65535, 7, -1)


def test_a_record_without_instances_or_without_that_plane_is_refused():
    with pytest.raises(
        InvalidArgument, match=r"has no predicted instances \(cluster2d_argoscope_instances\)"
    ):
        predicted_instances(event(1), header(), 2)
    record = with_prediction(event(1))
    with pytest.raises(InvalidArgument, match=r"cluster2d_argoscope_instances has no plane 0"):
        predicted_instances(record, instances_header(header(), ANCESTOR), 0)


@pytest.mark.parametrize("change", ["missing", "twice", "other"])
def test_scores_that_do_not_belong_to_the_clusters_are_refused(change):
    record = with_instances(event(1), [found()])
    table = record[SCORES][0]
    rows = {"missing": [0, 1], "twice": [0, 1, 2, 2], "other": [0, 1, 2]}[change]
    ids = table.ids[rows] - (7 if change == "other" else 0)  # a row of the table is 7 classes
    bad = Record(record.id, {**record.products, SCORES: (Voxels(table.grid, ids, table.values[rows]),)})
    with pytest.raises(InvalidArgument, match=r"scores do not belong to the 3 predicted instances"):
        predicted_instances(bad, instances_header(header(), ANCESTOR), 2)


@pytest.mark.parametrize("numbers", [[1, 1, 2], [0, 1, 65536], [-1, 0, 1]])
def test_numbers_that_have_no_place_are_refused(numbers):
    made = found()
    bad = replace(made, clusters=replace(made.clusters, numbers=np.array(numbers)))
    with pytest.raises(InvalidArgument, match=r"must have numbers from 0 to 65535, each once a plane"):
        with_instances(event(1), [bad])


def test_clusters_of_a_file_are_its_lines(tmp_path):
    """Lines lie 8 wires apart: DBSCAN within 3 finds each, one by one."""
    path = write(tmp_path / "a.h5", [event(1), event(2, (0, 0))], header())
    answer = cluster_file(path, tmp_path / "b.h5", eps=3.0, min_points=4)
    assert (answer["events"], answer["instances"]) == (2, 3)
    with Larcv3File(tmp_path / "b.h5") as file:
        said = predicted_instances(file.record(0), file.header, 2)
        wanted = [sorted(truth_of(event(1)).clusters.cluster(k).ids.tolist()) for k in range(3)]
        assert [sorted(said.clusters.cluster(k).ids.tolist()) for k in range(3)] == wanted
        assert len(predicted_instances(file.record(1), file.header, 2)) == 0
        assert file.record(0)[CHARGE] == event(1)[CHARGE]
        assert INSTANCES in file.products
    with pytest.raises(InvalidArgument, match=r"b\.h5"):
        cluster_file(path, tmp_path / "b.h5")


def test_clusters_of_a_file_without_events_are_a_file_without_events(tmp_path):
    """As larcv3 leaves it: the products are there and have roles, and no event."""
    path = write(tmp_path / "a.h5", [event(1)], header())
    with h5py.File(path, "r+") as file:
        del file["argoscope"]
        file.visititems(lambda _, item: item.resize((0,)) if isinstance(item, h5py.Dataset) else None)
    with Larcv3File(path) as file:
        assert file.header.roles
    assert cluster_file(path, tmp_path / "b.h5")["events"] == 0
    with Larcv3File(tmp_path / "b.h5") as file:
        assert (len(file), file.products) == (0, [])
