"""Taggers: what they tag, what they are called, and where their answers come from."""

from __future__ import annotations

from dataclasses import replace

import h5py
import numpy as np
import pytest
from tests.instance_files import GRID, SPACING, event, nothing, plane_event

from argoscope.analyses.external_tags import ExternalTags
from argoscope.analyses.flash_difficulty import in_time, in_time_table, places_among, places_in_samples
from argoscope.analyses.simulated_flash import (
    REACH,
    SimulatedFlashTagger,
    _around,
    _quality,
    leaves_or_stops,
)
from argoscope.analyses.taggers import InstanceTagger, Tag, UnionTagger
from argoscope.detectors import detector_named
from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.events import EventId
from argoscope.events.instances import Instances


def tagged(tag, seen):
    return set(seen.image.ids[tag.pixels].tolist())


def line(number, start, end):
    """Pixels of a part of an interaction of the toy."""
    return set(
        GRID.ids(np.stack([np.full(end - start, SPACING * number), np.arange(start, end)], 1)).tolist()
    )


# Predicted instances


def test_cosmic_instances_above_the_score_tag_their_pixels():
    def predict(_truth):
        sets = [
            sorted(line(1, 0, 12)),
            sorted(line(1, 5, 20)),
            sorted(line(2, 0, 9)),
            sorted(line(0, 0, 30)),
            [1900],
        ]
        return Instances.of_sets(GRID, sets, [1, 1, 1, 5, 1], [0.21, 0.9, 0.2, 0.9, 0.9])

    seen = plane_event(event(1), predict)
    # 0.2 is not above 0.2; the neutrino is no cosmic; pixel 1900 has no charge.
    assert tagged(InstanceTagger().tag(seen), seen) == line(1, 0, 20)
    assert tagged(InstanceTagger(above=0.5).tag(seen), seen) == line(1, 5, 20)
    assert tagged(InstanceTagger(above=0.95).tag(seen), seen) == set()


def test_a_union_tags_and_rejects_what_any_part_does():
    class Fixed:
        provenance = "external"

        def __init__(self, name, rows, veto=False):
            self.name, self.rows, self.veto = name, rows, veto

        def tag(self, seen):
            return Tag(np.isin(np.arange(len(seen.image)), self.rows), self.veto, 2)

    seen = plane_event(event(1))
    both = UnionTagger([Fixed("a", [1, 2]), Fixed("b", [2, 5], veto=True)])
    found = both.tag(seen)
    assert np.flatnonzero(found.pixels).tolist() == [1, 2, 5]
    assert (found.event_veto, found.off_charge) == (True, 4)
    assert (both.name, both.provenance) == ("a + b", "external")
    assert UnionTagger([Fixed("a", []), SimulatedFlashTagger()]).provenance == "truth-simulated"
    assert UnionTagger([InstanceTagger(), Fixed("a", [])]).provenance == "external"
    assert not UnionTagger([Fixed("a", [1])]).tag(seen).event_veto
    with pytest.raises(InvalidArgument, match="at least one tagger"):
        UnionTagger([])


def test_names_say_what_a_tagger_is_and_never_wire_cell():
    assert InstanceTagger("network (toy)").name == "network (toy)"
    assert SimulatedFlashTagger().name == "sim. flash (truth-smeared)"
    assert "vetoes" in SimulatedFlashTagger(extra_vetoes=True).name
    for tagger in (SimulatedFlashTagger(), SimulatedFlashTagger(extra_vetoes=True)):
        assert tagger.provenance == "truth-simulated"
        assert not {"WC", "Wire-Cell"} & set(tagger.name.split())


# Tags of others

COLUMNS = {
    "event_run": [1, 1], "event_subrun": [2, 2], "event_event": [7, 8], "event_veto": [0, 1],
    "run": [1, 1, 1], "subrun": [2, 2, 2], "event": [7, 7, 7], "wire": [8, 8, 20], "tick": [3, 4, 39],
}  # fmt: skip


SUFFIXES = [".npz", ".h5", ".parquet", ".root"]


