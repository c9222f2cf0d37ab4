"""Counts per exposure and times pulled towards their peers, as far as they are uncertain themselves."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv, gammaln, ndtri

from journeymap.stats.shrinkage import Posterior

__all__ = ["GammaPrior", "fit_gamma_prior", "shrink_count", "shrink_means", "shrink_times"]

Floats = NDArray[np.float64]
_PEERS_NEEDED = 2
_LEAST, _MOST = 1e-3, 1e6


class GammaPrior(NamedTuple):
    """How the rates of peers are spread: Gamma(alpha, beta).

    Parameters
    ----------
    alpha, beta : float
        As if `alpha` events had been seen in an exposure of `beta` before.
    """

    alpha: float
    beta: float

    @property
    def mean(self) -> float:
        """The mean rate of the peers."""
        return self.alpha / self.beta


def fit_gamma_prior(counts: ArrayLike, exposures: ArrayLike) -> GammaPrior | None:
    """How are the true rates of peers spread, judged by events in a time or in a number of chances?

    Maximises the marginal likelihood of ``y_i ~ Poisson(θ_i t_i)``, ``θ_i ~ Gamma(α, β)``:
    ``Σ_i ln Γ(α + y_i) − ln Γ(α) + α ln β − (α + y_i) ln(β + t_i)``.

    Parameters
    ----------
    counts, exposures : array_like
        y_i and t_i of each peer; peers without exposure are left out.

    Returns
    -------
    GammaPrior or None
        None for fewer than two peers, or without any event. Alike peers are pooled: the prior never weighs
        more than a million events.

    References
    ----------
    Gaver, D. P., O'Muircheartaigh, I. G. (1987). Robust empirical Bayes analyses of event rates.
    Technometrics 29, 1–15.

    Examples
    --------
    >>> prior = fit_gamma_prior([5, 1, 5, 14, 3, 19, 1, 1, 4, 22],
    ...     [94.32, 15.72, 62.88, 125.76, 5.24, 31.44, 1.048, 1.048, 2.096, 10.48])
    >>> round(prior.alpha, 4), round(prior.beta, 4)
    (0.8223, 1.259)
    """
    y, t = np.asarray(counts, dtype=np.float64), np.asarray(exposures, dtype=np.float64)
    y, t = y[t > 0], t[t > 0]
    if t.size < _PEERS_NEEDED or not y.sum():
        return None
    from scipy.optimize import brentq, minimize_scalar  # noqa: PLC0415 - it takes long to load

    def best_beta(alpha: float) -> float:
        # the likelihood has its only maximum in β where α k / β = Σ (α + y) / (β + t)
        def slope(log_beta: float) -> float:
            beta = math.exp(log_beta)
            return alpha * t.size / beta - float(((alpha + y) / (beta + t)).sum())

        middle = math.log(alpha * t.sum() / y.sum())
        return math.exp(brentq(slope, middle - 20, middle + 20, xtol=1e-12))

    def loss(log_alpha: float) -> float:
        alpha = math.exp(log_alpha)
        beta = best_beta(alpha)
        spread = (
            gammaln(alpha + y) - gammaln(alpha) + alpha * np.log(beta / (beta + t)) - y * np.log(beta + t)
        )
        return -float(spread.sum())

    grid = np.linspace(math.log(_LEAST), math.log(_MOST), 25)
    best = int(np.argmin([loss(float(at)) for at in grid]))
    ends = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, grid.size - 1)])
    found = minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-8})
    alpha = math.exp(float(found.x))
    return GammaPrior(alpha, best_beta(alpha))


def shrink_count(count: float, exposure: float, prior: GammaPrior, *, level: float = 0.9) -> Posterior:
    """How large is a rate of events, given its own count and its peers?

    Parameters
    ----------
    count, exposure : float
        Its own events, and the time or number of chances in which they came.
    prior : GammaPrior
        The spread of its peers' rates.
    level : float
        The probability inside the interval.

    Returns
    -------
    Posterior
        Mean and central interval of Gamma(alpha + y, beta + t).

    Examples
    --------
    >>> round(shrink_count(5, 94.3, GammaPrior(0.8223, 1.2590)).mean, 4)
    0.0609
    """
    alpha, beta = prior.alpha + count, prior.beta + exposure
    low, high = gammaincinv(alpha, [(1 - level) / 2, (1 + level) / 2]) / beta
    return Posterior(alpha / beta, float(low), float(high))


def shrink_means(values: ArrayLike, variances: ArrayLike, *, level: float = 0.9) -> list[Posterior]:
    """How large are means of unequal precision, each pulled towards their common mean?

    ``θ_i = μ + τ² / (τ² + v_i) (x_i − μ)``: the spread τ² of the true means is what the observed ones vary by
    more than their sampling variances v_i explain (method of moments), μ is weighted by 1 / (τ² + v_i).

    Parameters
    ----------
    values, variances : array_like
        Observed means x_i and their sampling variances v_i, above zero.
    level : float
        The probability inside the interval.

    Returns
    -------
    list of Posterior
        In the same order; empty for none. A single mean stays where it is.

    References
    ----------
    DerSimonian, R., Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7,
    177–188.

    Examples
    --------
    >>> [round(found.mean, 2) for found in shrink_means([1.0, 2.0, 6.0], [1.0, 1.0, 1.0])]
    [1.29, 2.14, 5.57]
    """
    x, v = np.asarray(values, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    reach = float(ndtri((1 + level) / 2))
    if x.size < _PEERS_NEEDED:
        return [
            Posterior(float(m), float(m - reach * s), float(m + reach * s))
            for m, s in zip(x, np.sqrt(v), strict=True)
        ]
    weights = 1 / v
    off = float((weights * np.square(x - np.average(x, weights=weights))).sum())
    unlike = float(weights.sum() - np.square(weights).sum() / weights.sum())
    spread = max(0.0, (off - (x.size - 1)) / unlike) if unlike > 0 else 0.0
    centre_weights = 1 / (spread + v)
    centre = np.average(x, weights=centre_weights)
    kept = spread / (spread + v)
    means = centre + kept * (x - centre)
    # the common mean is itself an estimate
    sds = np.sqrt(kept * v + np.square(1 - kept) / centre_weights.sum())
    return [
        Posterior(float(m), float(m - reach * s), float(m + reach * s))
        for m, s in zip(means, sds, strict=True)
    ]


def shrink_times(values: ArrayLike, log_variances: ArrayLike, *, level: float = 0.9) -> list[Posterior]:
    """How long are typical times, each pulled towards those of its peers on the scale of logarithms?

    Parameters
    ----------
    values : array_like
        Medians, above zero.
    log_variances : array_like
        The sampling variances of their logarithms.
    level : float
        The probability inside the interval.

    Returns
    -------
    list of Posterior
        Shrunk medians with intervals, in the unit of `values`: a factor, never below zero.

    Examples
    --------
    >>> [round(found.mean, 1) for found in shrink_times([10, 10, 80], [0.5, 0.5, 0.5])]
    [12.7, 12.7, 49.5]
    """
    found = shrink_means(np.log(np.asarray(values, dtype=np.float64)), log_variances, level=level)
    return [Posterior(*(math.exp(part) for part in one)) for one in found]
