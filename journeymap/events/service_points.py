"""At which points could journeys turn to service, and how did they go on with and without?"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta

from journeymap.errors import InvalidLogError, UnknownNameError, nearest
from journeymap.events.catalogue import Catalogue, State
from journeymap.events.parts import group_parts, together
from journeymap.events.queries import service_points as queries
from journeymap.events.queries.service_points import PointRules
from journeymap.events.reading import StepsReading
from journeymap.events.spans import span_of
from journeymap.events.tables import keyed_evidence
from journeymap.model.evidence import EvidenceTable
from journeymap.model.stages import UNASSIGNED

__all__ = ["FROM_START", "point_tables", "states_of_landmarks"]

FROM_START = "@start"
STAGE = "stage:"

_MICROSECOND = timedelta(microseconds=1)
_SHOWN = 8


def point_tables(
    reading: StepsReading,
    *,
    landmarks: Sequence[str] | str = (),
    retained_after: timedelta | str = "30 days",
    min_customers: int = 5,
) -> list[EvidenceTable]:
    """At which points could journeys turn to service, and how did they go on with and without?

    A *point* is a visit outside service, before the goal and before the journey's first service contact:
    until then every visit is an occasion to ask for help. Journeys that did so next stand beside those that
    did not at the same point. A journey that begins with service has the point ``@start``.

    Parameters
    ----------
    reading : StepsReading
        The steps of the log, with their times; with segments where points are to be told apart by them.
    landmarks : sequence of str
        Touchpoints whose first visit is a landmark (a floating one at any stage), or ``stage:`` and a stage:
        the first visit outside service at it or a later one. Every stage is a landmark anyway. When left out:
        also the last touchpoint of the last stage during purchase that is neither service nor the goal and
        has at least half as many visits as the busiest one there: most pass it on their way.
    retained_after : timedelta or str
        R: a customer is retained who has an event outside service more than R and at most 2 R later.
    min_customers : int
        Points that fewer customers share are told apart by their touchpoint alone.

    Returns
    -------
    list of EvidenceTable
        ``service_points`` (touchpoint, tenure, struggled, segment, waited, contact). `tenure` is the number
        of visits so far: ``1``, ``2-3``, ``4-7``, ``8+``; `struggled` is ``1`` where the journey came back to
        a touchpoint, or felt poor outside service on average, so far; `segment` is empty where the reading
        tells none apart; these three are ``*`` where few customers share the point. `waited` is the time
        until the journey's next event: ``n`` for 2ⁿ − 1 seconds or more and less than 2ⁿ⁺¹ − 1, empty
        without one. `contact` is the service touchpoint that comes next, empty for anything else or nothing.
        Points of a kind at which nobody turned to service are left out. Measures: ``points``; ``closed``,
        those of journeys won or lost, of them ``won`` and ``went_on`` (any event follows), and without
        contact next ``later`` (a contact follows later, before the goal); ``watched``, 2 R or more before
        the end of the observation, of them ``watched_on`` (any event of the customer follows) and
        ``retained``; ``felt``, with feelings outside service both up to the point and after it, with the
        sums of their means x before and y after in thousandths (``felt_before_m``, ``felt_after_m``) and of
        x² and xy in millionths (``felt_before_before_u``, ``felt_before_after_u``); ``customers``.

        ``landmarks`` (landmark, before, contact): journeys that reach it before the goal; ``@start`` stands
        for all. `before` is ``1`` with a contact earlier; `contact` is the first one after it, before the
        goal. Measures: ``journeys``, ``closed``, ``won``; ``watched`` and ``retained``, from its time on;
        ``felt`` and ``felt_m``, with feelings outside service after it and the sum of their means in
        thousandths; ``customers``.

        ``point_rules`` (rule): the ``value`` of ``retained_after`` in microseconds and of ``min_customers``.

    Raises
    ------
    UnknownNameError
        A landmark is no touchpoint or stage of the log, is service, or is the goal.
    InvalidLogError
        `retained_after` is no span of time, or `min_customers` below 1.
    """
    if min_customers < 1:
        raise InvalidLogError.because(
            f"min_customers: {min_customers!r} is too few.", expected="Expected at least 1."
        )
    rules = PointRules(
        retained_after=span_of(retained_after, "retained_after") // _MICROSECOND,
        min_customers=min_customers,
        cut=reading.cut,
        until=reading.until,
    )
    marks = states_of_landmarks(reading.catalogue, landmarks or _usual(reading))
    return [*_counted(reading, rules, marks), _told(rules)]


def states_of_landmarks(catalogue: Catalogue, landmarks: Sequence[str] | str = ()) -> dict[str, list[int]]:
    """By a visit to which states does a journey reach each landmark?

    Parameters
    ----------
    catalogue : Catalogue
        The states of the log.
    landmarks : sequence of str
        Touchpoints, or ``stage:`` and a stage; see `point_tables`.

    Returns
    -------
    dict of str to list of int
        The numbers of the states, by landmark: the touchpoints given, then every stage.

    Raises
    ------
    UnknownNameError
        A landmark is no touchpoint or stage of the log, is service, or is the goal.
    """
    given = (landmarks,) if isinstance(landmarks, str) else tuple(landmarks)
    states = catalogue.states
    stages = {f"{STAGE}{stage.id}": rank for rank, stage in enumerate(catalogue.stages)
              if stage.id != UNASSIGNED.id}  # fmt: skip
    found: dict[str, list[int]] = {}
    for name in given:
        if name not in stages:
            found[name] = _visited(states, name, stages)
    for name, rank in stages.items():
        reached = [n for n, s in enumerate(states) if _is_open(s) and s.rank is not None and s.rank >= rank]
        if reached:
            found[name] = reached
    return found


def _usual(reading: StepsReading) -> tuple[str, ...]:
    """Name the last touchpoint of the last stage during purchase that many pass, if there is one."""
    catalogue = reading.catalogue
    during = [stage.id for stage in catalogue.stages if stage.period == "during"]
    fixed = {
        number: state.node
        for number, state in enumerate(catalogue.states)
        if during and state.stage == during[-1] and state.touchpoint.stage is not None and _is_open(state)
    }
    counted = {t.id: t.visits.count for t in reading.journey.touchpoints if t.visits is not None}
    visits = {number: counted[node] for number, node in fixed.items() if node in counted}
    least = max(visits.values(), default=0) / 2
    return tuple(fixed[number] for number in sorted(visits) if visits[number] >= least)[-1:]


def _is_open(state: State) -> bool:
    """Whether journeys that are neither won nor served can be there."""
    return not state.is_goal and not state.touchpoint.is_service


def _visited(states: Sequence[State], name: str, stages: dict[str, int]) -> list[int]:
    of = [n for n, state in enumerate(states) if name in {state.node, state.touchpoint.id}]
    known = list(dict.fromkeys(s.touchpoint.id for s in states if _is_open(s)))
    told = ", ".join(known[:_SHOWN]) + (f" and {len(known) - _SHOWN:,} more" if len(known) > _SHOWN else "")
    expected = f"Expected a touchpoint, one of: {told}; or one of: {', '.join(stages)}."
    if not of:
        close = nearest(str(name), [*known, *stages])
        raise UnknownNameError.because(
            f"landmarks: the log has no touchpoint or stage {name!r}.",
            expected=expected,
            hint=f"did you mean {close!r}?" if close else None,
        )
    if not all(_is_open(states[n]) for n in of):
        what = "the goal" if states[of[0]].is_goal else "service itself"
        raise UnknownNameError.because(
            f"landmarks: {name!r} is {what}, so nothing can be compared from there on.",
            expected=expected,
            hint="name a touchpoint that journeys reach before, such as the purchase",
        )
    return of


def _counted(reading: StepsReading, rules: PointRules, marks: dict[str, list[int]]) -> list[EvidenceTable]:
    engine, plan, nodes = reading.engine, reading.plan, reading.nodes
    names = list(marks)
    served = [(n, int(state.touchpoint.is_service)) for n, state in enumerate(reading.catalogue.states)]
    with ExitStack() as kept:

        def keep(table: str) -> str:
            kept.callback(engine.drop, table)
            return table

        states = keep(engine.add_rows({"state": "integer", "service": "integer"}, served))
        landmarks = keep(
            engine.add_rows(
                {"landmark": "integer", "state": "integer"},
                [(number, state) for number, name in enumerate(names) for state in marks[name]],
            )
        )
        points, reached = [], []
        for part in group_parts(engine, plan.groups, reading.events):
            rows = f"(select * from {reading.table} where {part})"
            visits = engine.materialise(queries.point_visits_sql(plan, rows, states, rules))
            with ExitStack() as briefly:
                briefly.callback(engine.drop, visits)
                points.append(keep(engine.materialise(queries.points_sql(visits))))
                reached.append(keep(engine.materialise(queries.landmarks_sql(plan, visits, landmarks))))
        compared = engine.run(queries.service_points_sql(together(points), rules), "service_points")
        marked = engine.run(
            f"select * from {together(reached)} order by {queries.LANDMARK_KEYS}", "landmarks"
        )
    elsewhere = {queries.NO_CONTACT: "", queries.AT_START: FROM_START}

    def node(number: int) -> str:
        return nodes[number] if number >= 0 else elsewhere[number]

    return [
        keyed_evidence("service_points", compared, plan.groups, {
            "touchpoint": ("state", node),
            "tenure": ("tenure", lambda n: queries.TENURES[n] if n >= 0 else queries.ANY),
            "struggled": ("struggled", lambda n: str(n) if n >= 0 else queries.ANY),
            "segment": ("segment", str),
            "waited": ("waited", lambda n: str(n) if n >= 0 else ""),
            "contact": ("contact", node),
        }),
        keyed_evidence("landmarks", marked, plan.groups, {
            "landmark": ("landmark", lambda n: names[n] if n >= 0 else FROM_START),
            "before": ("earlier", str),
            "contact": ("contact", node),
        }),
    ]  # fmt: skip


def _told(rules: PointRules) -> EvidenceTable:
    """Put the rules beside the counts, so that results can say them."""
    values = {"retained_after": rules.retained_after, "min_customers": rules.min_customers}
    return EvidenceTable(
        name="point_rules",
        groups=1,
        key_columns=("rule",),
        keys=tuple((name,) for name in values),
        row=tuple(range(len(values))),
        group=(0,) * len(values),
        measures={"value": tuple(values.values())},
    )