def save(path, columns):
    if path.suffix in {".parquet", ".root"}:
        return save_rows(path, rows_of(columns))
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        with h5py.File(path, "w") as file:
            for name, values in arrays.items():
                file[name] = values
    return path


def rows_of(columns):
    """The same, a row an event with lists of pixels."""
    numbers = columns["event_event"]
    lists = [name for name in ("wire", "tick", "plane") if name in columns]
    rows = {name: list(columns[f"event_{name}"]) for name in ("run", "subrun", "event")}
    rows |= {"veto": list(columns["event_veto"])} if "event_veto" in columns else {}
    return rows | {
        name: [[v for v, e in zip(columns[name], columns["event"], strict=True) if e == n] for n in numbers]
        for name in lists
    }


def save_rows(path, rows, name="tags"):
    if path.suffix == ".parquet":
        pq, pa = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
        pq.write_table(pa.table(rows), path)
        return path
    uproot, ak = pytest.importorskip("uproot"), pytest.importorskip("awkward")
    with uproot.recreate(path) as file:
        file[name] = {key: ak.values_astype(ak.Array(values), np.int32) for key, values in rows.items()}
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_external_tags_are_read_and_matched_by_event(tmp_path, suffix):
    tagger = ExternalTags.open(save(tmp_path / f"mine{suffix}", COLUMNS))
    assert (tagger.name, tagger.provenance) == ("external: mine", "external")
    seen = plane_event(event(7))
    found = tagger.tag(seen)
    # Wire 20 has no charge.
    assert tagged(found, seen) == line(1, 3, 5)
    assert (found.event_veto, found.off_charge) == (False, 1)
    other = tagger.tag(plane_event(event(8)))
    assert other.event_veto
    assert not other.pixels.any()


def test_an_event_that_is_not_listed_is_an_error_and_not_an_event_without_tags():
    tagger = ExternalTags("mine", COLUMNS)
    with pytest.raises(InvalidArgument, match=r"have no run 1 subrun 2 event 9 among their 2 events"):
        tagger.tag(plane_event(event(9)))


def test_tags_grow_inside_the_image():
    columns = {**COLUMNS, "wire": [8, 9, 0], "tick": [0, 10, 0]}
    seen = plane_event(event(7))
    found = ExternalTags("mine", columns, dilation=1).tag(seen)
    assert tagged(found, seen) == line(1, 0, 2) | line(1, 9, 12) | line(0, 0, 2)
    assert found.off_charge == 1
    with pytest.raises(InvalidArgument, match=r"dilation \(=-1\)"):
        ExternalTags("mine", columns, dilation=-1)


def test_tags_of_other_planes_are_left_out():
    seen = plane_event(event(7))
    found = ExternalTags("mine", {**COLUMNS, "plane": [0, 2, 2]}).tag(seen)
    assert tagged(found, seen) == line(1, 4, 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tick": None}, r"lack the column 'tick'"),
        ({"event_run": None}, r"lack the column 'event_run'"),
        ({"wire": [8, 8]}, r"columns of different lengths: .*'wire': 2"),
        ({"event_event": [7, 7]}, r"list an event twice"),
        ({"event": [7, 7, 9]}, r"a pixel \(row 2\) of run 1 subrun 2 event 9, which they do not list"),
        ({"wire": [8.5, 8, 20]}, r"column 'wire' .* must be a list of whole numbers"),
    ],
)
def test_wrong_tables_of_tags_are_refused(change, message):
    columns = {name: values for name, values in {**COLUMNS, **change}.items() if values is not None}
    with pytest.raises(InvalidArgument, match=message):
        ExternalTags("mine", columns)


def test_a_tag_outside_the_image_is_refused():
    """Most often ticks of the readout, of which a row of the image has six."""
    for change, place in (
        ({"wire": [8, 8, 48]}, "wire 48, tick 39"),
        ({"tick": [3, 4, -1]}, "wire 20, tick -1"),
    ):
        message = (
            r"the tags 'mine' have 1 of 3 pixels of run 1 subrun 2 event 7 outside its image of \(48, 40\), the first at "
            rf"{place}: .* divided by the ticks of a row"
        )
        with pytest.raises(InvalidArgument, match=message):
            ExternalTags("mine", {**COLUMNS, **change}).tag(plane_event(event(7)))


