"""Numbers of a chain as a person would say them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from journeymap.model.measures import Estimate

__all__ = ["percent", "plain", "rounded", "spoken_range", "spoken_seconds"]

_UNITS = (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0), ("seconds", 1.0))
_SMALL = 0.1


def percent(share: float) -> str:
    """How many percent?

    Parameters
    ----------
    share : float
        0 to 1.

    Returns
    -------
    str
        Whole percents, one decimal below 10 %.

    Examples
    --------
    >>> percent(0.384), percent(0.0412), percent(0)
    ('38 %', '4.1 %', '0 %')
    """
    return f"{share * 100:.1f} %" if 0 < share < _SMALL else f"{share * 100:.0f} %"


def plain(value: float) -> str:
    """How much, in three digits?

    Parameters
    ----------
    value : float
        A number.

    Returns
    -------
    str
        The number without exponent where that is short.

    Examples
    --------
    >>> plain(5.0833), plain(1234.5)
    ('5.08', '1,234')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"  # noqa: PLR2004 - four digits


def rounded(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """How do numbers look in a table that people read?

    Parameters
    ----------
    rows : iterable of sequence
        Cells.

    Returns
    -------
    list of tuple
        The same cells, fractions in four digits.

    Examples
    --------
    >>> rounded([("cart", 0.123456, 12, None)])
    [('cart', '0.1235', 12, None)]
    """
    return [tuple(f"{cell:.4g}" if isinstance(cell, float) else cell for cell in row) for row in rows]


def spoken_seconds(seconds: float) -> str:
    """How long, in the unit that fits?

    Parameters
    ----------
    seconds : float
        The span.

    Returns
    -------
    str
        Days, hours, minutes or seconds.

    Examples
    --------
    >>> spoken_seconds(200_000), spoken_seconds(90)
    ('2.31 days', '1.5 minutes')
    """
    name, size = next((unit for unit in _UNITS if abs(seconds) >= unit[1]), _UNITS[-1])
    return f"{plain(seconds / size)} {name}"


def spoken_range(estimate: Estimate, write: Callable[[float], str] = plain) -> str:
    """How much, and between which ends?

    Parameters
    ----------
    estimate : Estimate
        A number with its interval.
    write : callable
        Writes one number.

    Returns
    -------
    str
        The value with its ends, where there are any.

    Examples
    --------
    >>> spoken_range(Estimate(value=0.5, low=0.25, high=0.75), percent)
    '50 % (25 % to 75 %)'
    """
    if estimate.value is None:
        return "an unknown share or number of"
    if estimate.low is None or estimate.high is None:
        return write(estimate.value)
    return f"{write(estimate.value)} ({write(estimate.low)} to {write(estimate.high)})"
