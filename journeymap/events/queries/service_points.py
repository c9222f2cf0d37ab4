"""The points at which a journey could turn to service, and how it went on with and without."""

from __future__ import annotations

from dataclasses import dataclass

from journeymap.events.queries.steps import StepsPlan

__all__ = [
    "ANY",
    "AT_START",
    "LANDMARK_KEYS",
    "NEVER",
    "NO_CONTACT",
    "TENURES",
    "PointRules",
    "landmarks_sql",
    "point_visits_sql",
    "points_sql",
    "service_points_sql",
]

TENURES = ("1", "2-3", "4-7", "8+")
ANY = "*"

# what stands in the place of a state's, or of a landmark's, number
NO_CONTACT, AT_START = -1, -2
NEVER = -1
LANDMARK_KEYS = "landmark, earlier, contact, g"

_TENURE = "case when place = 1 then 0 when place < 4 then 1 when place < 8 then 2 else 3 end"
_WAITED = f"case when next_state is null then {NEVER} else {{}} end"
# one bin for every doubling of the seconds
_OCTAVE = "cast(floor(log2(cast(wait as double) / 1000000 + 1)) as integer)"
# sums of decimal feelings that cancel must not fall on either side of neutral by rounding
_ROUNDED = "round({}, 9)"
_MILLI = "cast(round(1000 * {}) as bigint)"


@dataclass(frozen=True)
class PointRules:
    """What is looked at; spans and times in microseconds.

    Parameters
    ----------
    retained_after : int
        R: a customer is retained who comes back outside service more than R, and at most 2 R, later.
    min_customers : int
        Points that fewer customers share are counted by their touchpoint alone.
    cut : int
        A journey without goal whose last event is not after this time is lost.
    until : int
        The end of the observation.
    """

    retained_after: int
    min_customers: int
    cut: int
    until: int


def point_visits_sql(plan: StepsPlan, steps: str, states: str, rules: PointRules) -> str:
    """Select one row an event, with what came before it and what after; to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has; steps carry their times.
    steps, states : str
        The tables of steps, and of states: ``state`` and ``service`` (0 or 1).
    rules : PointRules
        What is looked at.

    Returns
    -------
    str
        A query with ``customer``, what names the journey, ``g``, ``state``, ``next_state``, ``place``,
        ``service``, ``before``, ``waited`` (until the next event: n for 2ⁿ − 1 seconds to 2ⁿ⁺¹ − 1, `NEVER`
        without one), ``segment`` (empty where the plan has none), ``first_contact`` and
        ``last_contact`` (places of service before the goal, null without), ``came_back`` (visits to one
        touchpoint so far, the most), and as 0 or 1 ``closed``, ``won``, ``went_on`` (the journey does),
        ``watched``, ``stays`` (the customer has a later event), ``retained``; mean feelings outside service
        in thousandths: ``felt_before`` (up to the event), ``felt_after`` and ``felt_all``.
    """
    names = ("customer", *plan.key_names)
    keys = ", ".join(dict.fromkeys(names))
    of_step = ", ".join(f"s.{name}" for name in dict.fromkeys(names))
    segment = "s.segment" if plan.has_segment else "''"
    feeling = "case when p.service = 0 then s.feeling end" if plan.has_feeling else "cast(null as double)"
    mean = "avg(feeling) over {}" if plan.has_feeling else "cast(null as double)"
    times = {"before": "so_far", "after": "later", "all": "whole"}
    means = ", ".join(f"{mean.format(window)} as mean_{when}" for when, window in times.items())
    fine = ", s.fine" if plan.has_fine else ""
    journey = f"partition by {plan.journey_keys} order by place"
    rows = f"{journey} rows between"
    span = rules.retained_after
    return (
        f"with placed as (select {of_step}, s.g, s.state, s.next_state, s.wait, s.place, s.before, "
        f"s.won, s.last_t, s.t, s.ord{fine}, {segment} as segment, p.service, {feeling} as feeling, "
        "row_number() over (partition by "
        f"{', '.join(f's.{name}' for name in plan.key_names)}, s.state order by s.place) as visit "
        f"from {steps} s join {states} p on s.state = p.state), "
        "seen as (select *, "
        "min(case when service = 1 and before then place end) over whole as first_contact, "
        "max(case when service = 1 and before then place end) over whole as last_contact, "
        f"max(visit) over so_far as came_back, {means}, "
        f"lead(t) over (partition by customer order by {plan.time_order}) as next_t, "
        "max(case when service = 0 then 1 else 0 end) over (partition by customer order by t "
        f"range between {span + 1} following and {2 * span} following) as retained "
        f"from placed window whole as ({rows} unbounded preceding and unbounded following), "
        f"so_far as ({rows} unbounded preceding and current row), "
        f"later as ({rows} 1 following and unbounded following)) "
        f"select {keys}, g, state, next_state, place, service, before, segment, first_contact, last_contact, "
        f"{_WAITED.format(_OCTAVE)} as waited, came_back, "
        f"case when won or last_t <= {rules.cut} then 1 else 0 end as closed, "
        "case when won then 1 else 0 end as won, "
        "case when next_state is not null then 1 else 0 end as went_on, "
        f"case when t <= {rules.until - 2 * span} then 1 else 0 end as watched, "
        "case when next_t is not null then 1 else 0 end as stays, coalesce(retained, 0) as retained, "
        f"{_MILLI.format(_ROUNDED.format('mean_before'))} as felt_before, "
        f"{_MILLI.format(_ROUNDED.format('mean_after'))} as felt_after, "
        f"{_MILLI.format(_ROUNDED.format('mean_all'))} as felt_all from seen"
    )


