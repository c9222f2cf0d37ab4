"""What stands under the title of a figure: whose journey, how it is known, from how many, of when?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from journeymap.analysis.wording import joined
from journeymap.model.journey import Journey, Persona
from journeymap.model.measures import SMALL_SAMPLE
from journeymap.render.theme import Theme

__all__ = ["filtered", "journey_facts", "origin_of", "period_of"]


def journey_facts(
    journey: Journey,
    theme: Theme,
    *,
    about: str = "",
    personas: Sequence[Persona] = (),
    designed: str = "designed",
    feelings: bool = False,
) -> list[str]:
    """What does the subtitle of a figure say?

    Parameters
    ----------
    journey : Journey
        What is drawn.
    theme : Theme
        The words on figures.
    about : str
        What the figure shows of it, in English.
    personas : sequence of Persona
        For whom; nobody in particular when empty.
    designed : str
        What is said of numbers that nobody has counted, in English.
    feelings : bool
        Whether the figure shows feelings; those of an observed journey may still be those of its design, and
        surveys and tickets say more.

    Returns
    -------
    list of str
        What, for whom, state or origin, number of customers and journeys, period, filters.

    Examples
    --------
    >>> journey_facts(Journey(name="Shop"), Theme(), about="Service blueprint")
    ['Service blueprint', 'current state (as-is)', 'designed']
    """
    facts = [theme.word(about)] if about else []
    facts += [_who(personas, theme)] if personas else []
    facts.append(origin_of(journey, theme))
    seen = journey.observation
    more = _asked(journey, theme) if feelings else []
    if seen is None:
        return [*facts, *([theme.word(designed)] if journey.origin == "designed" else []), *more]
    small = f" ({theme.word('small sample')})" if seen.customers < SMALL_SAMPLE else ""
    facts.append(
        f"n = {seen.customers:,} {theme.word('customers')}{small}, {seen.journeys:,} {theme.word('journeys')}"
    )
    facts += period_of((seen.start, seen.end))
    facts += filtered(seen.filters, theme)
    facts += [theme.word("counted without evidence")] if seen.groups == 0 else []
    known = [t for t in journey.touchpoints if t.feeling is not None or t.measured_feeling is not None]
    if feelings and known and all(touchpoint.measured_feeling is None for touchpoint in known):
        facts.append(theme.word("feelings from the design"))
    return [*facts, *more]


def _asked(journey: Journey, theme: Theme) -> list[str]:
    """Say how many customers stand behind scores, and who tells them: a survey, tickets."""
    told = (("survey", journey.answers), ("tickets", journey.contacts))
    return [
        f"{theme.word(name)}: {found.customers:,} {theme.word('customers')}"
        + (f" ({theme.word('small sample')})" if found.customers < SMALL_SAMPLE else "")
        for name, found in told
        if found is not None
    ]


def _who(personas: Sequence[Persona], theme: Theme) -> str:
    if len(personas) > 1:
        return f"{theme.word('Personas')}: {joined([persona.name for persona in personas])}"
    (persona,) = personas
    who = ", ".join(filter(None, (persona.name, persona.description.rstrip("."))))
    return f"{theme.word('Persona')}: {who}"


def period_of(period: tuple[datetime, datetime] | None) -> list[str]:
    """Of when are the events behind the figure?

    Parameters
    ----------
    period : (datetime, datetime) or None
        The first and the last event.

    Returns
    -------
    list of str
        One fact for a subtitle; none where it is not known.

    Examples
    --------
    >>> period_of((datetime(2024, 5, 1, 9), datetime(2024, 5, 1, 18)))
    ['2024-05-01']
    """
    if period is None:
        return []
    first, last = (end.date().isoformat() for end in period)
    return [first if first == last else f"{first}\N{NO-BREAK SPACE}–\N{NO-BREAK SPACE}{last}"]


def origin_of(journey: Journey, theme: Theme) -> str:
    """Is the journey observed, or does it say how things are or shall be?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    theme : Theme
        The words on figures.

    Returns
    -------
    str
        For a subtitle; what was counted is neither the current nor the future state as somebody drew it.

    Examples
    --------
    >>> origin_of(Journey(name="Shop", state="to-be"), Theme())
    'future state (to-be)'
    """
    if journey.origin == "observed":
        return theme.word("observed")
    return theme.word("current state (as-is)" if journey.state == "as-is" else "future state (to-be)")


def filtered(filters: Sequence[str], theme: Theme) -> list[str]:
    """Which part of the log stands behind the figure?

    Parameters
    ----------
    filters : sequence of str
        The filters of the log, in words.
    theme : Theme
        The words on figures.

    Returns
    -------
    list of str
        One fact for a subtitle; none where nothing was filtered.

    Examples
    --------
    >>> filtered(["platform is 'mobile'"], Theme())
    ["only: platform is 'mobile'"]
    """
    return [f"{theme.word('only')}: {'; '.join(filters)}"] if filters else []
