"""Through which stages and places journeys go, counted from the visits and the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journeymap.events.queries.counts import BUCKET, owner
from journeymap.events.queries.steps import StepsPlan

__all__ = [
    "ENDS",
    "PLACES",
    "each_journey_sql",
    "end_code",
    "places_sql",
    "routes_sql",
    "stage_times_sql",
]

ENDS = ("goal", "lost", "open")
PLACES = 12


def end_code(cut: int) -> str:
    """Number how the journey of a step ends: the place in `ENDS`."""
    return f"case when won then 0 when last_t <= {cut} then 1 else 2 end"


def each_journey_sql(
    plan: StepsPlan,
    steps: str,
    states: str,
    masks: Sequence[int],
    stages: Sequence[int],
    end: str,
    *,
    alike: Mapping[str, int] | None = None,
) -> str:
    """For every journey: what it met, how it ended, how long it stayed at each stage; to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps : str
        The table of steps.
    states : str
        The table of states: ``state``, ``stage`` (its number), ``service`` (0 or 1) and for each mask a
        column ``mask_0``, … with the bits of the state's cells.
    masks : sequence of int
        The numbers of the masks.
    stages : sequence of int
        The numbers of the stages that have states.
    end : str
        An expression that numbers how the journey of a step ends.
    alike : mapping of str to int, optional
        The row of every state, where all have the same: nothing is looked up then.

    Returns
    -------
    str
        A query with one row a journey: ``g`` (and the customer), ``service``, ``ended`` (a place in `ENDS`),
        the masks, and for the n-th stage ``stay_n``, in microseconds; null where no visit at the stage was
        followed by another event.
    """
    stay = "stay" if plan.has_end else "wait"
    mets = ["service", *(f"mask_{mask}" for mask in masks)]
    if alike is None:
        source = f"{steps} s join {states} x on s.state = x.state"
        columns = [f"{'max' if met == 'service' else 'bit_or'}({met}) as {met}" for met in mets]
    else:
        source = f"{steps} s"
        columns = [f"cast({alike[met]} as bigint) as {met}" for met in mets]
    columns += [
        f"cast(sum({stay if len(stages) == 1 else f'case when stage = {number} then {stay} end'}) as bigint) "
        f"as stay_{number}"
        for number in stages
    ]
    return (
        f"select {plan.journey_keys}, {owner(plan)}, "
        f"max(case when next_state is null then {end} end) as ended, {', '.join(columns)} "
        f"from {source} group by {plan.journey_keys}"
    )


def routes_sql(each: str, stage_bits: Sequence[int]) -> str:
    """For every set of stages, end and customer group: how many journeys met just these.

    Parameters
    ----------
    each : str
        The table of `each_journey_sql`.
    stage_bits : sequence of int
        For every mask all bits that stand for a whole stage.

    Returns
    -------
    str
        A query with ``met_0``, … (the masks, whole stages only), ``ended``, ``g`` and ``journeys``.
    """
    mets = [f"mask_{mask} & {bits} as met_{mask}" for mask, bits in enumerate(stage_bits)]
    keys = ", ".join([*(f"met_{mask}" for mask in range(len(mets))), "ended", "g"])
    return (
        f"select {keys}, count(*) as journeys from (select {', '.join(mets)}, ended, g from {each}) "
        f"group by {keys} order by {keys}"
    )


def stage_times_sql(each: str, stages: Sequence[int]) -> str:
    """For every stage and customer group: a histogram of the time that journeys stay."""
    stays = " union all ".join(
        f"select {number} as stage, g, stay_{number} as stay from {each} where stay_{number} is not null"
        for number in stages
    )
    return (
        f"select stage, {BUCKET.format('stay')} as bucket, g, count(*) as journeys from ({stays}) "
        "group by stage, bucket, g order by stage, bucket, g"
    )


def places_sql(steps: str, cut: int) -> str:
    """For every place and pair of touchpoints: how many journeys go this way, or end here and how.

    Not by customer group: nobody asks how sure one ribbon of a figure is, and the groups would make this by
    far the largest table that a journey carries.
    """
    end = f"case when next_state is null then {end_code(cut)} else {len(ENDS)} end"
    keys = "place, state, next_number, ended"
    return (
        f"select {keys}, 0 as g, count(*) as journeys from (select place, state, "
        f"coalesce(next_state + 1, 0) as next_number, {end} as ended from {steps} where place <= {PLACES}) "
        f"group by {keys} order by {keys}"
    )
