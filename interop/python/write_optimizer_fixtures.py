"""Golden vectors of the neural engine's optimisers: `python interop/python/write_optimizer_fixtures.py FILE`.

Needs torch. Lion is not in torch: it is its authors' update (github.com/google/automl, lion_pytorch.py) in torch's
operations. Every case sees the same gradients; the learning rate falls from step to step."""

import json
import sys

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

STEPS = 12
SHAPES = {"encoder.weight": (3, 2), "encoder.bias": (3,), "head.weight": (5, 1)}


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr, betas, weight_decay):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (beta1, beta2), lr = group["betas"], group["lr"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["exp_avg"] = torch.zeros_like(p)
                m = state["exp_avg"]
                p.mul_(1 - lr * group["weight_decay"])
                update = m * beta1 + p.grad * (1 - beta1)
                p.add_(update.sign_(), alpha=-lr)
                m.mul_(beta2).add_(p.grad, alpha=1 - beta2)


KINDS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "lion": Lion}
NAMES = {"learningRate": "lr", "weightDecay": "weight_decay", "epsilon": "eps"}
adamw = {"kind": "adamw", "learningRate": 0.02, "weightDecay": 0.1}
CASES = [
    {"kind": "sgd", "learningRate": 0.1},
    {"kind": "sgd", "learningRate": 0.1, "weightDecay": 0.05},
    {"kind": "sgd", "learningRate": 0.05, "momentum": 0.9},
    {"kind": "sgd", "learningRate": 0.05, "momentum": 0.8, "nesterov": True, "weightDecay": 0.02},
    {"kind": "adam", "learningRate": 0.02},
    {"kind": "adam", "learningRate": 0.02, "weightDecay": 0.1},
    {"kind": "adam", "learningRate": 0.02, "betas": [0.4, 0.8], "epsilon": 0.01},
    adamw,
    {"kind": "adamw", "learningRate": 0.02, "betas": [0.0, 0.99]},
    {"kind": "lion", "learningRate": 0.01, "betas": [0.9, 0.99], "weightDecay": 0.0},
    {"kind": "lion", "learningRate": 0.01, "betas": [0.7, 0.9], "weightDecay": 0.5},
]
CASES = [{"definition": definition} for definition in CASES] + [
    {"name": "groups", "definition": adamw, "groups": True},
    {"name": "thaw", "definition": adamw, "frozenUntil": 5},
    {"name": "clip norm", "definition": adamw, "clipNorm": 0.8},
    {"name": "clip value", "definition": adamw, "clipValue": 0.3},
    {"name": "accumulate", "definition": adamw, "microBatches": 3},
    {"name": "ema", "definition": adamw, "averaging": {"kind": "ema", "decay": 0.7}},
    {"name": "swa", "definition": adamw, "averaging": {"kind": "swa"}},
]


def plain(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


class Net(torch.nn.Module):
    def __init__(self, values):
        super().__init__()
        for name, value in values.items():
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(value.clone()))

    def named(self):
        return dict(zip(SHAPES, self.parameters()))


def param_groups(case, net, rate):
    if not case.get("groups"):
        return list(net.parameters())
    named = net.named()
    return [
        {"params": [named["encoder.bias"]], "weight_decay": 0.0},
        {"params": [named["encoder.weight"]]},
        {"params": [named["head.weight"]], "lr": rate * 0.1, "factor": 0.1},
    ]


def run(case):
    definition = dict(case["definition"])
    kind, rate = definition.pop("kind"), definition["learningRate"]
    net = Net(start)
    options = {NAMES.get(key, key): value for key, value in definition.items()}
    optimizer = KINDS[kind](param_groups(case, net, rate), **options)
    averaging = case.get("averaging")
    average = None
    if averaging is not None:
        ema = averaging["kind"] == "ema"
        average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(averaging["decay"]) if ema else None)
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - step / (2 * STEPS)) * group.get("factor", 1)
        set_gradients(case, net, step)
        if "clipNorm" in case:
            torch.nn.utils.clip_grad_norm_(net.parameters(), case["clipNorm"])
        if "clipValue" in case:
            torch.nn.utils.clip_grad_value_(net.parameters(), case["clipValue"])
        optimizer.step()
        if average is not None:
            average.update_parameters(net)
    written = {"name": kind, **case, "parameters": {name: plain(p) for name, p in net.named().items()}}
    if average is not None:
        written["averages"] = {name: plain(p) for name, p in average.module.named().items()}
    return written


def set_gradients(case, net, step):
    count = case.get("microBatches", 1)
    for name, parameter in net.named().items():
        if name.startswith("encoder") and step < case.get("frozenUntil", 0):
            parameter.grad = None
        else:
            parameter.grad = sum(gradients[(step + k) % STEPS][name] for k in range(count)) / count


torch.manual_seed(7)
start = {name: torch.randn(shape) for name, shape in SHAPES.items()}
gradients = [{name: torch.randn(shape) for name, shape in SHAPES.items()} for _ in range(STEPS)]
# What is written is what was used.
for values in [start, *gradients]:
    for name in values:
        values[name] = torch.tensor(plain(values[name])).reshape(SHAPES[name])
fixture = {
    "provenance": f"PyTorch {torch.__version__}, by interop/python/write_optimizer_fixtures.py",
    "shapes": SHAPES,
    "start": {name: plain(value) for name, value in start.items()},
    "gradients": [{name: plain(value) for name, value in step.items()} for step in gradients],
    "cases": [run(case) for case in CASES],
}
with open(sys.argv[1], "w") as file:
    json.dump(fixture, file, separators=(",", ":"))
    file.write("\n")
