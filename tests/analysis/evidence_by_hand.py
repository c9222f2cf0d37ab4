"""Journeys whose counts are made with numpy instead of from events: large ones, and many of them, quickly."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np

from journeymap.model.answers import Answers, Question
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey, Observation
from journeymap.model.measures import Estimate
from journeymap.model.stages import STANDARD_STAGES
from journeymap.model.touchpoints import Touchpoint, Visits

EPOCH = datetime(2024, 1, 1)  # noqa: DTZ001 - naive times, taken as given
HOUR = 3_600_000_000
STAGES = tuple(stage.id for stage in STANDARD_STAGES)


def table(name, columns, keys, measures):
    """An evidence table from arrays of keys by groups; cells without any count are left out."""
    arrays = {measure: np.asarray(counts) for measure, counts in measures.items()}
    some = np.any([counts != 0 for counts in arrays.values()], axis=0)
    rows, groups = np.nonzero(some)
    return EvidenceTable(
        name=name,
        groups=some.shape[1],
        key_columns=columns,
        keys=tuple(keys),
        row=tuple(rows.tolist()),
        group=tuple(groups.tolist()),
        measures={
            measure: tuple(np.rint(counts[some]).astype(np.int64).tolist())
            for measure, counts in arrays.items()
        },
    )


def buckets(medians, counts, rng, *, groups):
    """Log-normal times of every touchpoint as a histogram: its keys and counts."""
    keys, found = [], []
    for name, median, count in zip(counts, medians, counts.values(), strict=True):
        spans = median * rng.lognormal(0, 1, int(count.sum()))
        numbers = np.floor(8 * np.log2(spans + 1)).astype(int)
        of = np.repeat(np.arange(groups), count.astype(int))
        for bucket in np.unique(numbers):
            keys.append((name, str(bucket)))
            found.append(np.bincount(of[numbers == bucket], minlength=groups))
    return keys, np.array(found)


def journey_of(names, stages, *, goal, tables, services=(), owners=None, felt=None, answers=None):
    """An observed journey around evidence tables."""
    journeys = next(one for one in tables if one.name == "journeys").measures
    total = {name: sum(counts) for name, counts in journeys.items()}
    return Journey(
        name="By hand",
        origin="observed",
        goal=(goal,),
        touchpoints=tuple(
            Touchpoint(
                id=name,
                stage=stage,
                service=name in services or None,
                owner=(owners or {}).get(name),
                measured_feeling=(felt or {}).get(name),
                visits=Visits(
                    count=1, customers=1, journeys=1, entries=0, share=1.0, position=place / len(names)
                ),
            )
            for place, (name, stage) in enumerate(zip(names, stages, strict=True))
        ),
        observation=Observation(
            events=total["events"], customers=total["customers"], journeys=total["journeys"], start=EPOCH, end=EPOCH,
            won=total["won"], lost=total["lost"], open=total["open"], lost_after="0 seconds", lost_after_source="call",
            groups=tables[0].groups, observed_until=EPOCH,
        ),
        evidence=tuple(tables),
        answers=answers,
    )  # fmt: skip


def full_journey(*, touchpoints, groups, seed=1, leave=None):
    """A journey with every column and every table, so that all signals can be measured.

    100 touchpoints have about 380,000 visits, 700 transitions and histograms of about 75 buckets each.
    """
    rng = np.random.default_rng(seed)
    names = [f"t{place:03d}" for place in range(touchpoints)]
    stages = [STAGES[place * 5 // touchpoints] for place in range(touchpoints)]
    services = {name for place, name in enumerate(names[:-1]) if place % 4 == 3}
    shape = touchpoints, groups
    visits = rng.poisson(50, shape) + 10
    journeys = visits - rng.binomial(visits, 0.2)
    customers = journeys - rng.binomial(journeys, 0.05)
    lost = rng.binomial(journeys, 0.05)
    lost[-1] = 0
    goal = rng.binomial(journeys[-1], 0.9)

    def part(share, of):
        return rng.binomial(of, share)

    moves = visits - lost
    moves[-1] = 0
    edges, counts = [], []
    for place in range(touchpoints - 1):
        targets = np.unique(np.clip(place + rng.integers(-4, 6, 11), 0, touchpoints - 1))
        left = rng.multinomial(moves[place], np.full(targets.size, 1 / targets.size))
        edges += [(names[place], names[target]) for target in targets]
        counts += list(left.T)
    counts = np.array(counts)
    base = {
        "visits": visits, "customers": customers, "journeys": journeys, "entries": part(0.3, journeys),
        "lost": lost, "open": np.zeros(shape, int), "visits_before": visits, "journeys_before": journeys,
        "visits_closed": visits, "self_loops": part(0.05, visits), "repetitions": part(0.1, visits),
        "moves": moves, "regressions": part(0.05, moves), "rework_journeys": part(0.1, journeys),
        "waits": moves, "wait_us": moves * HOUR, "sojourn_us": visits * HOUR // 4,
        "completions": part(0.9, visits), "repeats_known": part(0.9, visits), "failures_known": part(0.9, visits),
        "handoff_pairs": part(0.8, moves),
    }  # fmt: skip
    base["entries_closed"] = base["entries"]
    base["goal"] = np.where(np.arange(touchpoints)[:, None] == touchpoints - 1, goal, 0)
    for name, of in (("not_completed", "completions"), ("repeated", "repeats_known"),
                     ("failures", "failures_known"), ("handoffs", "handoff_pairs")):  # fmt: skip
        base[name] = part(0.1, base[of])
    for name in ("self_loop", "repetition", "regression", "not_completed", "repeated", "failure", "handoff"):
        base[f"{name}_customers"] = base[name if name in base else f"{name}s"]
    waits = {name: moves[place] for place, name in enumerate(names[:-1])}
    stays = dict(zip(names, visits, strict=True))
    wait_keys, wait_counts = buckets(np.full(len(waits), float(HOUR)), waits, rng, groups=groups)
    stay_keys, stay_counts = buckets(np.full(len(stays), HOUR / 4), stays, rng, groups=groups)
    contacts = np.array(
        [visits[place] if name in services else np.zeros(groups, int) for place, name in enumerate(names)]
    )
    episodes = {
        "contacts": contacts, "contacts_watched": part(0.9, contacts), "contact_pairs": part(0.3, contacts),
        "journeys": journeys, "rage_journeys": part(0.02, journeys),
    }  # fmt: skip
    episodes["rage_customers"] = episodes["rage_journeys"]
    episodes["repeats"] = episodes["repeat_customers"] = part(0.2, episodes["contacts_watched"])
    episodes["channel_switches"] = episodes["switch_customers"] = part(0.2, episodes["contact_pairs"])
    total = {
        "journeys": journeys.max(axis=0) * 3, "customers": customers.max(axis=0) * 3, "events": visits.sum(axis=0),
        "won": goal, "lost": lost.sum(axis=0), "open": np.zeros(groups, int), "rework": journeys.max(axis=0) // 5,
    }  # fmt: skip
    tables = [
        table("touchpoints", ("touchpoint",), [(name,) for name in names], base),
        table("transitions", ("source", "target"), edges, {
            "count": counts, "customers": counts, "closed": counts, "wait_us": counts * HOUR, "below_median": counts // 2,
        }),
        table("waits", ("touchpoint", "bucket"), wait_keys, {"count": wait_counts}),
        table("sojourns", ("touchpoint", "bucket"), stay_keys, {"count": stay_counts}),
        table("episodes", ("touchpoint",), [(name,) for name in names], episodes),
        table("journeys", (), [()], {name: counts[None] for name, counts in total.items()}),
    ]  # fmt: skip
    felt = {
        name: Estimate(value=math.sin(place), low=math.sin(place) - 0.1, high=math.sin(place) + 0.1, n=500, customers=400)
        for place, name in enumerate(names)
    }  # fmt: skip
    return journey_of(
        names,
        stages,
        goal=names[-1],
        tables=tables,
        services=services,
        felt=felt,
        answers=efforts(names, groups, rng),
    )


def efforts(names, groups, rng, *, harder=(), answers=40):
    """Answers to one question about effort, version 2.0, at every touchpoint."""
    keys, counts = [], []
    for name in names:
        easy = 4 if name in harder else 5
        drawn = rng.poisson(answers / groups, groups)
        for value in (easy - 1, easy, easy + 1):
            keys.append(("easy", name, "", str(value)))
            counts.append(rng.binomial(drawn, 1 / 3))
    counts = np.array(counts)
    values = np.array([int(key[3]) for key in keys])[:, None]
    micro = 1_000_000
    return Answers(
        source="by hand", rows=int(counts.sum()), customers=int(counts.sum()),
        questions=(Question(column="easy", measure="ces", version="2.0"),),
        tables=(
            table("answers", ("question", "touchpoint", "segment", "value"), keys, {
                "answers": counts, "score": counts * values * micro, "score_squared": counts * values**2 * micro,
                "weight": counts * micro, "weight_squared": counts * micro,
            }),
        ),
    )  # fmt: skip
