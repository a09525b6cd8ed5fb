"""Settings of the response: every rule refuses by name, texts become values, presets hold their sources."""

from __future__ import annotations

import ast
import inspect
import itertools
from dataclasses import fields, replace

import pytest

from argoscope.detectors import detector_from_yaml, detector_named
from argoscope.errors import InvalidArgument
from argoscope.simulation import response_settings
from argoscope.simulation.chain import simulation_named
from argoscope.simulation.generators.particle_gun import ParticleGun
from argoscope.simulation.response_presets import RESPONSES, adjusted, settings_for
from argoscope.simulation.response_settings import ResponseSettings
from argoscope.simulation.variations import varied
from argoscope.simulation.voxel_response import VoxelSettings

GUN = ParticleGun(particle="mu-", position_cm=(0.0, 0.0, 0.0), kinetic_mev=50.0)


def test_every_field_says_what_it_is() -> None:
    body = next(
        n for n in ast.parse(inspect.getsource(response_settings)).body if isinstance(n, ast.ClassDef)
    ).body
    for field, text in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign):
            assert isinstance(text, ast.Expr), f"{ast.unparse(field.target)} has no docstring"
            assert isinstance(text.value, ast.Constant)


EIGHT = (
    "field_kv_cm", "space_charge", "response_width", "response_gain", "response_angle", "recombination",
    "recombination_scale", "lifetime_us", "longitudinal_cm2_s", "transverse_cm2_s", "noise_scale", "dead_fraction",
    "dead_map", "plane_gains", "threshold", "shift_wires", "shift_rows",
)  # fmt: skip


@pytest.mark.parametrize("name", EIGHT)
def test_every_variation_of_paper_3_is_a_field(name: str) -> None:
    assert name in {field.name for field in fields(ResponseSettings)}


NAN = float("nan")


