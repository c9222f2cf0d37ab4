"""Which ways do customers take as a whole, and what led those who were won to the goal?"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pyarrow as pa

from journeymap.engines.progress import progress
from journeymap.errors import InvalidLogError
from journeymap.events.log import EventLog
from journeymap.events.parts import group_parts
from journeymap.events.queries import paths as queries
from journeymap.events.queries.routes import ENDS
from journeymap.events.reading import StepsReading, read_steps, with_evidence
from journeymap.events.tables import keyed_evidence
from journeymap.model.durations import parse_duration
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey

__all__ = ["with_paths"]

_MICROSECOND = timedelta(microseconds=1)
_WORDS = {
    queries.NOWHERE: "",
    queries.AT_START: "@start",
    queries.TO_GOAL: "@goal",
    queries.TO_LOST: "@lost",
}


def with_paths(
    journey: Journey, log: EventLog, *, min_customers: int = 5, half_life: timedelta | str = "7 days"
) -> Journey:
    """Which ways do customers take as a whole, and what led those who were won to the goal?

    The log is read once more by the rules of the journey, and three tables of counts by customer group are
    laid beside its evidence:

    - ``variants``: every path up to the first visit to the goal, with how it ended;
    - ``contexts``: what followed on every two visits in a row, in decided journeys, by earlier and later
      half of the journeys;
    - ``credit``: the part of each touchpoint in the journeys that were won, by six rules.

    Parameters
    ----------
    journey : Journey
        Discovered from this log.
    log : EventLog
        The log, with the same filters.
    min_customers : int
        Paths whose way before the goal fewer customers went are merged into one, ``*``, before they leave
        the engine; so are paths of more than 60 visits.
    half_life : timedelta or str
        For the time decay: a visit this much longer before the goal weighs half.

    Returns
    -------
    Journey
        A copy with the three tables. A path is written as the positions of its touchpoints in the keys of
        the table ``touchpoints``, joined by blanks; the goal is its last. ``cycle_us`` is the time from its
        first event to its last, summed over journeys. Without a goal, ``credit`` is empty.

    Raises
    ------
    MissingEvidenceError
        The journey was designed.
    InvalidLogError
        The log is not that of the journey, or cannot be counted.

    Notes
    -----
    In the credit every won journey with a visit before the goal hands out 1: to its first visit; to its last;
    equally to all visits (``linear``); equally to all touchpoints (``shapley``); 40 % each to the first and
    the last, 20 % to those between (``position``; halves where there are two); or by ``2^(−Δt / half_life)``
    with Δt to the goal (``decay``). ``…_u`` are millionths.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> table = pa.table({"who": ["a", "a", "b"], "what": ["ad", "pay", "ad"],
    ...                   "when": ["2024-05-01", "2024-05-02", "2024-05-01"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> journey = with_paths(discover_journey(log, goal="pay"), log, min_customers=1)
    >>> [table.keys for table in journey.evidence if table.name == "variants"]
    [(('0', 'lost'), ('0 1', 'goal'))]
    """
    fewest, half = _checked(min_customers, half_life)
    with progress("following the paths", 4) as step, read_steps(journey, log, "with_paths") as reading:
        step("reading whole journeys")
        parts = group_parts(reading.engine, reading.plan.groups, reading.events)
        with ExitStack() as kept:
            variants, middle = _variants(reading, journey, parts, fewest, kept)
        step("counting what follows what")
        contexts = [
            queries.contexts_sql(reading.plan, reading.table, reading.cut, middle, part=part)
            for part in parts
        ]
        step("crediting those who were won")
        credit = [queries.credit_sql(reading.plan, reading.table, half, part=part) for part in parts]
        nodes = reading.nodes
        spots: dict[str, Any] = {
            key: (column, lambda number: _WORDS.get(number) or ("" if number < 0 else nodes[number]))
            for key, column in (("before", "earlier"), ("source", "source"), ("target", "target"))
        }
        found = [
            variants,
            _table("contexts", reading, contexts, spots | {"half": ("half", str)}),
            _table("credit", reading, credit, {"touchpoint": ("state", nodes.__getitem__)}),
        ]
        step("putting them beside the journey")
        return with_evidence(journey, *found)


def _checked(min_customers: int, half_life: timedelta | str) -> tuple[int, int]:
    if isinstance(min_customers, bool) or not isinstance(min_customers, int) or min_customers < 1:
        raise InvalidLogError.because(
            f"min_customers: {min_customers!r} is no number of customers.",
            expected="Expected a whole number from 1.",
            hint="write 5; 1 keeps every path, also that of a single customer",
        )
    try:
        span = parse_duration(half_life)
    except ValueError as error:
        raise InvalidLogError.because(f"half_life: {error}.", hint="write 7 days or 12 hours") from error
    if not isinstance(span, timedelta) or span <= timedelta(0):
        raise InvalidLogError.because(
            f"half_life: {half_life!r} is no span of time.",
            expected="Expected a span longer than nothing.",
            hint="write 7 days or 12 hours",
        )
    return min_customers, span // _MICROSECOND


def _variants(
    reading: StepsReading, journey: Journey, parts: list[str], fewest: int, kept: ExitStack
) -> tuple[EvidenceTable, int]:
    """Count the paths, and find the start of the journey in the middle."""
    engine, plan, words = reading.engine, reading.plan, reading.engine.snippets

    def keep(sql: str) -> str:
        name = engine.materialise(sql)
        kept.callback(engine.drop, name)
        return name

    ways = [keep(queries.ways_sql(plan, reading.table, reading.cut, words, part=part)) for part in parts]
    frequent = keep(queries.frequent_sql(plan, ways, fewest, words))
    counted = [queries.variants_sql(plan, way, frequent, words) for way in ways]
    middle = engine.run(queries.middle_start_sql(ways, words), "middle_start")
    path = _Positions(reading.nodes, journey)
    table = _table("variants", reading, counted, {"path": ("path", path), "end": ("ended", ENDS.__getitem__)})
    return table, middle["middle"][0].as_py() or 0


class _Positions(dict[str, str]):
    """Write a path of numbers of states as positions in the evidence of the journey."""

    def __init__(self, nodes: list[str], journey: Journey) -> None:
        super().__init__({queries.MERGED: queries.MERGED})
        keys = next((table.keys for table in journey.evidence if table.name == "touchpoints"), ())
        places = {key[0]: str(place) for place, key in enumerate(keys)}
        self._places = {str(number): places.get(node) for number, node in enumerate(nodes)}
        self._journey = journey.name

    def __call__(self, path: str) -> str:
        return self[path]

    def __missing__(self, path: str) -> str:
        places = [self._places[number] for number in path.split()]
        known = [place for place in places if place is not None]
        if len(known) < len(places):
            raise InvalidLogError.because(
                f"the log has visits to touchpoints that journey {self._journey!r} was not discovered with.",
                hint="hand over the log that the journey was discovered from",
            )
        return self.setdefault(path, " ".join(known))


def _table(name: str, reading: StepsReading, sqls: list[str], keys: dict[str, Any]) -> EvidenceTable:
    """Run the parts of a count, one after the other; every customer group is in one of them."""
    parts = [reading.engine.run(sql, name) for sql in sqls]
    waiting = [part for part in parts if not isinstance(part, pa.Table)]  # others will answer
    found = waiting[0] if waiting else pa.concat_tables(parts)
    return keyed_evidence(name, found, reading.plan.groups, keys)
