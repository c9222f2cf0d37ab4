"""The episodes: service contacts that belong together, what they lead to, and visits in a rage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeymap.events.queries.counts import owner
from journeymap.events.queries.steps import StepsPlan

__all__ = [
    "FAILURES",
    "LONGEST",
    "OUTCOMES",
    "STATES",
    "EpisodeRules",
    "contacts_sql",
    "episodes_sql",
    "rage_sql",
    "recovery_sql",
    "shapes_sql",
]

FAILURES = ("0", "1", "2+")
STATES = ("none", "recovered", "not_recovered")
OUTCOMES = ("recovered", "not_recovered", "open")
LONGEST = 10

_SWITCH = "case when channel <> next_channel then 1 when channel = next_channel then 0 end"
# where a channel is not known, another touchpoint stands for another channel
_CHANGED = (
    "case when channel <> earlier_channel or handler <> earlier_handler or owner <> earlier_owner "
    "or (touchpoint <> earlier_touchpoint and (channel is null or earlier_channel is null)) then 1 else 0 end"
)


@dataclass(frozen=True)
class EpisodeRules:
    """What belongs together; all spans in microseconds.

    Parameters
    ----------
    within : int
        A contact at most so long after the end of the one before belongs to the same episode.
    rage_visits, rage_within : int
        So many visits of one touchpoint in such a time are rage.
    recovered_within : int or None
        Progress at most so long after the end of an episode recovers it; None for any time in the journey.
    triggered_within : int or None
        A contact that begins at most so long after the end of a visit follows it; None for `within`.
    cut : int
        A journey without goal whose last event is not after this time is lost.
    until : int
        The end of the observation; as `cut` known only once the log is read.
    """

    within: int
    rage_visits: int
    rage_within: int
    recovered_within: int | None
    triggered_within: int | None = None
    cut: int = 0
    until: int = 0


def contacts_sql(plan: StepsPlan, steps: str, spots: str, rules: EpisodeRules, ranks: Sequence[int]) -> str:
    """Select one row a service contact, with its episode and what follows; to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has; steps carry their times.
    steps : str
        The table of steps.
    spots : str
        The table of states: ``state``, ``touchpoint`` (its number), ``service`` (0 or 1), ``rank`` (of its
        stage, −1 where it has none), ``channel`` (null where the design names not just one), ``handler`` and
        ``owner`` (their numbers, null where the design names none) and ``carries`` (0 or 1: whether customers
        need not repeat themselves there, null where the design does not say).
    rules : EpisodeRules
        What belongs together.
    ranks : sequence of int
        The ranks that service touchpoints have.

    Returns
    -------
    str
        A query with ``customer``, what names the journey, ``g``, ``state``, ``touchpoint``, ``place``,
        ``before``, ``t``, ``ends``, ``channel``, ``handler``, ``episode`` and ``number`` (both within the
        customer), ``nth`` (the number within the episode), ``follows`` (0 or 1: another contact of the
        episode does), ``next_state`` (where), ``other`` (0 or 1: at another touchpoint or in another
        channel), ``switch`` (the same for the channel alone, null where either is not known), ``recovered``
        (0 or 1: the journey makes progress after it), ``progress_t`` (when), ``undecided`` (0 or 1: it still
        may), ``changed`` (0 or 1: the contact before it in the episode was in another channel, with another
        handler or another owner) and ``restart`` (0 or 1: the customer had to begin again; null where that is
        not known).
    """
    keys = ", ".join(dict.fromkeys(("customer", *plan.key_names)))
    of_step = ", ".join(f"s.{name}" for name in dict.fromkeys(("customer", *plan.key_names)))
    fine = ["s.fine"] if plan.has_fine else []
    columns = ["s.g", "s.state", "s.place", "s.before", "s.won", "s.last_t", "s.t", "s.ends", "s.ord", *fine]
    columns.append("s.repeated" if "repeated" in plan.flags else "cast(null as integer) as repeated")
    channel = "coalesce(s.channel, p.channel)" if plan.has_channel else "p.channel"
    order = f"partition by customer order by {plan.time_order}"
    follows = f"next_t is not null and greatest(next_t - ends, 0) <= {rules.within}"
    open_yet = f"not won and last_t > {rules.cut}"
    recovered = "progress_t is not null"
    if rules.recovered_within is not None:
        recovered += f" and progress_t - ends <= {rules.recovered_within}"
        open_yet += f" and ends > {rules.until - rules.recovered_within}"
    earlier = ("touchpoint", "channel", "handler", "owner", "ends")
    return (
        f"with placed as (select {of_step}, {', '.join(columns)}, {channel} as channel, p.touchpoint, "
        f"p.service, p.rank, p.handler, p.owner, p.carries from {steps} s join {spots} p "
        "on s.state = p.state), "
        f"served as (select distinct {plan.journey_keys} from placed where service = 1), "
        f"ahead as (select placed.*, {_progress(ranks)} as progress_t "
        f"from placed join served using ({plan.journey_keys}) window later as (partition by "
        f"{plan.journey_keys} order by place rows between 1 following and unbounded following)), "
        f"chained as (select *, {', '.join(f'lag({c}) over w as earlier_{c}' for c in earlier)}, "
        "lead(t) over w as next_t, lead(channel) over w as next_channel, "
        "lead(touchpoint) over w as next_touchpoint, lead(state) over w as next_state, "
        f"row_number() over w as number from ahead where service = 1 window w as ({order})), "
        f"judged as (select *, case when {follows} then 1 else 0 end as follows, {_SWITCH} as switch, "
        f"case when {recovered} then 1 else 0 end as recovered, {_CHANGED} as differs, "
        f"case when earlier_ends is null or t - earlier_ends > {rules.within} then 1 else 0 end as begins "
        "from chained), "
        "numbered as (select *, sum(begins) over (partition by customer order by number "
        "rows between unbounded preceding and current row) as episode from judged) "
        f"select {keys}, g, state, touchpoint, place, before, t, ends, channel, handler, number, follows, "
        "recovered, progress_t, cast(episode as integer) as episode, "
        "cast(row_number() over (partition by customer, episode order by number) as integer) as nth, "
        "case when follows = 1 then next_state end as next_state, "
        "case when follows = 1 then switch end as switch, "
        "case when follows = 1 and (touchpoint <> next_touchpoint or coalesce(switch, 0) = 1) "
        "then 1 else 0 end as other, "
        f"case when recovered = 0 and {open_yet} then 1 else 0 end as undecided, "
        "case when begins = 0 then differs else 0 end as changed, "
        "case when begins = 1 then 0 when repeated is not null then repeated when differs = 0 then 0 "
        "when carries is not null then 1 - carries end as restart from numbered"
    )


def _progress(ranks: Sequence[int]) -> str:
    """Find when next in the journey something else than service happens, at this stage or a higher one."""
    if not ranks:
        return "cast(null as bigint)"
    times = (
        f"when rank = {rank} then min(case when service = 0 and rank >= {rank} then t end) over later"
        for rank in ranks
    )
    return f"case {' '.join(times)} end"


def rage_sql(plan: StepsPlan, steps: str, spots: str, rules: EpisodeRules) -> str:
    """For every journey and touchpoint: whether it was visited in a rage; to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has; steps carry their times.
    steps, spots : str
        The tables of steps and of states, see `contacts_sql`.
    rules : EpisodeRules
        What belongs together.

    Returns
    -------
    str
        A query with what names the journey, the customer, ``state``, ``g`` and ``rage`` (0 or 1).
    """
    keys, back = plan.journey_keys, rules.rage_visits - 1
    names = ", ".join(f"s.{name}" for name in dict.fromkeys(("customer", *plan.key_names)))
    return (
        f"with climbed as (select {names}, s.g, s.state, s.place, s.t, max(p.rank) over (partition by "
        f"{', '.join(f's.{name}' for name in plan.key_names)} order by s.place rows between unbounded "
        f"preceding and current row) as reached from {steps} s join {spots} p on s.state = p.state), "
        f"paired as (select *, lag(t, {back}) over w as earlier_t, lag(reached, {back}) over w as earlier "
        f"from climbed window w as (partition by {keys}, state order by place)) "
        f"select {keys}, state, {owner(plan)}, max(case when earlier = reached "
        f"and t - earlier_t <= {rules.rage_within} then 1 else 0 end) as rage "
        f"from paired group by {keys}, state"
    )


def episodes_sql(plan: StepsPlan, contacts: str, rage: str, rules: EpisodeRules) -> str:
    """For every touchpoint and customer group: contacts, repeats, switches of channel, rage.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    contacts, rage : str
        The tables of `contacts_sql` and `rage_sql`.
    rules : EpisodeRules
        What belongs together.

    Returns
    -------
    str
        A query with one row a touchpoint and group.
    """
    watched = f"ends <= {rules.until - rules.within}"
    repeated = f"{watched} and follows = 1"
    counts = {
        "contacts": "count(*)",
        "contacts_watched": f"count(*) filter (where {watched})",
        "repeats": f"count(*) filter (where {repeated})",
        "repeat_customers": f"count(distinct case when {repeated} then customer end)",
        "contact_pairs": "count(switch)",
        "channel_switches": "count(*) filter (where switch = 1)",
        "switch_customers": "count(distinct case when switch = 1 then customer end)",
    }
    columns = ", ".join(f"{text} as {name}" for name, text in counts.items())
    visited = (
        "select state, g, count(*) as journeys, count(*) filter (where rage = 1) as rage_journeys, "
        f"{_distinct(plan, 'rage = 1')} as rage_customers from {rage} group by state, g"
    )
    found = ", ".join(f"coalesce(c.{name}, 0) as {name}" for name in counts)
    return (
        f"select v.state, v.g, {found}, v.journeys, v.rage_journeys, v.rage_customers from ({visited}) v "
        f"left join (select state, g, {columns} from {contacts} group by state, g) c "
        "on v.state = c.state and v.g = c.g order by v.state, v.g"
    )


def _distinct(plan: StepsPlan, condition: str) -> str:
    if plan.several_journeys:
        return f"count(distinct case when {condition} then customer end)"
    return f"count(*) filter (where {condition})"


def recovery_sql(plan: StepsPlan, steps: str, contacts: str, rules: EpisodeRules) -> str:
    """For every number of failures, what became of them, and customer group: how journeys ended.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps, contacts : str
        The tables of steps and of `contacts_sql`.
    rules : EpisodeRules
        What belongs together.

    Returns
    -------
    str
        A query with ``failures`` (a place in `FAILURES`), ``outcome`` (a place in `STATES`), ``g``,
        ``journeys``, ``closed``, ``won`` and ``customers`` (of closed journeys). Only contacts before the
        goal are failures.
    """
    keys, closed = plan.journey_keys, f"(won or last_t <= {rules.cut})"
    parts = (
        f"select {keys}, episode, max_by(recovered, place) as recovered from {contacts} where before "
        f"group by {keys}, episode"
    )
    failed = (
        f"select {keys}, count(*) as failures, min(recovered) as recovered from ({parts}) group by {keys}"
    )
    own = ", ".join(dict.fromkeys(("customer", *plan.key_names)))
    return (
        "select case when failures is null then 0 when failures = 1 then 1 else 2 end as failures, "
        "case when failures is null then 0 when recovered = 1 then 1 else 2 end as outcome, g, "
        f"count(*) as journeys, count(*) filter (where {closed}) as closed, "
        f"count(*) filter (where won) as won, {_distinct(plan, closed)} as customers "
        f"from (select {own}, g, won, last_t from {steps} where place = 1) "
        f"left join ({failed}) using ({keys}) group by 1, 2, g order by 1, 2, g"
    )


def shapes_sql(contacts: str) -> str:
    """For every length, outcome and customer group: episodes, and how many went elsewhere or came back.

    Parameters
    ----------
    contacts : str
        The table of `contacts_sql`.

    Returns
    -------
    str
        A query with ``size`` (contacts, at most `LONGEST`), ``outcome`` (a place in `OUTCOMES`), ``g``,
        ``episodes``, ``escalated`` (with a contact at another touchpoint or in another channel), ``repeated``
        (with the same one twice in a row) and ``customers``.
    """
    one = (
        f"select customer, min(g) as g, least(count(*), {LONGEST}) as size, "
        "max_by(case when recovered = 1 then 0 when undecided = 1 then 2 else 1 end, number) as outcome, "
        "max(other) as escalated, max(case when follows = 1 and other = 0 then 1 else 0 end) as repeated "
        f"from {contacts} group by customer, episode"
    )
    return (
        "select size, outcome, g, count(*) as episodes, "
        "count(*) filter (where escalated = 1) as escalated, "
        "count(*) filter (where repeated = 1) as repeated, "
        f"count(distinct customer) as customers from ({one}) group by size, outcome, g "
        "order by size, outcome, g"
    )
