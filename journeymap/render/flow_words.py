"""What does a picture of flows say, in sentences?"""

from __future__ import annotations

from collections.abc import Iterator

from journeymap.analysis.wording import plural
from journeymap.render.flow_positions import ENDS, PositionFlow
from journeymap.render.flow_stages import StageFlow
from journeymap.render.network_legend import short_percent

__all__ = ["described"]

_SAID = {
    "lost": "lost",
    "open": "still open",
    "ended": "ended",
    "goal": "ended with the goal reached",
    "on": "going on",
}


def described(name: str, flow: StageFlow | PositionFlow) -> str:
    """What does the picture show?

    Parameters
    ----------
    name : str
        Of the journey.
    flow : StageFlow or PositionFlow
        What is drawn.

    Returns
    -------
    str
        One sentence for each column, with the full names.
    """
    lines = _by_stage(name, flow) if isinstance(flow, StageFlow) else _by_position(name, flow)
    return "\n".join(lines)


def _of_all(flow: StageFlow | PositionFlow, weight: float) -> str:
    share = short_percent(weight / flow.total if flow.total else 0.0)
    if not flow.counted:
        return f"{share} of the journeys"
    return f"{plural(round(weight), 'journey')} ({share})"


def _by_stage(name: str, flow: StageFlow) -> Iterator[str]:
    yield f"{name}: the flow of {_whole(flow)}, by stage. All shares are of all journeys."
    for column, stage in enumerate(flow.stages):
        parts = [f"{stage.name}: {_of_all(flow, flow.touched[column])}"]
        past = sum(s.weight for s in flow.strands if s.source < column < s.target and not s.end)
        if column and flow.begins[column]:
            parts.append(f"beginning here {flow.amount(flow.begins[column])}")
        if past:
            parts.append(f"going past it {flow.amount(past)}")
        for end in ("lost", "open", "ended"):
            weight = flow.ending(column, end)
            if weight:
                parts.append(f"{_SAID[end]}, having come no further, {flow.amount(weight)}")
        yield f"{'; '.join(parts)}."
    if flow.goal:
        yield f"Goal reached ({flow.goal}): {_of_all(flow, flow.touched[-1])}."
    if flow.outside:
        yield f"Outside all stages and not drawn: {_of_all(flow, flow.outside)}."
    if flow.highlighted:
        yield f"Brought out: journeys that come to {flow.highlighted}."


def _by_position(name: str, flow: PositionFlow) -> Iterator[str]:
    places = sum(not flow.goes_on(column) for column in range(len(flow.columns)))
    first = f"first {places} touchpoints" if places > 1 else "first touchpoint"
    yield f"{name}: the {first} of {_whole(flow)}, from one to the next. All shares are of all journeys."
    for column, stops in enumerate(flow.columns[:places]):
        here = (f"{_name(s.name, s.kind, s.members)} {flow.amount(s.weight)}" for s in stops)
        yield f"Touchpoint {column + 1}: {', '.join(here)}."
        after = {end: flow.ending(column, end) for end in ENDS}
        if column + 1 == places < len(flow.columns):
            after = {"on": flow.under_way(places), **after}
        said = [f"{_SAID[end]} {flow.amount(weight)}" for end, weight in after.items() if weight]
        if said:
            yield f"After touchpoint {column + 1}: {', '.join(said)}."
    if flow.highlighted:
        yield f"Brought out: journeys to or from {flow.highlighted}."


def _whole(flow: StageFlow | PositionFlow) -> str:
    return plural(round(flow.total), "journey") if flow.counted else "all journeys, as the design expects"


def _name(name: str, kind: str, members: int) -> str:
    if kind == "other":
        return name.format(n=members)
    return f"{name} (service)" if kind == "service" else name
