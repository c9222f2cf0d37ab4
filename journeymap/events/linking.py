"""Which touchpoint of a journey does each answer belong to?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from journeymap.engines.protocol import Engine
from journeymap.errors import InvalidLogError, UnknownNameError, nearest
from journeymap.events.answers import OpenFeedback
from journeymap.events.catalogue import Catalogue, catalogue_of, uses_channels
from journeymap.events.census import take_census
from journeymap.events.log import FLAGS, OpenLog
from journeymap.events.parts import group_parts
from journeymap.events.queries import linking as queries
from journeymap.events.queries.steps import (
    GROUPS,
    StepsPlan,
    coded_sql,
    customers_sql,
    moments_sql,
)
from journeymap.model.answers import Linking
from journeymap.model.journey import Journey
from journeymap.model.touchpoints import STATE_MARK, Touchpoint

__all__ = ["LinkRules", "Linked", "LogReading", "link", "read_log"]

_LONGEST = 40


@dataclass(frozen=True)
class LinkRules:
    """What the call says.

    Parameters
    ----------
    window : int or None
        Microseconds; None where answers are not linked by time.
    feelings : tuple of int
        The numbers of the questions whose scores are feelings.
    ignore_unknown : bool
        Whether names that the journey does not have are only counted.
    """

    window: int | None
    feelings: tuple[int, ...]
    ignore_unknown: bool


@dataclass(frozen=True)
class LogReading:
    """A log as the linking needs it.

    Parameters
    ----------
    engine : Engine
        Where it is.
    plan : StepsPlan
        How its events are read, for all its customers who were at any touchpoint.
    catalogue : Catalogue
        Which raw event is which state.
    events : int
        How many events it has.
    aware : bool
        Whether its times are instants.
    """

    engine: Engine
    plan: StepsPlan
    catalogue: Catalogue
    events: int
    aware: bool


@dataclass(frozen=True)
class Linked:
    """Answers with their touchpoints.

    Parameters
    ----------
    parts : tuple of str
        Tables with the rows of `journeymap.events.queries.linking.placed_sql`; a customer is in one of them.
    places : str
        The table of places: ``place``, ``touchpoint``, ``stage`` and ``spot``.
    spots : tuple of str
        What spots stand for: ids of the journey's touchpoints, then of floating touchpoints whose stage is
        not known.
    answered : str
        The table of customers who answered, with ``name``; empty without log.
    linking : Linking
        How touchpoints were found.
    """

    parts: tuple[str, ...]
    places: str
    spots: tuple[str, ...]
    answered: str
    linking: Linking


class _Places:
    """Every node that an answer can belong to, by number; 0 is none."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, int | None]] = [("", "", None)]
        self.numbers: dict[str, int] = {}
        self.spots: dict[str, int] = {}

    def add(self, node: str, stage: str, spot: str | None) -> None:
        if node not in self.numbers:
            number = None if spot is None else self.spots.setdefault(spot, len(self.spots))
            self.numbers[node] = len(self.rows)
            self.rows.append((node, stage, number))


def _places_of(journey: Journey) -> _Places:
    places = _Places()
    for touchpoint in journey.touchpoints:
        places.add(touchpoint.id, touchpoint.stage or "", touchpoint.id)
    for touchpoint in journey.touchpoints:
        if touchpoint.stage is None:
            for stage in journey.stages:
                places.add(f"{touchpoint.id}{STATE_MARK}{stage.id}", stage.id, touchpoint.id)
        elif touchpoint.floats_as:
            places.add(touchpoint.floats_as, "", touchpoint.floats_as)
    return places