def points_sql(visits: str) -> str:
    """Select the points: visits after which a journey could turn to service for the first time; to be kept.

    Parameters
    ----------
    visits : str
        The table of `point_visits_sql`.

    Returns
    -------
    str
        A query with ``customer``, ``g``, ``state`` (`AT_START` where a journey begins with service),
        ``tenure`` (a place in `TENURES`), ``struggled`` (0 or 1), ``segment``, ``waited`` (see
        `point_visits_sql`), ``contact`` (the state of the service contact that comes next, else
        `NO_CONTACT`), ``later`` (0 or 1: there is a contact after the next event), how the journey went on,
        and ``felt_before`` and ``felt_after``.
    """
    point = "before and service = 0 and (first_contact is null or place < first_contact)"
    struggled = "case when came_back > 1 or felt_before < 0 then 1 else 0 end"
    ends = "closed, won, went_on, watched, stays, retained"
    narrow = ["state", "tenure", "struggled", "waited", "contact", "later", *ends.split(", ")]
    columns = ", ".join(f"cast({name} as smallint) as {name}" for name in narrow)
    return (
        f"select customer, g, segment, {columns}, felt_before, felt_after from ("
        f"select customer, g, state, {_TENURE} as tenure, {struggled} as struggled, segment, waited, "
        f"case when place = first_contact - 1 then next_state else {NO_CONTACT} end as contact, "
        "case when last_contact > place then 1 else 0 end as later, "
        f"{ends}, felt_before, felt_after from {visits} where {point} union all "
        f"select customer, g, {AT_START}, 0, 0, segment, 0, state, 0, "
        f"{ends}, cast(null as bigint), cast(null as bigint) "
        f"from {visits} where place = 1 and service = 1 and before)"
    )