@pytest.mark.parametrize("suffix", SUFFIXES[2:])
def test_rows_of_events_without_pixels_and_with_planes_are_read(tmp_path, suffix):
    columns = {**COLUMNS, "event": [8, 8, 8], "plane": [2, 0, 2]}
    tagger = ExternalTags.open(save(tmp_path / f"a{suffix}", columns))
    assert not tagger.tag(plane_event(event(7))).pixels.any()
    seen = plane_event(event(8))
    assert tagged(tagger.tag(seen), seen) == line(1, 3, 4)
    nothing = {"run": [1], "subrun": [2], "event": [7], "wire": [[5]], "tick": [[6]]}
    read = ExternalTags.open(save_rows(tmp_path / f"b{suffix}", nothing))
    assert read.columns["wire"].tolist() == [5]
    assert "event_veto" not in read.columns


@pytest.mark.parametrize("suffix", SUFFIXES[2:])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"wire": [[1, 2], [3]], "tick": [[1, 2], []]},
            r"row 1 of .* has 0 pixels in 'tick' and 1 in 'wire'",
        ),
        ({"tick": None}, "lack the column 'tick'"),
        ({"run": None}, "lack the column 'event_run'"),
        ({"wire": None, "tick": None}, "lack the column"),
        ({"event": [7, 7]}, "list an event twice"),
    ],
)
def test_wrong_rows_of_events_are_refused(tmp_path, suffix, change, message):
    rows = {
        "run": [1, 1],
        "subrun": [2, 2],
        "event": [7, 8],
        "wire": [[1], [2]],
        "tick": [[1], [2]],
        **change,
    }
    path = save_rows(tmp_path / f"a{suffix}", {name: row for name, row in rows.items() if row is not None})
    with pytest.raises(InvalidArgument, match=message):
        ExternalTags.open(path)


def test_gaps_and_fractions_in_parquet_and_other_trees_are_refused(tmp_path):
    rows = {"run": [1, 1], "subrun": [2, 2], "event": [7, 8], "wire": [[1], None], "tick": [[1], []]}
    with pytest.raises(InvalidArgument, match=r"the column 'wire' of .* has gaps"):
        ExternalTags.open(save_rows(tmp_path / "a.parquet", rows))
    with pytest.raises(InvalidArgument, match=r"column 'wire' .* must be a list of whole numbers"):
        ExternalTags.open(save_rows(tmp_path / "b.parquet", {**rows, "wire": [[1.5], []]}))
    whole = {**rows, "wire": [[1], []]}
    with pytest.raises(InvalidArgument, match=r"has no tree 'tags'. Did you mean 'tag'"):
        ExternalTags.open(save_rows(tmp_path / "a.root", whole, name="tag"))


