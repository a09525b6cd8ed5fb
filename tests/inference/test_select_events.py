"""Skims hold exactly the events that pass, with everything that was in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.tagged_files import SAID, TRUTH, event, header_of, truth_itself, with_prediction, write

from argoscope.errors import InvalidArgument
from argoscope.events import Record
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.evaluate_cosmic import evaluate_selection
from argoscope.inference.select_events import select_cosmic_tagging

KINDS = ("cosmic", "nue", "cosmic", "numu", "nc")


@pytest.fixture
def records():
    return [
        with_prediction(event(seed, kind=kind, shape=(64, 48), pixels=2000), truth_itself)
        for seed, kind in enumerate(KINDS)
    ]


@pytest.fixture
def source(tmp_path, records):
    return write(tmp_path / "in.h5", records)


def test_kept_events_are_kept_whole(tmp_path, records, source):
    found = select_cosmic_tagging(source, tmp_path / "out.h5", command="argoscope select ...")
    assert [row["entry"] for row in found["kept"]] == [1, 3, 4]
    assert found["kept"][0] == {"entry": 1, "run": 1, "subrun": 2, "event": 1}
    assert [step["events"] for step in found["cut_flow"]] == [5, 3, 3]
    with Larcv3File(tmp_path / "out.h5") as file:
        assert [file.record(index) for index in range(len(file))] == [records[at] for at in (1, 3, 4)]
        facts = file.header.provenance
        assert file.header.roles == header_of(records[0].products).roles
    assert facts["configuration"]["selection"] == {
        "task": "cosmic-tagging",
        "cuts": {"least_pixels": 100, "most_separation": 50.0, "centre": "mean"},
        "cut_flow": found["cut_flow"],
        "kept": found["kept"],
    }
    assert facts["command"] == "argoscope select ..."
    # What predicted the input stays known.
    assert facts["inputs"][0]["provenance"]["configuration"]["model"]["name"] == "toy"


def test_a_skim_agrees_with_the_evaluation_of_the_same_cuts(tmp_path, source):
    for least in (50, 300, 10_000):
        found = select_cosmic_tagging(source, tmp_path / f"{least}.h5", least_pixels=least)
        flow = evaluate_selection([source], least_pixels=least)["cut_flow"]
        for step in range(3):
            assert found["cut_flow"][step]["events"] == sum(steps[step]["events"] for steps in flow.values())
        assert len(found["kept"]) == found["cut_flow"][-1]["events"]


def test_cuts_act_on_pooled_images(tmp_path, records, source):
    """A cut above the blocks with neutrino pixels, and not above the pixels, keeps nothing."""
    blocks = []
    for record in (records[1], records[3], records[4]):
        for plane in record[SAID]:
            blocks.append(len({tuple(at // 2) for at in plane.coordinates[plane.values == 2]}))
    pixels = min(int((plane.values == 2).sum()) for record in records[1:2] for plane in record[SAID])
    between = max(blocks) + 1
    assert between <= pixels
    assert not select_cosmic_tagging(source, tmp_path / "out.h5", least_pixels=between)["kept"]
    kept = select_cosmic_tagging(source, tmp_path / "all.h5", least_pixels=min(blocks))["kept"]
    assert [row["entry"] for row in kept] == [1, 3, 4]


def test_data_without_truth_is_selected(tmp_path, records, source):
    bare = [
        Record(r.id, {n: p for n, p in r.products.items() if n not in {TRUTH, "particle_sbndneutrino"}})
        for r in records
    ]
    path = write(tmp_path / "data.h5", bare)
    assert [row["entry"] for row in select_cosmic_tagging(path, tmp_path / "out.h5")["kept"]] == [1, 3, 4]


def test_a_skim_of_nothing_is_a_file_without_events(tmp_path, source):
    found = select_cosmic_tagging(source, tmp_path / "out.h5", least_pixels=100_000)
    assert found["kept"] == []
    with Larcv3File(tmp_path / "out.h5") as file:
        assert len(file) == 0
        assert file.describe().provenance["configuration"]["selection"]["cut_flow"][0]["events"] == 5
    again = select_cosmic_tagging(tmp_path / "out.h5", tmp_path / "again.h5")
    assert [step["events"] for step in again["cut_flow"]] == [0, 0, 0]


def test_selecting_twice_changes_nothing(tmp_path, source):
    select_cosmic_tagging(source, tmp_path / "one.h5")
    found = select_cosmic_tagging(tmp_path / "one.h5", tmp_path / "two.h5")
    assert [step["events"] for step in found["cut_flow"]] == [3, 3, 3]
    with Larcv3File(tmp_path / "one.h5") as one, Larcv3File(tmp_path / "two.h5") as two:
        assert [one.record(n) for n in range(3)] == [two.record(n) for n in range(3)]


def test_the_list_of_events_is_plain_text(tmp_path, source):
    select_cosmic_tagging(source, tmp_path / "out.h5", event_list=tmp_path / "kept.txt")
    assert np.loadtxt(tmp_path / "kept.txt", dtype=int).tolist() == [[1, 1, 2, 1], [3, 1, 2, 3], [4, 1, 2, 4]]


@pytest.mark.parametrize("existing", ["out.h5", "kept.txt"])
def test_existing_outputs_are_refused_before_anything_is_written(tmp_path, source, existing):
    (tmp_path / existing).write_text("mine")
    options = {"event_list": tmp_path / "kept.txt"}
    with pytest.raises(InvalidArgument, match=existing):
        select_cosmic_tagging(source, tmp_path / "out.h5", **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["in.h5", existing])
    assert (tmp_path / existing).read_text() == "mine"
    select_cosmic_tagging(source, tmp_path / "out.h5", overwrite=True, **options)
    assert (tmp_path / "kept.txt").read_text().startswith("1 1 2 1\n")


def test_a_file_without_predictions_is_refused_and_nothing_is_written(tmp_path, records):
    bare = [Record(r.id, {n: p for n, p in r.products.items() if n != SAID}) for r in records]
    header = header_of(bare[0].products)
    roles = {role: name for role, name in header.roles.items() if name != SAID}
    path = write(tmp_path / "bare.h5", bare, type(header)(roles=roles))
    with pytest.raises(InvalidArgument, match="has no predictions"):
        select_cosmic_tagging(path, tmp_path / "out.h5")
    assert not (tmp_path / "out.h5").exists()


def test_the_median_keeps_an_event_whose_stray_pixels_pull_the_mean_away(tmp_path, records):
    """Both ways of asking agree, and the skim says which centre it was."""
    record = records[1]
    said = list(record[SAID])
    rows = said[0].coordinates
    # On the first plane what is called neutrino lies early, but for a third of it at the end of the drift.
    early, late = rows[:, 1] < 8, rows[:, 1] > 40
    values = np.where(early | (late & (rows[:, 0] < 24)), 2, 1).astype(np.float32)
    said[0] = replace(said[0], values=values)
    for number in (1, 2):
        early = said[number].coordinates[:, 1] < 8
        said[number] = replace(said[number], values=np.where(early, 2, 1).astype(np.float32))
    path = write(tmp_path / "stray.h5", [Record(record.id, {**record.products, SAID: tuple(said)})])
    cuts = {"least_pixels": 20, "most_separation": 2.0}
    for centre, kept in (("mean", 0), ("median", 1)):
        found = select_cosmic_tagging(path, tmp_path / f"{centre}.h5", **cuts, centre=centre)
        assert len(found["kept"]) == kept
        assert found["cuts"]["centre"] == centre
        assert evaluate_selection([path], **cuts, centre=centre)["efficiency"]["nue"]["value"] == kept
    with pytest.raises(InvalidArgument, match="there is no centre 'middle'"):
        select_cosmic_tagging(path, tmp_path / "never.h5", centre="middle")
    assert not (tmp_path / "never.h5").exists()
