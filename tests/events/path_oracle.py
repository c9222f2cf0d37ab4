"""An independent oracle of the paths: variants, contexts and credit in plain Python, one journey at a time."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence

from tests.oracle import Walk

LONGEST = 60


def variants(found: Sequence[Walk], min_customers: int) -> dict[tuple[str, str], dict[str, int]]:
    """Count journeys, customers and time of every path up to the goal, written with names."""
    ways = []
    takers = defaultdict(set)
    for walk in found:
        names = [event.node for event in walk.events[: walk.before + 1]]
        way = " ".join(names[: walk.before]) if len(names) <= LONGEST else "*"
        takers[way].add(walk.customer)
        ways.append((way, " ".join(names), walk, walk.events[len(names) - 1].start - walk.events[0].start))
    counts: dict = defaultdict(Counter)
    people = defaultdict(set)
    for way, path, walk, cycle in ways:
        key = (path if way != "*" and len(takers[way]) >= min_customers else "*", walk.outcome)
        counts[key].update(journeys=1, cycle_us=cycle)
        people[key].add(walk.customer)
    for key, takers_of in people.items():
        counts[key]["customers"] = len(takers_of)
    return {key: {name: n for name, n in count.items() if n} for key, count in counts.items()}


def contexts(found: Sequence[Walk]) -> dict[tuple[str, str, str, str], int]:
    """Count the visits in threes, of decided journeys up to the goal."""
    decided = [walk for walk in found if walk.outcome != "open"]
    if not decided:
        return {}
    middle = int(statistics.median(walk.events[0].start for walk in decided))
    counts: Counter = Counter()
    for walk in decided:
        half = "1" if walk.events[0].start < middle else "2"
        end = "@goal" if walk.outcome == "goal" else "@lost"
        names = ["", "@start", *(event.node for event in walk.events[: walk.before]), end]
        counts.update((*names[at : at + 3], half) for at in range(len(names) - 2))
    return dict(counts)


def credit(found: Sequence[Walk], half_life: float) -> dict[str, dict[str, float]]:
    """Hand out every won journey to the touchpoints before its goal."""
    parts: dict = defaultdict(Counter)
    for walk in found:
        touches = walk.events[: walk.before]
        if walk.outcome != "goal" or not touches:
            continue
        names = [event.node for event in touches]
        size, goal = len(names), walk.events[walk.before].start
        latest = touches[-1].start
        weights = [0.5 ** ((latest - event.start) / half_life) for event in touches]
        assert goal >= latest
        parts[names[0]]["first"] += 1
        parts[names[-1]]["last"] += 1
        for place, name in enumerate(names):
            parts[name]["linear_u"] += 1e6 / size
            parts[name]["position_u"] += 1e6 * _by_position(place, size)
            parts[name]["decay_u"] += 1e6 * weights[place] / sum(weights)
        for name in set(names):
            parts[name]["journeys"] += 1
            parts[name]["shapley_u"] += 1e6 / len(set(names))
    return {name: dict(shares) for name, shares in parts.items()}


def _by_position(place: int, size: int) -> float:
    if size == 1:
        return 1.0
    if size == 2:
        return 0.5
    return 0.4 if place in (0, size - 1) else 0.2 / (size - 2)
