"""`models`: a list, cards for people, cards as JSON."""

from __future__ import annotations

import json

import pytest

from argoscope.cli.main import main
from argoscope.models import cards
from argoscope.models.cards import read_card

HELD_OUT = [
    {
        "sample": {"events": 500, "preset": "paper3", "file": "a.h5"},
        "headline": "pooled",
        "pooled": {"accuracy": {"value": 0.91, "low": 0.9, "high": 0.92}},
    },
    {
        "sample": {"events": 3, "preset": None, "file": "b.h5"},
        "headline": "pooled",
        "pooled": {"accuracy": {"value": None, "low": None, "high": None}},
    },
]


def test_a_card_is_read_by_people_and_as_json(make_model, capfd):
    path = make_model(
        metrics={"held_out": HELD_OUT}, limits=("no dense cosmics", "one detector"), charge_scale=41.25,
        training={"steps": 12, "loss": {"gamma": 0.0}},
    )  # fmt: skip
    assert main(["models", str(path.parent)]) == 0
    rows = capfd.readouterr().out
    for words in (
        "HIP, MIP, shower, delta, Michel",
        "PIU, signal peaks 41.2",
        "500 events of paper3: accuracy 0.9100 [0.9000, 0.9200]",
        "3 events of b.h5: accuracy -",
        "no dense cosmics",
        "one detector",
        "least 10.0, most 300.0",
        "steps 12\n",
        read_card(path.with_suffix(".json"))[1],
    ):
        assert words in rows
    assert main(["models", str(path), "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == json.loads(path.with_suffix(".json").read_text())


def test_every_training_that_the_weights_went_through_is_told(make_model, capfd):
    """First the one it all began with."""
    first = {"name": "wide", "training": {"steps": 400, "hours": 2.5, "loss": {"gamma": 0.0}}}
    second = {"name": "mine", "training": {"steps": 30, "hours": 0.5, "origin": first}}
    path = make_model(training={"steps": 7, "hours": 1.25, "origin": second})
    assert main(["models", str(path)]) == 0
    rows = [line.split(maxsplit=1) for line in capfd.readouterr().out.splitlines()]
    assert [row for row in rows if row[0] in {"training", "then"}] == [
        ["training", "steps 400, hours 2.5"],
        ["then", "steps 30, hours 0.5"],
        ["then", "steps 7, hours 1.25"],
    ]


@pytest.mark.parametrize("origin", [None, "mine", {}, {"training": {}}, {"training": "long"}])
def test_a_card_whose_origin_tells_of_no_training_has_one(make_model, origin):
    card, _ = read_card(make_model(training={"steps": 7, "origin": origin}).with_suffix(".json"))
    assert card.phases == [card.training]


def test_a_model_that_nobody_measured_says_what_does(make_model, capfd):
    assert main(["models", str(make_model())]) == 0
    assert "not measured: `argoscope finish` does" in capfd.readouterr().out


def test_a_card_that_is_no_card_is_refused_in_one_line(make_model, capfd):
    card = make_model().with_suffix(".json")
    card.write_text("{")
    for options in ([], ["--json"]):
        assert main(["models", str(card), *options]) == 3
        assert "no card of a model can be read there" in capfd.readouterr().err


def test_a_package_without_models_says_how_one_is_made(monkeypatch, capfd):
    """Not an error: the list is empty, and stdout holds it."""
    monkeypatch.setattr(cards, "shipped_models", dict)
    assert main(["models"]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert "argoscope finish RUN" in err
    assert main(["models", "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == {}


def test_shipped_models_are_listed_with_what_they_reach(make_model, monkeypatch, capfd):
    path = make_model(metrics={"held_out": HELD_OUT}, detector="microboone").with_suffix(".json")
    monkeypatch.setattr(cards, "shipped_models", lambda: {"small": path})
    assert main(["models"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].split() == ["small", "five-class,", "trained", "on", "microboone", "(PIU)"]
    assert "accuracy 0.9100" in lines[1]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            {
                "paper": {
                    "accuracy": 0.9,
                    "non_background_accuracy": 0.8,
                    "iou_cosmic": 0.7,
                    "iou_neutrino": 0.6,
                }
            },
            "non background accuracy 0.8000, IoU cosmic 0.7000, IoU neutrino 0.6000",
        ),
        (
            {"overall": {"efficiency": 0.8, "purity": 0.7, "panoptic_quality": 0.6, "ap50": 0.5}},
            "efficiency 0.8000, purity 0.7000, panoptic quality 0.6000",
        ),
        ({"icpf_mean": 0.04}, "ICPF 0.0400"),
        ({"headline": "pooled", "pooled": {"accuracy": 0.9}}, "accuracy 0.9000"),
    ],
)
def test_each_task_is_listed_with_the_numbers_it_is_judged_by(found, said, make_model, monkeypatch, capfd):
    sample = {"events": 5, "preset": "", "file": "held.h5"}
    measured = {"sample": sample, **json.loads(json.dumps(found), parse_float=_exact)}
    path = make_model(metrics={"held_out": [measured]}).with_suffix(".json")
    monkeypatch.setattr(cards, "shipped_models", lambda: {"small": path})
    assert main(["models"]) == 0
    assert capfd.readouterr().out.splitlines()[1].strip() == f"5 events of held.h5: {said}"


def _exact(value):
    """A number without interval, as evaluations write it."""
    return {"value": float(value), "low": None, "high": None}
