"""Journeys with transitions that try the network: believable, dense, without stages, without shares."""

from __future__ import annotations

import random

from journeymap.model.journey import Journey

STAGES = ("discovery", "evaluation", "purchase", "post_purchase", "loyalty")
SEEN = {
    "customers": 980, "journeys": 1124, "events": 6812, "won": 311, "lost": 740, "open": 73, "groups": 64,
    "start": "2024-01-02T08:00:00", "end": "2024-06-30T22:10:00", "observed_until": "2024-06-30T22:10:00",
    "lost_after": "14 days", "lost_after_source": "design",
}  # fmt: skip
_TOUCHPOINTS = """
    ad discovery +1 38|search discovery 0 34|reviews discovery 0 5|store discovery +1 14
    plans evaluation +1 9|coverage evaluation -1 0|chat@evaluation evaluation +1 0|phone@evaluation evaluation 0 0
    basket purchase 0 0|checkout purchase -1 0|payment purchase +1 0|phone@purchase purchase -1 0
    activation post_purchase -1 0|installer post_purchase +2 0|first_bill post_purchase -1.4 0
    phone@post_purchase post_purchase -2 0|chat@post_purchase post_purchase 0 0|outage post_purchase -2 0
    renewal loyalty +1 0|refer loyalty +2 0|phone@loyalty loyalty -1 0
"""
_TRANSITIONS = """
    ad: search 31 plans 28 reviews 12 basket 6 coverage 2
    search: reviews 26 plans 41 coverage 9 store 3
    reviews: plans 55 store 6
    store: plans 24 basket 22 reviews 2
    plans: coverage 38 chat@evaluation 9 basket 17 reviews 7 phone@evaluation 3
    coverage: plans 22 basket 34 phone@evaluation 11
    chat@evaluation: plans 33 basket 41 chat@evaluation 8
    phone@evaluation: basket 46 phone@evaluation 14 coverage 9
    basket: checkout 61 plans 14 phone@purchase 4
    checkout: payment 58 basket 8 phone@purchase 12 checkout 6
    phone@purchase: checkout 34 payment 21 phone@purchase 11
    payment: activation 78 installer 16 first_bill 3
    activation: first_bill 52 phone@post_purchase 24 activation 9
    installer: first_bill 81 activation 8
    first_bill: phone@post_purchase 22 chat@post_purchase 9 renewal 41 outage 12
    phone@post_purchase: phone@post_purchase 19 first_bill 14 chat@post_purchase 8 installer 13 renewal 17
    chat@post_purchase: phone@post_purchase 21 renewal 36
    outage: phone@post_purchase 44 renewal 29 chat@post_purchase 11
    renewal: refer 34 phone@loyalty 9
    refer: renewal 12
    phone@loyalty: renewal 43 phone@loyalty 12 first_bill 6
"""


def broadband() -> Journey:
    """An observed journey of 21 touchpoints, seven of them service, two helplines on several stages."""
    parts = [part.split() for line in _TOUCHPOINTS.split("\n") for part in line.split("|") if part.strip()]
    moves = [
        (line.split(":")[0].strip(), target, int(percent) / 100)
        for line in _TRANSITIONS.strip().split("\n")
        for words in [line.split(":")[1].split()]
        for target, percent in zip(words[::2], words[1::2], strict=True)
    ]
    touchpoints = []
    for number, (name, stage, feeling, entry) in enumerate(parts):
        visits = 1000 - 37 * number
        ends = round(visits * (1 - sum(share for source, _, share in moves if source == name)))
        won = STAGES.index(stage) > 2 or name == "payment"
        touchpoints.append({
            "id": name, "name": name.split("@")[0].replace("_", " ").capitalize(), "stage": stage,
            "feeling": float(feeling), "floats_as": name.split("@")[0] if "@" in name else None,
            "service": True if "@" in name or name == "installer" else None, "channels": ["web"],
            "visits": {
                "count": visits, "customers": visits // 2, "journeys": visits // 2, "share": 0.3,
                "entries": int(entry) * 11, "lost": 0 if won else ends, "goal": ends if won else 0,
                "position": number / 20,
            },
        })  # fmt: skip
    transitions = [
        {"source": source, "target": target, "share": share, "count": round(share * 500)}
        for source, target, share in moves
    ]
    return Journey(
        name="Broadband, from the first ad to the renewal", origin="observed", goal="payment",
        touchpoints=touchpoints, transitions=transitions, observation=SEEN,
    )  # fmt: skip


