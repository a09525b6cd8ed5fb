"""Detectors from YAML: round trips, overrides, and one sentence for everything that is wrong."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from argoscope.detectors import (
    PRESETS,
    detector_from_yaml,
    detector_named,
    detector_to_yaml,
    dump_detector,
    load_detector,
)
from argoscope.detectors.schema import from_plain
from argoscope.detectors.yaml_text import MAX_BYTES, MAX_DEPTH, parse_yaml
from argoscope.errors import ArgoscopeError, InvalidArgument, StorageError, UnreadableFile


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_dump_then_load_is_the_same_detector(name: str, tmp_path: Path) -> None:
    path = tmp_path / "detector.yaml"
    dump_detector(PRESETS[name], path)
    assert load_detector(path) == PRESETS[name]
    assert [p.name for p in tmp_path.iterdir()] == ["detector.yaml"]


@given(velocity=st.floats(1e-12, 1e12), z=st.floats(2e3, 1e300))
def test_numbers_come_back_to_the_last_bit(velocity: float, z: float) -> None:
    cube = PRESETS["cube"].with_drift_velocity(velocity)
    box = cube.volumes[0]
    cube = replace(cube, volumes=(replace(box, high_cm=(*box.high_cm[:2], z)),))
    assert detector_from_yaml(detector_to_yaml(cube)) == cube


def test_a_preset_is_extended_key_by_key(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: microboone\nname: mine\ndrift:\n  velocity_cm_us: 0.1117\nimage: {rows: 1600, first_tick: 0}\n"
    )
    mine, base = load_detector(path), detector_named("microboone")
    assert mine.name == "mine"
    assert mine.drift == replace(base.drift, velocity_cm_us=0.1117)
    assert mine.image == replace(base.image, rows=1600, first_tick=0.0)
    assert mine.planes == base.planes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "extends: microboon",
            r"extends \(='microboon'\) must be a detector we know. Did you mean 'microboone'\?",
        ),
        ("{extends: cube, dirft: {}}", r"there is no key 'dirft' here. Did you mean 'drift'\?"),
        (
            "{extends: cube, drift: {velocity_mm_us: 1}}",
            "drift: there is no key 'velocity_mm_us' here. Did you mean 'velocity_cm_us'",
        ),
        ("{extends: cube, drift: 3}", r"drift \(=3\) must be a mapping"),
        (
            "{extends: cube, drift: {velocity_cm_us: fast}}",
            r"drift.velocity_cm_us \(='fast'\) must be a number",
        ),
        (
            "{extends: cube, drift: {velocity_cm_us: true}}",
            r"drift.velocity_cm_us \(=True\) must be a number",
        ),
        ("{extends: cube, drift: {velocity_cm_us: 1e-1}}", r"YAML reads this as text: write 0\.1\)$"),
        (
            "{extends: cube, drift: {velocity_cm_us: .nan}}",
            r"velocity_cm_us \(=nan\) must be a finite number",
        ),
        ("{extends: cube, readout: {ticks: 3.5}}", r"readout.ticks \(=3.5\) must be a whole number"),
        (
            "{extends: cube, image: {unit: mm}}",
            r"image.unit \(='mm'\) must be one of 'unknown', 'cm', 'wire-time'",
        ),
        ("{extends: cube, readout: {ticks: true}}", r"readout.ticks \(=True\) must be a whole number"),
        ("{extends: cube, name: 3}", r"name \(=3\) must be text"),
        ("{extends: cube, volumes: []}", "volumes is empty: a detector needs at least one drift volume"),
        ("{extends: cube, volumes: 1}", r"volumes \(=1\) must be a list"),
        ("{extends: cube, planes: [1]}", r"planes\[0\] \(=1\) must be a mapping"),
        (
            "{extends: cube, planes: [{name: U, wires: 3, angle_deg: 0, pitch_cm: -0.3, first_wire_cm: 0}]}",
            r"planes\[0\]: pitch_cm \(=-0.3\) must be positive",
        ),
        (
            "{extends: cube, volumes: [{name: T, low_cm: [0, 0], high_cm: [1, 1, 1], drift: -1, anode_cm: 0, plane_x_cm: [0]}]}",
            r"volumes\[0\].low_cm \(=\[0, 0\]\) must be a list of 3 values",
        ),
        (
            "{extends: cube, volumes: [{name: T, low_cm: [0, 0, 0], high_cm: [1, 1, 1], drift: 0, anode_cm: 0, plane_x_cm: [0]}]}",
            r"volumes\[0\].drift \(=0\) must be one of -1, 1",
        ),
        ("name: alone", "the key 'volumes' is missing; add it, or extend a preset"),
        ("{schema_version: 2, extends: cube}", r"schema_version \(=2\) must be 1"),
        ("", "must hold a mapping of keys to values, not NoneType"),
        ("- 1", "must hold a mapping of keys to values, not list"),
        ("a: [", "line 1, column 5: .*correct the YAML there"),
        ("a: 1\na: 2", "line 2, column 1: the key 'a' stands twice"),
        ("1: 2", "the key '1' must be text"),
        ("a: &x 1\nb: *x", "line 1 has an alias or anchor"),
        ("a: !!python/object:os.system 1", "line 1 has the tag"),
        ("a: " + "9" * 6000, "a number cannot be read"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidArgument, match=f"^mine.yaml: .*{message}"):
        detector_from_yaml(text, "mine.yaml")


@pytest.mark.parametrize("text", ["1e30", "1.0e30", "1.0E5", "1e-3", "-2e6", "'12'", "'-inf'"])
def test_the_number_that_a_hint_names_is_read(text: str) -> None:
    """YAML 1.1 takes an exponent for that of a number only after a point, and with a sign."""
    with pytest.raises(InvalidArgument, match="as text") as refused:
        from_plain(float, parse_yaml(f"rate: {text}", "a")["rate"], "rate")
    hint = str(refused.value).rpartition("write ")[2].rstrip(")")
    assert from_plain(float, parse_yaml(f"rate: {hint}", "a")["rate"], "rate") == float(text.strip("'"))


def test_nesting_is_bounded_before_anything_is_built() -> None:
    start = time.perf_counter()
    with pytest.raises(InvalidArgument, match=f"nested deeper than {MAX_DEPTH} levels"):
        detector_from_yaml("[" * 20_000)
    assert (
        time.perf_counter() - start < 2
    )  # seconds; building it would take longer and end in a RecursionError
    with pytest.raises(InvalidArgument, match="must hold a mapping"):
        detector_from_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH)


def test_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    with pytest.raises(InvalidArgument, match="line 1 has an alias or anchor"):
        detector_from_yaml("\n".join(lines))


def test_large_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(InvalidArgument, match=f"is larger than {MAX_BYTES} bytes"):
        load_detector(path)


def test_unreadable_paths(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"absent.yaml: cannot be read \(No such file"):
        load_detector(tmp_path / "absent.yaml")
    with pytest.raises(UnreadableFile, match="Is a directory"):
        load_detector(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9")
    with pytest.raises(InvalidArgument, match="byte 6 is no UTF-8 text"):
        load_detector(tmp_path / "latin.yaml")


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "detector.yaml"
    path.write_text("mine")
    with pytest.raises(InvalidArgument, match="exists"):
        dump_detector(PRESETS["cube"], path)
    assert path.read_text() == "mine"
    dump_detector(PRESETS["cube"], path, overwrite=True)
    assert load_detector(path) == PRESETS["cube"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        dump_detector(PRESETS["cube"], tmp_path / "no" / "detector.yaml")


@given(text=st.text(max_size=200))
@example("\x00")
@example("? [a]\n: 1")
@example("!!binary x: 1")
@example("%YAML 9.9\n---\na: 1")
@example("--- a\n--- b")
@example("a: 0b_")
@example("a: 0x_")
def test_any_text_gives_a_detector_or_our_error(text: str) -> None:
    with pytest.raises(ArgoscopeError):
        detector_from_yaml(text)


@settings(max_examples=40)  # each reads YAML four times, 20 ms each
@given(st.data())
def test_any_change_of_a_good_file_gives_a_detector_or_our_error(data: st.DataObject) -> None:
    """One leaf of a whole file is replaced by something else."""
    content = yaml.safe_load(detector_to_yaml(PRESETS["sbnd"]))
    junk = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.just([]),
        st.just({}),
        st.just([[1]]),
    )
    spot = content
    while True:
        key = data.draw(st.sampled_from(sorted(spot) if isinstance(spot, dict) else range(len(spot))))
        if not isinstance(spot[key], dict | list) or not spot[key] or data.draw(st.booleans()):
            break
        spot = spot[key]
    spot[key] = data.draw(junk)
    try:
        made = detector_from_yaml(yaml.safe_dump(content))
    except InvalidArgument:
        return
    assert detector_from_yaml(detector_to_yaml(made)) == made


def test_names_with_odd_characters_come_back() -> None:
    for name in ("\x85", "a\u2028b", "\u00e3 X", "yes", "1e-3", "2020-01-01", " x ", ""):
        odd = replace(PRESETS["cube"], name=name)
        assert detector_from_yaml(detector_to_yaml(odd)) == odd