def service_points_sql(points: str, rules: PointRules) -> str:
    """For every kind of point, what came next, and customer group: how journeys went on.

    Parameters
    ----------
    points : str
        The table, or a bracketed query, of the points of all customers, see `points_sql`.
    rules : PointRules
        What is looked at.

    Returns
    -------
    str
        A query with ``state``, ``tenure``, ``struggled`` and ``segment`` (−1, −1 and `ANY` where few
        customers share the point), ``waited``, ``contact``, ``g`` and counts. Kinds of points at which nobody
        turns to service are left out.
    """
    kinds = "state, tenure, struggled, segment"
    small = f"customers < {rules.min_customers}"
    kept = f"case when {small} then few_contacts else contacts end > 0"
    sizes = (
        f"select {kinds}, count(distinct customer) as customers, "
        f"count(*) filter (where contact <> {NO_CONTACT}) as contacts from {points} group by {kinds}"
    )
    sized = (
        f"select *, case when {small} then 1 else 0 end as few, "
        f"sum(case when {small} then contacts else 0 end) over (partition by state) as few_contacts "
        "from sizes"
    )
    same = " and ".join(f"p.{name} = z.{name}" for name in kinds.split(", "))
    merged = (
        "select p.state, case when few = 1 then -1 else p.tenure end as tenure, "
        "case when few = 1 then -1 else p.struggled end as struggled, "
        f"case when few = 1 then '{ANY}' else p.segment end as segment, "
        "p.customer, p.g, p.waited, p.contact, p.later, p.closed, p.won, p.went_on, p.watched, p.stays, "
        "p.retained, "
        "case when p.felt_after is not null then p.felt_before end as x, "
        "case when p.felt_before is not null then p.felt_after end as y "
        f"from {points} p join (select * from sized where {kept}) z on {same}"
    )
    counts = {
        "points": "count(*)",
        "closed": "sum(closed)",
        "won": "sum(won)",
        "went_on": "sum(closed * went_on)",
        "later": "sum(case when contact < 0 then closed * later else 0 end)",
        "watched": "sum(watched)",
        "watched_on": "sum(watched * stays)",
        "retained": "sum(watched * retained)",
        "felt": "count(x)",
        "felt_before_m": "coalesce(sum(x), 0)",
        "felt_after_m": "coalesce(sum(y), 0)",
        "felt_before_before_u": "coalesce(sum(x * x), 0)",
        "felt_before_after_u": "coalesce(sum(x * y), 0)",
    }
    columns = ", ".join(f"cast({text} as bigint) as {name}" for name, text in counts.items())
    group = f"{kinds}, waited, contact, g"
    return (
        f"with sizes as ({sizes}), sized as ({sized}), merged as ({merged}) "
        f"select {group}, {columns}, count(distinct customer) as customers from merged "
        f"group by {group} order by {group}"
    )


def landmarks_sql(plan: StepsPlan, visits: str, landmarks: str) -> str:
    """For every landmark, contact before and after it, and customer group: how journeys went on.

    Parameters
    ----------
    plan : StepsPlan
        What names a journey.
    visits : str
        The table of `point_visits_sql`.
    landmarks : str
        The table of ``landmark`` (its number) and ``state``: a journey reaches the landmark at its first
        visit, before the goal and outside service, to one of the states.

    Returns
    -------
    str
        A query with `LANDMARK_KEYS` and counts: ``landmark`` (`AT_START` for the beginning, which all
        journeys reach), ``earlier`` (0 or 1: a contact came before it), ``contact`` (the state of the first
        contact after it, else `NO_CONTACT`) and ``g``.
    """
    names = plan.key_names
    keys = ", ".join(names)
    of_visit, of_arrival = (", ".join(f"{one}.{name}" for name in names) for one in ("v", "a"))
    same = " and ".join(f"v.{name} = f.{name}" for name in names)
    arrivals = (
        f"select {of_visit}, l.landmark, min(v.place) as reached from {visits} v "
        f"join {landmarks} l on v.state = l.state where v.before and v.service = 0 "
        f"group by {of_visit}, l.landmark union all "
        f"select {keys}, {AT_START} as landmark, 0 as reached from {visits} where place = 1"
    )
    faced = (
        f"select {of_arrival}, a.landmark, a.reached, "
        "max(case when c.place < a.reached then 1 else 0 end) as earlier, "
        "min_by(c.state, c.place) filter (where c.place > a.reached) as contact from arrivals a "
        f"left join (select {keys}, state, place from {visits} where service = 1 and before) c "
        f"on {' and '.join(f'a.{name} = c.{name}' for name in names)} "
        f"group by {of_arrival}, a.landmark, a.reached"
    )
    felt = f"case when f.landmark = {AT_START} then v.felt_all else v.felt_after end"
    looked = (
        f"select f.landmark, f.earlier, coalesce(f.contact, {NO_CONTACT}) as contact, v.customer, v.g, "
        f"v.closed, v.won, v.watched, v.retained, {felt} as felt from faced f join {visits} v on {same} "
        "and v.place = greatest(f.reached, 1)"
    )
    counts = {
        "journeys": "count(*)",
        "closed": "sum(closed)",
        "won": "sum(won)",
        "watched": "sum(watched)",
        "retained": "sum(watched * retained)",
        "felt": "count(felt)",
        "felt_m": "coalesce(sum(felt), 0)",
        "customers": "count(distinct customer)",
    }
    columns = ", ".join(f"cast({text} as bigint) as {name}" for name, text in counts.items())
    return (
        f"with arrivals as ({arrivals}), faced as ({faced}), looked as ({looked}) "
        f"select {LANDMARK_KEYS}, {columns} from looked group by {LANDMARK_KEYS}"
    )