def tangle(
    count: int, out: int, *, seed: int = 1, staged: bool = True, name: str = "Touchpoint {}"
) -> Journey:
    """A journey whose transitions lead anywhere, as bad as it gets."""
    dice = random.Random(seed)  # noqa: S311 - a test needs the same dice every time
    stages = sorted(dice.choice(STAGES) for _ in range(count))
    stages.sort(key=STAGES.index)
    touchpoints = []
    transitions = []
    for number in range(count):
        visits = dice.randint(90, 9000)
        touchpoints.append({
            "id": f"t{number}", "name": name.format(number), "stage": stages[number] if staged else "unassigned",
            "feeling": dice.choice([-2, -1.2, 0, 1, None]), "service": dice.choice([True, None, None]),
            "channels": dice.choice([["web"], ["phone"], []]),
            "visits": {"count": visits, "customers": 9, "journeys": 9, "share": 0.1, "entries": dice.choice([0, 200]),
                       "lost": visits // 9, "goal": dice.choice([0, visits // 9]), "position": number / count},
        })  # fmt: skip
        targets = dice.sample(range(count), min(out, count))
        weights = [dice.random() ** 2 + 0.01 for _ in targets]
        for target, weight in zip(targets, weights, strict=True):
            share = weight / sum(weights) / 1.3
            transitions.append({
                "source": f"t{number}", "target": f"t{target}", "share": share, "count": round(share * visits)
            })  # fmt: skip
    more = {} if staged else {"stages": [{"id": "unassigned", "name": "Unassigned", "period": "before"}]}
    return Journey(
        name="Anywhere to anywhere", origin="observed", goal=f"t{count - 1}", touchpoints=touchpoints,
        transitions=transitions, observation=SEEN, **more,
    )  # fmt: skip


def undecided() -> Journey:
    """Some journeys end, some do not yet, and a helpline floats over two stages."""

    def visits(count, **ends):
        return {"count": count, "customers": count, "journeys": count, "share": 0.5, **ends}

    rows = [
        ("ad", "discovery", None, visits(100, entries=100, lost=10, open=20)),
        ("phone@discovery", "discovery", "phone", visits(50, lost=5)),
        ("pay", "purchase", None, visits(60, goal=40, open=12)),
        ("phone@purchase", "purchase", "phone", visits(40, lost=4, goal=4, open=4)),
    ]
    moves = [
        ("ad", "phone@discovery", 40), ("ad", "pay", 26), ("ad", "ad", 3), ("ad", "phone@purchase", 1),
        ("phone@discovery", "pay", 30), ("phone@discovery", "ad", 15), ("pay", "phone@purchase", 8),
        ("phone@purchase", "pay", 4), ("phone@purchase", "phone@purchase", 23), ("phone@purchase", "ad", 1),
    ]  # fmt: skip
    counted = {name: seen["count"] for name, _, _, seen in rows}
    return Journey(
        name="Not over yet", origin="observed", goal="pay", observation=SEEN | {"journeys": 100},
        touchpoints=[
            {"id": name, "name": (floats or name).capitalize(), "stage": stage, "floats_as": floats, "service": True if floats else None, "visits": seen}
            for name, stage, floats, seen in rows
        ],
        transitions=[
            {"source": source, "target": target, "count": count, "share": count / counted[source]}
            for source, target, count in moves
        ],
    )  # fmt: skip


def sketch() -> Journey:
    """A design without any share, with a help line that floats."""
    pairs = "ad look|look pay|pay use|use help|help use|look help|use look"
    return Journey(
        name="A first sketch", goal="purchase",
        touchpoints=[
            {"id": "ad", "stage": "discovery"}, {"id": "look", "stage": "evaluation"},
            {"id": "pay", "stage": "purchase"}, {"id": "use", "stage": "post_purchase"},
            {"id": "help", "service": True},
        ],
        transitions=[dict(zip(("source", "target"), pair.split(), strict=True)) for pair in pairs.split("|")],
    )  # fmt: skip


def unlinked() -> Journey:
    """Touchpoints alone."""
    return Journey(
        name="Only touchpoints",
        touchpoints=[{"id": "ad", "stage": "discovery"}, {"id": "pay", "stage": "purchase"}],
    )


def two() -> Journey:
    """The smallest with an arrow."""
    return Journey(
        name="Shop", goal="pay",
        touchpoints=[{"id": "ad", "stage": "discovery"}, {"id": "pay", "stage": "purchase"}],
        transitions=[{"source": "ad", "target": "pay", "share": 0.2}],
    )  # fmt: skip


ALL = {
    "broadband": broadband,
    "two": two,
    "sketch": sketch,
    "undecided": undecided,
    "unlinked": unlinked,
    "forty": lambda: tangle(40, 6),
    "many": lambda: tangle(60, 5, seed=4),
    "unstaged": lambda: tangle(19, 18, staged=False),
    "long": lambda: tangle(12, 5, name="Reads the very detailed conditions of contract annexe {} of many"),
    "chinese": lambda: tangle(9, 4, name="比较各种套餐的价格与速度 {}"),
}
