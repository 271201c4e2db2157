"""Golden vectors of LinUCB, algorithm 1 of Li et al. (2010): `python interop/python/write_bandit_fixtures.py FILE`. Needs numpy.

Solves with the full matrix at each step, so nothing of the update formula under test is used."""

import json
import sys

import numpy as np


def main(path):
    rng = np.random.default_rng(20261123)
    arms, size, exploration = 3, 4, 0.7
    truth = rng.normal(size=(arms, size))
    a = [np.eye(size) for _ in range(arms)]
    b = [np.zeros(size) for _ in range(arms)]
    steps = []
    for _ in range(60):
        x = rng.normal(size=size).round(3)
        scores = [np.linalg.solve(a[k], b[k]) @ x + exploration * np.sqrt(x @ np.linalg.solve(a[k], x)) for k in range(arms)]
        arm = int(np.argmax(scores))
        reward = float((truth[arm] @ x + rng.normal(0, 0.1)).round(3))
        a[arm] += np.outer(x, x)
        b[arm] += reward * x
        steps.append({"context": x.tolist(), "arm": arm, "reward": reward})
    json.dump({"arms": arms, "exploration": exploration, "steps": steps}, open(path, "w"), indent=1)


main(sys.argv[1])
