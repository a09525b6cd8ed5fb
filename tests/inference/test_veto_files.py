"""The veto on whole files: samples told apart, taggers alone and together, and skims of data without truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.instance_files import (
    INTERACTION,
    NEUTRINO,
    PARTICLES,
    event,
    header,
    nothing,
    truth_itself,
    with_prediction,
    write,
)

from argoscope.analyses.simulated_flash import SimulatedFlashTagger
from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, Record
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.evaluate_instances import evaluate_instances
from argoscope.inference.evaluate_veto import evaluate_veto
from argoscope.inference.instance_products import instances_header
from argoscope.inference.select_veto import select_veto

LARGE = {"eps": 3.0, "min_points": 4}


@pytest.fixture
def files(tmp_path):
    """Neutrinos of 30 and 12 pixels, two of low energy, and events without: all cosmic rays are tagged, but in one."""
    nue = [with_prediction(event(n, lengths)) for n, lengths in enumerate([(30, 20), (12, 40)])]
    low = [with_prediction(event(n, (8, 20), energy_mev=300.0)) for n in range(2, 4)]
    off = [
        with_prediction(event(n, (35, 20), neutrino=False), nothing if n == 4 else truth_itself)
        for n in range(4, 8)
    ]
    return [
        write(tmp_path / f"{name}.h5", records)
        for name, records in (("nue", nue), ("low", low), ("off", off))
    ]


def test_truth_keeps_neutrinos_and_rejects_cosmics_that_are_tagged(files):
    found = evaluate_veto(files, **LARGE)
    assert found["events"] == {"nue": 2, "low_energy": 2, "offbeam": 4}
    [tagger] = found["taggers"]
    assert (tagger["name"], tagger["provenance"]) == ("network (toy)", "network")
    assert found["roc"] == tagger["roc"]
    roc = {row["cut"]: row for row in found["roc"]}
    kept = {cut: row["efficiency"]["nue"]["value"] for cut, row in roc.items()}
    assert kept == {None: 1.0, 0: 1.0, 10: 1.0, 20: 0.5, 30: 0.0, 40: 0.0}
    assert roc[10]["efficiency"]["low_energy"]["value"] == 0.0
    # The event in which nothing is tagged has a line of 35 pixels.
    rejected = {cut: row["rejection"]["value"] for cut, row in roc.items()}
    assert rejected == {None: 0.0, 0: 0.75, 10: 0.75, 20: 0.75, 30: 0.75, 40: 1.0}
    assert roc[10]["signal_to_background"]["nue"] == pytest.approx(5.97e-4 / 0.25)
    assert tagger["largest"]["offbeam"] == [35, 0, 0, 0]
    assert found["gain"] == found["flash_scan"] == found["dbscan_scan"] == []


def test_only_cosmic_instances_above_the_score_are_taken_away(files, tmp_path):
    """Predictions have a score of 1, and none is above: the largest lines are left."""
    found = evaluate_veto(files, **LARGE, cosmic_score=1.0)
    assert found["taggers"][0]["largest"]["offbeam"] == [35, 35, 35, 35]
    assert found["rules"]["cosmic_score"] == 1.0
    kept = select_veto(files[2], tmp_path / "kept.h5", cut=20, **LARGE, cosmic_score=1.0)
    assert kept["largest"] == [35, 35, 35, 35]
    with pytest.raises(InvalidArgument, match=r"\(=1.5\) must be a score from 0 to 1"):
        evaluate_veto(files, cosmic_score=1.5)


def test_files_of_one_name_are_samples_of_their_own(files, tmp_path):
    renamed = []
    for path in files:
        renamed.append(tmp_path / path.stem / "planes.h5")
        renamed[-1].parent.mkdir()
        path.rename(renamed[-1])
    assert evaluate_veto(renamed, **LARGE)["events"] == {"nue": 2, "low_energy": 2, "offbeam": 4}


@pytest.mark.parametrize(
    ("below", "energy", "sample"),
    [(None, 300.0, "nue"), (400.0, 390.0, "low_energy"), (800.0, 300.0, "nue")],
)
def test_what_a_file_says_of_its_simulation_tells_its_sample(tmp_path, below, energy, sample):
    """A shard of general neutrinos that all happen to lie below 400 MeV is none of low energy."""
    of = instances_header(header(), ANCESTOR)
    made = {"configuration": {"preset": {"name": "microboone", "below_mev": below}}}
    of = replace(of, provenance={**of.provenance, "inputs": [{"path": "a.h5", "provenance": made}]})
    path = write(tmp_path / "shard.h5", [with_prediction(event(0, energy_mev=energy))], of)
    assert evaluate_veto([path], **LARGE)["events"][sample] == 1


@pytest.mark.parametrize(("energy", "sample"), [(399.0, "low_energy"), (401.0, "nue")])
def test_a_file_that_says_nothing_is_judged_by_its_energies_at_400_mev(tmp_path, energy, sample):
    path = write(tmp_path / "a.h5", [with_prediction(event(0, energy_mev=energy))])
    assert evaluate_veto([path], **LARGE)["events"][sample] == 1


def test_a_file_counts_once(files, tmp_path):
    (tmp_path / "link.h5").symlink_to(files[0])
    for again in (files[0], tmp_path / "link.h5"):
        for evaluate in (evaluate_veto, evaluate_instances):
            with pytest.raises(InvalidArgument, match=r"\.h5 is given twice.* give each file once"):
                evaluate([*files, again])


def test_a_simulated_flash_stands_alone_with_the_network_and_in_other_qualities(files):
    found = evaluate_veto(files, flash={"extra_vetoes": False}, **LARGE)
    names = [(tagger["name"], tagger["provenance"]) for tagger in found["taggers"]]
    flash = ("sim. flash (truth-smeared)", "truth-simulated")
    assert names == [("network (toy)", "network"), flash, (f"network (toy) + {flash[0]}", "truth-simulated")]
    assert found["tagger"] == names[-1][0]
    assert found["roc"] == found["taggers"][-1]["roc"]
    assert len(found["flash_scan"]) == 12
    assert {row["eps_in"] for row in found["flash_scan"]} == {0.85, 0.95}
    [gain] = found["gain"]
    assert (gain["beside"], gain["provenance"]) == flash


def tags(path, numbers, pixels=(), veto=None):
    """Tags of some events: pixels as (event, wire, tick)."""
    columns = {
        "event_run": [1] * len(numbers),
        "event_subrun": [2] * len(numbers),
        "event_event": list(numbers),
    }
    table = np.array(pixels, dtype=int).reshape(-1, 3)
    columns |= {"run": [1] * len(table), "subrun": [2] * len(table)}
    columns |= {"event": table[:, 0], "wire": table[:, 1], "tick": table[:, 2]}
    if veto is not None:
        columns["event_veto"] = veto
    np.savez(path, **columns)
    return path


def test_external_tags_join_the_network(files, tmp_path):
    """They tag the line of 35 pixels that the network left, and reject an event as a whole."""
    pixels = [(4, 0, k) for k in range(35)] + [(4, 8, k) for k in range(20)]
    path = tags(tmp_path / "crt.npz", range(8), pixels, [0, 1, 0, 0, 0, 0, 0, 0])
    found = evaluate_veto(files, tags=path, **LARGE)
    assert found["tagger"] == "network (toy) + external: crt"
    first, zero = found["roc"][:2]
    assert first["cut"] is None
    assert first["efficiency"]["nue"]["value"] == 0.5
    assert zero["rejection"]["value"] == 1.0
    assert zero["signal_to_background"]["nue"] is None
    both = evaluate_veto(files, tags=path, flash={}, **LARGE)
    assert len(both["taggers"]) == 6
    assert both["tagger"] == "network (toy) + external: crt + sim. flash (truth-smeared)"


def test_tags_that_could_be_of_two_events_are_refused(files, tmp_path):
    """Simulated samples all begin with the same numbers."""
    twice = write(tmp_path / "again.h5", [with_prediction(event(4))])
    path = tags(tmp_path / "crt.npz", range(8))
    message = r"run 1 subrun 2 event 4 is in .*off\.h5, entry 0 and in .*again\.h5, entry 0: .* its own run"
    with pytest.raises(InvalidArgument, match=message):
        evaluate_veto([*files, twice], tags=path, **LARGE)
    assert evaluate_veto([*files, twice], flash={}, **LARGE)["events"]["nue"] == 3


def test_the_probability_of_the_object_in_time_is_that_of_its_sample(files):
    """Two events of low energy have places among themselves, and none beside the general ones."""
    seen = []

    class Watched(SimulatedFlashTagger):
        def tag(self, event):
            seen.append((event.event.id.event, event.places.tolist()))
            return super().tag(event)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("argoscope.inference.evaluate_veto.SimulatedFlashTagger", Watched)
        evaluate_veto(files, flash={}, flash_scan=False, **LARGE)
    places = dict(seen)
    assert [places[n] for n in range(4)] == [[[0.0, 0.5]], [[0.5, 1.0]], [[0.0, 1.0]], [[0.0, 1.0]]]


def test_tags_of_other_events_are_refused(files, tmp_path):
    path = tags(tmp_path / "crt.npz", range(7))
    with pytest.raises(
        InvalidArgument, match=r"the tags 'crt' have no run 1 subrun 2 event 7 among their 7 events"
    ):
        evaluate_veto(files, tags=path, **LARGE)
    with pytest.raises(InvalidArgument, match=r"have no run 1 subrun 2 event 7"):
        select_veto(files[-1], tmp_path / "out.h5", tags=path)
    assert not (tmp_path / "out.h5").exists()


def test_other_clusterings_are_tried_where_asked(files):
    found = evaluate_veto(files, scan=True, **LARGE)
    assert len(found["dbscan_scan"]) == 16
    largest = {(row["eps"], row["min_points"]): row["mean_largest"] for row in found["dbscan_scan"]}
    # Lines are 8 pixels apart: 3 finds each, 10 joins the two of the event in which nothing is tagged.
    assert largest[3.0, 3] == pytest.approx((30 + 12 + 8 + 8 + 35) / 8)
    assert largest[10.0, 3] == pytest.approx((30 + 12 + 8 + 8 + 55) / 8)


def test_identification_by_positive_is_counted(files):
    found = evaluate_veto(files, **LARGE)["positive"]
    assert found["in_neutrino_events"]["value"] == 1.0
    assert found["event_rejection"]["value"] == 1.0
    assert found["published"]["in_neutrino_events"] == 0.78


def test_files_without_what_is_needed_are_refused(tmp_path):
    record = with_prediction(event(1))
    bare = Record(record.id, {n: p for n, p in record.products.items() if n != NEUTRINO})
    of = instances_header(header(), ANCESTOR)
    roles = {role: name for role, name in of.roles.items() if role != "neutrino"}
    path = write(tmp_path / "a.h5", [bare], replace(of, roles=roles))
    with pytest.raises(
        InvalidArgument, match=r"a\.h5 has no table of the neutrino.*`argoscope select veto` works"
    ):
        evaluate_veto([path])
    with pytest.raises(InvalidArgument, match="no event"):
        evaluate_veto([])
    with pytest.raises(InvalidArgument, match=r"b\.h5 has no predicted instances"):
        evaluate_veto([write(tmp_path / "b.h5", [event(1)], header())])


# Data without truth


def data(path):
    """Events without any truth, as data are: the neutrino of 30 and of 12 pixels left, and nothing."""
    records = [with_prediction(event(n, lengths)) for n, lengths in enumerate([(30, 20), (12, 40)])]
    records.append(with_prediction(event(2, (35, 20), neutrino=False)))
    truth = {INTERACTION, PARTICLES, NEUTRINO}
    bare = [Record(r.id, {n: p for n, p in r.products.items() if n not in truth}) for r in records]
    of = instances_header(header(), ANCESTOR)
    roles = {role: name for role, name in of.roles.items() if name not in truth}
    return write(path, bare, replace(of, roles=roles))


def test_kept_events_have_all_their_products_and_the_provenance_says_why(tmp_path):
    path = data(tmp_path / "in.h5")
    found = select_veto(
        path,
        tmp_path / "out.h5",
        cut=12,
        event_list=tmp_path / "kept.txt",
        command="argoscope select",
        **LARGE,
    )
    assert [step["events"] for step in found["cut_flow"]] == [3, 3, 1]
    assert found["largest"] == [30, 12, 0]
    assert found["kept"] == [{"entry": 0, "run": 1, "subrun": 2, "event": 0}]
    assert (tmp_path / "kept.txt").read_text() == "0 1 2 0\n"
    with Larcv3File(path) as before, Larcv3File(tmp_path / "out.h5") as after:
        assert [after.record(n) for n in range(len(after))] == [before.record(0)]
        selection = after.header.provenance["configuration"]["selection"]
        assert selection["cuts"] == {
            "largest_cluster_above": 12,
            "eps": 3.0,
            "min_points": 4,
            "cosmic_score": 0.2,
        }
        assert selection["taggers"] == [{"name": "network (toy)", "provenance": "network"}]
        assert after.header.roles == before.header.roles
    again = select_veto(tmp_path / "out.h5", tmp_path / "again.h5", cut=12, **LARGE)
    assert [step["events"] for step in again["cut_flow"]] == [1, 1, 1]


def test_external_tags_reject_in_skims_too(tmp_path):
    path = data(tmp_path / "in.h5")
    marks = tags(tmp_path / "crt.npz", range(3), veto=[1, 0, 0])
    found = select_veto(path, tmp_path / "out.h5", cut=0, tags=marks, **LARGE)
    assert [step["events"] for step in found["cut_flow"]] == [3, 2, 1]
    assert [row["event"] for row in found["kept"]] == [1]


def test_no_kept_event_is_a_file_and_a_wrong_cut_is_none(tmp_path):
    path = data(tmp_path / "in.h5")
    found = select_veto(path, tmp_path / "out.h5", cut=1000)
    assert found["kept"] == []
    with Larcv3File(tmp_path / "out.h5") as file:
        assert len(file) == 0
    with pytest.raises(InvalidArgument, match=r"cut \(=-1\)"):
        select_veto(path, tmp_path / "no.h5", cut=-1)


@pytest.mark.parametrize("existing", ["out.h5", "kept.txt"])
def test_existing_outputs_are_refused_before_anything_is_written(tmp_path, existing):
    path = data(tmp_path / "in.h5")
    (tmp_path / existing).write_text("mine")
    with pytest.raises(InvalidArgument, match=existing):
        select_veto(path, tmp_path / "out.h5", event_list=tmp_path / "kept.txt")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["in.h5", existing])
