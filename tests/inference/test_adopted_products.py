"""Products that an output takes over as they are compressed: nobody can tell them from records written anew."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from argoscope.drawn import drawn_event
from argoscope.errors import IntegrityError, InvalidArgument
from argoscope.events import TRACK_SHOWER, EventId, Grid, Record, Voxels
from argoscope.files import parts
from argoscope.files.header import verify
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_adopt import is_adoptable
from argoscope.files.larcv3_write import Larcv3Writer, write_events, write_records
from argoscope.inference import predict
from argoscope.inference.predict import predict_file
from argoscope.models.builders import resolved


def facts(path):
    """Everything a reader can see of a file's tables, and the texts beside them."""
    with h5py.File(path) as file:
        tables: dict[str, object] = {}

        def note(name, item):
            if isinstance(item, h5py.Dataset) and not name.startswith("argoscope"):
                plist = item.id.get_create_plist()
                filters = [plist.get_filter(n) for n in range(plist.get_nfilters())]
                rows = np.ascontiguousarray(item[:]).tobytes()
                tables[name] = (
                    item.dtype,
                    item.chunks,
                    item.maxshape,
                    filters,
                    item.fillvalue.tobytes(),
                    rows,
                )
                tables[f"{name}, attributes"] = dict(item.attrs)

        file.visititems(note)
        texts = {name: json.loads(bytes(file[f"argoscope/{name}"][:])) for name in ("header", "checksums")}
        texts["checksums"].pop("/argoscope/provenance")  # it has the hour
        return tables, texts


@pytest.fixture
def by_records(monkeypatch):
    """Predict by records: the way for files of other programs."""

    def run(*arguments, **options):
        with monkeypatch.context() as patch:
            patch.setattr(predict, "_may_be_adopted", lambda _file: False)
            return predict_file(*arguments, **options)

    return run


def test_both_ways_give_one_file(make_model, tmp_path, by_records):
    source, model = tmp_path / "many.h5", str(make_model())
    write_events(
        source, [drawn_event(seed % 4) for seed in range(7)]
    )  # extents are in chunks of 10, voxels of 1000
    one, other = tmp_path / "one.h5", tmp_path / "other.h5"
    predict_file(source, one, model=model)
    by_records(source, other, model=model)
    assert facts(one) == facts(other)
    with Larcv3File(one) as a, Larcv3File(other) as b:
        assert [a.record(n) for n in range(7)] == [b.record(n) for n in range(7)]
        assert a.event(3).images[0].labels.keys() == b.event(3).images[0].labels.keys()
        assert verify(a.handle.file, one) == verify(b.handle.file, other) > 0


def test_some_events_or_another_programs_file_go_by_records(make_model, events_file, tmp_path, by_records):
    model = str(make_model())
    predict_file(events_file, tmp_path / "two.h5", model=model, events=2)
    by_records(events_file, tmp_path / "same.h5", model=model, events=2)
    assert facts(tmp_path / "two.h5") == facts(tmp_path / "same.h5")
    bare = tmp_path / "bare.h5"
    bare.write_bytes(events_file.read_bytes())
    with h5py.File(bare, "r+") as file:
        del file["argoscope"]
    predict_file(bare, tmp_path / "out.h5", model=model, gain=1.1)
    with Larcv3File(bare) as before, Larcv3File(tmp_path / "out.h5") as after:
        assert after.record(1, before.products) == before.record(1)


@pytest.mark.parametrize(
    "change",
    [
        {"chunks": (999,)},
        {"compression": "gzip", "compression_opts": 4},
        {"shuffle": True},
        {"maxshape": (10**6,)},
        {"fletcher32": True},
    ],
    ids=str,
)
def test_a_table_of_another_make_is_not_taken_over(events_file, change):
    with Larcv3File(events_file) as file:
        assert is_adoptable(file, file.products)
    with h5py.File(events_file, "r+") as file:
        group = file["Data/sparse2d_wire_group"]
        rows = group["voxels"][:]
        del group["voxels"]
        ours = {"chunks": (1000,), "maxshape": (None,), "compression": "gzip", "compression_opts": 1}
        group.create_dataset("voxels", data=rows, **{**ours, **change})
    with Larcv3File(events_file) as file:
        assert not is_adoptable(file, file.products)
        assert is_adoptable(file, [name for name in file.products if name != "sparse2d_wire"])


def replace_seal(file, value):
    del file["argoscope/seal"]
    file["argoscope/seal"] = value