def _names_of(journey: Journey, places: _Places) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Tell which node a text names, and which texts name several."""
    names = {node: node for node in places.numbers}
    raw: dict[str, set[str]] = {}
    for touchpoint in journey.touchpoints:
        for event in touchpoint.raw_events:
            raw.setdefault(event.event, set()).add(touchpoint.floats_as or touchpoint.id)
    several = {event: tuple(sorted(nodes)) for event, nodes in raw.items() if len(nodes) > 1}
    return {event: min(nodes) for event, nodes in raw.items() if len(nodes) == 1} | names, several


def _designed(journey: Journey) -> tuple[Touchpoint, ...]:
    """Turn the touchpoints of an observed journey back into those of its design."""
    found: dict[str, Touchpoint] = {}
    for touchpoint in journey.touchpoints:
        name = touchpoint.floats_as or touchpoint.id
        whole = {"id": name, "stage": None, "floats_as": None} if touchpoint.floats_as else {}
        found.setdefault(name, touchpoint.model_copy(update=whole))
    return tuple(found.values())


@contextmanager
def read_log(
    opened: OpenLog, journey: Journey, *, value: str | None = None, with_ids: bool = True
) -> Iterator[LogReading]:
    """Read a log by the touchpoints of a journey.

    Parameters
    ----------
    opened : OpenLog
        The log.
    journey : Journey
        Designed, or discovered from this log.
    value : str, optional
        A further column that the table of events shall have, as ``value``.
    with_ids : bool
        Whether a table of the customers' ids is wanted. Without it the key of many customers is made from
        the id, as in `discover_journey`, which saves a pass over the events and a join.

    Yields
    ------
    LogReading
        The log.

    Raises
    ------
    InvalidLogError
        It cannot be counted, none of its events belongs to the journey, or it tells journeys apart otherwise
        than the journey was discovered.
    """
    log, engine = opened.log, opened.engine
    _refuse_other_journeys(opened, journey)
    design = journey.model_copy(update={"touchpoints": _designed(journey)})
    with ExitStack() as kept:

        def keep(name: str) -> str:
            kept.callback(engine.drop, name)
            return name

        census = take_census(opened, by_channel=uses_channels(design), value=value)
        catalogue = catalogue_of(census.raw, design, journey.goal, unmapped="ignore", label=opened.label)
        codes = keep(engine.add_rows(catalogue.code_types, catalogue.codes))
        customers, groups = "", GROUPS
        if with_ids or census.customers is not None:
            reached = queries.reached_customers_sql(census.table, codes, by_channel=catalogue.by_channel)
            customers, groups = _numbered(engine, f"({reached})")
            keep(customers)
        time_type = opened.relation.columns[log.time_col]
        plan = StepsPlan(
            events=census.table,
            codes=codes,
            customers=customers,
            groups=groups,
            by_channel=catalogue.by_channel,
            has_floating=catalogue.has_floating,
            fixed=catalogue.fixed,
            ranks=catalogue.ranks,
            has_end=log.end_col is not None,
            has_fine=engine.snippets.fine_order("t", time_type) is not None,
            has_journey=log.journey_col is not None,
            has_feeling=log.feeling_col is not None,
            has_agent=log.agent_col is not None,
            flags=tuple(role for role in FLAGS if getattr(log, f"{role}_col") is not None),
            split_after=_split_after(journey),
        )
        yield LogReading(engine, plan, catalogue, census.events, census.aware)


def _refuse_other_journeys(opened: OpenLog, journey: Journey) -> None:
    seen = journey.observation
    if seen is None or seen.journey_unit == "gap":
        return
    by_column = seen.journey_unit == "column"
    if by_column != (opened.log.journey_col is not None):
        how = "with" if by_column else "without"
        raise InvalidLogError.because(
            f"journey {journey.name!r} was discovered {how} a column that tells journeys apart.",
            where=opened.label,
            hint=f"hand over the log that it was discovered from, {how} journey_col",
        )


def _numbered(engine: Engine, reached: str) -> tuple[str, int]:
    """Number the customers, in one group each where there are few."""
    table = engine.materialise(customers_sql(reached, groups=GROUPS, words=engine.snippets))
    count = int(engine.run(queries.linked_customers_sql(table), "linked_customers").column(0)[0].as_py())
    if count >= GROUPS:
        return table, GROUPS
    engine.drop(table)
    return engine.materialise(customers_sql(reached, groups=None, words=engine.snippets)), max(count, 1)


def _split_after(journey: Journey) -> int | None:
    seen = journey.observation
    if seen is None or seen.new_journey_after is None:
        return None
    return seen.new_journey_after // timedelta(microseconds=1)


@contextmanager
def link(
    answers: OpenFeedback, journey: Journey, rules: LinkRules, reading: LogReading | None
) -> Iterator[Linked]:
    """Find the touchpoint of each answer.

    Parameters
    ----------
    answers : OpenFeedback
        The answers; their table is given up, as nothing else needs it.
    journey : Journey
        Whose touchpoints.
    rules : LinkRules
        What the call says.
    reading : LogReading, optional
        The log.

    Yields
    ------
    Linked
        Answers with their touchpoints.

    Raises
    ------
    UnknownNameError
        An answer names a touchpoint that the journey does not have.
    """
    engine, places = answers.engine, _places_of(journey)
    names, several = _names_of(journey, places)
    states = _states(reading, places)
    numbers, bases = places.numbers, _bases(reading)
    named = engine.add_rows(
        {"named": "string", "place": "integer", "base": "integer"},
        [(text, numbers[node], bases.get(node)) for text, node in names.items()],
    )
    table = engine.add_rows(
        {"place": "integer", "touchpoint": "string", "stage": "string", "spot": "integer"},
        [(number, *place) for number, place in enumerate(places.rows)],
    )
    answered = engine.materialise(f"select distinct name, customer, g from {answers.long}") if reading else ""
    kept = [named, table, *([answered] if reading else [])]
    try:
        _refuse_strangers(answers, journey, named, several, rules)
        if reading is None:
            parts = [
                engine.materialise(queries.placed_sql(answers.long, named, part=f"l.{part}"))
                for part in group_parts(engine, answers.groups, answers.rows)
            ]
        else:
            parts = _placed_by_log(answers, rules, reading, named, answered, states)
        kept += parts
        engine.drop(answers.long)
        yield Linked(tuple(parts), table, tuple(places.spots), answered, _linking(engine, parts, rules))
    finally:
        for name in kept:
            engine.drop(name)


def _linking(engine: Engine, parts: list[str], rules: LinkRules) -> Linking:
    counts: Counter[str] = Counter()
    for part in parts:
        for row in engine.run(queries.fates_sql(part), "fates").to_pylist():
            if row["found"]:
                counts[queries.FOUND[row["found"]]] += row["n"]
    return Linking(**counts, window_seconds=None if rules.window is None else rules.window / 1e6)


def _states(reading: LogReading | None, places: _Places) -> list[tuple[int, int]]:
    """For every state of the log the number of its place."""
    if reading is None:
        return []
    for state in reading.catalogue.states:
        places.add(state.node, state.stage, None)
    numbers = places.numbers
    return [(number, numbers[state.node]) for number, state in enumerate(reading.catalogue.states)]


def _bases(reading: LogReading | None) -> dict[str, int]:
    """For every floating touchpoint of the log the number of its first state."""
    found: dict[str, int] = {}
    for number, state in enumerate(reading.catalogue.states if reading else ()):
        if state.touchpoint.stage is None:
            found.setdefault(state.touchpoint.id, number)
    return found


def _refuse_strangers(
    answers: OpenFeedback,
    journey: Journey,
    named: str,
    several: dict[str, tuple[str, ...]],
    rules: LinkRules,
) -> None:
    if rules.ignore_unknown:
        return
    rows = answers.engine.run(queries.strangers_sql(answers.long, named), "strangers").to_pylist()
    if not rows:
        return
    first = rows[0]
    name = first["named"]
    column = answers.feedback.touchpoint_col
    where = answers.relation.label if first["how"] == "question" else f"column {column!r}"
    listed = ", ".join(f"{_short(row['named'])!r} ({row['n']:,})" for row in rows)
    more = f" and {first['kinds'] - len(rows):,} more" if first["kinds"] > len(rows) else ""
    ignore = "unknown='ignore' counts such answers for the whole journey only"
    if name in several:
        hint = f"{name!r} is an event of {' and '.join(several[name])}; name the touchpoint; {ignore}"
    elif journey.observation is not None and name in journey.observation.unvisited:
        hint = f"no event of the log belongs to {name!r}; {ignore}"
    else:
        known = [*(t.floats_as or t.id for t in journey.touchpoints), *(t.id for t in journey.touchpoints)]
        close = nearest(name, dict.fromkeys(known))
        hint = f"did you mean {close!r}? {ignore}" if close else ignore
    raise UnknownNameError.because(
        f"{int(first['answers']):,} answers name touchpoints that {journey.name!r} does not have: "
        f"{listed}{more}.",
        expected="Expected the id of a touchpoint, or one of its raw events.",
        where=where,
        hint=hint,
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _placed_by_log(
    answers: OpenFeedback,
    rules: LinkRules,
    reading: LogReading,
    named: str,
    answered: str,
    states: list[tuple[int, int]],
) -> list[str]:
    """Find touchpoints by the log, one part of the customers after the other."""
    engine = answers.engine
    plan = replace(reading.plan, customers=answered, groups=answers.groups, has_feeling=False)
    found = []
    with ExitStack() as kept:

        def keep(name: str) -> str:
            kept.callback(engine.drop, name)
            return name

        coded = keep(engine.materialise(coded_sql(plan, engine.snippets)))
        by_log = queries.ByLog(
            states=keep(engine.add_rows({"state": "integer", "place": "integer"}, states)),
            met=keep(engine.materialise(queries.met_touchpoints_sql(coded))),
            by_time=rules.window is not None,
            several=plan.several_journeys,
        )
        for part in group_parts(engine, answers.groups, answers.rows):
            moments = engine.materialise(moments_sql(plan, f"(select * from {coded} where {part})"))
            looked = _looked_up(answers, rules, plan, named, moments, f"l.{part}")
            here = replace(by_log, latest=looked.get("latest", ""), floating=looked.get("floating", ""))
            placed = queries.placed_sql(answers.long, named, part=f"l.{part}", by_log=here)
            found.append(engine.materialise(placed))
            for name in (moments, *looked.values()):
                engine.drop(name)
    return found


def _looked_up(
    answers: OpenFeedback, rules: LinkRules, plan: StepsPlan, named: str, moments: str, part: str
) -> dict[str, str]:
    """Look up the latest visits that anything depends on."""
    engine = answers.engine
    whose = ["l.named = ''"] if rules.window is not None else []
    if plan.several_journeys and rules.feelings:
        whose.append(f"l.q in ({', '.join(map(str, rules.feelings))})")
    wanted = {"latest": " or ".join(whose), "floating": "true" if plan.has_floating else ""}
    found = {}
    for kind, condition in wanted.items():
        if condition and answers.feedback.time_col is not None:
            floating = kind == "floating"
            asked = queries.asked_sql(
                answers.long, named, part=part, floating=floating, whose=f"({condition})"
            )
            sql = queries.latest_sql(
                f"select * from {moments}", asked, engine.snippets, window=rules.window, floating=floating
            )
            found[kind] = engine.materialise(sql)
    return found
