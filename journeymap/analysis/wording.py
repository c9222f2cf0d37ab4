"""Numbers and lists as a person would say them."""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.model.measures import Estimate

__all__ = ["between", "joined", "number", "percent", "plural", "spoken_time"]

_UNITS = (("day", 86_400.0), ("hour", 3_600.0), ("minute", 60.0), ("second", 1.0))
_FINE = 10
_SMALL = 0.01
_SMALLEST = 0.0005


def percent(share: float) -> str:
    """How many percent, said briefly?

    Parameters
    ----------
    share : float
        0 to 1.

    Returns
    -------
    str
        Whole percents; one decimal below 1 %.

    Examples
    --------
    >>> percent(0.384), percent(0.004), percent(0.00001)
    ('38 %', '0.4 %', 'under 0.1 %')
    """
    if 0 < share < _SMALLEST:
        return "under 0.1 %"
    if 1 - _SMALL / 2 < share < 1:
        return "over 99 %"
    return f"{share:.1%}"[:-1] + " %" if 0 < share < _SMALL else f"{share * 100:.0f} %"


def number(count: float) -> str:
    """How many, with thousands set apart?

    Parameters
    ----------
    count : float
        A count, not whole where it is expected rather than counted.

    Returns
    -------
    str
        One decimal below ten where it is not whole.

    Examples
    --------
    >>> number(12345), number(2.34), number(41.7)
    ('12,345', '2.3', '42')
    """
    return f"{count:.1f}" if count < _FINE and count != int(count) else f"{count:,.0f}"


def spoken_time(seconds: float) -> str:
    """How long, in the unit that fits?

    Parameters
    ----------
    seconds : float
        The span.

    Returns
    -------
    str
        Days, hours, minutes or seconds, with one decimal below ten.

    Examples
    --------
    >>> spoken_time(200_000), spoken_time(3600), spoken_time(0.4)
    ('2.3 days', '1 hour', '0.4 seconds')
    """
    name, size = next((unit for unit in _UNITS if seconds >= unit[1]), _UNITS[-1])
    amount = seconds / size
    text = f"{amount:.1f}".removesuffix(".0") if amount < _FINE else f"{amount:,.0f}"
    return f"{text} {name}{'' if text == '1' else 's'}"


def plural(count: int, one: str) -> str:
    """How many of a thing?

    Parameters
    ----------
    count : int
        How many.
    one : str
        The word for one.

    Returns
    -------
    str
        The count with the word, in the plural where needed.

    Examples
    --------
    >>> plural(1, "journey"), plural(1200, "journey")
    ('1 journey', '1,200 journeys')
    """
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def between(estimate: Estimate, write: str = "percent") -> str:
    """Between which ends does the estimate lie, in words?

    Parameters
    ----------
    estimate : Estimate
        The estimate.
    write : {"percent", "number", "time"}
        How its ends are written.

    Returns
    -------
    str
        ``32 % to 44 %``; empty without an interval.
    """
    if estimate.low is None or estimate.high is None:
        return ""
    say = {"percent": percent, "number": number, "time": spoken_time}[write]
    return f"{say(estimate.low)} to {say(estimate.high)}"


def joined(words: Sequence[str]) -> str:
    """Which words, as a list in a sentence?

    Parameters
    ----------
    words : sequence of str
        The words.

    Returns
    -------
    str
        ``a, b and c``; empty for none.

    Examples
    --------
    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last
