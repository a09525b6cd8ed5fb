"""The training loop, on one page.

    for every step: the parts of its batch, forward, backward; the optimizer
    now and then: validation, a checkpoint

What a step sees depends on its number alone (plan.py), gradients are divided
by the whole batch (losses.py), and checkpoints hold all there is
(checkpoints.py). So a run that was killed goes on to the weights of an
undisturbed one, bit for bit, on the same machine and number of threads.

A run's folder has config.yaml (resolved), provenance.json, steps.csv,
validation.csv, curves.png, init.json (which weights came from `init`), checkpoints/, tensorboard/ and snapshots/ where they
are asked for, and at the end NAME.safetensors with its card; best/ holds the weights of the
best validation.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from argoscope.errors import InvalidArgument, Stopped, TrainingDiverged
from argoscope.files.atomic import atomic_output, writing
from argoscope.files.locks import alone_in
from argoscope.models.builders import build_network
from argoscope.models.cards import read_card
from argoscope.models.transfer import start_from
from argoscope.models.weights import load_model, save_model
from argoscope.sparse import BatchNorm
from argoscope.training.averaging import average_of, follow
from argoscope.training.cards import card_of, origin_of
from argoscope.training.checkpoints import Progress, checkpoints_in, restore, save_checkpoint
from argoscope.training.config import TrainingConfig
from argoscope.training.curves import draw_curves
from argoscope.training.data import Item
from argoscope.training.folder import BOARD, INIT, SNAPSHOTS, open_folder, starts_anew
from argoscope.training.inputs import require_events, training_samples, validation_samples
from argoscope.training.learning import divisor_of, loss_of, validate
from argoscope.training.log import Log, open_board
from argoscope.training.optimizers import make_optimizer, rate_at
from argoscope.training.plan import BatchPlan
from argoscope.training.processes import ending_together, joined, loader_of, make_fabric, read_plainly
from argoscope.training.samples import Samples
from argoscope.training.tasks import task_named

if TYPE_CHECKING:
    from lightning_fabric import Fabric

__all__ = ["train"]

Report = Callable[[str, int, int], None]
LOG_EVERY = 10
"""Steps between rows of steps.csv."""


@dataclass
class _Run:
    """What the steps of a run share."""

    config: TrainingConfig
    folder: Path
    fabric: Fabric
    network: nn.Module
    average: nn.Module | None
    """The running average of its weights."""
    answering: Any
    """The network's loss as fabric wraps it."""
    bare_optimizer: torch.optim.Optimizer
    optimizer: Any
    progress: Progress
    begun: float

    @property
    def kept(self) -> nn.Module:
        """The network that is validated and kept."""
        return self.network if self.average is None else self.average

    def now(self, step: int, best: float) -> Progress:
        """Progress at a step, the time of earlier sessions included."""
        seconds = self.progress.seconds + time.monotonic() - self.begun
        return Progress(step, seconds, best, self.fabric.strategy.precision.state_dict())


