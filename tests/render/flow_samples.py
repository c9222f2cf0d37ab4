"""Journeys whose flows are known: designed with shares, and counted on fingers."""

from __future__ import annotations

from datetime import timedelta

from journeymap.model.journey import Journey
from tests.render import samples


def with_shares(journey: Journey, goal: str | None = None) -> Journey:
    """The same journey, with transitions to the next, the third and the seventh touchpoint, and one back."""
    names = [touchpoint.id for touchpoint in journey.touchpoints]
    transitions = [
        {"source": name, "target": names[place + step], "share": share}
        for place, name in enumerate(names)
        for step, share in ((1, 0.6), (3, 0.15), (7, 0.08), (-1, 0.05))
        if 0 <= place + step < len(names) and (step > 0 or place > 1)
    ]
    touchpoints = [touchpoint.model_dump() for touchpoint in journey.touchpoints]
    touchpoints[0]["entry_share"] = 0.7
    touchpoints[min(4, len(names) - 1)]["entry_share"] = 0.3
    fields = {**journey.model_dump(), "touchpoints": touchpoints, "transitions": transitions}
    return Journey.model_validate({**fields, "goal": (goal,) if goal else journey.goal})


def chain() -> Journey:
    """A tenth begins at the comparison; half of all go past it; of those at the till, three of four pay."""
    return Journey(
        name="Shop",
        goal="pay",
        touchpoints=[
            {"id": "ad", "stage": "discovery", "entry_share": 0.9},
            {"id": "compare", "name": "Compare the plans", "stage": "evaluation", "entry_share": 0.1},
            {"id": "pay", "stage": "purchase"},
            {"id": "ask", "name": "Ask for help", "stage": "purchase", "service": {}},
        ],
        transitions=[
            {"source": "ad", "target": "compare", "share": 1 / 3},
            {"source": "ad", "target": "ask", "share": 1 / 2},
            {"source": "compare", "target": "pay", "share": 0.5},
            {"source": "ask", "target": "pay", "share": 0.8},
        ],
    )


def _table(name, keys, columns, **measures):
    size = len(keys)
    return {
        "name": name, "groups": 2, "key_columns": columns, "keys": keys,
        "row": [*range(size), *range(size)], "group": [0] * size + [1] * size,
        "measures": {measure: [*counts, *counts] for measure, counts in measures.items()},
    }  # fmt: skip


def counted(*, times: bool = True, outside: int = 0, goal: str | None = "pay") -> Journey:
    """Twice: 30 journeys lost in the first stage, 10 skip the second one and win, 8 win, 2 are open."""
    routes = {("101", "goal"): 10, ("111", "goal"): 8, ("110", "open"): 2, ("100", "lost"): 30}
    if outside:
        routes["000", "lost"] = outside
    places = {
        ("1", "ad", "", "lost"): 30, ("1", "ad", "compare", ""): 10, ("1", "ad", "pay", ""): 10,
        ("2", "compare", "", "open"): 2, ("2", "compare", "pay", ""): 8, ("2", "pay", "", "goal"): 10,
        ("3", "pay", "", "goal"): 8,
    }  # fmt: skip
    journeys = 2 * sum(routes.values())
    # 8 buckets double a time: 256 is 2³² microseconds, an hour and twelve minutes.
    stays = {("discovery", "256"): 10, ("discovery", "264"): 10, ("evaluation", "200"): 8}
    return Journey(
        name="Shop, counted",
        origin="observed",
        goal=goal or (),
        stages=["discovery", "evaluation", "purchase"],
        touchpoints=[
            {"id": "ad", "stage": "discovery"},
            {"id": "compare", "stage": "evaluation"},
            {"id": "pay", "stage": "purchase"},
        ],
        observation={
            "customers": journeys, "journeys": journeys, "events": 300, "won": 36, "lost": 60, "open": 4,
            "groups": 2, "start": "2024-05-01", "end": "2024-05-31", "observed_until": "2024-06-01",
            "lost_after": timedelta(days=14), "lost_after_source": "data", "filters": ["platform is 'mobile'"],
        },
        evidence=[
            _table("journeys", [[]], [], customers=[journeys // 2], journeys=[journeys // 2]),
            _table("routes", list(routes), ["stages", "end"], journeys=list(routes.values())),
            _table("places", list(places), ["place", "source", "target", "end"], journeys=list(places.values())),
            _table("stage_times", list(stays) if times else [], ["stage", "bucket"],
                   journeys=list(stays.values()) if times else []),
        ],
    )  # fmt: skip


SAMPLES = {
    "broadband": lambda: with_shares(samples.broadband()),
    "tiny": lambda: with_shares(samples.tiny()),
    "large": lambda: with_shares(samples.large(), goal="t20"),
    "long_names": lambda: with_shares(samples.long_names()),
    "chinese": lambda: with_shares(samples.chinese(), goal="t5"),
    "bare": lambda: with_shares(samples.bare()),
    "chain": chain,
    "counted": counted,
    "untimed": lambda: counted(times=False),
}
