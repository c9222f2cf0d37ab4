"""Journeys of customers who walk chains that are known, with the counts of contexts beside them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from tests.events.path_oracle import contexts
from tests.oracle import HOUR, Row, journey_from_events, walks

STAGES = {
    "ad": "discovery",
    "shop": "evaluation",
    "help": "evaluation",
    "cart": "purchase",
    "buy": "purchase",
}
GROUPS = 32


def known_journey(rows: Sequence[Row], *, groups: int = GROUPS) -> Journey:
    """An observed journey with contexts, as `with_paths` counts them."""

    def group_of(customer: str) -> int:
        return int(customer[1:]) % groups

    journey = journey_from_events(
        rows, name="Known", goal=("buy",), service={}, groups=groups, group_of=group_of
    )
    ranks = [stage.id for stage in journey.stages]
    found = walks(rows, stages=ranks)
    by_group = defaultdict(list)
    # the halves are those of all journeys, so they are told before the groups are
    starts = Counter(contexts(found))
    for walk in found:
        by_group[group_of(walk.customer)].append(walk)
    halves = sorted(walk.events[0].start for walk in found)
    middle = int(np.median(halves))
    counts: Counter = Counter()
    for group, members in by_group.items():
        for half, inside in (("1", [w for w in members if w.events[0].start < middle]),
                             ("2", [w for w in members if w.events[0].start >= middle])):  # fmt: skip
            for (before, source, target, _), n in contexts(inside).items():
                counts[(before, source, target, half), group] += n
    keys = sorted({key for key, _ in counts})
    assert sum(counts.values()) == sum(starts.values())
    entries = sorted((keys.index(key), group) for key, group in counts)
    table = EvidenceTable(
        name="contexts",
        groups=groups,
        key_columns=("before", "source", "target", "half"),
        keys=tuple(keys),
        row=tuple(row for row, _ in entries),
        group=tuple(group for _, group in entries),
        measures={"count": tuple(counts[keys[row], group] for row, group in entries)},
    )
    return journey.model_copy(update={"evidence": (*journey.evidence, table)})


def walked(
    seed: int, *, customers: int = 600, remembers: float = 0.0, losing: float = 0.1, first: int = 0
) -> list[Row]:
    """Customers walk from the ad to the shop, to help and to the cart.

    remembers: by how much more probable the cart is at the shop for those who come from help.
    losing: the probability of being lost at the cart.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(first, first + customers):
        who, name, before, time = f"c{number}", "ad", "", int(rng.integers(1000)) * HOUR
        while name:
            rows.append(Row(who, who, name, STAGES[name], name == "help", name == "buy", time))
            time += HOUR
            ways = _ways(name, before, remembers, losing)
            name, before = (str(rng.choice(list(ways), p=list(ways.values()))) if ways else ""), name
    return rows


def _ways(name: str, before: str, remembers: float, losing: float) -> dict[str, float]:
    asked = remembers if before == "help" else -remembers
    return {
        "ad": {"shop": 0.8, "": 0.2},
        "shop": {"cart": 0.45 + asked, "help": 0.45 - asked, "": 0.1},
        "help": {"shop": 0.9, "": 0.1},
        "cart": {"buy": 0.9 - losing, "shop": 0.1, "": losing},
        "buy": {},
    }[name]


def solved_without_each_group(counts):
    """Throw the customers of one group away, and solve the chain of all others; for every group in turn."""
    by_group = ("visits", "lost", "won", "entries", "entries_at_goal", "moves")
    for group in range(counts.visits.shape[1]):
        yield counts._replace(
            **{name: np.delete(getattr(counts, name), group, axis=-1) for name in by_group}
        ).solve()
