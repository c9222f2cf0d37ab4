"""Does a bad experience hurt more than a good one delights?"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeymap.stats.jackknife import Jackknifed, group_jackknife, t_quantile

__all__ = [
    "NegativityRatio",
    "PenaltyReward",
    "identified",
    "impact_asymmetry",
    "negativity_ratio",
    "penalty_reward",
    "ratio_interval",
    "slopes",
]

Floats = NDArray[np.float64]
_NOTHING = 1e-10
_DETERMINED = 1e-5  # a smallest eigenvalue like this leaves a variance 100 000 times as large


class PenaltyReward(NamedTuple):
    """What low and high ratings of one driver go with.

    Parameters
    ----------
    penalty, reward : Jackknifed or None
        By how much the outcome of those who rate it low, or high, differs from those in between, all else in
        the model alike; None where nobody rates it so, everybody does, or the data do not identify it.
    balance : Jackknifed or None
        reward + penalty: below 0 where it hurts more than it delights.
    range : Jackknifed or None
        reward − penalty: the outcome between those who rate it high and low.
    satisfaction, dissatisfaction : float or None
        SGP and DGP, the shares of reward and penalty in their sum, 0 to 1.
    asymmetry : float or None
        IA = SGP − DGP, −1 (it can only hurt) to 1 (it can only delight); None where low goes with no worse
        and high with no better outcomes.
    asymmetry_low, asymmetry_high : float or None
        The ends of its interval; −1 and 1 where the data do not tell.
    """

    penalty: Jackknifed | None
    reward: Jackknifed | None
    balance: Jackknifed | None
    range: Jackknifed | None
    satisfaction: float | None
    dissatisfaction: float | None
    asymmetry: float | None
    asymmetry_low: float | None
    asymmetry_high: float | None


class NegativityRatio(NamedTuple):
    """How much more bad weighs than good.

    Parameters
    ----------
    negative, positive : Jackknifed
        The slopes β⁻ and β⁺: the change of the outcome with one point of negative, of positive experience.
    ratio : float or None
        ``|β⁻| / β⁺``; None unless both go the expected way.
    low, high : float or None
        The ends of its interval; None where the data do not bound it.
    """

    negative: Jackknifed
    positive: Jackknifed
    ratio: float | None
    low: float | None
    high: float | None


def slopes(products: ArrayLike) -> Floats:
    """By how much does the outcome change with each variable, the others staying as they are?

    Least squares with a constant, from sums of products alone.

    Parameters
    ----------
    products : array_like
        ``Σ w a b`` in the last two axes; the first variable is the constant 1, the second the outcome.

    Returns
    -------
    ndarray
        One slope a further variable, in the last axis; nan for one that never varies. Of variables that
        determine each other the smallest slopes that fit equally well.

    Examples
    --------
    >>> table = np.array([[1, 1, 1, 1], [5, 6, 9, 10], [0, 1, 0, 1], [0, 0, 2, 2]])
    >>> slopes(table @ table.T).round(6).tolist()
    [1.0, 2.0]
    """
    given = np.asarray(products, dtype=np.float64)
    weight = given[..., :1, :1]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = given[..., 1:, :1] / weight
        spread = given[..., 1:, 1:] / weight - mean * np.swapaxes(mean, -1, -2)
    spread = np.where(np.isfinite(spread), spread, 0.0)
    among, towards = spread[..., 1:, 1:], spread[..., 1:, :1]
    varies = np.diagonal(among, axis1=-2, axis2=-1) > _NOTHING
    scale = np.sqrt(np.where(varies, np.diagonal(among, axis1=-2, axis2=-1), 1.0))[..., np.newaxis]
    inverse = np.linalg.pinv(among / scale / np.swapaxes(scale, -1, -2), rcond=1e-9, hermitian=True)
    found = (inverse @ (towards / scale) / scale)[..., 0]
    return np.asarray(np.where(varies, found, np.nan))


def identified(products: ArrayLike) -> NDArray[np.bool_]:
    """Which slopes do the data determine?

    A slope is determined where its variable has no part in any combination of the variables that is the same
    for everybody: no part in the eigenvectors of their correlations with an eigenvalue of (nearly) 0.

    Parameters
    ----------
    products : array_like
        ``Σ w a b``; the first variable is the constant 1, the second the outcome, as of `slopes`.

    Returns
    -------
    ndarray of bool
        One a further variable; false for one that never varies.

    Notes
    -----
    Of the others `slopes` gives one answer of many that fit equally well; it must not be told.

    Examples
    --------
    >>> low, food = np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])
    >>> table = np.array([[1, 1, 1, 1], [1, 2, 4, 4], low, 1 - low, food])
    >>> identified(table @ table.T).tolist()
    [False, False, True]
    """
    given = np.asarray(products, dtype=np.float64)
    weight = given[0, 0]
    if not weight > 0:
        return np.zeros(len(given) - 2, dtype=np.bool_)
    among = given[2:, 2:] / weight - np.outer(given[2:, 0], given[2:, 0]) / weight**2
    varies = np.diagonal(among) > _NOTHING
    scale = np.sqrt(np.where(varies, np.diagonal(among), 1.0))
    values, vectors = np.linalg.eigh(np.where(np.outer(varies, varies), among / np.outer(scale, scale), 0.0))
    part = (vectors[:, values < _DETERMINED] ** 2).sum(axis=1)
    return np.asarray(varies & (part < _DETERMINED))


def impact_asymmetry(penalty: float, reward: float) -> float | None:
    """Does it hurt more (towards −1) or delight more (towards 1)?

    IA = SGP − DGP with ``SGP = r / (r + |p|)`` and ``DGP = |p| / (r + |p|)``. A penalty above 0, or a reward
    below, is none.

    Parameters
    ----------
    penalty, reward : float
        p and r, in units of the outcome.

    Returns
    -------
    float or None
        −1 to 1; None where there is neither penalty nor reward.

    References
    ----------
    Brandt, D. R. (1987). A procedure for identifying value-enhancing service components using customer
    satisfaction survey data. Mikulić, J., Prebežac, D. (2008). Prioritizing improvement of service attributes
    using impact range-performance analysis and impact-asymmetry analysis. Managing Service Quality 18.

    Examples
    --------
    >>> round(impact_asymmetry(-2.4864, 1.5097), 4)
    -0.2444
    """
    hurts, delights = max(-penalty, 0.0), max(reward, 0.0)
    whole = hurts + delights
    return (delights - hurts) / whole if whole > 0 else None


def ratio_interval(
    above: float, below: float, covariance: ArrayLike, *, df: float, level: float = 0.95
) -> tuple[float, float] | None:
    """Between which ends does the ratio of two estimates lie?

    Fieller's interval: all θ for which ``above − θ · below`` may be 0. It excludes 0 exactly where the
    interval of `above` does.

    Parameters
    ----------
    above, below : float
        The estimates.
    covariance : array_like
        Their 2 × 2 covariances.
    df : float
        Degrees of freedom of t.
    level : float
        The confidence level.

    Returns
    -------
    (float, float) or None
        None where `below` may itself be 0, so that nothing bounds the ratio.

    References
    ----------
    Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal Statistical Society B
    16, 175–185.

    Examples
    --------
    >>> low, high = ratio_interval(1.0, 2.0, [[0.01, 0], [0, 0.01]], df=float("inf"))
    >>> round(low, 3), round(high, 3)
    (0.395, 0.615)
    """
    ((vaa, vab), (_, vbb)) = np.asarray(covariance, dtype=np.float64).tolist()
    t = t_quantile(level, df)
    if below * below <= t * t * vbb:
        return None
    # a θ² − 2 b θ + c ≤ 0
    a, b, c = below**2 - t**2 * vbb, above * below - t**2 * vab, above**2 - t**2 * vaa
    half = max(b * b - a * c, 0.0) ** 0.5
    return (b - half) / a, (b + half) / a


def penalty_reward(
    products: ArrayLike, drivers: int, *, without_middle: Collection[int] = (), level: float = 0.95
) -> tuple[PenaltyReward, ...]:
    """What do low and high ratings of each driver go with?

    Penalty–reward contrast analysis: ``y = β₀ + Σ (β_P,k · 1[low_k] + β_R,k · 1[high_k])``.

    Parameters
    ----------
    products : array_like
        ``Σ w a b`` by customer group (first axis); the variables are the constant 1, the outcome, low for
        every driver, high for every driver (0 or 1), then any that shall be held alike.
    drivers : int
        How many drivers.
    without_middle : collection of int
        Drivers that (nearly) nobody rates in between: low + high (+ not rated) is the constant, and any
        number may be moved from one slope to the other. Of such a driver only `high` stays in the model, to
        hold it alike for the other drivers, and nothing is told of it.
    level : float
        The confidence level.

    Returns
    -------
    tuple of PenaltyReward
        One a driver, in units of the outcome; intervals by leaving out one group of customers at a time. None
        throughout where the data do not identify what low or high ratings go with, see `identified`.

    Notes
    -----
    An association among those who answered, not what an improvement would bring.

    References
    ----------
    Brandt (1987); Mikulić and Prebežac (2008), see `impact_asymmetry`.
    """
    given = np.asarray(products, dtype=np.float64)
    kept = [row for row in range(given.shape[-1]) if row - 2 not in without_middle]
    groups = given[:, kept][:, :, kept]
    whole = groups.sum(axis=0)
    full, without, determined = slopes(whole), slopes(whole - groups), identified(whole)
    place = {row - 2: slope for slope, row in enumerate(kept[2:])}
    found = []
    for k in range(drivers):
        pair = [] if k in without_middle else [place[k], place[drivers + k]]
        varying = [slope for slope in pair if np.isfinite(full[slope])]
        told = bool(pair) and bool(determined[varying].all())
        found.append(_contrast(full[pair], without[:, pair], level) if told else _UNTOLD)
    return tuple(found)


_UNTOLD = PenaltyReward(*[None] * 9)


def _contrast(full: Floats, without: Floats, level: float) -> PenaltyReward:
    lost, won = float(full[0]), float(full[1])
    penalty = group_jackknife(lost, without[:, 0], level=level) if np.isfinite(lost) else None
    reward = group_jackknife(won, without[:, 1], level=level) if np.isfinite(won) else None
    if penalty is None or reward is None:
        return PenaltyReward(penalty, reward, *[None] * 7)
    sums = np.stack([without[:, 1] + without[:, 0], without[:, 1] - without[:, 0]])
    balance = group_jackknife(won + lost, sums[0], level=level)
    spread = group_jackknife(won - lost, sums[1], level=level)
    asymmetry = impact_asymmetry(lost, won)
    if asymmetry is None:
        return PenaltyReward(penalty, reward, balance, spread, *[None] * 5)
    low, high = -1.0, 1.0
    if balance.df >= 1:
        covariance = _covariance(np.array([balance.value, spread.value]), sums)
        ends = ratio_interval(balance.value, spread.value, covariance, df=balance.df, level=level)
        if ends is not None and spread.value > 0:
            low, high = (min(max(end, -1.0), 1.0) for end in ends)
    return PenaltyReward(
        penalty, reward, balance, spread, (1 + asymmetry) / 2, (1 - asymmetry) / 2, asymmetry, low, high
    )


def _covariance(full: Floats, without: Floats) -> Floats:
    """Give the jackknife covariances of several numbers, groups along the last axis."""
    count = without.shape[-1]
    off = np.where(np.isfinite(without), without - full[:, np.newaxis], 0.0)
    return np.asarray((count - 1) / count * off @ off.T)


def negativity_ratio(products: ArrayLike, *, level: float = 0.95) -> NegativityRatio:
    """How much more does a bad point weigh than a good one?

    ``y = β₀ + β⁻ · mean⁻ + β⁺ · mean⁺`` with mean⁻ the mean of ``min(x, 0)`` over a customer's experiences,
    and mean⁺ that of ``max(x, 0)``; ``|β⁻| / β⁺``, with Fieller's interval.

    Parameters
    ----------
    products : array_like
        ``Σ w a b`` by customer group (first axis) of the constant 1, y, mean⁻ and mean⁺.
    level : float
        The confidence level.

    Returns
    -------
    NegativityRatio
        Above 1 bad outweighs good; where the interval holds 1 that is not supported. Without ratio where
        mean⁻ and mean⁺ determine each other, as where all ratings are yes or no.

    Notes
    -----
    mean⁻ is negative or 0, so that both slopes are positive where worse goes with worse.

    References
    ----------
    Mittal, V., Ross, W. T., Baldasare, P. M. (1998). The asymmetric impact of negative and positive
    attribute-level performance on overall satisfaction. Journal of Marketing 62(1), 33–47.

    Examples
    --------
    >>> x = np.array([-2.0, -1, 0, 1, 2])
    >>> bad, good = np.minimum(x, 0), np.maximum(x, 0)
    >>> table = np.stack([np.ones(5), 3 * bad + good, bad, good])
    >>> round(negativity_ratio([table @ table.T] * 4).ratio, 6)
    3.0
    """
    groups = np.asarray(products, dtype=np.float64)
    whole = groups.sum(axis=0)
    full, without = slopes(whole), slopes(whole - groups).T
    negative, positive = (group_jackknife(float(full[k]), without[k], level=level) for k in range(2))
    if not (identified(whole).all() and (full > 0).all()):  # also where a slope is not known
        return NegativityRatio(negative, positive, None, None, None)
    ends = None
    if negative.df >= 1:
        covariance = _covariance(full, without)
        ends = ratio_interval(float(full[0]), float(full[1]), covariance, df=negative.df, level=level)
    low, high = (None, None) if ends is None else (max(ends[0], 0.0), ends[1])
    return NegativityRatio(negative, positive, float(full[0] / full[1]), low, high)