@pytest.mark.parametrize(
    "harm",
    [
        lambda file: file.pop("argoscope"),
        lambda file: file["argoscope"].pop("checksums"),
        lambda file: file["argoscope"].pop("seal"),
        lambda file: file["argoscope/checksums"].write_direct(file["argoscope/checksums"][:][::-1].copy()),
        lambda file: replace_seal(file, 7),
        lambda file: replace_seal(file, np.zeros(4, np.uint8)),
    ],
    ids=["no group", "no checksums", "no seal", "no JSON", "seal of no bytes", "another seal"],
)
def test_without_whole_checksums_nothing_is_taken_over(events_file, harm):
    with h5py.File(events_file, "r+") as file:
        harm(file)
    with Larcv3File(events_file) as file:
        assert not is_adoptable(file, file.products)


def test_predictions_are_replaced(make_model, events_file, tmp_path, by_records):
    first, again, anew = tmp_path / "first.h5", tmp_path / "again.h5", tmp_path / "anew.h5"
    network = {
        "kind": "uresnet",
        "dimensions": 2,
        "filters": 4,
        "depth": 2,
        "blocks": 1,
        "classes": len(TRACK_SHOWER.classes),
    }
    two = make_model("two", scheme=TRACK_SHOWER.name, network=resolved(network))
    predict_file(events_file, first, model=str(make_model()))
    predict_file(first, again, model=str(two))
    by_records(first, anew, model=str(two))
    assert facts(again) == facts(anew)
    with Larcv3File(again) as file, Larcv3File(events_file) as source:
        titles = [f"sparse2d_argoscope_score_{title}" for title in TRACK_SHOWER.classes]
        assert set(file.products) == {*source.products, "sparse2d_argoscope_label", *titles}
        assert file.header.schemes["sparse2d_argoscope_label"] == TRACK_SHOWER


def test_damage_in_the_input_is_found_in_the_output(make_model, events_file, tmp_path):
    with h5py.File(events_file, "r+") as file:
        data = file["Data/sparse2d_semantic_group/voxels"]
        rows = data[:]
        rows["value"][0] += 1
        data[:] = rows
    target = tmp_path / "out.h5"
    predict_file(events_file, target, model=str(make_model()))
    with (
        Larcv3File(target) as file,
        pytest.raises(IntegrityError, match="semantic_group/voxels does not match"),
    ):
        verify(file.handle.file, target)


def test_an_interrupted_run_takes_products_over_when_it_ends(make_model, events_file, tmp_path, monkeypatch):
    model, whole, target = str(make_model()), tmp_path / "whole.h5", tmp_path / "out.h5"
    predict_file(events_file, whole, model=model)
    copy = Larcv3Writer.adopt

    def stopped(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(parts, "PART_EVENTS", 2)
    monkeypatch.setattr(Larcv3Writer, "adopt", stopped)
    with pytest.raises(KeyboardInterrupt):
        predict_file(events_file, target, model=model)
    assert not target.exists()
    monkeypatch.setattr(Larcv3Writer, "adopt", copy)
    assert predict_file(events_file, target, model=model, resume=True)["parts_kept"] == 2
    assert facts(whole) == facts(target)


def record(number):
    voxels = Voxels(Grid((4, 5)), np.array([7]), np.array([number], np.float32))
    return Record(EventId(1, 0, number), {"sparse2d_new": (voxels,)})


def write_with(target, events, source):
    with Larcv3Writer(target) as writer:
        for number in range(events):
            writer.append(record(number))
        writer.adopt(source, source.products)


def test_a_file_of_other_events_is_refused(events_file, tmp_path):
    target, same = tmp_path / "out.h5", tmp_path / "same.h5"
    write_records(same, [record(number) for number in range(3)])
    with Larcv3File(events_file) as source, pytest.raises(InvalidArgument, match=r"has 3 events and .* 2"):
        write_with(target, 2, source)
    with Larcv3File(same) as source, pytest.raises(InvalidArgument, match=r"'sparse2d_new' is in .* already"):
        write_with(target, 3, source)
    assert not target.exists()


def test_the_charge_alone_is_the_charge_of_the_event(events_file):
    with Larcv3File(events_file) as file:
        whole, charge = file.event(1), file.charge_event(1)
        assert charge == file.charge_of(file.record(1))
    assert (charge.id, charge.charge_unit, charge.detector) == (whole.id, whole.charge_unit, whole.detector)
    for one, other in zip(charge.images, whole.images, strict=True):
        assert one.voxels() == other.voxels()
        assert not one.labels
        assert one.truth is None
