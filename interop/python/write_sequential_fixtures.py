"""Golden vectors of sequential tests and plans: `python interop/python/write_sequential_fixtures.py FILE`. Needs scipy.

Mixtures are integrated numerically from their definitions, so nothing of the closed forms under test is used."""

import json
import sys

import numpy as np
from scipy import integrate, stats


def normal_mixture(value, variance, prior):
    def weighted(effect):
        return stats.norm.pdf(value, effect, variance**0.5) * stats.norm.pdf(effect, 0, prior**0.5)

    spread = 12 * prior**0.5
    points = sorted({-spread, 0.0, value, spread})
    mass = integrate.quad(weighted, -spread, spread, points=points, limit=500, epsabs=0, epsrel=1e-11)[0]
    return float(np.log(mass / stats.norm.pdf(value, 0, variance**0.5)))


def beta_mixture(successes, trials, probability, a, b, low=0.0):
    prior = stats.beta(a, b)
    share = prior.sf(low)

    def weighted(p):
        return prior.pdf(p) * np.exp(stats.binom.logpmf(successes, trials, p) - stats.binom.logpmf(successes, trials, probability))

    mode = max(low, min(1.0, successes / trials))
    mass = integrate.quad(weighted, low, 1, points=[mode] if low < mode < 1 else None, limit=500, epsabs=0, epsrel=1e-10)[0]
    return float(np.log(mass / share))


def main(path):
    rng = np.random.default_rng(20261123)
    normal = [
        {"value": v, "variance": s, "prior": t, "log": normal_mixture(v, s, t)}
        for v, s, t in [(0.0, 1.0, 1.0), (0.3, 0.01, 0.1), (-1.2, 0.25, 0.5), (0.02, 1e-4, 3e-3)]
    ]
    binomial = [
        {
            "successes": k, "trials": n, "probability": p, "a": a, "b": b,
            "log": beta_mixture(k, n, p, a, b), "excess": beta_mixture(k, n, p, a, b, p),
        }
        for k, n, p, a, b in [(7, 10, 0.5, 2, 2), (3, 40, 0.5, 2, 2), (60, 100, 0.55, 1, 1), (90, 1000, 0.05, 5, 95)]
    ]
    ratio = []
    for counts, shares in [([5100, 4900], [0.5, 0.5]), ([821588, 815482], [0.5, 0.5]), ([120, 90, 80], [0.5, 0.3, 0.2])]:
        chi = stats.chisquare(counts, np.array(shares) * sum(counts))
        alpha = 100 * np.array(shares)
        n = sum(counts)
        log = float(
            stats.dirichlet_multinomial.logpmf(counts, alpha, n) - stats.multinomial.logpmf(counts, n, shares)
        )
        ratio.append({"counts": counts, "shares": shares, "statistic": float(chi.statistic), "pValue": float(chi.pvalue), "log": log})
    x = rng.normal(10, 3, 60)
    y = 0.8 * x + rng.normal(0, 1, 60)
    t = np.arange(60) % 2 == 1
    sxx = sum(((x[g] - x[g].mean()) ** 2).sum() for g in (t, ~t))
    sxy = sum(((x[g] - x[g].mean()) * (y[g] - y[g].mean())).sum() for g in (t, ~t))
    slope = sxy / sxx
    adjusted = y - slope * x
    cuped = {
        "x": x.tolist(), "y": y.tolist(), "slope": float(slope),
        "difference": float(adjusted[t].mean() - adjusted[~t].mean()),
        "variance": float(adjusted[t].var(ddof=1) / t.sum() + adjusted[~t].var(ddof=1) / (~t).sum()),
    }
    json.dump({"scipy": __import__("scipy").__version__, "normal": normal, "binomial": binomial, "ratio": ratio, "cuped": cuped}, open(path, "w"), indent=1)


main(sys.argv[1])
