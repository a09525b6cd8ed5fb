"""The demo in small: simulated events with and without a network, a file to end with, and one page of all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
import torch

from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_events
from argoscope.models.builders import resolved
from argoscope.models.cards import read_card, shipped_models
from argoscope.models.preparation import Preparation
from argoscope.simulation.streams import TEST_SEEDS_FROM
from argoscope.tour.guide import Guide
from argoscope.tour.measures import TASKS
from argoscope.tour.run import SBND_SAMPLE, tour
from argoscope.tour.samples import show_file
from argoscope.tour.stops import SEED, STOPS

MOST_BYTES = 15e6
"""Of the report."""
CUBES = replace(STOPS[0], preset="cube-192", events=2)
SBND = replace(STOPS[-1], preset="cube-192", events=1)
"""Its network does not read such events."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Kernels are compiled as they are met; none of these tests is about threads."""
    monkeypatch.setattr("argoscope.kernels.compile_kernels", lambda _report: {})
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def cube_models(make_model):
    network = resolved({"kind": "uresnet", "dimensions": 3, "filters": 2, "depth": 2, "blocks": 1})
    path = make_model(
        CUBES.model, network=network, preparation=Preparation(truth="relabelled"), charge_unit="MeV",
        limits=("Not for data.", "Nor for the sky."), charge_scale=0.05,
    )  # fmt: skip
    return {CUBES.model: path.with_suffix(".json")}


@pytest.fixture
def sbnd_models(make_model):
    network = resolved({"kind": "multiplane", "filters": 2, "depth": 2, "classes": 3})
    preparation = Preparation(planes=(0, 1, 2), shape=(2048, 1280), least=5.0)
    path = make_model(
        SBND.model, task="cosmic-tagging", network=network, preparation=preparation, scheme="cosmic", charge_unit="ADC"
    )  # fmt: skip
    return {SBND.model: path.with_suffix(".json")}


def run(folder, **options):
    """The tour's answer, what it said, and its page."""
    said = []
    answer = tour(folder, report=said.append, **options)
    return answer, "\n".join(said), Path(answer["report"]).read_text()


def test_every_shipped_network_is_shown_for_its_task():
    known = {stop.model: stop for stop in STOPS}
    for name, path in shipped_models().items():
        assert read_card(path)[0].task == known[name].task
    assert {stop.task for stop in STOPS} <= set(TASKS)
    assert SEED >= TEST_SEEDS_FROM


def test_a_network_reads_simulated_events_and_the_page_has_its_numbers_beside_the_papers(
    tmp_path, cube_models
):
    answer, said, page = run(tmp_path / "out", models=cube_models, stops=(CUBES,))
    (sample,) = answer["samples"]
    number = sample["metrics"][0]
    value, low, high = number["ours"]
    assert low <= value <= high
    assert number["theirs"] == 0.996
    assert f"{value:.4f}" in page
    assert f"{value:.3f} [{low:.3f}, {high:.3f}]" in said
    assert "paper 4, table V" in page
    assert page.count('src="data:image/png;base64,') == 1
    assert "of its voxels are called right" in page
    assert "of its voxels called right" in said
    assert "Its card says: Not for data. Nor for the sky." in page
    assert f'href="{Path(sample["page"]).name}"' in page
    assert "http" not in page
    assert len(page) < MOST_BYTES
    with Larcv3File(Path(sample["data"])) as file:
        assert len(file) == CUBES.events
        assert file.describe().provenance["inputs"][0]["path"].endswith("five-class-3d.h5")
    with Larcv3File(tmp_path / "out" / "five-class-3d.h5") as file:
        assert file.describe().provenance["seeds"] == {"simulation": SEED}
    with Larcv3File(Path(sample["data"])) as file:
        assert file.event(0).images[0].labels["prediction"].scheme.name == "five-class"
    kept = json.loads((tmp_path / "out" / "report.json").read_text())
    *_, times, papers = (section["tables"][0]["rows"] for section in kept["sections"])
    assert papers[4][1].endswith("arXiv:1903.05663")
    networks = kept["provenance"]["configuration"]["networks"]
    assert networks == {CUBES.model: read_card(cube_models[CUBES.model])[1]}
    assert [row[0] for row in times][1:3] == ["simulate cube-192", "five-class-3d on five-class-3d.h5"]
    assert [row[1] for row in times][1:3] == [2, 2]


def test_without_weights_the_events_are_shown_and_the_page_says_how_to_train(tmp_path):
    answer, said, page = run(tmp_path / "out", models={}, stops=(CUBES,))
    (sample,) = answer["samples"]
    assert sample["model"] == ""
    assert sample["metrics"] == []
    assert Path(sample["picture"]).is_file()
    assert "argoscope train configs/five-class-3d.yaml" in page
    assert "does not ship with this version" in said
    assert "In short" not in page


