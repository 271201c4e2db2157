"""Golden vectors of the neural engine's losses: `python interop/python/write_loss_fixtures.py FILE`.

Needs torch. Each case holds outputs of a network, targets, a weight for each row, the loss and its gradients by the outputs.
Losses that torch lacks are written out here after their papers."""

import json
import sys

import torch
from torch.nn import functional as F

TYPES = {torch.float32: "float", torch.int64: "int64"}


def draw(*shape, scale=1.0):
    """Of few digits, so that what is written is what was used."""
    return torch.round(torch.randn(shape) * scale, decimals=2)


def written(tensor):
    values = tensor.detach().flatten().tolist()
    values = [float(f"{v:.7g}") for v in values] if tensor.dtype == torch.float32 else [int(v) for v in values]
    return {"type": TYPES[tensor.dtype], "shape": list(tensor.shape), "values": values}


def weighted(losses, weights):
    rows = losses.reshape(losses.shape[0], -1).mean(1)
    return (rows * weights).sum() / weights.sum()


def cross_entropy(classes=None, smoothing=0.0):
    """Rows count by their own weight and that of their class; torch divides by the sum of both."""

    def loss(o, t, w):
        logits, target = o["logits"].flatten(0, -2), t["label"].flatten()
        rows = w.reshape(-1, *[1] * (t["label"].dim() - 1)).expand_as(t["label"]).flatten()
        table = None if classes is None else torch.tensor(classes)
        losses = F.cross_entropy(logits, target, weight=table, label_smoothing=smoothing, reduction="none")
        kept = (target != -100).float()
        counts = kept if table is None else kept * table[target.clamp(min=0)]
        return (losses * rows).sum() / (counts * rows).sum()

    return loss


def quantile(o, t, w):
    error = t["target"][:, None] - o["y"]
    q = torch.tensor([0.1, 0.5, 0.9])
    return weighted(torch.maximum(q * error, (q - 1) * error), w)


