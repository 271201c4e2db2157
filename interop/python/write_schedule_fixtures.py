"""Golden vectors of the neural engine's schedules: `python interop/python/write_schedule_fixtures.py FILE`. Needs torch."""

import json
import sys
import warnings

import torch
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)

RATE = 0.5
warnings.filterwarnings("ignore")


def cosine(steps, floor):
    return lambda optimizer: CosineAnnealingLR(optimizer, T_max=steps, eta_min=floor * RATE)


def one_cycle(**options):
    return lambda optimizer: OneCycleLR(optimizer, max_lr=RATE, cycle_momentum=False, **options)


def after_warm_up(steps, start, then):
    def make(optimizer):
        first = LinearLR(optimizer, start_factor=start, end_factor=1.0, total_iters=steps)
        return SequentialLR(optimizer, [first, then(optimizer)], milestones=[steps])

    return make


CASES = [
    ({"kind": "constant"}, lambda o: ConstantLR(o, factor=1), 5),
    ({"kind": "linear", "steps": 8, "from": 0.25, "to": 0.75}, lambda o: LinearLR(o, 0.25, 0.75, 8), 12),
    ({"kind": "cosine", "steps": 10}, cosine(10, 0), 11),
    ({"kind": "cosine", "steps": 7, "floor": 0.1}, cosine(7, 0.1), 8),
    ({"kind": "oneCycle", "steps": 20}, one_cycle(total_steps=20), 20),
    (
        {"kind": "oneCycle", "steps": 17, "rise": 0.45, "divide": 10, "finalDivide": 100, "shape": "linear"},
        one_cycle(total_steps=17, pct_start=0.45, div_factor=10, final_div_factor=100, anneal_strategy="linear"),
        17,
    ),
    ({"kind": "oneCycle", "steps": 10, "rise": 0.05}, one_cycle(total_steps=10, pct_start=0.05), 10),
    ({"kind": "oneCycle", "steps": 10, "rise": 1}, one_cycle(total_steps=10, pct_start=1.0), 10),
    ({"kind": "step", "every": 3, "gamma": 0.3}, lambda o: StepLR(o, 3, 0.3), 12),
    ({"kind": "steps", "at": [2, 5, 6], "gamma": 0.5}, lambda o: MultiStepLR(o, [2, 5, 6], 0.5), 9),
    ({"kind": "exponential", "gamma": 0.9}, lambda o: ExponentialLR(o, 0.9), 10),
    (
        {"kind": "warmUp", "steps": 4, "from": 0.2, "followedBy": {"kind": "cosine", "steps": 6}},
        after_warm_up(4, 0.2, cosine(6, 0)),
        11,
    ),
    (
        {"kind": "warmUp", "steps": 3, "from": 0.01, "followedBy": {"kind": "exponential", "gamma": 0.8}},
        after_warm_up(3, 0.01, lambda o: ExponentialLR(o, 0.8)),
        9,
    ),
]
METRICS = [3.0, 2.5, 2.5, 2.4999, 2.6, 2.0, 2.1, 2.2, 2.05, 2.0, 1.99, 1.9, 1.95, 1.95, 1.95, 1.95, 1.95, 1.95, 1.95]
PLATEAUS = [
    {"patience": 2, "gamma": 0.5},
    {"patience": 1, "gamma": 0.5, "threshold": 0.2, "thresholdMode": "absolute", "floor": 0.2},
    {"patience": 1, "gamma": 0.25, "cooldown": 3},
    {"mode": "max", "patience": 3, "gamma": 0.1},
    {"patience": 0, "gamma": 0.7, "threshold": 0.0},
]
NAMES = {"gamma": "factor", "thresholdMode": "threshold_mode"}
MODES = {"relative": "rel", "absolute": "abs"}


def sgd():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)


def rates(optimizer, scheduler, count, advance):
    values = []
    for step in range(count):
        values.append(optimizer.param_groups[0]["lr"] / RATE)
        optimizer.step()
        advance(scheduler, step)
    return values


def schedule(make, count):
    optimizer = sgd()
    return rates(optimizer, make(optimizer), count, lambda scheduler, step: step < count - 1 and scheduler.step())


def plateau(options):
    optimizer = sgd()
    options = {NAMES.get(key, key): MODES.get(value, value) for key, value in options.items()}
    floor = options.pop("floor", 0)
    scheduler = ReduceLROnPlateau(optimizer, min_lr=floor * RATE, eps=0, **options)
    return rates(optimizer, scheduler, len(METRICS), lambda scheduler, step: scheduler.step(METRICS[step]))


fixture = {
    "provenance": f"PyTorch {torch.__version__}, by interop/python/write_schedule_fixtures.py",
    "schedules": [{"schedule": options, "factors": schedule(make, count)} for options, make, count in CASES],
    "metrics": METRICS,
    "plateaus": [{"options": options, "factors": plateau(options)} for options in PLATEAUS],
}
with open(sys.argv[1], "w") as file:
    json.dump(fixture, file, separators=(",", ":"))
    file.write("\n")
