"""The generated planes cost what the real ones do, level by level."""

from __future__ import annotations

import pytest

from argoscope.benchmarks import _sites, _work, files
from argoscope.models.uresnet import UResNetConfig
from argoscope.sparse import SiteIndex


@pytest.mark.parametrize(
    ("plane", "levels", "gflop"),
    [
        # Measured on the SBND sample, event 1, planes 0 and 2.
        (_sites.induction_plane, [25_094, 14_615, 10_188, 7_392, 4_620], 26.4),
        (_sites.collection_plane, [10_191, 4_449, 2_121, 1_195, 770], 7.0),
    ],
)
def test_generated_planes_have_the_sites_of_the_real_ones_at_every_level(plane, levels, gflop, tmp_path):
    rows, origin = plane(tmp_path)
    assert origin == "generated"
    finest = index = SiteIndex.from_coordinates(rows, shape=_sites.SBND_SHAPE)
    found = []
    for _ in levels:
        found.append(len(index))
        index = index.coarser()[1]
    assert found[0] == levels[0]
    # 15 %: what differs between one event and the next is more.
    assert found == pytest.approx(levels, rel=0.15)
    work = _work.gflop(UResNetConfig(dimensions=2, filters=32, depth=5), finest)
    assert work == pytest.approx(gflop, rel=0.15)


def test_real_data_are_looked_for_only_where_told(tmp_path, monkeypatch):
    folder = tmp_path / "shared" / "data"
    folder.mkdir(parents=True)
    (folder / _sites.SAMPLE).write_bytes(b"no sample")
    (tmp_path / "main").mkdir()
    monkeypatch.chdir(tmp_path / "main")
    monkeypatch.delenv("ARGOSCOPE_REAL_DATA", raising=False)
    assert _sites.collection_plane(None)[1] == "generated"
    monkeypatch.setattr(files, "_reading", lambda *_, **__: [{}])
    monkeypatch.setattr(files, "_writing", lambda *_, **__: {})
    monkeypatch.setattr(files, "write_records", lambda *_: None)
    assert files.measure()[0]["sample"] == "made events of SBND's size"
