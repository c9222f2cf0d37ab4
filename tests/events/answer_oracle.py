"""Logs and surveys for tests, and an oracle in plain Python that says where each answer belongs."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pyarrow as pa

from journeymap.events.feedback import Feedback
from journeymap.events.log import EventLog
from journeymap.model.journey import Journey

START = datetime(2024, 1, 1)  # noqa: DTZ001 - naive times, taken as given
STAGES = ["discovery", "evaluation", "purchase", "post_purchase", "loyalty"]
FIXED = {"ad": 0, "compare": 1, "pay": 2, "use": 3}
EVENTS = {"ad": ["see_ad", "click_ad"], "phone": ["call_in", "call_out"]}
DESIGN = Journey(
    name="Random",
    goal="pay",
    touchpoints=[
        {"id": "ad", "stage": "discovery", "events": EVENTS["ad"]},
        {"id": "compare", "stage": "evaluation"},
        {"id": "pay", "stage": "purchase"},
        {"id": "use", "stage": "post_purchase"},
        {"id": "phone", "service": True, "events": EVENTS["phone"]},
        {"id": "chat", "service": True},
    ],
)
TOUCHPOINT_OF = {"see_ad": "ad", "click_ad": "ad", "call_in": "phone", "call_out": "phone"} | {
    name: name for name in ("compare", "pay", "use", "chat")
}
SECOND = timedelta(seconds=1)


def seeded(seed):
    return random.Random(seed)  # noqa: S311 - repeatable


def table_of(rows):
    return pa.table({name: [row[name] for row in rows] for name in rows[0]})


def random_events(rng, customers):
    """Few distinct times, so that many are equal; half seconds among them."""
    rows = []
    for number in range(customers):
        for _ in range(rng.randint(1, 12)):
            event = rng.choice([*TOUCHPOINT_OF, "noise"])
            at = START + rng.randint(0, 40) * SECOND / 2 + rng.choice([0, 0, 1]) * timedelta(microseconds=1)
            rows.append({
                "who": f"c{number:03d}", "what": event, "when": at, "visit": f"v{rng.randint(1, 2)}",
                "felt": rng.choice([None, -2.0, -0.5, 0.0, 1.0, 2.0]),
            })  # fmt: skip
    rng.shuffle(rows)
    return rows


def random_answers(rng, customers):
    names = ["", "", "", "pay", "phone", "chat", "see_ad", "call_out", "phone@purchase", "use", "nowhere"]
    return [
        {
            "who": f"c{rng.randint(0, customers + 5):03d}",
            "at": START + rng.randint(0, 44) * SECOND / 2,
            "about": rng.choice(names),
            "group": rng.choice(["x", "y"]),
            "recommend": rng.randint(0, 10),
            "felt": rng.choice([None, 1, 2, 3, 4, 5]),
        }
        for _ in range(customers * 4)
    ]


QUESTIONS = [
    {"column": "recommend", "measure": "nps"},
    {"column": "felt", "measure": "csat", "scale": {"low": 1, "high": 5}},
]


def feedback_of(rows, **more):
    given = {"customer_col": "who", "time_col": "at", "touchpoint_col": "about"} | more
    return Feedback(table_of(rows), questions=QUESTIONS, **given)


def log_of(rows, **more):
    return EventLog(table_of(rows), customer_col="who", event_col="what", time_col="when", **more)


class Visit:
    """An event with its node, its place in the log and its journey."""

    def __init__(self, at, order, node, base, journey, felt):
        self.at, self.order, self.node, self.base, self.journey, self.felt = (
            at,
            order,
            node,
            base,
            journey,
            felt,
        )


def visits_of(rows, *, unit, gap):
    """Every customer's visits in order."""
    known = [(order, row) for order, row in enumerate(rows) if row["what"] in TOUCHPOINT_OF]
    by_session = defaultdict(list)
    for order, row in sorted(known, key=lambda pair: (pair[1]["when"], pair[0])):
        by_session[row["who"], row["visit"] if unit == "column" else ""].append((order, row))
    found = defaultdict(list)
    for (who, session), events in by_session.items():
        part, before, reached = 0, None, 0
        for order, row in events:
            if unit == "gap" and before is not None and row["when"] - before > gap:
                part, reached = part + 1, 0
            before = row["when"]
            name = TOUCHPOINT_OF[row["what"]]
            if name in FIXED:
                reached = max(reached, FIXED[name])
                node, base = name, None
            else:
                node, base = f"{name}@{STAGES[reached]}", name
            found[who].append(Visit(row["when"], order, node, base, (who, session, part), row["felt"]))
    return found


def latest(visits, at, window, base=None):
    near = [
        visit for visit in visits
        if visit.at <= at and (window is None or at - visit.at <= window) and base in {None, visit.base}
    ]  # fmt: skip
    return max(near, key=lambda visit: (visit.at, visit.order), default=None)


def oracle(answers, visits, *, window, several, known):
    """For each answer: its node, how it was found, and its journey."""
    found = []
    for row in answers:
        mine = visits.get(row["who"], [])
        at_time = latest(mine, row["at"], window)
        journey = row["who"] if row["who"] in visits else None
        if several:
            journey = at_time.journey if at_time else None
        name = TOUCHPOINT_OF.get(row["about"], row["about"])
        if name in {"phone", "chat"}:
            there = latest(mine, row["at"], window, base=name)
            found.append((there.node if there else name, "by_column", journey))
        elif name in known:
            found.append((name, "by_column", journey))
        elif name:
            found.append(("", "unknown", journey))
        elif window is None:
            found.append(("", "", journey))
        elif at_time:
            found.append((at_time.node, "by_time", journey))
        else:
            found.append(("", "too_late" if row["who"] in visits else "without_customer", journey))
    return found


def stage_of(node):
    if "@" in node:
        return node.rpartition("@")[2]
    return STAGES[FIXED[node]] if node in FIXED else ""


def totals(table, measure):
    counts = Counter()
    for row, value in zip(table.row, table.measures[measure], strict=True):
        counts[table.keys[row]] += value
    return counts
