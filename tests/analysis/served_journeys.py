"""Journeys with service contacts whose effect is known, and what would be counted of them, with numpy.

A journey is a row of touchpoints by number, in order, −1 after its end. Number 0 is service, 1 the goal.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from journeymap.model.journey import Journey
from tests.analysis.evidence_by_hand import EPOCH, HOUR, journey_of, table

HELP, GOAL = 0, 1
NAMES = ("help", "goal", "ad", "easy", "hard", "sign_up", "use")
AD, EASY, HARD, SIGN_UP, USE = range(2, 7)
STAGES = ("post_purchase", "loyalty", "discovery", "evaluation", "evaluation", "purchase", "post_purchase")
GROUPS = 64
TENURES = ("1", "2-3", "4-7", "8+")
BINS = 27

DETOUR = {AD: 0.05, EASY: 0.05, HARD: 0.3, SIGN_UP: 0.1, USE: 0.25}
WAYS = {
    AD: {EASY: 0.45, HARD: 0.25, -1: 0.3},
    EASY: {EASY: 0.1, HARD: 0.1, SIGN_UP: 0.6, -1: 0.2},
    HARD: {HARD: 0.1, EASY: 0.2, SIGN_UP: 0.2, -1: 0.5},
    SIGN_UP: {USE: 0.9, -1: 0.1},
    USE: {USE: 0.3, GOAL: 0.6, -1: 0.1},
}


def detours(rng, customers, *, turns=16):
    """A chain in which a contact changes nothing: afterwards customers go on as if it had not been."""
    paths = np.full((customers, turns), -1)
    state, served = np.full(customers, AD), np.zeros(customers, bool)
    paths[:, 0] = AD
    leaves_more = rng.choice([0.0, 0.3], customers)  # nobody knows who
    for turn in range(1, turns):
        asks = np.isin(state, list(DETOUR)) & ~served
        asks &= rng.random(customers) < np.vectorize(lambda s: DETOUR.get(s, 0.0))(state)
        moved = np.full(customers, -1)
        for of, ways in WAYS.items():
            here = (state == of) & ~asks
            moved[here] = rng.choice(list(ways), here.sum(), p=list(ways.values()))
        moved[rng.random(customers) < leaves_more] = -1
        moved[state == GOAL] = -1
        paths[:, turn] = np.where(state < 0, -1, np.where(asks, HELP, moved))
        # who asks stays where they are, and may leave on the next turn like everybody else
        state, served = np.where(asks, state, moved), asks
    paths[np.cumsum(paths < 0, axis=1) > 0] = -1
    return paths, _hourly(paths)


def lifetimes(rng, customers, *, months=12):
    """Customers use something every month while they stay, ask by chance at any time, renew after a year."""
    stay = rng.exponential(10, customers)[:, None]
    use = np.arange(months) * np.ones((customers, 1))
    ask = use + rng.random(use.shape)
    asks = (rng.random(use.shape) < 0.1) & (ask < stay)
    return _in_order(use, use < stay, ask, asks, np.where(stay > months, GOAL, -1), months)


def paces(rng, customers, *, months=12, uses=0, most=30):
    """As `lifetimes`, but some use it often and some rarely; the goal is renewal, or the n-th use.

    Who comes rarely has more time to ask between two visits, and comes to the n-th use later, if at all.
    """
    stay = np.minimum(rng.exponential(10, customers), np.inf)[:, None]
    pace = rng.choice([0.5, 1.0, 2.0], customers)[:, None]
    gaps = rng.exponential(1 / pace, (customers, most))
    gaps[:, 0] = 0
    use = np.cumsum(gaps, axis=1)
    there = (use < stay) & (use < months)
    ask = use + rng.exponential(10, use.shape)
    following = np.concatenate([use[:, 1:], np.full((customers, 1), np.inf)], axis=1)
    asks = there & (ask < following) & (ask < stay) & (ask < months)
    if not uses:
        return _in_order(use, there, ask, asks, np.where(stay > months, GOAL, -1), months)
    paths, times = _in_order(use, there, ask, asks, np.full((customers, 1), -1), months)
    number = np.cumsum(paths == USE, axis=1)
    over = (number > uses) | ((number == uses) & (paths == HELP))
    paths[(number == uses) & (paths == USE)] = GOAL
    paths[over] = -1
    return paths, times


def _in_order(use, there, ask, asks, goal, months):
    """Put uses and questions in order; times are in hours."""
    size = len(use)
    events = np.stack([np.where(there, USE, -1), np.where(asks, HELP, -1)], axis=2).reshape(size, -1)
    times = np.stack([use, ask], axis=2).reshape(size, -1)
    paths = np.concatenate([events, goal], axis=1)
    times = np.concatenate([times, np.full((size, 1), float(months))], axis=1)
    order = np.argsort(paths < 0, axis=1, kind="stable")
    return np.take_along_axis(paths, order, axis=1), 720 * np.take_along_axis(times, order, axis=1)


def planted(rng, journeys, customer, *, gain):
    """After sign-up some ask, more of those for whom it was hard; that adds `gain` to the chance of the goal."""
    hard = rng.random(journeys) < 0.5
    asks = rng.random(journeys) < np.where(hard, 0.45, 0.15)
    liking = rng.uniform(-0.15, 0.15, customer.max() + 1)[customer]
    wins = rng.random(journeys) < np.where(hard, 0.3, 0.6) + liking + gain * asks
    sign_up = rng.random(journeys) < 0.8
    paths = np.full((journeys, 5), -1)
    paths[:, 0] = np.where(hard, HARD, EASY)
    paths[:, 1] = np.where(sign_up, np.where(hard, SIGN_UP, USE), -1)
    paths[:, 2] = np.where(sign_up & asks, HELP, -1)
    paths[:, 3] = np.where(sign_up, AD, -1)
    paths[:, 4] = np.where(sign_up & wins, GOAL, -1)
    order = np.argsort(paths < 0, axis=1, kind="stable")
    return np.take_along_axis(paths, order, axis=1), _hourly(paths)


def _hourly(paths):
    return np.arange(paths.shape[1]) * np.ones((len(paths), 1))


def design():
    """The map on which the events of a simulation are put."""
    return Journey(
        name="Served", goal="goal", lost_after="0 seconds",
        touchpoints=[
            {"id": name, "stage": stage, "service": name == "help" or None}
            for name, stage in zip(NAMES, STAGES, strict=True)
        ],
    )  # fmt: skip


def events(walked, customer):
    """The same journeys as a table of events, all of them over at the end."""
    paths, times = walked
    who, turn = np.nonzero(paths >= 0)
    return pa.table({
        "customer": [f"c{number}" for number in customer[who].tolist()],
        "journey": [f"j{number}" for number in who.tolist()],
        "event": [NAMES[state] for state in paths[who, turn].tolist()],
        "time": pa.array(np.datetime64(EPOCH) + _microseconds(times)[who, turn].astype("timedelta64[us]")),
    })  # fmt: skip


def _microseconds(times):
    return np.rint(times * HOUR).astype(np.int64)


def counted(walked, customer=None):
    """The observed journey with the tables of `point_tables`, points told apart however few share them."""
    paths, times = walked
    customer = np.arange(len(paths)) if customer is None else customer
    group = customer % GROUPS
    turns = paths.shape[1]
    goal = np.where((paths == GOAL).any(axis=1), (paths == GOAL).argmax(axis=1), turns)
    place = np.arange(turns)
    contact = (paths == HELP) & (place < goal[:, None])
    first = np.where(contact.any(axis=1), contact.argmax(axis=1), turns)
    last = np.where(contact.any(axis=1), turns - 1 - contact[:, ::-1].argmax(axis=1), -1)
    again = np.stack([(paths[:, :t] == paths[:, t : t + 1]).any(axis=1) for t in range(turns)], axis=1)
    struggled = np.cumsum(again, axis=1) > 0
    won, size = goal < turns, (paths >= 0).sum(axis=1)
    who, at = np.nonzero((paths > GOAL) & (place < np.minimum(goal, first)[:, None]))
    tenure = np.digitize(at, [1, 3, 7])
    asked = at + 1 == first[who]
    waits = np.diff(_microseconds(times), axis=1, append=0)[who, at]
    goes = size[who] > at + 1
    waited = np.where(goes, np.floor(np.log2(np.maximum(waits, 0) / 1e6 + 1)), BINS - 1).astype(int)
    code = (((paths[who, at] * 4 + tenure) * 2 + struggled[who, at]) * BINS + waited) * 2 + asked
    kind, asked_there = code // (2 * BINS), np.zeros(len(NAMES) * 8, bool)
    asked_there[kind[asked]] = True
    who, at, code, asked, goes = (part[asked_there[kind]] for part in (who, at, code, asked, goes))
    codes, row = np.unique(code, return_inverse=True)

    def by(mask):
        cells = (row * GROUPS + group[who])[mask]
        return np.bincount(cells, minlength=codes.size * GROUPS).reshape(-1, GROUPS)

    measures = {
        "points": by(at >= 0), "closed": by(at >= 0), "won": by(won[who]), "went_on": by(goes),
        "later": by(~asked & (last[who] > at)),
    }  # fmt: skip
    people = np.unique(np.stack([row, customer[who]]), axis=1)
    people = np.bincount(people[0] * GROUPS + people[1] % GROUPS, minlength=codes.size * GROUPS)
    measures["customers"] = people.reshape(-1, GROUPS)
    points = measures | dict.fromkeys(("watched", "watched_on", "retained", "felt"), measures["won"] * 0)
    keys = [
        (NAMES[c // (16 * BINS)], TENURES[c // (4 * BINS) % 4], "01"[c // (2 * BINS) % 2], "",
         "" if c // 2 % BINS == BINS - 1 else str(c // 2 % BINS), ("", "help")[c % 2])
        for c in codes.tolist()
    ]  # fmt: skip
    sides = [(first < turns) == side for side in (False, True)]
    ends = {
        name: np.stack([np.bincount(group[side & mask], minlength=GROUPS) for side in sides])
        for name, mask in {"journeys": size > 0, "closed": size > 0, "won": won}.items()
    }
    ends["customers"] = np.stack(
        [np.bincount(np.unique(customer[side]) % GROUPS, minlength=GROUPS) for side in sides]
    )
    nothing = dict.fromkeys(("watched", "retained", "felt"), ends["won"] * 0)
    every = np.bincount(np.unique(customer) % GROUPS, minlength=GROUPS)
    total = {"journeys": np.bincount(group, minlength=GROUPS), "customers": every, "won": ends["won"].sum(axis=0),
             "events": np.bincount(group, weights=size, minlength=GROUPS), "open": every * 0}  # fmt: skip
    total["lost"] = total["journeys"] - total["won"]
    tables = [
        table("journeys", (), [()], {name: counts[None] for name, counts in total.items()}),
        table("service_points", ("touchpoint", "tenure", "struggled", "segment", "waited", "contact"), keys, points),
        table("landmarks", ("landmark", "before", "contact"), [("@start", "0", ""), ("@start", "0", "help")],
              ends | nothing),
        table("point_rules", ("rule",), [("retained_after",), ("min_customers",)], {"value": np.array([[1], [1]])}),
    ]  # fmt: skip
    return journey_of(NAMES, STAGES, goal="goal", tables=tables, services={"help"})