def test_every_number_has_limits() -> None:
    words = {
        "recombination",
        "noise",
        "energy_spread",
        "fluctuate",
        "dead_map",
        "weak_wires",
        "induction_roi",
    }
    assert {field.name for field in fields(ResponseSettings)} - words == set(response_settings._LIMITS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"field_kv_cm": 0.0}, r"field_kv_cm \(=0\.0\) must lie between 0\.001 and 100"),
        ({"field_kv_cm": float("nan")}, r"field_kv_cm \(=nan\) must lie between"),
        ({"lifetime_us": -1.0}, r"lifetime_us \(=-1\.0\) must be positive"),
        ({"lifetime_us": float("inf")}, r"lifetime_us \(=inf\) must be positive and at most 1e\+15"),
        ({"threshold": -5.0}, r"threshold \(=-5\.0\) must lie between 0 and"),
        ({"transverse_cm2_s": -1.0}, r"transverse_cm2_s"),
        ({"noise_scale": float("nan")}, r"noise_scale"),
        ({"noise_sigma": (1.0, -1.0, 1.0)}, r"noise_sigma"),
        ({"dead_fraction": 1.0}, r"dead_fraction \(=1\.0\) must be below 1"),
        ({"response_angle": 1.5}, r"response_angle \(=1\.5\) must lie between -10 and 1"),
        ({"threshold": 10.0, "ceiling": 5.0}, r"ceiling \(=5\.0\) must lie above threshold \(=10\.0\)"),
        ({"time_kernels": ((1.0,),)}, r"time_kernels \(=\(\(1\.0,\),\)\) must have 3 lists, .* and has 1"),
        ({"time_kernels": ((NAN,), (1.0,), (1.0,))}, r"time_kernels"),
        ({"noise_taps": ((1.0,),)}, r"noise_taps .* must have 3 lists"),
        ({"noise_taps": ()}, r"noise_taps \(=\(\)\) must have 3 lists"),
        ({"response_angle": NAN}, r"response_angle \(=nan\)"),
        ({"response_angle": -1e9}, r"response_angle \(=-1000000000\.0\)"),
        ({"plane_gains": (1.0, NAN, 1.0)}, r"plane_gains \(=\(1\.0, nan, 1\.0\)\)"),
        ({"plane_gains": (1.0, -1.0, 1.0)}, r"plane_gains"),
        ({"ceiling": NAN}, r"ceiling \(=nan\)"),
        ({"noise_slow_rows": NAN}, r"noise_slow_rows \(=nan\)"),
        ({"shift_wires": (0.0, 1e12, 0.0)}, r"shift_wires"),
        ({"shift_rows": (NAN, NAN, NAN)}, r"shift_rows"),
        ({"electrons_per_unit": 1e-300}, r"electrons_per_unit"),
        ({"response_width": 100.0}, r"response_width \(=100\.0\) must be positive and at most 20"),
        ({"wire_sigma": (100.0, 1.0, 1.0)}, r"wire_sigma"),
        (
            {"recombination_scale": 5.0},
            r"recombination_scale \(=5\.0\) must be at most 1\.\d+ with 'modified-box'",
        ),
        (
            {"space_charge": 100.0},
            r"space_charge \(=100\.0\) times space_charge_field \(=0\.02\) must be below 1",
        ),
        ({"collection_peaks": (1.0, 2.0)}, r"collection_peaks says something of time_kernels"),
        ({"fake_roi_most": 10}, r"fake_roi_most \(=10\) must not be below roi_rows \(=18\)"),
        ({"noise_slow_share": (0.0, 1.5, 0.0)}, r"noise_slow_share"),
        ({"noise_taps": ((), (1.0,), (1.0,))}, r"noise_taps .* must have from 1 to"),
    ],
)
def test_impossible_settings_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        replace(ResponseSettings(), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("lifetime_us=3e3", "lifetime_us", 3000.0),
        ("recombination=birks", "recombination", "birks"),
        ("dead_map=off", "dead_map", False),
        ("plane_gains=1,1,0.9", "plane_gains", (1.0, 1.0, 0.9)),
        ("noise_sigma=2", "noise_sigma", (2.0, 2.0, 2.0)),
        ("roi_rows=20", "roi_rows", 20),
        ("noise_taps=1;0.1,1,0.1;1", "noise_taps", ((1.0,), (0.1, 1.0, 0.1), (1.0,))),
        ("collection_peaks=", "collection_peaks", ()),
    ],
)
def test_texts_become_values(text: str, name: str, value: object) -> None:
    found = getattr(varied(ResponseSettings(), [text]), name)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["lifetme_us=3"], r"no setting 'lifetme_us'. Did you mean 'lifetime_us'"),
        (["lifetime_us"], r"must have the form NAME=VALUE"),
        (["lifetime_us=long"], r"lifetime_us \(='long'\) must be a number"),
        (["roi_rows=1.5"], r"roi_rows \(='1.5'\) must be a whole number"),
        (["plane_gains=1,2"], r"must be one number or 3"),
        (["dead_map=maybe"], r"dead_map \(='maybe'\) must be true or false"),
        (["recombination=box"], r"recombination \(='box'\) must be one of 'modified-box'"),
        (["lifetime_us=3", "lifetime_us=4"], r"lifetime_us is given twice"),
        (["lifetime_us=-3"], r"lifetime_us \(=-3.0\) must be positive"),
    ],
)
def test_texts_that_mean_nothing_are_refused(texts: list[str], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        varied(ResponseSettings(), texts)


def test_voxel_settings_are_varied_alike() -> None:
    assert varied(VoxelSettings(), ["smear_voxels=1", "drifted=on"]) == VoxelSettings(
        smear_voxels=1.0, drifted=True
    )


@pytest.mark.parametrize("name", RESPONSES)
def test_settings_take_the_detectors_drift(name: str) -> None:
    detector = detector_named(name)
    settings = settings_for(name)
    assert settings.lifetime_us == detector.drift.lifetime_us
    assert settings.threshold == (detector.image.threshold or 5.0)
    assert adjusted(detector, settings).drift == detector.drift


def test_a_detector_of_ones_own_needs_a_likeness() -> None:
    mine = replace(detector_named("sbnd"), name="mine")
    with pytest.raises(InvalidArgument, match="the response of 'mine' is not known"):
        settings_for(mine)
    assert settings_for(mine, like="microboone").noise == "regions"


def test_detectors_with_other_than_three_planes_are_refused() -> None:
    sbnd = detector_named("sbnd")
    two = replace(
        sbnd,
        planes=sbnd.planes[:2],
        volumes=tuple(replace(v, plane_x_cm=v.plane_x_cm[:2], delays_us=()) for v in sbnd.volumes),
        image=replace(sbnd.image, first_columns=(32, 32), planes=(0, 1)),
    )
    with pytest.raises(InvalidArgument, match="has 2 planes; the response knows three"):
        adjusted(two, settings_for("sbnd"))


@pytest.mark.parametrize(
    ("preset", "change", "message"),
    [
        ("sbnd", "collection_peaks=1", r"collection_peaks \(=\(1\.0,\)\) .* each of the 2 drift volumes"),
        ("gun", "field_kv_cm=0.7", r"field_kv_cm \(=0\.7\) must lie between 0\.09 and 0\.62.*detector file"),
        ("gun", "space_charge=1000", r"space_charge \(=1000\.0\)"),
        ("cube-192", "lifetime_us=1", r"lifetime_us changes nothing .*--vary drifted=true"),
        ("cube-192", "recombination=birks", r"recombination changes nothing"),
        ("cube-192", "smear_voxels=nan", r"smear_voxels \(=nan\) must lie between 0 and 20"),
    ],
)
def test_variations_that_cannot_be_are_refused_before_any_event(
    preset: str, change: str, message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message):
        simulation_named(preset, seed=1, vary=[change])


def test_threshold_in_mev_counts_for_nothing_after_a_drift() -> None:
    with pytest.raises(InvalidArgument, match=r"threshold_mev changes nothing.*threshold_units"):
        simulation_named("cube-192", seed=1, vary=["drifted=on", "threshold_mev=1"])


@pytest.mark.parametrize(
    ("yaml", "like"),
    [
        ("{extends: icarus}", "icarus"),
        ("{extends: icarus, name: mine, drift: {lifetime_us: 5000}}", "icarus"),
        ("{extends: sbnd, name: mine, readout: {tick_us: 0.4}}", "microboone"),
    ],
)
def test_a_detector_of_a_file_has_the_electronics_that_it_extends(yaml: str, like: str) -> None:
    chamber = detector_from_yaml(yaml)
    settings = simulation_named("gun", seed=0, detector=chamber, gun=GUN).settings
    assert settings == settings_for(chamber, like=like)
