"""Michel electrons of files: evaluated with truth, written as a table without, on the command line."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest
from tests.michel_files import ELECTRON, MUON, michel_event, write_predicted

from argoscope.cli.main import main
from argoscope.errors import InvalidArgument
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_records
from argoscope.files.table import about_table
from argoscope.inference.evaluate import evaluate_five_class
from argoscope.inference.evaluate_michel import evaluate_michel
from argoscope.inference.evaluate_mistakes import evaluate_mistakes
from argoscope.inference.evaluate_reliability import evaluate_reliability
from argoscope.inference.reconstruct_michel import reconstruct_michel


@pytest.fixture
def predicted(tmp_path):
    """Two events with an electron, of which two pixels of the muon are taken for it; one without."""
    return write_predicted(
        tmp_path / "predicted.h5", [michel_event(0), michel_event(1), michel_event(2, electron=0)], shift=1
    )


def rows_of(path):
    with h5py.File(path) as file:
        return {name: file["michel"][name][:] for name in file["michel"]}


@pytest.mark.parametrize("dimensions", [2, 3])
def test_numbers_of_a_file_by_hand(tmp_path, dimensions):
    path = write_predicted(
        tmp_path / "a.h5", [michel_event(n, dimensions=dimensions) for n in range(3)], shift=2
    )
    found = evaluate_michel([path])
    assert found["counts"] == {"true": 3, "candidates": 3, "matched": 3, "found": 3}
    assert found["cluster_efficiency"]["value"] == 1.0
    assert found["cluster_purity"]["value"] == pytest.approx(ELECTRON / (ELECTRON + 2))
    assert found["spectrum"]["scale"]["value"] == pytest.approx((ELECTRON + 2) / ELECTRON)
    assert found["min_10_pixels"]["id_purity"]["value"] == 1.0
    assert (found["models"], found["charge_unit"], found["mev_per_unit"]) == (["toy"], "MeV", 1.0)


@pytest.mark.parametrize(
    "evaluate", [evaluate_michel, evaluate_mistakes, evaluate_five_class, evaluate_reliability]
)
def test_a_file_given_twice_counts_nowhere_twice(evaluate, predicted):
    with pytest.raises(InvalidArgument, match=r"predicted.h5 is given twice.* give each file once"):
        evaluate([predicted, predicted.parent / "." / "x" / ".." / predicted.name])


def test_an_energy_factor_multiplies_energies_and_leaves_the_scale(predicted):
    plain, scaled = evaluate_michel([predicted]), evaluate_michel([predicted], mev_per_unit=2.0)
    assert scaled["true"]["energy"] == [2 * energy for energy in plain["true"]["energy"]]
    assert scaled["spectrum"]["scale"] == plain["spectrum"]["scale"]


def test_planes_without_a_factor_have_no_endpoint(tmp_path):
    events = [michel_event(n, dimensions=2, unit="PIU") for n in range(2)]
    found = evaluate_michel([write_predicted(tmp_path / "a.h5", events)])
    assert found["mev_per_unit"] is None
    assert found["spectrum"]["endpoint"]["value"] is None
    assert found["spectrum"]["scale"]["value"] == 1.0


def test_the_table_has_a_row_for_each_candidate(predicted, tmp_path):
    answer = reconstruct_michel(predicted, tmp_path / "michel.h5")
    rows = rows_of(tmp_path / "michel.h5")
    assert (answer["events"], answer["candidates"]) == (3, 2)
    assert rows["entry"].tolist() == rows["event"].tolist() == [0, 1]
    assert rows["pixels"].tolist() == [2 * (ELECTRON + 1)] * 2
    assert rows["energy"].tolist() == rows["charge"].tolist() == [2.0 * (ELECTRON + 1)] * 2
    assert rows["contact_x"].tolist() == [MUON - 2, MUON - 1]
    assert rows["middle_x"] == pytest.approx([MUON - 1 + ELECTRON / 2, MUON + ELECTRON / 2])
    assert rows["score"] == pytest.approx([0.8, 0.8])
    assert rows["mip_pixels"].tolist() == [2 * (MUON - 1)] * 2


def test_the_table_is_the_evaluation_s_candidates(predicted, tmp_path):
    reconstruct_michel(predicted, tmp_path / "michel.h5")
    assert (
        rows_of(tmp_path / "michel.h5")["energy"].tolist()
        == evaluate_michel([predicted])["candidates"]["energy"]
    )


def test_data_have_no_truth_and_need_none(predicted, tmp_path):
    with Larcv3File(predicted) as file:
        bare = [
            type(record)(
                record.id,
                {
                    k: v
                    for k, v in record.products.items()
                    if "argoscope" in k or k == file.header.roles["charge"]
                },
            )
            for record in map(file.record, range(len(file)))
        ]
        header = file.header
    roles = {k: v for k, v in header.roles.items() if v in bare[0].products}
    schemes = {k: v for k, v in header.schemes.items() if k in bare[0].products}
    write_records(
        tmp_path / "data.h5", bare, type(header)(**{**vars(header), "roles": roles, "schemes": schemes})
    )
    reconstruct_michel(tmp_path / "data.h5", tmp_path / "data.table.h5")
    reconstruct_michel(predicted, tmp_path / "michel.h5")
    for name, values in rows_of(tmp_path / "michel.h5").items():
        np.testing.assert_array_equal(rows_of(tmp_path / "data.table.h5")[name], values)
    with pytest.raises(InvalidArgument, match="no true classes"):
        evaluate_michel([tmp_path / "data.h5"])


def test_a_file_without_candidates_gives_a_table_without_rows(tmp_path):
    path = write_predicted(tmp_path / "a.h5", [michel_event(0, electron=0)])
    assert reconstruct_michel(path, tmp_path / "t.h5")["candidates"] == 0
    assert len(rows_of(tmp_path / "t.h5")["middle_z"]) == 0


def test_the_cut_on_pixels_and_its_place_in_the_provenance(predicted, tmp_path):
    target = tmp_path / "t.h5"
    assert reconstruct_michel(predicted, target, least_pixels=23)["candidates"] == 0
    configuration = about_table(target)["provenance"]["configuration"]
    assert (configuration["least_pixels"], configuration["rules"]["eps"]) == (23, 2.8)


def test_outputs_are_kept_refused_or_replaced(predicted, tmp_path):
    target = tmp_path / "t.h5"
    reconstruct_michel(predicted, target)
    before = target.read_bytes()
    with pytest.raises(InvalidArgument, match="exists"):
        reconstruct_michel(predicted, target)
    assert reconstruct_michel(predicted, target, resume=True)["kept"]
    assert target.read_bytes() == before
    with pytest.raises(InvalidArgument, match=r"another order: rules.eps \(2.8 in the file, 3.0 asked for\)"):
        reconstruct_michel(predicted, target, eps=3.0, resume=True)
    assert reconstruct_michel(predicted, target, least_pixels=23, overwrite=True)["candidates"] == 0


def test_other_formats_say_what_they_are_too(predicted, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    target = tmp_path / "t.parquet"
    reconstruct_michel(predicted, target)
    assert about_table(target)["candidates"] == 2
    assert parquet.read_table(target)["pixels"].to_pylist() == [22, 22]
    assert reconstruct_michel(predicted, target, resume=True)["kept"]


def test_a_root_table(predicted, tmp_path):
    uproot = pytest.importorskip("uproot")
    reconstruct_michel(predicted, tmp_path / "t.root")
    assert about_table(tmp_path / "t.root")["charge_unit"] == "MeV"
    with uproot.open(tmp_path / "t.root") as file:
        assert file["michel"]["pixels"].array(library="np").tolist() == [22, 22]


def test_commands_say_what_the_functions_do(predicted, tmp_path, capfd):
    assert (
        main(
            ["evaluate", "michel", str(predicted), "--json", "--figures", str(tmp_path / "figures"), "--scan"]
        )
        == 0
    )
    found = json.loads(capfd.readouterr().out)
    assert found["id_efficiency"]["value"] == 1.0
    assert {path.name for path in (tmp_path / "figures").glob("*.png")} == {
        "pixels.png", "spectrum.png", "efficiency.png", "least-pixels.png", "scan.png",
    }  # fmt: skip
    assert main(["evaluate", "michel", str(predicted)]) == 0
    assert "ID efficiency" in capfd.readouterr().out
    assert main(["reconstruct", "michel", str(predicted), "-o", str(tmp_path / "t.h5")]) == 0
    assert "2 Michel electrons of 3 events" in capfd.readouterr().out
    assert main(["reconstruct", "michel", str(predicted), "-o", str(tmp_path / "t.h5")]) == 2
    assert main(["evaluate", "michel", str(predicted), "--attached", "near"]) == 2
    assert "no reading of attached 'near'" in capfd.readouterr().err
