"""Rates are those of torch's own schedulers; optimizers take the papers' first step."""

from __future__ import annotations

import pytest
import torch
from torch.optim import SGD
from torch.optim import lr_scheduler as schedulers

from argoscope.errors import InvalidArgument
from argoscope.training.optimizers import OptimizerConfig, ScheduleConfig, make_optimizer, rate_at

STEPS = 40


def rates_of_torch(make_scheduler):
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.02)
    scheduler, rates = make_scheduler(optimizer), []
    for _ in range(STEPS):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize(
    ("schedule", "twin"),
    [
        (ScheduleConfig(), lambda o: schedulers.ConstantLR(o, factor=1.0)),
        (ScheduleConfig(name="steps", milestones=(7, 30)), lambda o: schedulers.MultiStepLR(o, [7, 30], 0.1)),
        (
            ScheduleConfig(name="exponential", factor=0.95, period=3),
            lambda o: schedulers.StepLR(o, 3, gamma=0.95),
        ),
        (
            ScheduleConfig(name="cosine", floor=0.001),
            lambda o: schedulers.CosineAnnealingLR(o, STEPS, eta_min=0.001),
        ),
        (
            ScheduleConfig(warmup=10, warmup_from=0.002),
            lambda o: schedulers.LinearLR(o, start_factor=0.1, total_iters=10),
        ),
        (
            ScheduleConfig(name="cosine", warmup=10, warmup_from=0.002),
            lambda o: schedulers.SequentialLR(
                o, [schedulers.LinearLR(o, 0.1, total_iters=10), schedulers.CosineAnnealingLR(o, 30)], [10]
            ),
        ),
    ],
)
# torch's SequentialLR calls its parts with the step that it deprecates: pytorch issue 76113.
@pytest.mark.filterwarnings("ignore:The epoch parameter in `scheduler.step")
def test_rates_are_those_of_torch(schedule, twin):
    mine = [rate_at(step, 0.02, schedule, STEPS) for step in range(STEPS)]
    assert mine == pytest.approx(rates_of_torch(twin), rel=1e-9)


def test_an_exponential_stops_at_its_floor_and_waits_for_its_flat_part():
    schedule = ScheduleConfig(name="exponential", factor=0.5, flat=4, floor=0.1)
    assert [rate_at(step, 1.0, schedule, 20) for step in (0, 4, 5, 6, 7, 8, 19)] == [
        1.0, 1.0, 0.5, 0.25, 0.125, 0.1, 0.1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "change"),
    [
        # Adam's first step is the rate times the sign, whatever the gradient.
        (OptimizerConfig(name="adam", rate=0.1), -0.1 * 4 / (4 + 1e-8)),
        (OptimizerConfig(name="adam", rate=0.1, decay=2.0), -0.1),
        (OptimizerConfig(name="adamw", rate=0.1, decay=0.5), -0.1 - 0.1 * 0.5 * 3.0),
        (OptimizerConfig(name="sgd", rate=0.1), -0.4),
        # Of RMSprop the average starts at 0: 0.01 * 4 ** 2, whose root is 0.4.
        (OptimizerConfig(name="rmsprop", rate=0.1, epsilon=1e-4), -0.1 * 4 / (0.4 + 1e-4)),
    ],
)
def test_the_first_step(config, change):
    weight = torch.nn.Parameter(torch.tensor([3.0], dtype=torch.float64))
    weight.grad = torch.tensor([4.0], dtype=torch.float64)
    make_optimizer(config, [weight]).step()
    assert weight.item() == pytest.approx(3.0 + change, rel=1e-7)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OptimizerConfig(rate=0.0), r"rate \(=0.0\) must be positive"),
        (lambda: OptimizerConfig(rate=float("nan")), r"rate \(=nan\)"),
        (lambda: OptimizerConfig(clip=-1.0), r"clip \(=-1.0\) must be positive and finite; leave it out"),
        (lambda: OptimizerConfig(decay=-1.0), r"decay \(=-1.0\) must be finite and not negative"),
        *(
            (
                lambda name=name: OptimizerConfig(**{name: float("inf")}),
                rf"optimizer {name} \(=inf\) must be .*finite",
            )
            for name in ("rate", "epsilon", "momentum", "decay", "clip")
        ),
        *(
            (
                lambda name=name: ScheduleConfig(**{name: float("inf")}),
                rf"schedule {name} \(=inf\) must be finite",
            )
            for name in ("warmup_from", "floor", "factor")
        ),
        (lambda: OptimizerConfig(betas=(0.9, 1.0)), r"betas \(=\[0.9, 1.0\]\)"),
        (lambda: ScheduleConfig(warmup=-1), r"warmup \(=-1\) must be finite and not negative"),
        (lambda: ScheduleConfig(milestones=(5, -1)), r"milestones \(=\[5, -1\]\) must be steps from 0 on"),
        (lambda: ScheduleConfig(period=0), r"period \(=0\) must be at least 1"),
    ],
)
def test_impossible_numbers_are_refused(make, message):
    with pytest.raises(InvalidArgument, match=message):
        make()
