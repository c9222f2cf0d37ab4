"""A log whose truth is known: five touchpoints of the purchase that are alike, but for what is planted."""

from __future__ import annotations

import numpy as np

from journeymap.stats.chain_algebra import absorbing_chain
from tests.oracle import HOUR, Row, journey_from_events

PURCHASE = ("basket", "address", "delivery", "payment", "review")
STAGES = {"ad": "discovery", **dict.fromkeys(PURCHASE, "purchase"), "thanks": "loyalty", "chat": None}
GROUPS = 64
LEAVES, LOOPS, ASKS, WINS = 0.05, 0.05, 0.02, 0.20
PLANTED = {"leaves": 0.20, "loops": 0.25, "asks": 0.25}


def next_step(name, *, leaves=(), loops=(), asks=()):
    """Where customers go from a touchpoint of the purchase, with which probability."""
    row = {
        "lost": PLANTED["leaves"] if name in leaves else LEAVES,
        name: PLANTED["loops"] if name in loops else LOOPS,
        "chat": PLANTED["asks"] if name in asks else ASKS,
        "thanks": WINS,
    }
    rest = 1 - sum(row.values())
    return row | {other: rest / 4 for other in PURCHASE if other != name}


def conversion(**planted):
    """The true share of journeys that reach the goal."""
    states = (*PURCHASE, "chat")
    rows = [next_step(name, **planted) for name in PURCHASE]
    rows.append({"lost": LEAVES} | dict.fromkeys(PURCHASE, (1 - LEAVES) / 5))
    inner = [[row.get(state, 0) for state in states] for row in rows]
    outer = [[row.get("thanks", 0), row.get("lost", 0)] for row in rows]
    return absorbing_chain(inner, outer).ends[:5, 0].mean()


def planted_journey(seed, *, customers=1500, waits=(), **planted):
    """Customers walk from touchpoint to touchpoint; the named ones lose, hold, send to service or delay."""
    rng = np.random.default_rng(seed)
    rows = []
    steps = {name: next_step(name, **planted) for name in PURCHASE}
    steps["chat"] = {"lost": LEAVES} | dict.fromkeys(PURCHASE, (1 - LEAVES) / 5)
    steps["ad"] = dict.fromkeys(PURCHASE, 1 / 5)
    ways = {name: (list(row), np.cumsum(list(row.values()))) for name, row in steps.items()}
    for number in range(customers):
        who, name, time = f"c{number}", "ad", 0
        while name != "lost":
            rows.append(Row(who, who, name, STAGES[name], name == "chat", name == "thanks", time))
            if name == "thanks":
                break
            time += int(HOUR * rng.lognormal(0, 1) * (2 if name in waits else 1))
            names, reach = ways[name]
            name = names[min(int(np.searchsorted(reach, rng.random())), len(names) - 1)]
    return journey_from_events(
        rows,
        name="Planted",
        goal=("thanks",),
        service={"chat": {"handler": "human"}},
        groups=GROUPS,
        group_of=lambda customer: int(customer[1:]) % GROUPS,
    )
