"""How small a difference could have been seen, before "none was seen" is read as "there is none"?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from scipy.special import nctdtr, ndtr, ndtri

from journeymap.stats.jackknife import t_quantile

__all__ = ["DetectableShare", "detectable_mean", "detectable_net_promoter", "detectable_share"]

# beyond these degrees of freedom t is the normal distribution to five digits
NORMAL_FROM = 1e5
WRONG_SIDE_UNTIL = 5


class DetectableShare(NamedTuple):
    """The smallest differences of a share that would be seen.

    Parameters
    ----------
    below, above : float or None
        How far the other share must lie below or above; None where even 0 or 1 is not far enough.
    """

    below: float | None
    above: float | None


def detectable_share(
    share: float, n: float, *, other_n: float | None = None, level: float = 0.95, power: float = 0.8
) -> DetectableShare:
    """How far must a share lie from another one to be told apart from it?

    The smallest ``δ = |p₂ − p₁|`` with
    ``δ = z_{1−α/2} √(p (1 − p)(1/n₁ + 1/n₂)) + z_power √(p₁ (1 − p₁)/n₁ + p₂ (1 − p₂)/n₂)``,
    p the share of both together.

    Parameters
    ----------
    share : float
        p₁, the share that the other one is compared with.
    n : float
        n₂, trials of the share in question, at its effective size.
    other_n : float, optional
        n₁, trials of the share it is compared with; n by default; infinity where p₁ is known for certain.
    level : float
        1 − α, the confidence level of the two-sided test.
    power : float
        How probable it should be that the difference is seen.

    Returns
    -------
    DetectableShare
        Distances, 0 to 1; None without trials.

    References
    ----------
    Fleiss, J. L., Levin, B., Paik, M. C. (2003). Statistical methods for rates and proportions, 3rd edition,
    chapter 4.

    Examples
    --------
    >>> found = detectable_share(0.5, 76.7, power=0.9)
    >>> round(found.above, 4)
    0.25
    """
    first = n if other_n is None else other_n
    if min(n, first) <= 0:
        return DetectableShare(None, None)
    z, z_power = t_quantile(level, math.inf), float(ndtri(power))

    def short(distance: float, side: int) -> float:
        other = share + side * distance
        # weights that stand for an infinite n₁ as well
        weight = 1 / (1 + n / first)
        pooled = weight * share + (1 - weight) * other
        chance = z * math.sqrt(max(pooled * (1 - pooled), 0.0) * (1 / first + 1 / n))
        variance = share * (1 - share) / first + other * (1 - other) / n
        return distance - chance - z_power * math.sqrt(max(variance, 0.0))

    return DetectableShare(
        _smallest(lambda distance: short(distance, -1), share),
        _smallest(lambda distance: short(distance, 1), 1 - share),
    )


def detectable_net_promoter(
    variance: float, n: float, *, other_n: float | None = None, level: float = 0.95, power: float = 0.8
) -> float | None:
    """How far must two net promoter scores lie apart to be told apart?

    ``δ = (z_{1−α/2} + z_power) √(v (1/n₁ + 1/n₂))``.

    Parameters
    ----------
    variance : float
        v, the variance of one answer, as in `NetPromoter`; 1 at most.
    n : float
        n₂, answers of the score in question, at their effective number.
    other_n : float, optional
        n₁, answers of the score it is compared with; n by default; infinity where that score is known for
        certain.
    level : float
        1 − α, the confidence level of the two-sided test.
    power : float
        How probable it should be that the difference is seen.

    Returns
    -------
    float or None
        0 to 2; None without answers or where even 2 is not far enough.

    Examples
    --------
    >>> round(detectable_net_promoter(0.6, 500), 4)
    0.1372
    """
    first = n if other_n is None else other_n
    if min(n, first) <= 0:
        return None
    reach = t_quantile(level, math.inf) + float(ndtri(power))
    found = reach * math.sqrt(variance * (1 / n + 1 / first))
    return found if found <= 2 else None  # noqa: PLR2004 - a score runs from −1 to 1


def detectable_mean(
    sd: float, n: float, *, other_n: float | None = None, level: float = 0.95, power: float = 0.8
) -> float | None:
    """How far must two means lie apart to be told apart?

    The δ at which Student's two-sided test has the power asked for: noncentral t with ``n₁ + n₂ − 2``
    degrees of freedom at ``δ / (s √(1/n₁ + 1/n₂))``.

    Parameters
    ----------
    sd : float
        s, the standard deviation of one answer.
    n : float
        n₂, answers of the mean in question, at their effective number.
    other_n : float, optional
        n₁, answers of the mean it is compared with; n by default; infinity where that mean is known for
        certain, which leaves n₂ − 1 degrees of freedom.
    level : float
        1 − α, the confidence level of the two-sided test.
    power : float
        How probable it should be that the difference is seen.

    Returns
    -------
    float or None
        In the unit of the answers; None with too few answers for a spread.

    Examples
    --------
    >>> round(detectable_mean(1, 22.02110, power=0.9), 4)
    1.0
    """
    first = n if other_n is None else other_n
    if min(n, first) <= 0:
        return None
    df = n - 1 if math.isinf(first) else n + first - 2
    if df < 1:
        return None
    from scipy.optimize import brentq  # noqa: PLC0415 - it takes long to load

    t = t_quantile(level, df)

    def lack(shift: float) -> float:
        if df > NORMAL_FROM:
            return power - float(ndtr(shift - t) + ndtr(-shift - t))
        # the tail on the wrong side is nothing far out, where its series does not converge
        wrong = float(nctdtr(df, shift, -t)) if shift < WRONG_SIDE_UNTIL else 0.0
        return power - (1 - float(nctdtr(df, shift, t))) - wrong

    farthest = 2 * (t + abs(float(ndtri(power)))) + 2
    while lack(farthest) > 0:
        farthest *= 2
    return float(brentq(lack, 0, farthest, xtol=1e-12)) * sd * math.sqrt(1 / n + 1 / first)


def _smallest(short: Callable[[float], float], farthest: float) -> float | None:
    # at a share of 0 or 1 no distance at all solves the equation as well
    start = farthest * 1e-9
    if farthest <= 0 or short(farthest) < 0 or short(start) > 0:
        return None
    from scipy.optimize import brentq  # noqa: PLC0415 - it takes long to load

    return float(brentq(short, start, farthest, xtol=1e-12))
