"""Rates pulled towards their peers, as far as their own counts leave them uncertain."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, betaln, digamma, expit

__all__ = [
    "BetaPrior",
    "Posterior",
    "fit_beta_prior",
    "fit_beta_priors",
    "james_stein",
    "moment_prior",
    "shrink",
]

Floats = NDArray[np.float64]
_SMALLEST_WEIGHT = 0.1
_FARTHEST_LOGIT = 30.0
_PEERS_NEEDED = 2
_MOST_TURNS, _STILL, _FAR = 60, 1e-7, 50.0


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
    return fit_beta_priors([(successes, trials)])[0]


def fit_beta_priors(families: Iterable[tuple[ArrayLike, ArrayLike]]) -> list[BetaPrior | None]:
    """How are the true rates spread in each of many families of peers?

    The same as `fit_beta_prior` for each, all at once: a hundred families cost little more than one.

    Parameters
    ----------
    families : iterable of (array_like, array_like)
        Successes and trials of the peers of each family.

    Returns
    -------
    list of BetaPrior or None
        In the same order.

    Examples
    --------
    >>> [prior is None for prior in fit_beta_priors([([2, 30, 12], [40, 100, 90]), ([3], [10])])]
    [False, True]
    """
    priors: list[BetaPrior | None] = []
    unlike: list[tuple[Floats, Floats]] = []
    places: list[int] = []
    for place, (successes, trials) in enumerate(families):
        y, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
        y, n = y[n > 0], n[n > 0]
        priors.append(None)
        if n.size < _PEERS_NEEDED:
            continue
        if y.sum() in {0.0, n.sum()}:  # nothing tells the peers apart
            heaviest = max(float(n.sum()), 1.0)
            pooled = float((y.sum() + 0.5) / (n.sum() + 1))
            priors[place] = BetaPrior(pooled * heaviest, (1 - pooled) * heaviest, "moments")
            continue
        unlike.append((y, n))
        places.append(place)
    for place, prior in zip(places, _most_likely(unlike), strict=True):
        priors[place] = prior
    return priors


def _most_likely(families: Sequence[tuple[Floats, Floats]]) -> list[BetaPrior]:
    """Search the weight of each family on ever finer grids; the likelihood can be flat at either end."""
    if not families:
        return []
    size = max(n.size for _, n in families)
    # peers without trials add nothing to the likelihood, so they fill the table up
    y, n = (np.array([np.pad(f[part], (0, size - f[1].size)) for f in families]) for part in (0, 1))
    heaviest = np.maximum(n.sum(axis=1), 1.0)
    low, high = np.full(len(families), math.log(_SMALLEST_WEIGHT)), np.log(heaviest)
    first, last = low, high
    rows = np.arange(len(families))
    with np.errstate(divide="ignore"):  # next to nothing may be nothing, divided
        start = np.log(y.sum(axis=1) / (n - y).sum(axis=1)).clip(-_FARTHEST_LOGIT, _FARTHEST_LOGIT)
    for points in (13, 7, 7, 7):
        grid = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, points)
        height, logits = _profile(y, n, np.exp(grid), start)
        best = np.argmax(height, axis=1)
        start = logits[rows, best]
        step = grid[:, 1] - grid[:, 0]
        low, high = np.maximum(grid[rows, best] - step, first), np.minimum(grid[rows, best] + step, last)
    # a parabola through the best point and its neighbours
    inner = (best > 0) & (best < points - 1)
    middle = best.clip(1, points - 2)
    left, here, right = (height[rows, middle + off] for off in (-1, 0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        off = 0.5 * (left - right) / (left - 2 * here + right)
    log_weight = grid[rows, best] + np.where(inner & np.isfinite(off), off.clip(-1, 1), 0.0) * step
    weight = np.exp(np.clip(log_weight, first, last))
    found, logits = _profile(y, n, weight[:, None], start)
    mean = expit(logits)
    return [
        BetaPrior(float(m * w), float((1 - m) * w), "maximum likelihood")
        if np.isfinite(value)
        else _by_moments(f[0], f[1], float(most))
        for f, m, w, value, most in zip(families, mean[:, 0], weight, found[:, 0], heaviest, strict=True)
    ]


def _profile(y: Floats, n: Floats, weights: Floats, start: Floats) -> tuple[Floats, Floats]:
    """Give the best height of every family (rows) at every weight (columns), and the logit that has it."""
    y, rest, w = y[:, None, :], (n - y)[:, None, :], weights[:, :, None]
    logit = np.broadcast_to(start[:, None], weights.shape)

    def better(logit: Floats) -> Floats:
        mean, other = expit(logit), expit(-logit)
        alpha, beta = mean[:, :, None] * w, other[:, :, None] * w
        up = (digamma(alpha + y) - digamma(alpha)).sum(axis=2) * mean
        down = (digamma(beta + rest) - digamma(beta)).sum(axis=2) * other
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.log(up / down)
        return np.asarray(np.nan_to_num(found, nan=0.0).clip(-_FARTHEST_LOGIT, _FARTHEST_LOGIT))

    # at the best mean the map stays where it is; a secant makes its short way there shorter
    before, moved = logit, better(logit)
    shift = moved - before
    here = moved
    for _ in range(_MOST_TURNS):
        move = better(here) - here
        if np.abs(move).max() < _STILL:
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            jump = -move * (here - before) / (move - shift)
        safe = np.isfinite(jump) & (np.abs(jump) < _FAR * np.abs(move) + _STILL)
        before, shift = here, move
        here = (here + np.where(safe, jump, move)).clip(-_FARTHEST_LOGIT, _FARTHEST_LOGIT)
    mean, other = expit(here), expit(-here)
    alpha, beta = mean[:, :, None] * w, other[:, :, None] * w
    height = (betaln(alpha + y, beta + rest) - betaln(alpha, beta)).sum(axis=2)
    return np.asarray(height), np.asarray(here)


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
