"""Mistakes of files: numbers, pictures, words."""

from __future__ import annotations

import json

import pytest
from tests.michel_files import michel_event, write_predicted

from argoscope.cli.main import main
from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, TRACK_SHOWER
from argoscope.inference.evaluate import evaluate_five_class
from argoscope.inference.evaluate_mistakes import evaluate_mistakes
from argoscope.inference.predict import predict_file
from argoscope.inference.products import require_scheme


@pytest.fixture
def predicted(make_model, events_file, tmp_path):
    predict_file(events_file, tmp_path / "p.h5", model=str(make_model()))
    return tmp_path / "p.h5"


def test_every_pixel_of_a_particle_is_in_one_bin(predicted):
    found, whole = evaluate_mistakes([predicted]), evaluate_five_class([predicted])
    lengths = sum(sum(map(sum, row["confusion"])) for row in found["by_length"])
    assert 0 < lengths <= sum(map(sum, whole["confusion"]["pixels"]))
    assert found["by_border"] == whole["by_border"]


def test_a_file_without_instances_is_refused(tmp_path):
    with pytest.raises(InvalidArgument, match="has no instances"):
        evaluate_mistakes([write_predicted(tmp_path / "a.h5", [michel_event(0)])])


def test_tracks_and_showers_are_sent_to_the_task_that_measures_them():
    with pytest.raises(
        InvalidArgument, match=r"measure these by `argoscope evaluate track-shower` \(`worst`"
    ):
        require_scheme(TRACK_SHOWER, FIVE_CLASS, "the predictions of a.h5")
    with pytest.raises(InvalidArgument, match="choose another task"):
        require_scheme(None, FIVE_CLASS, "the predictions of a.h5")


def test_the_command(predicted, tmp_path, capfd):
    folder = tmp_path / "figures"
    assert (
        main(["evaluate", "mistakes", str(predicted), "--json", "--worst", "2", "--figures", str(folder)])
        == 0
    )
    found = json.loads(capfd.readouterr().out)
    assert len(found["worst"]) == 2
    assert {path.name for path in folder.glob("*.png")} == {
        "border.png", "particle-energy.png", "particle-length.png", "worst.png",
    }  # fmt: skip
    assert main(["evaluate", "mistakes", str(predicted)]) == 0
    assert "of the pixels right" in capfd.readouterr().out
