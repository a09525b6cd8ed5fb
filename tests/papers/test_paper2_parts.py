"""Paper 2's counting on hand-made events: crops over a plane, what a crop holds, which event is shown, whose files are taken."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from argoscope.errors import InvalidArgument
from argoscope.events import (
    FIVE_CLASS,
    IDENTIFIER,
    Event,
    EventId,
    Grid,
    Image,
    LabelColumn,
    empty_particles,
)
from argoscope.files.larcv3_write import write_events
from argoscope.papers.paper2_studies.hand_samples import hand_sample
from argoscope.papers.paper2_studies.masking import worth
from argoscope.papers.paper2_studies.pictures import place_of
from argoscope.papers.paper2_studies.planes import corners
from argoscope.papers.paper2_studies.sample import counts_of
from argoscope.papers.paper2_studies.sizes import SMALL
from argoscope.papers.samples import SEEDS, Sample, events_of, sample_file
from argoscope.papers.scan import checks_of
from argoscope.papers.study import Context
from argoscope.simulation.chain import simulation_named

HIP, MIP, SHOWER, DELTA, MICHEL, NONE = range(6)


def event_of(labels, charge=None, *, owners=None, codes=()):
    """An event whose one image has a row of pixels; particles are primary."""
    at = np.column_stack([np.full(len(labels), 3), np.arange(len(labels))]).reshape(-1, 2).astype(np.int32)
    values = np.full(len(labels), 50.0) if charge is None else np.array(charge)
    columns = {
        "semantic": LabelColumn(np.array(labels, dtype=np.int32), FIVE_CLASS),
        "instance": LabelColumn(np.array(owners or [0] * len(labels), dtype=np.int32), IDENTIFIER),
    }
    table = empty_particles(len(codes))
    table["pdg"], table["process"] = list(codes), b"primary"
    return Event(EventId(), (Image(Grid((10, 40)), at, values.astype(np.float32), columns),), table)


@pytest.mark.parametrize(
    ("shape", "number"), [((3456, 1008), (16, 4)), ((512, 512), (1, 1)), ((600, 512), (2, 1))]
)
def test_crops_lie_from_border_to_border(shape, number):
    found = corners(shape, 512, number)
    assert len(found) == math.prod(number)
    for axis, (side, count) in enumerate(zip(shape, number, strict=True)):
        along = sorted({low[axis] for low in found})
        assert along[0] == 0
        assert along[-1] == (side - 512 if count > 1 else 0)
        assert all(after - before <= 512 for before, after in pairwise(along))


def test_a_crop_is_counted_from_10_on():
    event = event_of([SHOWER, MIP, HIP, MICHEL, NONE], [9.9, 10, 50, 300, 20], codes=(11, -211, 2212))
    found = counts_of(event)
    assert found.pixels == 4
    assert found.background == pytest.approx(1 - 4 / 400)
    assert (found.shower, found.track) == pytest.approx((1 / 3, 2 / 3))
    assert found.primaries == {"all": 3, "lepton": 1, "proton": 1, "photon": 0, "charged pion": 1}


def test_an_empty_crop_has_no_shares():
    found = counts_of(event_of([]))
    assert (found.pixels, found.background) == (0, 1.0)
    assert math.isnan(found.shower)
    assert math.isnan(found.track)


def test_a_pair_is_as_long_as_its_shorter_half():
    assert worth(event_of([MIP] * 5 + [MICHEL] * 3, owners=[0] * 5 + [1] * 3)) == 3
    assert worth(event_of([MIP] * 5)) == worth(event_of([])) == 0


def test_the_event_shown_has_its_rank():
    icpf = np.array([0.2, np.nan, 0.9, 0.1, 0.3])
    assert [place_of(icpf, rank) for rank in (0.0, 0.5, 1.0)] == [3, 0, 2]
    assert place_of(np.array([np.nan, 0.4]), 0.5) == 1


def test_real_crops_stand_for_the_training_sample_alone(tmp_path):
    """An own file of crops is no sample of electron neutrinos."""
    simulation = simulation_named("paper2", seed=7)
    real = tmp_path / "real.h5"
    write_events(real, [simulation.event(number).event for number in range(10)])
    folder = tmp_path / "out"
    folder.mkdir()
    context = Context(folder, "small", settings={"data": [str(real)]})
    taken, made = (
        next(events_of(sample_file(context, Sample(preset=preset, use="test", events=2))))
        for preset in ("paper2", "paper2-1e1p")
    )
    assert taken.id == simulation.event(8).event.id
    assert sorted(abs(made.particles["pdg"][made.particles["process"] == b"primary"]).tolist()) == [11, 2212]


def test_muons_without_a_michel_electron_are_left_out_of_varied_detectors_too(tmp_path):
    """Half of the stopping muons show none; which do is told by the detector as it is."""
    context = Context(tmp_path, "small")
    central = replace(hand_sample(replace(SMALL, hand_events=2), "paper2-michel"), use="train")
    high = replace(central, vary=("threshold=40",))
    shown, varied = (list(events_of(sample_file(context, sample))) for sample in (central, high))
    pixels = [int((event.images[0].label("semantic").values == MICHEL).sum()) for event in shown]
    simulation = simulation_named("paper2-michel", seed=SEEDS["train"])
    drawn = [simulation.event(number).event for number in range(6)]
    rich = [event for event in drawn if (event.images[0].label("semantic").values == MICHEL).sum() >= 10]
    assert [event.id for event in varied] == [event.id for event in shown] == [event.id for event in rich[:2]]
    assert len(rich) < 6
    assert all(count >= 10 for count in pixels)
    assert sum(event.pixels for event in varied) < sum(event.pixels for event in shown)
    with pytest.raises(
        InvalidArgument,
        match=r"0 of 6 events of paper2-michel, seed 1 have a Michel electron of at least 9999",
    ):
        sample_file(context, replace(central, michel=9999))


def test_neutral_pions_are_all_kept():
    assert hand_sample(SMALL, "paper2-ccpi0").michel == 0


def test_validations_without_interval_are_no_checks(tmp_path):
    (tmp_path / "validation.csv").write_text("step,accuracy,icpf_mean,loss\n2,0.5,0.5,1.0\n")
    assert checks_of(tmp_path) == []
