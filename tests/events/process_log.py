"""A log such as process mining has, and what pandas counts in it, without a line of the library."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

CASE, EVENT, LIFECYCLE, TIME, RESOURCE = (
    "case:concept:name", "concept:name", "lifecycle:transition", "time:timestamp", "org:resource",
)  # fmt: skip
COLUMNS = {"customer_col": CASE, "event_col": EVENT, "time_col": TIME}
ZONE = ZoneInfo("Europe/Amsterdam")
# clocks went back on 30 October 2011 and forward on 25 March 2012
_CHANGES = (datetime(2011, 10, 29, 23, tzinfo=UTC), datetime(2012, 3, 24, 23, tzinfo=UTC))
_NAMES = ("A_SUBMITTED", "A_PARTLYSUBMITTED", "W_Completeren aanvraag", "W_Nabellen offertes", "O_SENT", "NA")
GOAL = "A_ACTIVATED"
_STEPS = (0, 0, 0, 0, 1, 1, 5, 60, 3_600, 86_400, 2_592_000)


def process_log(cases: int, seed: int) -> pd.DataFrame:
    """Draw events in no order at all: most of a case at the same second, some finer than a second."""
    dice = random.Random(seed)  # noqa: S311 - no secrets here
    rows = []
    for case in range(cases):
        start = dice.choice(_CHANGES) if dice.random() < 0.5 else datetime(2011, 10, 1, tzinfo=UTC)
        time = start + timedelta(
            seconds=dice.randrange(4 * 3_600) if start in _CHANGES else dice.randrange(10**7)
        )
        for _ in range(dice.randint(1, 9)):
            name = GOAL if dice.random() < 0.06 else dice.choice(_NAMES)
            stations = ("SCHEDULE", "START", "COMPLETE") if name.startswith("W_") else ("COMPLETE",)
            for station in stations:
                time += timedelta(seconds=dice.choice(_STEPS))
                if dice.random() < 0.1:
                    time += timedelta(microseconds=dice.randrange(1_000_000))
                resource = None if dice.random() < 0.2 else float(dice.randint(10_100, 11_400))
                rows.append((173_688 + case, name, station, time, resource))
    dice.shuffle(rows)
    frame = pd.DataFrame(rows, columns=[CASE, EVENT, LIFECYCLE, TIME, RESOURCE])
    frame[TIME] = pd.to_datetime(frame[TIME], utc=True).astype("datetime64[us, UTC]")
    return frame


def micros(times: pd.Series) -> pd.Series:
    """Count the microseconds since 1970."""
    return times.astype("datetime64[us, UTC]").astype("int64")


def counted_by_pandas(
    frame: pd.DataFrame, *, lost_after: str, goal: str = GOAL, event: str = EVENT, end: str = TIME
) -> dict:
    """Count what a journey tells; `frame` has instants, and its rows stand in the order of the source."""
    columns = {"case": frame[CASE].astype(str), "event": frame[event].astype(str)}
    table = pd.DataFrame({**columns, "t": micros(frame[TIME]), "ended": micros(frame[end])})
    table = table.sort_values(["case", "t"], kind="stable", ignore_index=True)
    by_case = table.groupby("case", sort=False)
    table["next"] = by_case["event"].shift(-1)
    table["wait"] = (by_case["t"].shift(-1) - table["ended"]).clip(lower=0)
    moves = table.dropna(subset=["next"]).groupby(["event", "next"])
    last = table[table["next"].isna()].set_index("case")
    won = table[table["event"] == goal]["case"].unique()
    silent = last["t"] <= table["t"].max() - pd.Timedelta(lost_after) // pd.Timedelta("1us")
    how = pd.Series("open", index=last.index).mask(silent, "lost").mask(last.index.isin(won), "goal")
    visits = table.groupby("event")
    return {
        "events": len(table),
        "customers": table["case"].nunique(),
        "ends": {(name, way): n for (name, way), n in last.groupby(["event", how]).size().items()},
        "starts": by_case["event"].first().value_counts().to_dict(),
        "visits": visits.size().to_dict(),
        "visitors": visits["case"].nunique().to_dict(),
        "count": moves.size().to_dict(),
        "movers": moves["case"].nunique().to_dict(),
        "mean": _spans(moves["wait"].mean()),
        "median": _spans(moves["wait"].quantile(0.5)),
        "p90": _spans(moves["wait"].quantile(0.9)),
    }


def _spans(values: pd.Series) -> dict:
    return {pair: timedelta(microseconds=value) for pair, value in values.items()}


def told_by(journey) -> dict:
    """Write an observed journey in the same way."""
    seen = {touchpoint.id: touchpoint.visits for touchpoint in journey.touchpoints if touchpoint.visits}
    edges = {(one.source, one.target): one for one in journey.transitions}
    kinds = ("lost", "open", "goal")
    return {
        "events": journey.observation.events,
        "customers": journey.observation.customers,
        "ends": {(n, how): getattr(v, how) for n, v in seen.items() for how in kinds if getattr(v, how)},
        "starts": {name: visits.entries for name, visits in seen.items() if visits.entries},
        "visits": {name: visits.count for name, visits in seen.items()},
        "visitors": {name: visits.customers for name, visits in seen.items()},
        "count": {pair: one.count for pair, one in edges.items()},
        "movers": {pair: one.customers for pair, one in edges.items()},
        "mean": {pair: one.wait.mean for pair, one in edges.items()},
        "median": {pair: one.wait.median for pair, one in edges.items()},
        "p90": {pair: one.wait.p90 for pair, one in edges.items()},
    }