@pytest.mark.slow
def test_it_ends_with_the_sbnd_events_where_they_are_at_hand(tmp_path, real_data, sbnd_models):
    answer, said, page = run(tmp_path / "out", models=sbnd_models, stops=(SBND,), real_data=real_data)
    simulated, real = answer["samples"]
    assert simulated["model"] == ""
    assert "The network cosmic-tagger-sbnd does not read it" in said
    assert SBND_SAMPLE in real["sample"]
    baseline = {number["measure"]: number["baseline"][0] for number in real["metrics"]}
    assert baseline["cosmic IoU"] == pytest.approx(0.738, abs=5e-4)
    assert baseline["neutrino IoU"] == 0.0
    assert page.count("Event by event") == 1
    assert page.count("a close-up where most classes are seen</figcaption>") == 1
    inputs = json.loads((tmp_path / "out" / "report.json").read_text())["provenance"]["inputs"]
    assert [Path(each["path"]).name for each in inputs] == [SBND_SAMPLE]
    assert said.index("simulating 1 events") < said.index(SBND_SAMPLE)


def test_a_file_is_read_by_the_network_for_its_detector_alone(tmp_path, make_model):
    event = drawn_event(0)
    bare = replace(event, images=tuple(replace(image, labels={}) for image in event.images))
    write_events(tmp_path / "bare.h5", [bare])
    facts = {"events": 1, "format": "larcv3", "classes": {}, "active": [[1, 2, 3]], "detector": "microboone"}
    said = []
    models = {STOPS[1].model: make_model(STOPS[1].model).with_suffix(".json")}
    guide = Guide(tmp_path, models, "", said.append, lambda *_: None)
    try:
        found = show_file(guide, tmp_path / "bare.h5", facts, STOPS)
        elsewhere = show_file(guide, tmp_path / "bare.h5", {**facts, "detector": "icarus"}, STOPS)
    finally:
        guide.child.close()
    assert found.model == STOPS[1].model
    assert found.headlines == ()
    assert "Not measured: " in found.section.text
    assert elsewhere.model == ""
    assert elsewhere.data == tmp_path / "bare.h5"
    assert "No network of this package is for the detector icarus" in "".join(said)


def test_drawn_tracks_need_neither_simulation_nor_network(tmp_path, cube_models):
    answer, said, page = run(tmp_path / "out", models=cube_models, stops=(CUBES,), drawn=True)
    (sample,) = answer["samples"]
    assert "MIP" in said
    assert sample["data"] == str(tmp_path / "out" / "drawn.h5")
    assert not list((tmp_path / "out").glob("five-class*"))
    assert "Events of drawn.h5" in page


def test_a_folder_in_use_and_a_file_that_is_not_there_are_refused_before_any_work(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(InvalidArgument, match="--overwrite"):
        tour(tmp_path / "out", drawn=True, report=lambda _: None)
    with pytest.raises(UnreadableFile, match=r"none\.h5"):
        tour(tmp_path / "new", data=tmp_path / "none.h5", stops=(), models={}, report=lambda _: None)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["five-class-3d.h5", "mine.h5"])
def test_a_file_in_the_output_is_refused_and_left_as_it_is(tmp_path, name):
    (tmp_path / "out").mkdir()
    data = tmp_path / "out" / name
    write_events(data, [drawn_event(0)])
    before = data.read_bytes()
    with pytest.raises(InvalidArgument, match=r"lies in the output .*: name another folder"):
        tour(tmp_path / "out", data=data, drawn=True, overwrite=True, models={}, report=lambda _: None)
    assert data.read_bytes() == before


def test_a_file_without_events_is_refused_before_any_work(tmp_path):
    write_events(tmp_path / "none.h5", [])
    with pytest.raises(InvalidArgument, match="has no event"):
        tour(tmp_path / "out", data=tmp_path / "none.h5", drawn=True, models={}, report=lambda _: None)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["report", "five-class-2d-close", "a#1 <b>&"])
def test_what_is_made_of_a_file_takes_no_place_of_the_demos_own(tmp_path, name):
    write_events(tmp_path / f"{name}.h5", [drawn_event(0)])
    answer, _, page = run(tmp_path / "out", data=tmp_path / f"{name}.h5", drawn=True, models={})
    shown = Path(answer["samples"][1]["page"])
    assert shown.is_file()
    assert shown.name != "report.html"
    assert not shown.name.startswith("five-class-2d")
    assert f'href="{quote(shown.name)}"' in page
    assert Path(answer["report"]).read_text() == page
