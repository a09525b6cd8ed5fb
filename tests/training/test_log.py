"""Logs go on where a checkpoint is; curves and TensorBoard have the same numbers."""

from __future__ import annotations

import sys

import pytest

from argoscope.errors import InvalidArgument
from argoscope.figures import bare_figure
from argoscope.training import curves
from argoscope.training.curves import draw_curves
from argoscope.training.log import Log, open_board, read_log


def steps_in(path):
    return [int(row["step"]) for row in read_log(path)]


def test_rows_after_the_checkpoint_are_dropped(tmp_path):
    path = tmp_path / "steps.csv"
    log = Log(path, 0)
    for step in (10, 20, 30):
        log.append(step, {"loss": 1 / step, "rate": 1e-3})
    before = path.read_text().splitlines()
    again = Log(path, 20)
    assert path.read_text().splitlines() == before[:3]
    again.append(30, {"loss": 1 / 30, "rate": 1e-3})
    assert path.read_text().splitlines() == before


def test_a_log_that_starts_anew_has_its_header(tmp_path):
    path = tmp_path / "steps.csv"
    Log(path, 0).append(10, {"loss": 1.0})
    Log(path, 5).append(10, {"other": 2.0})
    assert path.read_text().splitlines() == ["step,other", "10,2"]


@pytest.mark.parametrize("kept", range(1, 15))
def test_a_last_line_cut_short_is_left_out(tmp_path, kept):
    """Wherever it was cut: a number without its last digits would be a wrong one."""
    path = tmp_path / "steps.csv"
    log = Log(path, 0)
    log.append(10, {"loss": 0.5, "rate": 0.25})
    whole = path.read_text()
    log.append(20, {"loss": 0.125, "rate": 0.0625})
    line = path.read_text()[len(whole) :]
    path.write_text(whole + line[: min(kept, len(line) - 1)])
    assert steps_in(path) == [10]
    Log(path, 30)
    assert path.read_text() == whole


@pytest.mark.parametrize(
    "numbers",
    [
        {"accuracy": 0.5, "low": 0.4, "high": 0.6, "pooled": 0.5, "loss": 1.0, "HIP": float("nan")},
        {"iou_cosmic": 0.5, "mean_iou": 0.4, "loss": 1.0},
    ],
)
def test_curves_are_drawn_from_whatever_there_is(tmp_path, numbers):
    assert draw_curves(tmp_path) is None
    Log(tmp_path / "steps.csv", 0).append(10, {"loss": 1.0, "rate": 0.1, "seconds": 1.0})
    assert draw_curves(tmp_path).read_bytes().startswith(b"\x89PNG")
    Log(tmp_path / "validation.csv", 0).append(10, numbers)
    assert draw_curves(tmp_path) == tmp_path / "curves.png"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curves.png", "steps.csv", "validation.csv"]


def test_losses_within_a_decade_have_plain_numbers(tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(curves, "bare_figure", lambda *size: figures.append(bare_figure(*size)) or figures[0])
    log = Log(tmp_path / "steps.csv", 0)
    for step, loss in ((10, 1.65), (20, 0.9)):
        log.append(step, {"loss": loss})
    draw_curves(tmp_path)
    losses = figures[0].axes[0]
    assert losses.get_yscale() == "log"
    assert {"1", "1.2", "1.4"} <= {label.get_text() for label in losses.get_yticklabels()}


def test_tensorboard_has_the_numbers_of_the_log(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    board = open_board(tmp_path / "board", 0)
    log = Log(tmp_path / "steps.csv", 0, board)
    log.append(10, {"loss": 0.5})
    log.append(20, {"loss": 0.25})
    board.close()
    board = open_board(tmp_path / "board", 10)
    Log(tmp_path / "steps.csv", 10, board).append(20, {"loss": 0.125})
    board.close()
    found = EventAccumulator(str(tmp_path / "board"))
    found.Reload()
    assert [(event.step, event.value) for event in found.Scalars("steps/loss")] == [(10, 0.5), (20, 0.125)]


def test_a_missing_tensorboard_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(InvalidArgument, match=r"needs the package tensorboard: pip install"):
        open_board(tmp_path / "board", 0)
