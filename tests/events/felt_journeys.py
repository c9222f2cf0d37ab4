"""Logs of customers with feelings, whose truth is known, and what an oracle counts of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from journeymap.events.log import EventLog
from journeymap.model.journey import Journey

START = datetime(2024, 5, 1)  # noqa: DTZ001 - naive times, taken as given
COLUMNS = ("who", "what", "when", "visit", "felt")
PLACES: dict[str, str | None] = {
    "see": "discovery", "choose": "evaluation", "pay": "purchase", "use": "post_purchase",
    "renew": "loyalty", "chat": None, "repair": "post_purchase",
}  # fmt: skip
SERVICE = {"chat", "repair"}
STAGES = ["discovery", "evaluation", "purchase", "post_purchase", "loyalty"]

DESIGN = Journey(
    name="Club", goal="renew", lost_after="0 seconds",
    touchpoints=[
        {"id": name, "stage": stage, "service": {"handler": "human"} if name in SERVICE else None}
        for name, stage in PLACES.items()
    ],
)  # fmt: skip


def log_of(rows, *, journeys=False) -> EventLog:
    """Put rows into a log."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    table = pa.table(dict(zip(COLUMNS, columns, strict=True)))
    table = table.set_column(4, "felt", table["felt"].cast(pa.float64()))
    return EventLog(
        table, customer_col="who", event_col="what", time_col="when", feeling_col="felt",
        journey_col="visit" if journeys else None,
    )  # fmt: skip


def random_rows(seed: int, customers: int = 40):
    """Draw customers who wander about, some with two journeys, many without a word on how they felt."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        for visit in range(rng.integers(1, 3)):
            at = START + timedelta(days=int(rng.integers(0, 20)), seconds=int(rng.integers(0, 80_000)))
            for _ in range(rng.integers(1, 9)):
                what = str(rng.choice(list(PLACES), p=[0.2, 0.15, 0.15, 0.15, 0.08, 0.17, 0.1]))
                felt = float(rng.integers(-4, 5)) / 2 if rng.random() < 0.7 else None
                rows.append((f"c{customer}", what, at, f"v{visit}", felt))
                at += timedelta(minutes=int(rng.integers(1, 3000)))
    return rows


def looks(rows, *, poor_below=0.0, good_above=0.0):
    """Look at each journey at every stage that it reaches: (stage, experience, service, won, final)."""
    by_journey = defaultdict(list)
    for row in rows:
        by_journey[row[0], row[3]].append(row)
    found, felt, contacts = [], [], []
    for (customer, _), events in by_journey.items():
        events.sort(key=lambda row: row[2])
        names = [row[1] for row in events]
        won = int("renew" in names)
        before = events[: names.index("renew")] if won else events
        outside = [x for _, what, _, _, x in before if what not in SERVICE and x is not None]
        mean = sum(outside) / len(outside) if outside else None
        experience = "unknown" if mean is None else "good" if mean > good_above else "bad"
        found += [(customer, *look) for look in _looks(before, experience, won, poor_below)]
        if feelings := [row[4] for row in before if row[4] is not None]:
            good = sum(max(x, 0) for x in feelings) / len(feelings)
            bad = sum(max(-x, 0) for x in feelings) / len(feelings)
            felt.append((good, bad, won))
        if any(what in SERVICE and x is not None for _, what, _, _, x in before):
            contacts.append((customer, *_contact(before, poor_below), experience, won))
    return found, felt, contacts


def _contact(before, poor_below):
    """Look at the felt contacts of a journey: (stage before the first, service by the mean, the first)."""
    reached, inside, stage = 0, [], None
    for _, what, _, _, x in before:
        if what not in SERVICE:
            reached = max(reached, STAGES.index(PLACES[what]))
        elif x is not None:
            stage = STAGES[reached] if stage is None else stage
            inside.append(x)
    return stage, *("poor" if x < poor_below else "good" for x in (sum(inside) / len(inside), inside[0]))


def contact_cells(contacts, *, min_customers: int):
    """Count the journeys with a felt contact by stage, experience, service and first; small stages together."""
    who = defaultdict(set)
    for customer, stage, *_ in contacts:
        who[stage].add(customer)
    counts = defaultdict(Counter)
    customers = defaultdict(set)
    for customer, stage, service, first, experience, won in contacts:
        key = (stage if len(who[stage]) >= min_customers else "other", experience, service, first)
        counts[key].update(journeys=1, won=won)
        customers[key].add(customer)
    return {key: {**count, "customers": len(customers[key])} for key, count in counts.items()}


def _looks(before, experience, won, poor_below):
    reached, stages = 0, defaultdict(list)
    for _, what, _, _, felt in before:
        if what not in SERVICE:
            reached = max(reached, STAGES.index(PLACES[what]))
        stages[reached].append((what, felt))
    contacts = []
    for stage in sorted(stages):
        contacts += [felt for what, felt in stages[stage] if what in SERVICE]
        poor = any(felt is not None and felt < poor_below for felt in contacts)
        if poor:
            service = "poor"
        elif None in contacts:
            service = "unknown"
        else:
            service = "good" if contacts else "none"
        yield STAGES[stage], experience, service, won, int(poor or stage == max(stages))
        if poor:
            return


def cells(found, *, min_customers: int):
    """Count the looks by stage, experience and service; small stages together."""
    who = defaultdict(set)
    for customer, stage, *_ in found:
        who[stage].add(customer)
    counts = defaultdict(Counter)
    for customer, stage, experience, service, won, final in found:
        key = (stage if len(who[stage]) >= min_customers else "other", experience, service)
        counts[key].update(journeys=1, won=won, final=final, final_won=final * won)
        counts[key]["customers", customer] = 1
        if final:
            counts[key]["final_customers", customer] = 1
    return {
        key: {
            **{name: count[name] for name in ("journeys", "won", "final", "final_won")},
            **{name: sum(n for k, n in count.items() if isinstance(k, tuple) and k[0] == name)
               for name in ("customers", "final_customers")},
        }
        for key, count in counts.items()
    }  # fmt: skip


def club(seed: int, *, customers: int, harm: float, weight: float = 0.06) -> EventLog:
    """Draw customers of a club who all feel well outside service; a poor contact lowers the chance to go on.

    At every stage a customer may call, and then goes on with a chance that a poor call lowers by `harm`;
    `weight` is what one point of feeling outside service adds to the chance.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        at = START + timedelta(seconds=int(rng.integers(0, 10**6)))
        for place in ("see", "choose", "pay", "use", "renew"):
            felt = float(np.clip(rng.normal(0.8, 0.7), -2, 2))
            rows.append((f"c{customer}", place, at, "v", round(felt, 2)))
            at += timedelta(hours=1)
            chance = 0.75 + weight * felt
            if place != "renew" and rng.random() < 0.25:
                poor = rng.random() < 0.4
                rows.append((f"c{customer}", "chat", at, "v", -1.5 if poor else 1.0))
                at += timedelta(hours=1)
                chance -= harm * poor
            if rng.random() > chance:
                break
    return log_of(rows)
