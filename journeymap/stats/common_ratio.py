"""How sure is a ratio that several strata have in common?"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from journeymap.stats.jackknife import t_quantile
from journeymap.stats.strata import mantel_haenszel_odds, mantel_haenszel_ratio

__all__ = ["CommonRatio", "ExactTest", "common_odds_ratio", "common_share_ratio", "exact_stratum_test"]

Floats = NDArray[np.float64]


class CommonRatio(NamedTuple):
    """A ratio with its interval.

    Parameters
    ----------
    value : float
        The ratio; nan where nothing can be compared.
    low, high : float
        The ends; 0 and infinity where one side has no successes, or no failures where odds are compared.
    """

    value: float
    low: float
    high: float


class ExactTest(NamedTuple):
    """How probable successes like these are where both sides succeed alike.

    Parameters
    ----------
    more, fewer : float
        At least, and at most, as many successes on the first side.
    p : float
        Any numbers that are no more probable than those that came.
    """

    more: float
    fewer: float
    p: float


def common_odds_ratio(
    successes: ArrayLike,
    trials: ArrayLike,
    other_successes: ArrayLike,
    other_trials: ArrayLike,
    *,
    level: float = 0.95,
) -> CommonRatio:
    """How many times larger are the odds within strata, and between which ends?

    `mantel_haenszel_odds` with ``exp(ln OR ± z √V)`` and, with a, b the successes and failures of the first
    side, c, d those of the other, ``P = (a + d)/n``, ``Q = (b + c)/n``, ``R = a d/n``, ``S = b c/n``,
    ``V = ΣPR / 2(ΣR)² + Σ(PS + QR) / 2 ΣR ΣS + ΣQS / 2(ΣS)²``. Of a single stratum that is Woolf's
    ``1/a + 1/b + 1/c + 1/d``.

    Parameters
    ----------
    successes, trials : array_like
        a and n₁, one a stratum; every trial counts for one independent customer.
    other_successes, other_trials : array_like
        c and n₀.
    level : float
        The confidence level.

    Returns
    -------
    CommonRatio
        Within strata that hold both sides.

    References
    ----------
    Robins, J., Breslow, N., Greenland, S. (1986). Estimators of the Mantel–Haenszel variance consistent in
    both sparse data and large-strata limiting models. Biometrics 42, 311–323.

    Examples
    --------
    >>> [round(x, 4) for x in common_odds_ratio([189], [11034], [104], [11037])]
    [1.8321, 1.44, 2.3308]
    """
    a, n1, c, n0 = _held(successes, trials, other_successes, other_trials)
    b, d, n = n1 - a, n0 - c, n1 + n0
    same, cross = (a + d) / n, (b + c) / n
    up, down = a * d / n, b * c / n
    value = float(mantel_haenszel_odds(a, n1, c, n0))
    if up.sum() <= 0 or down.sum() <= 0:
        return _endless(value)
    variance = (
        (same * up).sum() / up.sum() ** 2
        + (same * down + cross * up).sum() / (up.sum() * down.sum())
        + (cross * down).sum() / down.sum() ** 2
    ) / 2
    return _around(value, float(variance), level)


def common_share_ratio(
    successes: ArrayLike,
    trials: ArrayLike,
    other_successes: ArrayLike,
    other_trials: ArrayLike,
    *,
    level: float = 0.95,
) -> CommonRatio:
    """How many times larger is a share within strata, and between which ends?

    `mantel_haenszel_ratio` with ``exp(ln RR ± z √V)`` and
    ``V = Σ ((a + c) n₁ n₀ − a c n)/n² / (Σ a n₀/n · Σ c n₁/n)``. Of a single stratum that is `katz_ratio`.

    Parameters
    ----------
    successes, trials, other_successes, other_trials : array_like
        As in `common_odds_ratio`.
    level : float
        The confidence level.

    Returns
    -------
    CommonRatio
        Within strata that hold both sides.

    References
    ----------
    Greenland, S., Robins, J. M. (1985). Estimation of a common effect parameter from sparse follow-up
    data. Biometrics 41, 55–68.

    Examples
    --------
    >>> [round(x, 4) for x in common_share_ratio([189], [11034], [104], [11037])]
    [1.8178, 1.433, 2.3059]
    """
    a, n1, c, n0 = _held(successes, trials, other_successes, other_trials)
    n = n1 + n0
    value = float(mantel_haenszel_ratio(a, n1, c, n0))
    below = (a * n0 / n).sum() * (c * n1 / n).sum()
    if below <= 0:
        return _endless(value)
    variance = float((((a + c) * n1 * n0 - a * c * n) / n**2).sum() / below)
    return _around(value, variance, level)


def exact_stratum_test(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike
) -> ExactTest:
    """How probable are successes like these if within each stratum both sides succeed alike?

    Given all successes of a stratum, those of its first side are hypergeometric; their sum over the strata
    is compared with what came. Of a single stratum that is Fisher's exact test.

    Parameters
    ----------
    successes, trials, other_successes, other_trials : array_like
        Whole numbers, one a stratum; every trial counts for one independent customer.

    Returns
    -------
    ExactTest
        1 throughout where nothing can vary.

    Notes
    -----
    For small counts, where `mantel_haenszel_test` is not to be trusted.

    References
    ----------
    Fisher, R. A. (1935). The Design of Experiments. Oliver & Boyd, chapter 2.

    Examples
    --------
    The lady who tasted tea: of four cups with milk first she named three.

    >>> found = exact_stratum_test([3], [4], [1], [4])
    >>> round(found.more, 6), round(found.p, 6)
    (0.242857, 0.485714)
    """
    a, n1, c, n0 = _held(successes, trials, other_successes, other_trials)
    if not all((column == np.round(column)).all() for column in (a, n1, c, n0)):
        raise ValueError("an exact test needs whole numbers: take `mantel_haenszel_test` for weights.")
    chances, least = np.ones(1), 0
    for hits, first, other in zip(a + c, n1, n0, strict=True):
        lowest = max(0.0, hits - other)
        count = np.arange(lowest, min(hits, first) + 1)
        logs = _ways(first, count) + _ways(other, hits - count) - _ways(first + other, hits)
        chances = np.convolve(chances, np.exp(logs))
        least += int(lowest)
    chances = chances / chances.sum()
    at = int(a.sum()) - least
    # as probable as this, but for rounding
    rare = chances <= chances[at] * (1 + 1e-7)
    tails = chances[at:].sum(), chances[: at + 1].sum(), chances[rare].sum()
    return ExactTest(*(min(float(tail), 1.0) for tail in tails))


def _ways(n: Floats | float, k: Floats | float) -> Floats:
    return np.asarray(gammaln(np.add(n, 1)) - gammaln(np.add(k, 1)) - gammaln(np.subtract(n, k) + 1))


def _held(*given: ArrayLike) -> list[Floats]:
    """Keep the strata that hold both sides."""
    a, n1, c, n0 = (np.atleast_1d(np.asarray(column, dtype=np.float64)) for column in given)
    held = (n1 > 0) & (n0 > 0)
    return [column[held] for column in (a, n1, c, n0)]


def _endless(value: float) -> CommonRatio:
    return (
        CommonRatio(math.nan, math.nan, math.nan) if math.isnan(value) else CommonRatio(value, 0.0, math.inf)
    )


def _around(value: float, variance: float, level: float) -> CommonRatio:
    reach = t_quantile(level, math.inf) * math.sqrt(max(variance, 0.0))
    return CommonRatio(value, value * math.exp(-reach), value * math.exp(reach))