@pytest.mark.parametrize(("suffix", "library"), [(".parquet", "pyarrow"), (".root", "uproot")])
def test_files_that_need_an_extra_say_which(tmp_path, monkeypatch, suffix, library):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("argoscope.analyses.tag_tables.import_module", missing)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"any")
    with pytest.raises(InvalidArgument, match=rf"needs {library}: pip install 'argoscope\[root\]'"):
        ExternalTags.open(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_that_are_no_tables_of_tags_are_refused(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"not a table")
    with pytest.raises(UnreadableFile, match=r"a\."):
        ExternalTags.open(path)
    with pytest.raises(UnreadableFile, match="does not exist"):
        ExternalTags.open(tmp_path / f"b{suffix}")
    with pytest.raises(InvalidArgument, match=r"must end in \.npz, \.h5, \.parquet, \.root"):
        ExternalTags.open(tmp_path / "a.csv")


# The simulated flash

SURE = {"eps_in": 1.0, "f_out": 0.0, "rho": 0.0}


def shares(tagger, seen):
    """Share of each true instance that is tagged."""
    pixels = tagged(tagger.tag(seen), seen)
    clusters = seen.truth.clusters
    return [np.mean([k in pixels for k in clusters.cluster(n).ids.tolist()]) for n in range(len(clusters))]


def sample(count, lengths=(30, 20, 40), **options):
    return [plane_event(event(n, lengths, **options)) for n in range(count)]


def test_a_sure_flash_leaves_the_object_in_time_and_tags_most_of_the_others():
    """Lines lie 8 wires apart, within reach: impurity takes some of the neutrino along."""
    found = np.array([shares(SimulatedFlashTagger(**SURE), seen) for seen in sample(300)])
    assert found[:, 0].mean() < 0.2
    assert (found[:, 1:].mean(axis=0) > 0.75).all()
    # Completeness is at least 0.7 for four of five, and half of the others.
    assert np.mean(found[:, 2] >= 0.7) == pytest.approx(0.9, abs=0.05)


def test_without_a_flash_in_time_everything_is_tagged():
    seen = plane_event(event(1))
    seen = replace(seen, event=replace(seen.event, particles=_late(seen.event.particles)))
    assert min(shares(SimulatedFlashTagger(**SURE), seen)) > 0


def _late(particles):
    late = particles.copy()
    late["ancestor_vtx"]["t"] = 5e5
    return late


@pytest.mark.parametrize("corner", [(0, 0), (40, 30), (47, 0), (5, 39)])
def test_pixels_in_reach_are_all_those_of_the_box_around_a_part(corner):
    rng = np.random.default_rng(3)
    coordinates = np.argwhere(rng.random(GRID.shape) < 0.4).astype(np.int32)
    part = np.array([corner, np.minimum(np.add(corner, (4, 7)), np.subtract(GRID.shape, 1))], dtype=float)
    inside = (coordinates >= part.min(axis=0) - REACH) & (coordinates <= part.max(axis=0) + REACH)
    assert _around(coordinates, part).tolist() == np.flatnonzero(inside.all(axis=1)).tolist()


def mistakes(tagger, seen):
    """Which true instances are taken for the opposite; the first is in time."""
    wanted = np.arange(len(seen.truth)) == 0
    return tagger._fails(seen, wanted, tagger._rng(seen))


def repeated(seen, count, first=0):
    """One event under many numbers."""
    return [
        replace(seen, event=replace(seen.event, id=seen.event.id._replace(event=n)))
        for n in range(first, first + count)
    ]


def placed(events):
    """The events, with the places of their interactions in time among those of all."""
    places = places_in_samples(["nue"] * len(events), [in_time_table(seen) for seen in events])
    return [replace(seen, places=place) for seen, place in zip(events, places, strict=True)]


def test_the_two_probabilities_are_those_of_the_mistakes():
    tagger = SimulatedFlashTagger(eps_in=0.7, f_out=0.2, rho=0.0)
    found = np.mean([mistakes(tagger, seen) for seen in repeated(plane_event(event(0)), 2000)], axis=0)
    # Three standard deviations of a share of 2000.
    np.testing.assert_allclose(found, [0.3, 0.2, 0.2], atol=0.031)


@pytest.mark.parametrize("lengths", [(40, 12, 20), (5, 30, 40), (30,)])
@pytest.mark.parametrize("rho", [0.5, 0.9])
def test_correlation_leaves_the_probabilities_of_either_kind_as_they_are(lengths, rho):
    """Whether the object in time is the longest of its event, the shortest, or the only one."""
    events = placed(repeated(plane_event(event(0, lengths)), 1500))
    tagger = SimulatedFlashTagger(eps_in=0.9, f_out=0.1, rho=rho)
    found = [mistakes(tagger, seen) for seen in events]
    assert np.mean([row[0] for row in found]) == pytest.approx(0.1, abs=0.024)
    if len(lengths) > 1:
        assert np.mean([row[1:].mean() for row in found]) == pytest.approx(0.1, abs=0.024)


def test_the_object_in_time_is_lost_where_it_is_difficult_among_its_sample():
    """Lengths from 2 to 40: the shorter half is lost more often, all together as often as asked."""
    rng = np.random.default_rng(1)
    lengths = np.repeat(rng.integers(2, 41, 50), 30)
    events = [plane_event(event(0, (int(k), 40, 40))) for k in lengths[::30]]
    events = placed([again for n, seen in enumerate(events) for again in repeated(seen, 30, first=30 * n)])
    lost = np.array([mistakes(SimulatedFlashTagger(eps_in=0.8, rho=0.5), seen)[0] for seen in events])
    assert lost.mean() == pytest.approx(0.2, abs=0.031)
    assert lost[lengths < 20].mean() > 2 * lost[lengths >= 20].mean()
    alone = [
        mistakes(SimulatedFlashTagger(eps_in=0.8, rho=0.5), replace(seen, places=None))[0] for seen in events
    ]
    assert np.mean(alone) == pytest.approx(0.2, abs=0.031)


def test_places_part_the_interval_and_are_shared_by_equals(rng):
    dead, pixels = rng.integers(0, 3, 50) / 4, rng.integers(1, 6, 50)
    places = places_among(dead, pixels)
    inside = (places[:, :1] < 0.505) & (places[:, 1:] > 0.505)
    assert np.unique(places[inside[:, 0]], axis=0).shape == (1, 2)
    sizes = np.diff(places, axis=1)[:, 0]
    # Each interaction has the length 1/n of the place that it shares.
    _, first, number = np.unique(places[:, 0], return_index=True, return_counts=True)
    np.testing.assert_allclose(sizes[first], number / 50)
    assert places_among(np.zeros(0), np.zeros(0)).shape == (0, 2)
    np.testing.assert_array_equal(places_among(np.array([np.nan]), np.array([3])), [[0, 1]])


def test_interactions_in_time_are_compared_with_those_of_their_sample_and_energy():
    """Forty from 200 MeV up; twenty below, whose ten weakest are a group of their own."""
    weak = [np.array([[10.0 * (k // 10 + 1), 0.0, k + 1]]) for k in range(20)]
    strong = [np.array([[300.0, 0.0, 100 + k]]) for k in range(40)]
    none = np.zeros((0, 3))
    places = places_in_samples(["nue"] * 60 + ["offbeam"] * 2, [*strong, *weak, none, weak[0]])
    np.testing.assert_allclose(places[0], [[39 / 40, 1.0]])
    np.testing.assert_allclose(places[40], [[0.9, 1.0]])
    np.testing.assert_allclose(places[50], [[0.9, 1.0]])
    assert places[60].shape == (0, 2)
    np.testing.assert_allclose(places[61], [[0.0, 1.0]])
    assert places_in_samples([], []) == []


def test_events_of_one_number_in_two_samples_have_their_own_chance():
    tagger = SimulatedFlashTagger()
    here, there = plane_event(event(0)), plane_event(event(0))
    particles = there.event.particles.copy()
    particles["energy_init"] = 777.0
    there = replace(there, event=replace(there.event, particles=particles))
    assert (tagger.tag(here).pixels == tagger.tag(plane_event(event(0))).pixels).all()
    assert (tagger.tag(here).pixels != tagger.tag(there).pixels).any()


def test_an_object_that_is_badly_tagged_has_less_than_its_bound():
    """One of five has a completeness below 0.7 or, as often, a purity below 0.8; the others have both."""
    rng = np.random.default_rng(2)
    completeness, purity = np.array([_quality(rng) for _ in range(4000)]).T
    good = (completeness >= 0.7) & (purity >= 0.8)
    assert good.mean() == pytest.approx(0.8, abs=0.02)
    assert (completeness < 0.7).mean() == pytest.approx(0.1, abs=0.015)
    # Anything below the bound, evenly.
    assert completeness[completeness < 0.7].mean() == pytest.approx(0.35, abs=0.035)
    assert purity[purity < 0.8].mean() == pytest.approx(0.4, abs=0.04)


def test_correlated_mistakes_fall_on_the_difficult_and_stay_as_many():
    """The shortest of seven cosmic rays is the most difficult."""
    events = sample(300, (40, 12, 20, 25, 30, 35))
    missed = {}
    for rho in (0.0, 0.8):
        tagger = SimulatedFlashTagger(eps_in=1.0, f_out=0.25, rho=rho)
        missed[rho] = np.array([shares(tagger, seen) for seen in events])[:, 1:] < 0.05
    assert missed[0.8][:, 0].mean() > 2 * missed[0.0][:, 0].mean()
    assert missed[0.8][:, -1].mean() < 0.5 * missed[0.0][:, -1].mean()
    assert missed[0.8].mean() == pytest.approx(missed[0.0].mean(), abs=0.06)


def test_little_energy_is_seen_seldom():
    weak = []
    for seen in sample(200):
        particles = seen.event.particles.copy()
        particles["energy_deposit"] = 50.0
        weak.append(replace(seen, event=replace(seen.event, particles=particles)))
    found = np.array([shares(SimulatedFlashTagger(**SURE), seen)[0] for seen in weak])
    # A quarter of 200 MeV: three of four are tagged.
    assert np.mean(found > 0.3) == pytest.approx(0.75 * 0.95, abs=0.1)


def test_an_event_has_the_same_tags_however_often_and_wherever_it_stands():
    events = sample(3)
    tagger = SimulatedFlashTagger()
    first = [tagger.tag(seen).pixels for seen in events]
    again = [tagger.tag(seen).pixels for seen in reversed(events)][::-1]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert any(
        (SimulatedFlashTagger(seed=1).tag(e).pixels != p).any() for e, p in zip(events, first, strict=True)
    )


def test_events_without_truth_need_external_tags():
    seen = replace(plane_event(event(4), nothing), truth=None)
    with pytest.raises(InvalidArgument, match=r"event 4 has no truth, .* data need external tags"):
        SimulatedFlashTagger().tag(seen)


def test_an_empty_plane_has_no_tags():
    seen = plane_event(event(1, (0, 0)))
    assert SimulatedFlashTagger().tag(seen).pixels.shape == (0,)
    assert InstanceTagger().tag(seen).pixels.shape == (0,)


@pytest.mark.parametrize("option", ["eps_in", "f_out", "rho"])
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_probabilities_out_of_range_are_refused(option, value):
    with pytest.raises(InvalidArgument, match=rf"{option} \(={value}\) must be from 0 to 1"):
        SimulatedFlashTagger(**{option: value})


def test_the_spill_is_where_the_beam_is():
    particles = plane_event(event(1)).event.particles
    assert in_time(particles).tolist() == [0]
    assert in_time(_late(particles)).tolist() == []


@pytest.mark.parametrize(
    ("start", "end", "answer"),
    [
        ([128, 147, 500], [128, -147, 500], True),  # through
        ([128, 147, 500], [128, 0, 500], True),  # enters and stops
        ([128, 50, 500], [128, 0, 500], False),  # contained
        ([128, 109, 500], [128, 0, 500], True),  # begins within 10 cm of the top at 116.5
        ([128, 50, 500], [128, 0, 1036], True),  # leaves downstream
        ([300, 147, 500], [300, -147, 500], False),  # passes by
        ([128, 147, 500], [128, 130, 500], False),  # stops above
    ],
)
def test_a_muon_through_a_wall_is_told_by_its_ends(start, end, answer):
    detector = detector_named("microboone")
    assert leaves_or_stops(np.array(start, float), np.array(end, float), detector) == answer
    assert leaves_or_stops(np.array(end, float), np.array(start, float), detector) == answer


def test_extra_vetoes_reject_in_time_muons_and_no_electron_neutrinos():
    def rejected(neutrino):
        found = []
        for number in range(200):
            seen = plane_event(event(number, neutrino=neutrino), detector="microboone")
            particles = seen.event.particles.copy()
            particles["pdg"] = 11 if neutrino else 13
            for axis, low, high in (("x", 100, 100), ("y", 140, -140), ("z", 500, 500)):
                particles["first_step"][axis], particles["last_step"][axis] = low, high
            seen = replace(seen, event=replace(seen.event, particles=particles, id=EventId(1, 0, number)))
            found.append(SimulatedFlashTagger(extra_vetoes=True).tag(seen).event_veto)
            assert not SimulatedFlashTagger().tag(seen).event_veto
        return np.mean(found)

    assert rejected(True) == 0
    assert rejected(False) == pytest.approx(0.9, abs=0.07)
