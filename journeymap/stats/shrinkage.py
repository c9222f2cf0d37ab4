"""Rates pulled towards their peers, as far as their own counts leave them uncertain."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import betaincinv, betaln, digamma, expit

__all__ = ["BetaPrior", "Posterior", "fit_beta_prior", "james_stein", "moment_prior", "shrink"]

Floats = NDArray[np.float64]
_SMALLEST_WEIGHT = 0.1
_FARTHEST_LOGIT = 30.0
_PEERS_NEEDED = 2


class BetaPrior(NamedTuple):
    """How the rates of peers are spread: Beta(alpha, beta).

    Parameters
    ----------
    alpha, beta : float
        As if `alpha` successes and `beta` failures had been seen before.
    method : {"maximum likelihood", "moments"}
        How they were estimated.
    """

    alpha: float
    beta: float
    method: Literal["maximum likelihood", "moments"]

    @property
    def mean(self) -> float:
        """The mean rate of the peers."""
        return self.alpha / (self.alpha + self.beta)


class Posterior(NamedTuple):
    """A rate after looking at its peers.

    Parameters
    ----------
    mean : float
        (alpha + y) / (alpha + beta + n).
    low, high : float
        The ends of the central interval.
    """

    mean: float
    low: float
    high: float


def moment_prior(mean: float, sd: float) -> BetaPrior:
    """Which Beta distribution has this mean and this standard deviation?

    ``α + β = m (1 − m) / s² − 1``.

    Parameters
    ----------
    mean, sd : float
        Of the observed rates.

    Returns
    -------
    BetaPrior
        The prior by the method of moments.

    Raises
    ------
    ValueError
        The spread is larger than any rate with this mean can have, or zero.

    Examples
    --------
    >>> prior = moment_prior(0.136007, 0.103492)  # 70 groups of rats, Tarone (1982)
    >>> round(prior.alpha, 3), round(prior.beta, 3)
    (1.356, 8.615)
    """
    if not 0 < sd**2 < mean * (1 - mean):
        raise ValueError(f"no Beta distribution has mean {mean:g} and standard deviation {sd:g}")
    weight = mean * (1 - mean) / sd**2 - 1
    return BetaPrior(mean * weight, (1 - mean) * weight, "moments")


def fit_beta_prior(successes: ArrayLike, trials: ArrayLike) -> BetaPrior | None:
    """How are the true rates of peers spread, judged by their counts?

    Maximises the marginal likelihood ``Σ_i ln B(α + y_i, β + n_i − y_i) − ln B(α, β)``; the method of moments
    where that finds no maximum.

    Parameters
    ----------
    successes, trials : array_like
        Counts of each peer, at effective sizes where customers repeat themselves. Peers without
        trials are left out.

    Returns
    -------
    BetaPrior or None
        None for fewer than two peers. The prior never weighs more than all peers together: alike peers
        are pooled, no more than that.

    References
    ----------
    Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., section 5.1.

    Examples
    --------
    >>> prior = fit_beta_prior([2, 30, 12], [40, 100, 90])
    >>> prior.method
    'maximum likelihood'
    """
    y, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    y, n = y[n > 0], n[n > 0]
    if n.size < _PEERS_NEEDED:
        return None
    heaviest = max(float(n.sum()), 1.0)
    if y.sum() in {0.0, n.sum()}:  # nothing tells the peers apart
        pooled = float((y.sum() + 0.5) / (n.sum() + 1))
        return BetaPrior(pooled * heaviest, (1 - pooled) * heaviest, "moments")

    def loss(log_weight: float) -> float:
        weight = math.exp(log_weight)
        mean = _best_mean(y, n, weight)
        return -_log_likelihood(y, n, mean * weight, (1 - mean) * weight)

    # the likelihood can be flat at either end, so the best of a coarse grid brackets the search
    ends = math.log(_SMALLEST_WEIGHT), math.log(heaviest)
    grid = np.linspace(*ends, 17)
    best = int(np.argmin([loss(step) for step in grid]))
    bracket = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, grid.size - 1)])
    found = minimize_scalar(loss, bounds=bracket, method="bounded", options={"xatol": 1e-5})
    if not np.isfinite(found.fun):
        return _by_moments(y, n, heaviest)
    weight = math.exp(float(found.x))
    mean = _best_mean(y, n, weight)
    return BetaPrior(mean * weight, (1 - mean) * weight, "maximum likelihood")


def _log_likelihood(y: Floats, n: Floats, alpha: float, beta: float) -> float:
    return float((betaln(alpha + y, beta + (n - y)) - betaln(alpha, beta)).sum())


def _best_mean(y: Floats, n: Floats, weight: float) -> float:
    """Find the mean that maximises the likelihood at a given weight: the only root of its slope."""

    def slope(logit: float) -> float:
        # n − y first: added to a tiny beta, n would swallow it, and a peer without failures would end in 0
        mean = float(expit(logit))
        alpha, beta = mean * weight, (1 - mean) * weight
        up = digamma(alpha + y) - digamma(alpha)
        down = digamma(beta + (n - y)) - digamma(beta)
        return float((up - down).sum()) * mean * (1 - mean)

    # where next to nothing, or next to everything, is a success, rounding can hide the root beyond an end
    if slope(-_FARTHEST_LOGIT) <= 0:
        return float(expit(-_FARTHEST_LOGIT))
    if slope(_FARTHEST_LOGIT) >= 0:
        return float(expit(_FARTHEST_LOGIT))
    return float(expit(brentq(slope, -_FARTHEST_LOGIT, _FARTHEST_LOGIT, xtol=1e-8)))


def _by_moments(y: Floats, n: Floats, heaviest: float) -> BetaPrior:
    rates = y / n
    mean = float(np.clip(rates.mean(), 1e-6, 1 - 1e-6))
    spread = float(rates.std(ddof=1))
    if not 0 < spread**2 < mean * (1 - mean):
        return BetaPrior(mean * heaviest, (1 - mean) * heaviest, "moments")
    return moment_prior(mean, spread)


def shrink(successes: float, trials: float, prior: BetaPrior, *, level: float = 0.9) -> Posterior:
    """How large is a rate, given its own counts and its peers?

    Parameters
    ----------
    successes, trials : float
        Its own counts.
    prior : BetaPrior
        The spread of its peers' rates.
    level : float
        The probability inside the interval.

    Returns
    -------
    Posterior
        Mean and central interval of Beta(alpha + y, beta + n − y).

    Examples
    --------
    >>> round(shrink(4, 14, moment_prior(0.136007, 0.103492)).mean, 4)
    0.2234
    """
    alpha, beta = prior.alpha + successes, prior.beta + (trials - successes)
    low, high = betaincinv(alpha, beta, [(1 - level) / 2, (1 + level) / 2])
    return Posterior(alpha / (alpha + beta), float(low), float(high))


def james_stein(values: ArrayLike, variance: float) -> Floats:
    """How large are means of equal precision, each pulled towards their common mean?

    ``m + c (x_i − m)`` with ``c = 1 − (k − 3) σ² / Σ (x_i − m)²``, not below 0.

    Parameters
    ----------
    values : array_like
        The observed means x_i, at least four.
    variance : float
        The sampling variance σ² of each.

    Returns
    -------
    ndarray
        The shrunk means in the same order.

    References
    ----------
    Efron, B., Morris, C. (1977). Stein's paradox in statistics. Scientific American 236(5), 119–127.
    """
    x = np.asarray(values, dtype=np.float64)
    centre = x.mean()
    spread = float(np.square(x - centre).sum())
    kept = max(0.0, 1 - (x.size - 3) * variance / spread) if spread else 0.0
    return np.asarray(centre + kept * (x - centre))
