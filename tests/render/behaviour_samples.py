"""Cohorts and panels that try a figure: small, large, nothing yet, ages of years, few customers."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import cache

from journeymap.events.activity import cohorts
from journeymap.metrics.behaviour import behaviour_panel
from journeymap.model.measures import Estimate
from tests.events.activity_logs import logged, naive


def lived_rows(months, customers, *, seed=1):
    """Customers who come in some month, return more and more seldom, and sometimes call."""
    dice = random.Random(seed)  # noqa: S311 - test data
    rows = []
    for number in range(customers):
        month = dice.randrange(months)
        while month < months:
            at = naive(2020 + month // 12, month % 12 + 1, dice.randint(1, 28), 12)
            rows.append((f"c{number}", dice.choice(["use", "use", "buy"]), at))
            if dice.random() < 0.1 + 0.2 * month / months:
                rows.append((f"c{number}", "call", at))
            month += 1
            while month < months and dice.random() < 0.35:
                month += 1
            if dice.random() < 0.15:
                break
    return rows


def whole(months, customers):
    end = naive(2020 + months // 12, months % 12 + 1, 1)
    return logged(lived_rows(months, customers)).between(naive(2020, 1, 1), end)


@cache
def some_cohorts(name):
    months, customers, options = {
        "months": (9, 400, {}),
        "three years": (36, 900, {}),
        "many weeks": (14, 400, {"period": "week", "active": ["use", "buy"]}),
        "two periods": (2, 60, {}),
        "few customers": (6, 14, {}),
        "spans": (6, 80, {"period": timedelta(days=14), "active": "buy"}),
        "one period": (1, 20, {}),
        "nothing": (1, 20, {}),
    }[name]
    if name == "nothing":
        return cohorts(logged(lived_rows(months, customers)).between(naive(2020, 1, 3), naive(2020, 1, 31)))
    return cohorts(whole(months, customers), **options)


COHORTS = (
    "months", "three years", "many weeks", "two periods", "few customers", "spans", "one period", "nothing",
)  # fmt: skip


@cache
def some_panel(name):
    kinds = {"purchase": "buy", "service": "call"}
    scores = {
        f"2020-{month:02d}": Estimate(value=0.1 * month - 0.5, low=0.1 * month - 0.6, high=0.1 * month - 0.4,
                                      n=200, customers=200)
        for month in (3, 5, 6, 7, 9)
    }  # fmt: skip
    if name == "year":
        return behaviour_panel(whole(12, 500), **kinds, scores=scores)
    if name == "weeks":
        return behaviour_panel(whole(24, 500), period="week", **kinds)
    if name == "plain":
        return behaviour_panel(whole(5, 40))
    if name == "one period":
        return behaviour_panel(whole(1, 20), **kinds)
    if name == "cut":
        return behaviour_panel(
            logged(lived_rows(6, 50)).between(naive(2020, 1, 9), naive(2020, 6, 20)), **kinds
        )
    assert name == "nothing"
    return behaviour_panel(logged(lived_rows(1, 20)).between(naive(2020, 1, 3), naive(2020, 1, 31)))


PANELS = ("year", "weeks", "plain", "one period", "cut", "nothing")