def train(
    config: TrainingConfig,
    folder: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    command: str = "",
    report: Report | None = None,
    stop: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Train a network.

    Parameters
    ----------
    config : TrainingConfig
    folder : Path
        Of the run; made if it is not there.
    resume : bool
        Go on from the last checkpoint; a finished run is left as it is.
    overwrite : bool
        Start anew in a folder that has a run.
    command : str
        The command line, for the provenance.
    report : callable, optional
        Called as report(what, done, total).
    stop : callable, optional
        Asked at every step; true writes a checkpoint and ends.

    Returns
    -------
    dict
        ``model`` (path of the weights), ``steps``, ``seconds``, ``validation`` (last numbers), ``init`` (which weights
        came from another model, in words, where some did).

    Raises
    ------
    InvalidArgument
        If the folder has a run of another configuration, or one and neither `resume` nor `overwrite`; if another process
        trains into it; or if samples, network and weights do not go together. Nothing was changed then.
    Stopped
        If `stop` said so.
    TrainingDiverged
        If the loss is no longer a number.
    """
    fabric = make_fabric(config)
    anew = fabric.is_global_zero and starts_anew(config, folder, resume=resume, overwrite=overwrite)
    if anew:
        _require_fit(config, folder, fabric)
    with alone_in(folder) if fabric.is_global_zero else nullcontext():
        if anew:
            open_folder(config, folder, command)
        fabric.launch()
        return _trained(config, folder, fabric, resume=resume, report=report, stop=stop)


def _trained(
    config: TrainingConfig,
    folder: Path,
    fabric: Fabric,
    *,
    resume: bool,
    report: Report | None,
    stop: Callable[[], bool] | None,
) -> dict[str, Any]:
    """All steps of a run whose folder is open, in each of its processes."""
    with ending_together(fabric):
        run = _begin(config, folder, fabric, resume=resume)
        shown = report if report is not None and fabric.is_global_zero else (lambda *_: None)
        try:
            numbers = _steps(run, shown, stop or (lambda: False))
        except (Stopped, TrainingDiverged):
            # All processes come here together, and one says it.
            if fabric.is_global_zero:
                raise
            return {}
        return _finish(run, numbers) if fabric.is_global_zero else {}


def _require_fit(config: TrainingConfig, folder: Path, fabric: Fabric) -> None:
    """Refuse samples and weights that do not go together, before a run in the folder is overwritten for them."""
    network = _network(config, fabric)
    if config.init:
        model = load_model(config.init)
        if model.path.resolve().is_relative_to(folder.resolve()):
            raise InvalidArgument(
                f"init (={config.init}) lies in the run's own folder {folder}: choose another folder"
            )
        start_from(network, model, task=config.task)
    require_events(config, loss_of(network, config))


def _network(config: TrainingConfig, fabric: Fabric) -> nn.Module:
    """The network as its seed makes it, where it is trained."""
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        network = build_network(config.network)
    if config.precision == "64-true":
        network = network.double()
    return network.to(fabric.device)


def _begin(config: TrainingConfig, folder: Path, fabric: Fabric, *, resume: bool) -> _Run:
    """Network and optimizer as the configuration starts them, or the last checkpoint has them."""
    network = _network(config, fabric)
    # The scaling of half precision leaves its clipping to an optimizer that is not fused.
    fused = config.precision != "16-mixed" or config.optimizer.clip is None
    optimizer = make_optimizer(config.optimizer, network.parameters(), fused=fused)
    average = None if config.average is None else average_of(network)
    progress = restore(folder / "checkpoints", network, optimizer, average=average) if resume else None
    if progress is None:
        progress = Progress()
        if config.init:
            _start(network, config, folder, fabric)
        if average is not None:
            average.load_state_dict(network.state_dict())
    elif progress.scaler:
        fabric.strategy.precision.load_state_dict(dict(progress.scaler))
    answering, fabric_optimizer = fabric.setup(loss_of(network, config), optimizer)
    begun = time.monotonic()
    return _Run(
        config, folder, fabric, network, average, answering, optimizer, fabric_optimizer, progress, begun
    )


def _start(network: nn.Module, config: TrainingConfig, folder: Path, fabric: Fabric) -> None:
    """Start from the weights of another model, and note which they are."""
    model = load_model(config.init)
    found = start_from(network, model, task=config.task)
    if fabric.is_global_zero:
        note = {"said": str(found), **found.to_json(), "origin": origin_of(model)}
        with atomic_output(folder / INIT, overwrite=True) as temporary:
            temporary.write_text(json.dumps(note, indent=1) + "\n")


def _steps(run: _Run, report: Report, stop: Callable[[], bool]) -> dict[str, float]:
    """All steps that are left; returns the numbers of the last validation."""
    config, first = run.config, run.progress.step
    steps, checks = _logs(run, first)
    numbers: dict[str, float] = {}
    best = run.progress.best
    samples = validation_samples(config) if run.fabric.is_global_zero else None
    parts = read_plainly(_loader(run, first))
    for step in range(first, config.steps):
        loss = _step(run, step, list(islice(parts, config.accumulate)))
        done = step + 1
        report("training steps", done, config.steps)
        if done % LOG_EVERY == 0 and steps is not None:
            rate = rate_at(step, config.optimizer.rate, config.schedule, config.steps)
            steps.append(done, {"loss": loss, "rate": rate, "seconds": run.now(done, best).seconds})
        halt, last = joined(run.fabric, float(stop())) > 0, done == config.steps
        due = config.data.validation is not None and (done % config.validate_every == 0 or last)
        saving = done % config.checkpoint_every == 0 or last or halt
        if due or saving or done in config.snapshots:
            _require_finite(run, done)
        if due:
            numbers, best = _validate(run, done, best, samples, checks)
        if done in config.snapshots and run.fabric.is_global_zero:
            _save(run, run.folder / SNAPSHOTS / str(done), done, numbers if due else {})
        if saving:
            _checkpoint(run, run.now(done, best))
        if halt and not last:
            raise Stopped(f"stopped at step {done}; go on with --resume")
    return numbers


def _logs(run: _Run, first: int) -> tuple[Log | None, Log | None]:
    """Logs of steps and validations, of the first process."""
    if not run.fabric.is_global_zero:
        return None, None
    board = open_board(run.folder / BOARD, first) if run.config.tensorboard else None
    return Log(run.folder / "steps.csv", first, board), Log(run.folder / "validation.csv", first, board)


def _validate(
    run: _Run, done: int, best: float, samples: Samples | None, log: Log | None
) -> tuple[dict[str, float], float]:
    """Validate on the first process; returns the numbers and the best so far."""
    numbers: dict[str, float] = {}
    if samples is not None and log is not None:
        numbers = validate(run.kept, samples, run.config)
        log.append(done, numbers)
        draw_curves(run.folder)
        if numbers[_measure(run)] > best:
            _save(run, run.folder / "best", done, numbers)
    numbers = run.fabric.broadcast(numbers)
    return numbers, max(best, numbers[_measure(run)])


def _measure(run: _Run) -> str:
    """The number by which validations are compared."""
    return task_named(run.config.task).best


def _step(run: _Run, step: int, batch: list[Item]) -> float:
    """One step of the optimizer on the parts of a batch; returns the loss of the joint batch."""
    config, fabric = run.config, run.fabric
    for group in run.optimizer.param_groups:
        group["lr"] = rate_at(step, config.optimizer.rate, config.schedule, config.steps)
    whole = joined(fabric, sum(divisor_of(part, config) for part in batch))
    _set_training(run, step)
    run.optimizer.zero_grad(set_to_none=True)
    total = 0.0
    for number, part in enumerate(batch):
        with fabric.no_backward_sync(run.answering, enabled=number + 1 < len(batch)):
            # Gradients are averaged over processes; the divisor is of all together.
            loss = run.answering(part) * (fabric.world_size / (whole or 1.0))
            fabric.backward(loss)
        total += float(loss.detach())
    total = joined(fabric, total) / fabric.world_size
    if not math.isfinite(total):
        ids = [identity for part in batch for identity in part["id"]]
        raise _diverged(run, f"the loss of step {step + 1} is {total} (events {ids[:4]}...)")
    if config.optimizer.clip is not None:
        fabric.clip_gradients(
            run.answering, run.optimizer, max_norm=config.optimizer.clip, error_if_nonfinite=False
        )
    run.optimizer.step()
    if run.average is not None and config.average is not None:
        follow(run.average, run.network, step=step + 1, decay=config.average)
    return total


def _set_training(run: _Run, step: int) -> None:
    """Training mode; the normalizations in evaluation mode once they are frozen."""
    run.answering.train()
    after = run.config.freeze_norms_after
    if after is not None and step >= after:
        for module in run.network.modules():
            if isinstance(module, (BatchNorm, nn.BatchNorm2d, nn.BatchNorm3d)):
                module.eval()


def _require_finite(run: _Run, done: int) -> None:
    """Refuse to keep weights that are no numbers: the checkpoints before are worth more."""
    for name, weight in run.network.named_parameters():
        if not bool(torch.isfinite(weight).all()):
            raise _diverged(run, f"after step {done} the weight {name} is no longer a number")


def _diverged(run: _Run, what: str) -> TrainingDiverged:
    found = checkpoints_in(run.folder / "checkpoints")
    return TrainingDiverged(
        f"{what}: lower optimizer.rate (={run.config.optimizer.rate}), or set optimizer.clip; the last checkpoint "
        f"is {found[-1] if found else 'none, the run had just begun'}"
    )


def _loader(run: _Run, first: int) -> Iterable[Item]:
    """Parts of batches from a step on."""
    config, fabric = run.config, run.fabric
    data = config.data
    samples = training_samples(config)
    plan = BatchPlan(
        events=len(samples), batch=config.batch, parts=config.accumulate, seed=config.seed,
        steps=(first, config.steps), replacement=data.sampling == "replacement",
        rank=fabric.global_rank, ranks=fabric.world_size,
    )  # fmt: skip
    return loader_of(samples, plan, data.workers)


def _checkpoint(run: _Run, progress: Progress) -> None:
    if run.fabric.is_global_zero:
        folder = run.folder / "checkpoints"
        save_checkpoint(folder, run.network, run.bare_optimizer, progress, average=run.average)
    run.fabric.barrier()


def _save(run: _Run, folder: Path, step: int, numbers: dict[str, float]) -> None:
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    note = _init_note(run.folder)
    card = card_of(run.config, run.now(step, 0.0), numbers, origin=note.get("origin"))
    save_model(folder, run.kept, card, overwrite=True)


def _finish(run: _Run, numbers: dict[str, float]) -> dict[str, Any]:
    """Write the last weights, unless a finished run was asked to go on; of the first process."""
    config = run.config
    path = run.folder / f"{config.name}.safetensors"
    card = path.with_suffix(".json")
    if run.progress.step < config.steps or not (path.exists() and card.exists()):
        # A run that was killed between its last checkpoint and this has its validation behind it.
        samples = None if numbers else validation_samples(config)
        numbers = numbers if samples is None else validate(run.kept, samples, config)
        _save(run, run.folder, config.steps, numbers)
        if config.data.validation is None:
            draw_curves(run.folder)
    else:
        numbers = read_card(card)[0].metrics["validation"]
    seconds = run.now(config.steps, 0.0).seconds
    note = _init_note(run.folder)
    return {
        "model": str(path),
        "steps": config.steps,
        "seconds": round(seconds, 1),
        "validation": numbers,
        **({"init": note["said"]} if note else {}),
    }


def _init_note(folder: Path) -> dict[str, Any]:
    """What the run's folder says of the weights it was started from; empty if it was from none."""
    note = folder / INIT
    return dict(json.loads(note.read_text())) if note.exists() else {}
