"""Small tables that boosting libraries are trained on: numbers with gaps, a coarse grid, two categories."""

import numpy as np

NAMES = ["amount", "grid", "colour", "place"]
CATEGORICAL = [2, 3]


def features(rows, seed, unseen=False):
    """float32 [rows, 4]; the last two columns are category codes, NaN is missing. `unseen` adds codes not trained on."""
    rng = np.random.default_rng(seed)
    x = np.empty((rows, 4), dtype=np.float32)
    x[:, 0] = rng.normal(size=rows) * 10
    x[:, 1] = rng.integers(-2, 5, size=rows) / 2
    x[:, 2] = rng.integers(0, 3, size=rows)
    x[:, 3] = rng.integers(0, 45, size=rows)
    if unseen:
        x[rng.random(rows) < 0.1, 3] = 46
        x[rng.random(rows) < 0.05, 3] = 400
    x[rng.random(rows) < 0.15, 0] = np.nan
    x[rng.random(rows) < 0.1, 3] = np.nan
    return x


def signal(x):
    filled = np.nan_to_num(x, nan=-3.0).astype(np.float64)
    return filled[:, 0] / 5 + filled[:, 1] * (filled[:, 2] - 1) + np.sin(filled[:, 3] * 1.7) * 2


def target(kind, x, seed):
    """kind: binary, classes, number, count, positive or rank (relevance 0 to 3 in groups of 20 rows)."""
    rng = np.random.default_rng(seed)
    s = signal(x) + rng.normal(size=len(x)) * 0.5
    if kind == "binary":
        return (s > 0.3).astype(int)
    if kind == "classes":
        return np.digitize(s, [-1.0, 1.0])
    if kind == "count":
        return rng.poisson(np.exp(np.clip(s / 3, -2, 2)))
    if kind == "positive":
        return np.exp(s / 3)
    if kind == "rank":
        return np.digitize(s, [-1.0, 0.5, 2.0])
    return s * 1000 + 200_000
