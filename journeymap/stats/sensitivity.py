"""How strong would something unseen have to be to explain a difference away?"""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = [
    "EValue",
    "e_value",
    "e_value_of_interval",
    "hidden_bias",
    "risk_ratio_of_hazards",
    "risk_ratio_of_odds",
]


class EValue(NamedTuple):
    """How strong a hidden cause must be to explain a ratio away.

    Parameters
    ----------
    value : float
        For the ratio itself; 1 says that nothing has to be hidden.
    limit : float
        For the end of its interval that is nearer to 1; 1 where the interval holds 1.
    """

    value: float
    limit: float


def e_value(ratio: float) -> float:
    """How strongly must a hidden cause go with both, to explain a ratio of two shares away?

    ``E = RR + √(RR (RR − 1))``; of a ratio below 1 that of 1/RR.

    Parameters
    ----------
    ratio : float
        RR, how many times larger one share is than the other, 0 or more.

    Returns
    -------
    float
        1 or more: only something that is at least E times as frequent on one side as on the other, and makes
        the outcome at least E times as probable, could by itself turn the ratio into 1. Infinite for 0 and
        infinity, nan for nan.

    Raises
    ------
    ValueError
        The ratio is negative.

    Notes
    -----
    A large value does not say that there is no such cause. Compare it with causes that are known: who means
    to stay asks for help far more often, and stays. It knows nothing of customers who left too early to ask:
    for them compare only what comes after a landmark.

    References
    ----------
    VanderWeele, T. J., Ding, P. (2017). Sensitivity analysis in observational research: introducing the
    E-value. Annals of Internal Medicine 167, 268–274.

    Examples
    --------
    >>> round(e_value(3.9), 4), round(e_value(0.5), 4), e_value(1)
    (7.263, 3.4142, 1.0)
    """
    if ratio < 0:
        raise ValueError(f"a ratio of two shares is 0 or more, not {ratio:g}.")
    if ratio == 0 or math.isinf(ratio):
        return math.inf
    away = 1 / ratio if ratio < 1 else float(ratio)
    return away + math.sqrt(away * (away - 1))


def e_value_of_interval(ratio: float, low: float, high: float) -> EValue:
    """How strong must a hidden cause be to explain a ratio away, and to make its interval hold 1?

    Parameters
    ----------
    ratio : float
        RR, 0 or more.
    low, high : float
        The ends of its interval.

    Returns
    -------
    EValue
        Of the ratio and of the end nearer to 1.

    Raises
    ------
    ValueError
        The numbers are negative or not in order.

    Notes
    -----
    Quote the second beside the first: a ratio that cannot be told from 1 needs no hidden cause at all.

    References
    ----------
    VanderWeele, T. J., Ding, P. (2017). Annals of Internal Medicine 167, 268–274.

    Examples
    --------
    >>> found = e_value_of_interval(0.8, 0.7, 0.9)
    >>> round(found.value, 2), round(found.limit, 2)
    (1.81, 1.46)
    >>> e_value_of_interval(1.2, 0.9, 1.6).limit
    1.0
    """
    if low > ratio or ratio > high:
        raise ValueError(f"an interval goes from below to above its value: {low:g}, {ratio:g}, {high:g}.")
    value = e_value(ratio)
    if math.isnan(low) or math.isnan(high):
        return EValue(value, math.nan)
    if low <= 1 <= high:
        return EValue(value, 1.0)
    return EValue(value, e_value(low if low > 1 else high))


def hidden_bias(with_contact: float, with_outcome: float) -> float:
    """By which factor at most does a hidden cause of known strength distort a ratio of two shares?

    ``B = RR_EU RR_UD / (RR_EU + RR_UD − 1)``. A ratio above 1 is truly at least RR / B, one below 1 at most
    RR · B.

    Parameters
    ----------
    with_contact : float
        RR_EU, how many times as frequent the cause is on one side as on the other, 1 or more.
    with_outcome : float
        RR_UD, how many times as probable it makes the outcome, 1 or more.

    Returns
    -------
    float
        1 or more; 1 where the cause goes with one of both only.

    Raises
    ------
    ValueError
        A strength is below 1; turn the ratio round.

    References
    ----------
    Ding, P., VanderWeele, T. J. (2016). Sensitivity analysis without assumptions. Epidemiology 27, 368–377.

    Examples
    --------
    >>> round(hidden_bias(2, 3), 6)
    1.5
    >>> round(hidden_bias(e_value(3.9), e_value(3.9)), 6)
    3.9
    """
    if min(with_contact, with_outcome) < 1:
        raise ValueError(f"strengths are 1 or more, not {min(with_contact, with_outcome):g}: use 1 / ratio.")
    return with_contact * with_outcome / (with_contact + with_outcome - 1)


def risk_ratio_of_odds(odds_ratio: float, *, common: bool) -> float:
    """About which ratio of shares belongs to a ratio of odds?

    ``√OR`` where the outcome is common, else OR itself.

    Parameters
    ----------
    odds_ratio : float
        OR, 0 or more.
    common : bool
        Whether more than about 15 % have the outcome.

    Returns
    -------
    float
        An approximation, for `e_value`.

    References
    ----------
    VanderWeele, T. J., Ding, P. (2017). Annals of Internal Medicine 167, 268–274, table 2.

    Examples
    --------
    >>> risk_ratio_of_odds(4.0, common=True), risk_ratio_of_odds(4.0, common=False)
    (2.0, 4.0)
    """
    return math.sqrt(odds_ratio) if common else float(odds_ratio)


def risk_ratio_of_hazards(hazard_ratio: float, *, common: bool) -> float:
    """About which ratio of shares belongs to a ratio of hazards?

    ``(1 − 0.5^√HR) / (1 − 0.5^√(1/HR))`` where the event is common by the end, else HR itself.

    Parameters
    ----------
    hazard_ratio : float
        HR, 0 or more, as of `cox_regression`.
    common : bool
        Whether more than about 15 % have had the event by the end.

    Returns
    -------
    float
        An approximation, for `e_value`.

    References
    ----------
    VanderWeele, T. J., Ding, P. (2017). Annals of Internal Medicine 167, 268–274, table 2.

    Examples
    --------
    >>> round(risk_ratio_of_hazards(0.56, common=True), 2)
    0.67
    """
    if not common or hazard_ratio == 0 or math.isinf(hazard_ratio):
        return float(hazard_ratio)
    root = math.sqrt(hazard_ratio)
    return float((1 - 0.5**root) / (1 - 0.5 ** (1 / root)))
