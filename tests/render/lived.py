"""What every sample map looks like when customers walk along it: the same journey, observed."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from journeymap.datasets import example_journey, example_log
from journeymap.events.discover import discover_journey
from journeymap.events.simulate import simulate_events
from journeymap.model.journey import Journey
from tests.render.samples import bare, chinese, large, long_names, tiny

DESIGNS = {
    "smallest": tiny,
    "example": example_journey,
    "forty": large,
    "long names": long_names,
    "chinese": chinese,
    "all missing": bare,
}


@cache
def design(name: str) -> Journey:
    """A sample as people would write it down."""
    return DESIGNS[name]()


@cache
def lived(name: str) -> Journey:
    """The same, discovered from a simulated log; customers go on, go back once in a while, or leave."""
    if name == "example":
        return discover_journey(example_log(customers=1_500), example_journey())
    walked = _with_transitions(design(name))
    return discover_journey(simulate_events(walked, customers=300, seed=7), walked)


def _with_transitions(journey: Journey) -> Journey:
    names = [touchpoint.id for touchpoint in journey.touchpoints]
    ways = [{"source": a, "target": b, "share": 0.85} for a, b in pairwise(names)]
    ways += [{"source": b, "target": a, "share": 0.05} for a, b in list(pairwise(names))[::3]]
    touchpoints = [
        touchpoint.model_copy(update={"entry_share": 1.0 if number == 0 else None})
        for number, touchpoint in enumerate(journey.touchpoints)
    ]
    data = journey.model_dump(exclude={"touchpoints", "transitions"})
    return Journey.model_validate(
        data | {"touchpoints": touchpoints, "transitions": ways, "goal": names[-1:]}
    )
