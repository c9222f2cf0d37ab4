"""Which service touchpoint of a journey does each ticket belong to?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import NamedTuple

from journeymap.engines.protocol import Engine
from journeymap.errors import MissingEvidenceError, UnknownNameError, nearest
from journeymap.events.linking import LogReading
from journeymap.events.parts import group_parts, together
from journeymap.events.queries import ticket_linking as queries
from journeymap.events.queries.contacts import ContactsPlan
from journeymap.events.queries.linking import met_touchpoints_sql
from journeymap.events.queries.steps import coded_sql, moments_sql
from journeymap.model.contacts import TicketLinking
from journeymap.model.journey import Journey
from journeymap.model.touchpoints import STATE_MARK

__all__ = ["Laid", "PlacedTickets", "check_touchpoints", "place_tickets", "service_names"]

_SHOWN = 6
_LONGEST = 40
_IGNORE = "unknown='ignore' counts such tickets for the whole journey only"


@dataclass(frozen=True)
class Laid:
    """The journey that tickets are laid on, and how.

    Parameters
    ----------
    journey : Journey
        Whose touchpoints.
    reading : LogReading or None
        The log.
    window : int or None
        Microseconds; None where tickets are not linked by time.
    ignore_unknown : bool
        Whether names that are no service touchpoint are only counted.
    """

    journey: Journey
    reading: LogReading | None = None
    window: int | None = None
    ignore_unknown: bool = False


class PlacedTickets(NamedTuple):
    """Tickets with their touchpoints: the name of the table, and how they were found."""

    table: str
    linking: TicketLinking


def service_names(journey: Journey) -> dict[str, str]:
    """Which texts name which service touchpoint?

    Parameters
    ----------
    journey : Journey
        Designed or observed.

    Returns
    -------
    dict of str to str
        For every id, every ``id@stage`` and every raw event of a service touchpoint, and of no other, what
        contacts there are counted under: the touchpoint's id, or, where an observed journey has it at several
        stages and none is named, the id it floats as.
    """
    names: dict[str, str] = {}
    raw: dict[str, set[str]] = {}
    for touchpoint in journey.touchpoints:
        whole = touchpoint.floats_as or touchpoint.id
        for event in touchpoint.raw_events:
            raw.setdefault(event.event, set()).add(whole if touchpoint.is_service else "")
        if touchpoint.is_service:
            names |= {whole: whole, touchpoint.id: touchpoint.id}
            if touchpoint.stage is None:
                names |= {f"{touchpoint.id}{STATE_MARK}{one.id}": touchpoint.id for one in journey.stages}
    everything = {touchpoint.id for touchpoint in journey.touchpoints}
    only = {
        event: min(found)
        for event, found in raw.items()
        if len(found) == 1 and "" not in found and event not in everything
    }
    return only | names


def check_touchpoints(journey: Journey, touchpoints: Mapping[str, str] | None) -> None:
    """Refuse what is given for values of a column but is no service touchpoint.

    Parameters
    ----------
    journey : Journey
        Whose touchpoints.
    touchpoints : mapping of str to str or None
        What the values are called as touchpoints.

    Raises
    ------
    UnknownNameError
        There is such a name.
    """
    known = service_names(journey)
    for name in (touchpoints or {}).values():
        if name not in known:
            problem, hint = _why_not(journey, name)
            raise UnknownNameError.because(
                f"touchpoints: {problem}.", expected=_expected(journey), hint=hint, where=journey.name
            )


def _expected(journey: Journey) -> str:
    ids = [t.floats_as or t.id for t in journey.touchpoints if t.is_service]
    return (
        f"Expected a service touchpoint: {', '.join(dict.fromkeys(ids))}."
        if ids
        else f"{journey.name!r} has no service touchpoints."
    )


def _why_not(journey: Journey, name: str) -> tuple[str, str]:
    """Say why a name is no service touchpoint, and what to do."""
    short = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
    others = {t.floats_as or t.id for t in journey.touchpoints} | {t.id for t in journey.touchpoints}
    if name in others:
        return f"{short!r} is no service touchpoint", "give it a service in the design, such as service: true"
    whose = sorted(
        {t.floats_as or t.id for t in journey.touchpoints if any(e.event == name for e in t.raw_events)}
    )
    if whose:
        return f"{short!r} is an event of {' and '.join(whose)}", "name the service touchpoint itself"
    seen = journey.observation
    if seen is not None and name in seen.unvisited:
        return f"no touchpoint {short!r}", f"no event of the log belongs to {short!r}"
    close = nearest(name, sorted(service_names(journey)))
    return f"no touchpoint {short!r}", f"did you mean {close!r}?" if close else "add it to the design"


def place_tickets(plan: ContactsPlan, engine: Engine, marked: str, laid: Laid) -> PlacedTickets:
    """Find the service touchpoint of each ticket.

    Parameters
    ----------
    plan : ContactsPlan
        What the tickets have.
    engine : Engine
        Where they are, and the log.
    marked : str
        The table of tickets.
    laid : Laid
        The journey.

    Returns
    -------
    PlacedTickets
        A new table.

    Raises
    ------
    MissingEvidenceError
        Touchpoints shall be found by time, but the journey has none that is a service interaction.
    UnknownNameError
        A ticket names what is no service touchpoint of the journey.
    """
    names = service_names(laid.journey)
    if not laid.ignore_unknown:
        _refuse_strangers(plan, engine, marked, laid.journey, names)
    with ExitStack() as kept:

        def keep(name: str) -> str:
            kept.callback(engine.drop, name)
            return name

        bases = _bases(laid, names)
        types = {"named": "string", "spot": "string", "base": "integer"}
        listed = [(text, spot, bases.get(spot)) for text, spot in names.items()]
        named = keep(engine.add_rows(types, listed))
        by_time = None
        if laid.reading is not None and (laid.window is not None or bases):
            floating = named if bases else ""
            by_time = _by_time(plan, engine, marked, laid, laid.reading, floating, kept)
        placed = engine.materialise(queries.placed_tickets_sql(plan, marked, named, by_time))
    counts = {
        queries.FOUND[row["found"]]: row["n"]
        for row in engine.run(queries.found_sql(placed), "found").to_pylist()
    }
    seconds = None if laid.window is None else laid.window / 1e6
    return PlacedTickets(placed, TicketLinking(**counts, window_seconds=seconds))


def _refuse_strangers(
    plan: ContactsPlan, engine: Engine, marked: str, journey: Journey, names: Mapping[str, str]
) -> None:
    found = engine.run(queries.named_sql(marked), "named").to_pylist()
    strangers = [row for row in found if row["named"] not in names]
    if not strangers:
        return
    problem, hint = _why_not(journey, strangers[0]["named"])
    count = sum(row["n"] for row in strangers)
    others = [row["named"] for row in strangers[1:_SHOWN]]
    more = f", {', '.join(repr(name[:_LONGEST]) for name in others)}" if others else ""
    more += " and others" if len(strangers) > _SHOWN else ""
    column = plan.tickets.columns.get(f"{plan.linked.role}_col")
    raise UnknownNameError.because(
        f"{count:,} tickets name what is no service touchpoint of {journey.name!r}: {problem}{more}.",
        expected=_expected(journey),
        where=f"column {column!r}",
        hint=f"{hint}; touchpoints={{...}} says what values are called; {_IGNORE}",
    )


def _bases(laid: Laid, names: Mapping[str, str]) -> dict[str, int]:
    """For every floating touchpoint whose stages the journey tells apart, the number of its first state."""
    apart = {one.floats_as for one in laid.journey.touchpoints if one.floats_as} & set(names.values())
    found: dict[str, int] = {}
    for number, state in enumerate(laid.reading.catalogue.states if laid.reading else ()):
        if state.touchpoint.stage is None and state.touchpoint.id in apart:
            found.setdefault(state.touchpoint.id, number)
    return found


def _by_time(
    plan: ContactsPlan,
    engine: Engine,
    marked: str,
    laid: Laid,
    reading: LogReading,
    named: str,
    kept: ExitStack,
) -> queries.ByTime:
    """Look up in the log where customers were served last, and last at what floats (if `named`)."""

    def keep(name: str) -> str:
        kept.callback(engine.drop, name)
        return name

    ids = {touchpoint.id for touchpoint in laid.journey.touchpoints}
    states = {
        number: state.touchpoint.id
        if state.node not in ids and state.touchpoint.id in ids
        else state.node
        for number, state in enumerate(reading.catalogue.states)
        if state.touchpoint.is_service
    }  # fmt: skip
    if not states and laid.window is not None:
        raise MissingEvidenceError.because(
            f"window: the log tells of no service touchpoint of {laid.journey.name!r}.",
            expected="Expected touchpoints that are service interactions, to which tickets can belong.",
            hint="mark them in the design, such as service: true",
        )
    own = replace(reading.plan, customers=plan.customers, has_feeling=False)
    coded = engine.materialise(coded_sql(own, engine.snippets))
    met = keep(engine.materialise(met_touchpoints_sql(coded)))
    (tickets,) = engine.run(queries.marked_count_sql(marked), "marked_count").to_pylist()
    latest, floating = [], []
    for part in group_parts(engine, tickets["groups"] or 1, tickets["n"]):
        moments = engine.materialise(moments_sql(own, f"(select * from {coded} where {part})"))
        if laid.window is not None:
            sql = queries.latest_service_sql(
                moments, marked, engine.snippets, states=list(states), window=laid.window, part=part
            )
            latest.append(keep(engine.materialise(sql)))
        if named:
            sql = queries.latest_stage_sql(
                moments, marked, named, engine.snippets, window=laid.window, part=part
            )
            floating.append(keep(engine.materialise(sql)))
        engine.drop(moments)
    engine.drop(coded)
    spots = keep(engine.add_rows({"state": "integer", "spot": "string"}, list(states.items())))
    return queries.ByTime(met=met, states=spots, latest=together(latest), floating=together(floating))
