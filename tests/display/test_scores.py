"""The layer of scores: how sure a network is of the class that it names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from argoscope.display.render import render_file
from argoscope.display.scene import scene_of
from argoscope.display.scores import SCORE, read_scores, score_steps
from argoscope.errors import InvalidArgument
from argoscope.events import (
    COSMIC,
    FIVE_CLASS,
    IDENTIFIER,
    Clusters,
    Event,
    EventId,
    Grid,
    LabelColumn,
    Record,
    Voxels,
)  # fmt: skip
from argoscope.files.header import Header
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_records
from argoscope.inference.instance_products import INSTANCES

GRIDS = (Grid((6, 4), projection=0), Grid((5, 7), projection=1))
CHARGED = (np.array([2, 9, 17, 20]), np.array([1]))
SEEN = (np.array([2, 17, 20]), np.empty(0, np.int64))
"""The network leaves out one pixel of the first plane, and the second plane."""
SCORES = {"background": (0.3, 0.02, 0.5), "cosmic": (0.4, 0.98, 0.3), "neutrino": (0.3, 0.0, 0.2)}


def planes(ids: tuple[np.ndarray, ...], values: tuple[float, ...]) -> tuple[Voxels, ...]:
    """A product of both planes, the second without values where it has no pixel."""
    columns = (np.array(values, dtype=np.float32), np.ones(len(ids[1]), dtype=np.float32))
    return tuple(Voxels(grid, *pair) for grid, *pair in zip(GRIDS, ids, columns, strict=True))


@pytest.fixture
def predicted(tmp_path: Path) -> Path:
    """A file with the scores of one event."""
    products = {
        "sparse2d_wire": planes(CHARGED, (5, 6, 7, 8)),
        "sparse2d_argoscope_label": planes(SEEN, (1, 1, 0)),
        **{f"sparse2d_argoscope_score_{name}": planes(SEEN, values) for name, values in SCORES.items()},
    }
    header = Header(
        roles={"charge": "sparse2d_wire", "prediction": "sparse2d_argoscope_label"},
        schemes={"sparse2d_argoscope_label": COSMIC},
    )
    write_records(tmp_path / "a.h5", [Record(EventId(1, 2, 3), products)], header)
    return tmp_path / "a.h5"


def opened(path: Path) -> tuple[Event, tuple[list[int], ...]]:
    """The event and the steps of its planes."""
    with Larcv3File(path) as file:
        event = file.event(0)
        return event, tuple(column.values.tolist() for column in read_scores(file, 0, event))


def test_a_pixel_has_the_step_of_its_best_class(predicted: Path) -> None:
    _, steps = opened(predicted)
    assert steps == ([0, -1, 3, 1], [-1])


def test_a_pixel_of_several_instances_has_the_score_of_the_best(tmp_path: Path) -> None:
    ids = (np.array([2, 9, 20, 9, 17]), np.empty(0, np.int64))
    values = (np.array([0.6, 0.6, 0.6, 0.95, 0.2], np.float32), np.empty(0, np.float32))
    clusters = tuple(
        Clusters(grid, each, value, np.array(ends), np.arange(2))
        for grid, each, value, ends in zip(GRIDS, ids, values, ([0, 3, 5], [0, 0, 0]), strict=True)
    )
    products = {"sparse2d_wire": planes(CHARGED, (5, 6, 7, 8)), INSTANCES: clusters}
    header = Header(roles={"charge": "sparse2d_wire"})
    write_records(tmp_path / "a.h5", [Record(EventId(1, 2, 3), products)], header)
    _, steps = opened(tmp_path / "a.h5")
    assert steps == ([1, 3, 0, 1], [-1])


@pytest.mark.parametrize(("score", "step"), [(0.0, 0), (0.4999, 0), (0.7, 2), (0.9, 3), (0.99, 4), (1.0, 4)])
def test_a_step_holds_its_lower_end(score: float, step: int) -> None:
    assert score_steps(np.array([score], dtype=np.float32)).tolist() == [step]


def test_the_layer_counts_its_steps_and_what_is_sure_stands_back(predicted: Path) -> None:
    with Larcv3File(predicted) as file:
        event = file.event(0)
        scene = scene_of(event, beside={"score": read_scores(file, 0, event)})
    layer = scene.layer("score")
    assert [entry.pixels for entry in layer.entries] == [1, 1, 0, 1, 0, 2]
    assert [entry.name for entry in layer.entries] == [*SCORE.classes, "no prediction"]
    assert [entry.background for entry in layer.entries] == [False] * 4 + [True, True]
    assert scene.panels[0].labels["score"].tolist() == [0, -1, 3, 1]


@pytest.mark.parametrize("suffix", [".html", ".png"])
def test_display_draws_it_on_request(predicted: Path, tmp_path: Path, suffix: str) -> None:
    answer = render_file(str(predicted), 0, str(tmp_path / f"a{suffix}"), layers=["charge", "score"])
    assert answer["layers"] == ["charge", "score"]
    assert answer["classes"][0]["score"]["below 0.5"] == 1


def test_an_event_without_scores_has_no_such_layer(tmp_path: Path) -> None:
    write_records(tmp_path / "a.h5", [Record(EventId(), {"sparse2d_wire": planes(CHARGED, (5, 6, 7, 8))})])
    event, steps = opened(tmp_path / "a.h5")
    assert steps == ()
    assert [layer.key for layer in scene_of(event).layers] == ["charge"]
    with pytest.raises(InvalidArgument, match="no layer 'score'"):
        render_file(str(tmp_path / "a.h5"), 0, str(tmp_path / "a.png"), layers=["score"])


def test_no_two_layers_have_one_name(predicted: Path) -> None:
    event, _ = opened(predicted)
    image = event.images[0]
    classes = {kind: LabelColumn(np.zeros(4, np.int32), FIVE_CLASS) for kind in ("semantic", "prediction")}
    groups = {
        kind: LabelColumn(np.zeros(4, np.int32), IDENTIFIER)
        for kind in ("instance", "ancestor", "predicted_ancestor")
    }
    full = replace(event, images=(image.with_labels(**classes, **groups),))
    names = [layer.name for layer in scene_of(full).layers]
    assert len(set(names)) == len(names) == 7
