"""Many customers walking through a journey whose truth is known, and what would be counted of them, with numpy.

One customer is one journey. Touchpoints of a stage have the same ways in and out, but for what is planted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from tests.analysis.evidence_by_hand import EPOCH, HOUR, STAGES, buckets, efforts, journey_of, table

GROUPS = 64
LEAVES, STAYS, AROUND, BACK = 0.06, 0.04, 0.35, 0.05
LONGEST = 60
GOAL = "done"


class Simulated(NamedTuple):
    """Who went where: rows of state numbers, −1 after the end."""

    names: list[str]
    stages: list[str]
    services: set[str]
    paths: np.ndarray


def ways(stages, names, *, leaves):
    """Where customers go from each touchpoint, with which probability: columns are touchpoints, goal, lost."""
    size = len(names)
    table = np.zeros((size, size + 2))
    places = {stage: [i for i, of in enumerate(stages) if of == stage] for stage in dict.fromkeys(stages)}
    order = list(places)
    for place, stage in enumerate(stages):
        rank = order.index(stage)
        here = [other for other in places[stage] if other != place]
        ahead = places[order[rank + 1]] if rank + 1 < len(order) else [size]
        behind = places[order[rank - 1]] if rank else here
        # who does not leave goes on as from everywhere else
        kept = 1 - leaves[place]
        table[place, -1] = leaves[place]
        table[place, place] += kept * STAYS
        table[place, here] += kept * AROUND / len(here)
        table[place, behind] += kept * BACK / len(behind)
        table[place, ahead] += (1 - table[place].sum()) / len(ahead)
    return table


def simulated(seed, *, customers, per_stage=5, services=2, spread=0.0, planted=None):
    """Let customers walk; `planted` maps the number of a touchpoint to what is added to its exits."""
    rng = np.random.default_rng(seed)
    stages = [stage for stage in STAGES for _ in range(per_stage)]
    names = [f"t{place:02d}" for place in range(len(stages))]
    leaves = LEAVES + spread * rng.standard_normal(len(names)).clip(-2, 2)
    for place, more in (planted or {}).items():
        leaves[place] += more
    reach = np.cumsum(ways(stages, names, leaves=leaves), axis=1)
    state = rng.integers(0, per_stage, customers)
    paths = np.full((customers, LONGEST), -1)
    for turn in range(LONGEST):
        paths[:, turn] = state
        on = (state >= 0) & (state < len(names))
        draws = rng.random(customers)
        moved = (draws[:, None] >= reach[np.where(on, state, 0)]).sum(axis=1)
        state = np.where(on, np.where(moved > len(names), -1, moved), -1)
    return Simulated(
        [*names, GOAL],
        [*stages, STAGES[-1]],
        {name for place, name in enumerate(names) if place % per_stage >= per_stage - services},
        paths,
    )


def design(walked):
    """The map on which the events of a simulation are put."""
    return Journey(
        name="Simulated",
        goal=GOAL,
        lost_after="0 seconds",
        touchpoints=[
            {"id": name, "stage": stage, "service": name in walked.services or None}
            for name, stage in zip(walked.names, walked.stages, strict=True)
        ],
    )


def events(walked):
    """The same customers as a table of events, an hour apart."""
    who, turn = np.nonzero(walked.paths >= 0)
    return pa.table({
        "customer": [f"c{number}" for number in who.tolist()],
        "event": [walked.names[state] for state in walked.paths[who, turn].tolist()],
        "time": pa.array(np.datetime64(EPOCH) + turn.astype("timedelta64[h]").astype("timedelta64[us]")),
    })  # fmt: skip


def counted(walked, seed, *, everything=True):
    """The observed journey of a simulation, with every column and table where `everything` is asked for.

    What is recorded of single visits (repeated, failed, not completed, another agent, episodes, feelings, efforts) comes
    equally often everywhere, but some customers have it more often than others.
    """
    rng = np.random.default_rng(seed + 1_000_000)
    paths, size = walked.paths, len(walked.names)
    customers = len(paths)
    group = np.arange(customers) % GROUPS
    who, turn = np.nonzero(paths >= 0)
    at = paths[who, turn]
    last = turn + 1 == (paths >= 0).sum(axis=1)[who]
    following = np.where(last, -1, paths[who, np.minimum(turn + 1, LONGEST - 1)])
    won = (paths == size - 1).any(axis=1)
    ranks = np.array([STAGES.index(stage) for stage in walked.stages])

    def by(mask, places=at, people=who):
        return np.bincount(places[mask] * GROUPS + group[people[mask]], minlength=size * GROUPS).reshape(
            size, GROUPS
        )

    def distinct(mask):
        pairs = np.unique(np.stack([at[mask], who[mask]]), axis=1)
        return by(np.ones(pairs.shape[1], bool), pairs[0], pairs[1])

    everywhere = np.ones(at.size, bool)
    loops, moves = following == at, ~last
    back = moves & (ranks[np.maximum(following, 0)] < ranks[at])
    visits = np.zeros((customers, size), int)
    np.add.at(visits, (who, at), 1)
    own_loops = np.zeros((customers, size), int)
    np.add.at(own_loops, (who[loops], at[loops]), 1)
    again = np.maximum(visits - own_loops - 1, 0) * (visits > 0)

    def per_group(matrix):
        return np.array([np.bincount(group, weights=column, minlength=GROUPS) for column in matrix.T])

    base = {
        "visits": by(everywhere), "customers": per_group(visits > 0), "journeys": per_group(visits > 0),
        "entries": by(turn == 0), "entries_closed": by(turn == 0), "lost": by(last & ~won[who]),
        "open": np.zeros((size, GROUPS)), "goal": by(last & won[who]), "visits_before": by(at < size - 1),
        "journeys_before": per_group(visits[:, :] > 0), "visits_closed": by(at < size - 1),
        "self_loops": by(loops), "self_loop_customers": distinct(loops), "repetitions": per_group(again),
        "repetition_customers": per_group(again > 0), "moves": by(moves), "regressions": by(back),
        "regression_customers": distinct(back), "rework_journeys": per_group(visits > 1), "waits": by(moves),
    }  # fmt: skip
    base["journeys_before"][-1] = 0
    edges = np.bincount(
        (at[moves] * size + following[moves]) * GROUPS + group[who[moves]], minlength=size * size * GROUPS
    ).reshape(size * size, GROUPS)
    used = np.flatnonzero(edges.any(axis=1))
    keys = [(walked.names[edge // size], walked.names[edge % size]) for edge in used]
    flows = edges[used]
    tables_of = {
        "transitions": (("source", "target"), keys, {
            "count": flows, "customers": flows, "closed": flows, "wait_us": flows * HOUR, "below_median": flows // 2,
        }),
        "journeys": ((), [()], {
            "journeys": np.bincount(group, minlength=GROUPS)[None], "customers": np.bincount(group, minlength=GROUPS)[None],
            "events": base["visits"].sum(axis=0)[None], "won": np.bincount(group[won], minlength=GROUPS)[None],
            "lost": np.bincount(group[~won], minlength=GROUPS)[None], "open": np.zeros((1, GROUPS)),
            "rework": np.bincount(group[(visits > 1).any(axis=1)], minlength=GROUPS)[None],
        }),
    }  # fmt: skip
    base["wait_us"] = base["waits"] * HOUR
    base["sojourn_us"] = base["visits"] * (HOUR // 4)
    spans = dict(zip(walked.names, base["waits"], strict=True))
    tables_of["waits"] = (("touchpoint", "bucket"), *_times(spans, HOUR, rng))
    extra = {}
    if everything:
        stays = dict(zip(walked.names, base["visits"], strict=True))
        tables_of["sojourns"] = (("touchpoint", "bucket"), *_times(stays, HOUR / 4, rng))
        prone = rng.beta(2, 18, customers)  # some customers have trouble more often
        service = np.isin(at, [i for i, name in enumerate(walked.names) if name in walked.services])
        flags = {
            "not_completed": ("completions", everywhere), "repeated": ("repeats_known", everywhere),
            "failures": ("failures_known", everywhere), "handoffs": ("handoff_pairs", moves),
        }  # fmt: skip
        for name, (known, chance) in flags.items():
            hit = chance & (rng.random(at.size) < prone[who])
            base[known], base[name] = by(chance), by(hit)
            base[{"failures": "failure", "handoffs": "handoff"}.get(name, name) + "_customers"] = distinct(
                hit
            )
        hits = {
            name: service & (rng.random(at.size) < prone[who]) for name in ("repeats", "channel_switches")
        }
        rage = distinct(rng.random(at.size) < 0.01)
        tables_of["episodes"] = (("touchpoint",), [(name,) for name in walked.names], {
            "contacts": by(service), "contacts_watched": by(service), "repeats": by(hits["repeats"]),
            "repeat_customers": distinct(hits["repeats"]), "contact_pairs": by(service),
            "channel_switches": by(hits["channel_switches"]), "switch_customers": distinct(hits["channel_switches"]),
            "journeys": base["journeys"], "rage_journeys": rage, "rage_customers": rage,
        })  # fmt: skip
        extra = {"felt": _felt(walked, base, rng), "answers": efforts(walked.names, GROUPS, rng, answers=200)}
    tables_of = {"touchpoints": (("touchpoint",), [(name,) for name in walked.names], base), **tables_of}
    tables = [table(name, *rest) for name, rest in tables_of.items()]
    return journey_of(
        walked.names, walked.stages, goal=GOAL, tables=tables, services=walked.services, **extra
    )


def _times(counts, median, rng):
    some = {name: of for name, of in counts.items() if of.sum()}
    keys, found = buckets(np.full(len(some), float(median)), some, rng, groups=GROUPS)
    return keys, {"count": found}


def _felt(walked, base, rng):
    felt = {}
    for name, visits in zip(walked.names, base["visits"].sum(axis=1), strict=True):
        answered = max(int(visits // 5), 2)
        error = 1.0 / np.sqrt(answered)
        mean = 0.5 + error * rng.standard_normal()
        felt[name] = Estimate(
            value=mean, low=mean - 2 * error, high=mean + 2 * error, n=answered, customers=answered
        )
    return felt
