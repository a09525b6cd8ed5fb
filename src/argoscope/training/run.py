"""The training loop, on one page.

    for every step: the parts of its batch, forward, backward; the optimizer
    now and then: validation, a checkpoint

What a step sees depends on its number alone (plan.py), gradients are divided
by the whole batch (losses.py), and checkpoints hold all there is
(checkpoints.py). So a run that was killed goes on to the weights of an
undisturbed one, bit for bit, on the same machine and number of threads.

A run's folder has config.yaml (resolved), provenance.json, steps.csv,
validation.csv, curves.png, checkpoints/, and at the end NAME.safetensors with
its card; best/ holds the weights of the best validation.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.utils.data import DataLoader

from argoscope.errors import InvalidArgument, Stopped, TrainingDiverged
from argoscope.files.atomic import atomic_output, writing
from argoscope.files.provenance import provenance_block
from argoscope.models.builders import build_network
from argoscope.models.weights import load_model, load_weights, save_model
from argoscope.training import five_class as task
from argoscope.training.cards import card_of
from argoscope.training.checkpoints import Progress, checkpoints_in, restore, save_checkpoint
from argoscope.training.config import TrainingConfig, config_to_yaml
from argoscope.training.curves import draw_curves
from argoscope.training.data import collate
from argoscope.training.log import Log
from argoscope.training.optimizers import make_optimizer, rate_at
from argoscope.training.plan import BatchPlan
from argoscope.training.samples import Samples, open_sample
from argoscope.training.validation import validate
from argoscope.training.weighting import weighting_named

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
    answering: Any
    """The network as fabric wraps it: it answers batches."""
    bare_optimizer: torch.optim.Optimizer
    optimizer: Any
    progress: Progress
    begun: float

    def now(self, step: int, best: float) -> Progress:
        """Progress at a step, the time of earlier sessions included."""
        return Progress(step, self.progress.seconds + time.monotonic() - self.begun, best)


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
        ``model`` (path of the weights), ``steps``, ``seconds``, ``validation`` (last numbers).

    Raises
    ------
    InvalidArgument
        If the folder has a run of another configuration, or one and neither `resume` nor `overwrite`.
    Stopped
        If `stop` said so.
    TrainingDiverged
        If the loss is no longer a number.
    """
    fabric = Fabric(accelerator=config.accelerator, devices=config.devices, precision=config.precision)
    fabric.launch()
    if fabric.is_global_zero:
        _open_folder(config, folder, command, resume=resume, overwrite=overwrite)
    fabric.barrier()
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        network = build_network(config.network)
    if config.init:
        load_weights(network, load_model(config.init).path)
    if config.precision == "64-true":
        network = network.double()
    optimizer = make_optimizer(config.optimizer, network.parameters())
    network.to(fabric.device)
    progress = (restore(folder / "checkpoints", network, optimizer) if resume else None) or Progress()
    answering, fabric_optimizer = fabric.setup(task.PixelScores(network), optimizer)
    run = _Run(
        config, folder, fabric, network, answering, optimizer, fabric_optimizer, progress, time.monotonic()
    )
    numbers = _steps(run, report or (lambda *_: None), stop or (lambda: False))
    return _finish(run, numbers)


def _steps(run: _Run, report: Report, stop: Callable[[], bool]) -> dict[str, float]:
    """All steps that are left; returns the numbers of the last validation."""
    config, first = run.config, run.progress.step
    logs = [Log(run.folder / name, first) for name in ("steps.csv", "validation.csv")]
    numbers: dict[str, float] = {}
    best, saved = run.progress.best, first
    parts = iter(_loader(run, first))
    for step in range(first, config.steps):
        batch = list(islice(parts, config.accumulate))
        loss = _step(run, step, batch)
        done = step + 1
        report("training steps", done, config.steps)
        if done % LOG_EVERY == 0 and run.fabric.is_global_zero:
            rate = rate_at(step, config.optimizer.rate, config.schedule, config.steps)
            logs[0].append(done, {"loss": loss, "rate": rate, "seconds": run.now(done, best).seconds})
        if config.data.validation is not None and (done % config.validate_every == 0 or done == config.steps):
            numbers, best = _validate(run, done, best, logs[1])
        halt = bool(run.fabric.broadcast(stop()))
        if done % config.checkpoint_every == 0 or done == config.steps or halt:
            _checkpoint(run, run.now(done, best))
            saved = done
        if halt and done < config.steps:
            raise Stopped(f"stopped at step {saved}; go on with --resume")
    return numbers


def _validate(run: _Run, done: int, best: float, log: Log) -> tuple[dict[str, float], float]:
    """Validate on the first process; returns the numbers and the best accuracy so far."""
    numbers: dict[str, float] = {}
    if run.fabric.is_global_zero:
        numbers = validate(run.network, _validation_samples(run.config), run.config)
        log.append(done, numbers)
        draw_curves(run.folder)
        if numbers["accuracy"] > best:
            _save(run, run.folder / "best", done, numbers)
    numbers = run.fabric.broadcast(numbers)
    return numbers, max(best, numbers["accuracy"])