def view_contrast(o, t, w):
    """Chen et al. 2020, equation 1; rows of weight 0 are left out."""
    kept = w > 0
    z = F.normalize(torch.cat([o["a"][kept], o["b"][kept]]))
    rows = len(z)
    similarities = (z @ z.T / 0.2).masked_fill(torch.eye(rows, dtype=torch.bool), -torch.inf)
    partners = torch.arange(rows).roll(rows // 2)
    losses = F.cross_entropy(similarities, partners, reduction="none")
    return weighted(losses, w[kept].repeat(2))


def pair_contrast(o, t, w):
    """Radford et al. 2021, figure 3; rows of weight 0 are left out."""
    kept = w > 0
    similarities = F.normalize(o["a"][kept]) @ F.normalize(o["b"][kept]).T / 0.1
    itself = torch.arange(len(similarities))
    ways = [F.cross_entropy(s, itself, reduction="none") for s in (similarities, similarities.T)]
    return weighted(sum(ways) / 2, w[kept])


def pairwise(o, t, w):
    apart = F.pairwise_distance(o["a"], o["b"])
    y = t["same"].float()
    return weighted((y * apart**2 + (1 - y) * F.relu(2 - apart) ** 2) / 2, w)


def triplet(o, t, w):
    return weighted(F.triplet_margin_loss(o["a"], o["b"], o["c"], margin=1.5, reduction="none"), w)


def distillation(o, t, w):
    student, teacher = (F.log_softmax(v / 3, -1) for v in (o["logits"], t["teacher"]))
    return 9 * weighted(F.kl_div(student, teacher, log_target=True, reduction="none").sum(-1), w)


def ctc(blank=0, lengths=True):
    def loss(o, t, w):
        scores = F.log_softmax(o["logits"], -1).transpose(0, 1)
        steps = t["steps"] if lengths else torch.full((len(w),), scores.shape[0])
        labels = (t["labels"] != blank).sum(1)
        losses = F.ctc_loss(scores, t["labels"], steps, labels, blank, "none", zero_infinity=True)
        return weighted(losses / labels.clamp(min=1), w)

    return loss


def errors(function):
    return lambda o, t, w: weighted(function(o["y"], t["target"].reshape(o["y"].shape)), w)


def binary(weight):
    positive = torch.tensor(weight)
    return lambda o, t, w: weighted(
        F.binary_cross_entropy_with_logits(o["y"], t["target"], pos_weight=positive, reduction="none"), w
    )


torch.manual_seed(23)
ROWS = 5
weights = torch.tensor([1.0, 0.5, 1.0, 0.0, 2.0])
logits, tokens = draw(ROWS, 4), draw(ROWS, 3, 4)
labels = torch.tensor([3, 0, 1, 1, 2])
token_labels = torch.tensor([[0, 1, -100], [3, 3, 2], [-100, -100, -100], [1, 0, 0], [2, -100, -100]])
values, targets = draw(ROWS, 3, scale=2.0), draw(ROWS, 3, scale=2.0)
shares = torch.round(torch.rand(ROWS, 3), decimals=2)
a, b, c = (draw(ROWS, 6) for _ in range(3))
speech = draw(ROWS, 7, 4, scale=2.0)
# Repeated labels, a short row, an empty one, one that fills its steps, one that cannot fit.
words = torch.tensor([[1, 1, 2], [3, 0, 0], [0, 0, 0], [1, 2, 3], [2, 2, 2]])
steps = torch.tensor([7, 4, 5, 3, 4])
one = {"logits": logits}
CASES = [
    ("crossEntropy", one, {"label": labels}, cross_entropy()),
    ("crossEntropy smoothed", one, {"label": labels}, cross_entropy(smoothing=0.1)),
    ("crossEntropy with class weights", one, {"label": labels}, cross_entropy([1.0, 2.0, 0.5, 4.0])),
    ("crossEntropy with both", one, {"label": labels}, cross_entropy([1.0, 2.0, 0.5, 4.0], 0.2)),
    ("crossEntropy of steps", {"logits": tokens}, {"label": token_labels}, cross_entropy(smoothing=0.1)),
    ("binaryCrossEntropy", {"y": values}, {"target": shares}, binary(1.0)),
    ("binaryCrossEntropy weighted", {"y": values * 20}, {"target": shares}, binary(3.0)),
    ("meanSquared", {"y": values}, {"target": targets}, errors(lambda y, t: (y - t) ** 2)),
    ("meanSquared of columns", {"y": values[:, :1]}, {"target": targets[:, 0]}, errors(lambda y, t: (y - t) ** 2)),
    ("meanAbsolute", {"y": values}, {"target": targets}, errors(lambda y, t: (y - t).abs())),
    ("huber", {"y": values}, {"target": targets}, errors(lambda y, t: F.huber_loss(y, t, reduction="none", delta=1.5))),
    ("quantile", {"y": values}, {"target": targets[:, 0]}, quantile),
    ("distillation", one, {"teacher": draw(ROWS, 4, scale=2.0)}, distillation),
    ("viewContrast", {"a": a, "b": b}, {}, view_contrast),
    ("pairContrast", {"a": a, "b": b}, {}, pair_contrast),
    ("pairwiseContrastive", {"a": a, "b": b * 0.3 + a * 0.7}, {"same": torch.tensor([1, 0, 0, 1, 1])}, pairwise),
    ("triplet", {"a": a, "b": b, "c": c}, {}, triplet),
    ("connectionistTemporal", {"logits": speech}, {"labels": words, "steps": steps}, ctc()),
    ("connectionistTemporal of all steps", {"logits": speech}, {"labels": words}, ctc(lengths=False)),
]


def write_case(name, outputs, targets, loss):
    leaves = {key: torch.round(value, decimals=2).clone().requires_grad_() for key, value in outputs.items()}
    case = {"name": name, "outputs": {k: written(v) for k, v in leaves.items()}}
    case["targets"] = {k: written(v) for k, v in targets.items()}
    value = loss(leaves, targets, weights)
    value.backward()
    case["loss"] = written(value)
    case["gradients"] = {key: written(leaf.grad) for key, leaf in leaves.items()}
    return case


fixture = {
    "provenance": f"PyTorch {torch.__version__}, by interop/python/write_loss_fixtures.py",
    "rowWeight": written(weights),
    "cases": [write_case(*case) for case in CASES],
}
with open(sys.argv[1], "w") as file:
    json.dump(fixture, file, separators=(",", ":"))
    file.write("\n")