def _step(run: _Run, step: int, batch: list[dict[str, Any]]) -> float:
    """One step of the optimizer on the parts of a batch; returns the loss."""
    config, fabric = run.config, run.fabric
    for group in run.optimizer.param_groups:
        group["lr"] = rate_at(step, config.optimizer.rate, config.schedule, config.steps)
    share = sum(task.batch_divisor(part, config.loss) for part in batch)
    shares: Any = fabric.all_reduce(torch.tensor(share, dtype=torch.float64), reduce_op="sum")
    whole = float(shares)
    run.answering.train()
    run.optimizer.zero_grad(set_to_none=True)
    total = 0.0
    for number, part in enumerate(batch):
        with fabric.no_backward_sync(run.answering, enabled=number + 1 < len(batch)):
            scores = run.answering(part)
            # Gradients are averaged over processes; the divisor is of all together.
            loss = task.loss_sum(scores, part, config.loss) * (fabric.world_size / (whole or 1.0))
            fabric.backward(loss)
        total += float(loss.detach())
    if not math.isfinite(total):
        ids = [identity for part in batch for identity in part["id"]]
        raise TrainingDiverged(
            f"the loss of step {step} is {total} (events {ids[:4]}...): lower optimizer.rate (={config.optimizer.rate}), "
            f"or set optimizer.clip; the last checkpoint is {_last(run.folder)}"
        )
    if config.optimizer.clip is not None:
        fabric.clip_gradients(run.answering, run.optimizer, max_norm=config.optimizer.clip)
    run.optimizer.step()
    return total


def _loader(run: _Run, first: int) -> Iterator[dict[str, Any]]:
    """Parts of batches from a step on."""
    config, fabric = run.config, run.fabric
    data = config.data
    samples = Samples(
        open_sample(data.train, training=True), config.preparation, weighting_named(config.loss.weighting),
        least_pixels=data.least_pixels, augmentation=data.augmentation, seed=config.seed, keep=data.keep,
    )  # fmt: skip
    plan = BatchPlan(
        events=len(samples), batch=config.batch, parts=config.accumulate, seed=config.seed,
        steps=(first, config.steps), replacement=data.sampling == "replacement",
        rank=fabric.global_rank, ranks=fabric.world_size,
    )  # fmt: skip
    return iter(loader_of(samples, plan, data.workers))


def loader_of(samples: Samples, plan: Any, workers: int) -> DataLoader[dict[str, Any]]:
    """A loader whose worker processes are spawned: a fork would copy locks of running threads."""
    context = "spawn" if workers else None
    return DataLoader(
        samples, batch_sampler=plan, collate_fn=collate, num_workers=workers, multiprocessing_context=context
    )


def _validation_samples(config: TrainingConfig) -> Samples:
    assert config.data.validation is not None
    return Samples(
        open_sample(config.data.validation, training=False), config.preparation, weighting_named("none"),
        least_pixels=config.data.least_pixels,
    )  # fmt: skip


def _checkpoint(run: _Run, progress: Progress) -> None:
    if run.fabric.is_global_zero:
        save_checkpoint(run.folder / "checkpoints", run.network, run.bare_optimizer, progress)
    run.fabric.barrier()


def _save(run: _Run, folder: Path, step: int, numbers: dict[str, float]) -> None:
    if run.fabric.is_global_zero:
        with writing(folder):
            folder.mkdir(exist_ok=True)
        card = card_of(run.config, run.now(step, 0.0), numbers)
        save_model(folder, run.network, card, overwrite=True)


def _finish(run: _Run, numbers: dict[str, float]) -> dict[str, Any]:
    """Write the last weights, unless a finished run was asked to go on."""
    path = run.folder / f"{run.config.name}.safetensors"
    if run.progress.step < run.config.steps or not path.exists():
        _save(run, run.folder, run.config.steps, numbers)
    seconds = run.now(run.config.steps, 0.0).seconds
    return {
        "model": str(path),
        "steps": run.config.steps,
        "seconds": round(seconds, 1),
        "validation": numbers,
    }


def _last(folder: Path) -> str:
    found = checkpoints_in(folder / "checkpoints")
    return str(found[-1]) if found else "none: the run had just begun"


def _same_run(before: str, now: str) -> bool:
    """Whether two configurations make the same weights: the number of workers does not matter."""
    pattern = r"^( *workers:).*$"
    return re.sub(pattern, r"\1", before, flags=re.M) == re.sub(pattern, r"\1", now, flags=re.M)


def _open_folder(
    config: TrainingConfig, folder: Path, command: str, *, resume: bool, overwrite: bool
) -> None:
    """Make the run's folder, or check that the run in it is of this configuration."""
    note, text = folder / "config.yaml", config_to_yaml(config)
    if note.exists() and not overwrite:
        if not resume:
            raise InvalidArgument(
                f"{folder} holds a run: go on with --resume, or start anew with --overwrite"
            )
        if not _same_run(note.read_text(), text):
            raise InvalidArgument(
                f"{folder} holds a run of another configuration; choose another folder, or --overwrite"
            )
        return
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for old in [
        *checkpoints_in(folder / "checkpoints"),
        *folder.glob("*.csv"),
        *folder.glob("**/*.safetensors"),
    ]:
        old.unlink(missing_ok=True)
    with atomic_output(note, overwrite=True) as temporary:
        temporary.write_text(text)
    block = provenance_block(command, seeds={"training": config.seed})
    with atomic_output(folder / "provenance.json", overwrite=True) as temporary:
        temporary.write_text(json.dumps(block, indent=1) + "\n")
