"""Which ways do journeys go as a whole, how often, and with what success?"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.counts import counts_by_group, evidence_table, goal_touchpoints, refuse_graph_alone
from journeymap.metrics.flow import MICROSECONDS, share_estimate
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.stats.jackknife import group_jackknife, leave_one_out
from journeymap.stats.sequences import complexity_index
from journeymap.stats.shares import effective_size
from journeymap.stats.shrinkage import BetaPrior, fit_beta_prior, shrink

__all__ = ["Variant", "Variants", "variants"]

Counts = NDArray[np.float64]

_MERGED = "*"
_SHOWN = 5
_IN_HTML = 30
_SHARE = "journeys that go this way before the goal / journeys"
_RATE = "won journeys / won and lost journeys, of those that go this way before the goal"
_SHRUNK = f"{_RATE}; pulled towards the rates of the other ways as far as its own counts leave it uncertain"
_DURATION = "mean seconds from the first event to the goal, or to the last event of a lost journey"
_COLUMNS = (
    "path", "merged", "journeys", "customers", "won", "lost", "open", "share", "share_low", "share_high",
    "coverage", "goal_rate", "goal_rate_low", "goal_rate_high", "shrunk_goal_rate", "shrunk_goal_rate_low",
    "shrunk_goal_rate_high", "mean_duration_seconds", "mean_duration_seconds_low",
    "mean_duration_seconds_high", "complexity",
)  # fmt: skip
_HEADS = (
    "way before the goal",
    "journeys",
    "share",
    "coverage",
    "won",
    "lost",
    "open",
    "goal rate",
    "shrunk",
)


class Variant(Frozen):
    """One way that journeys go before the goal, or all rare ways together.

    Parameters
    ----------
    path : tuple of str
        Touchpoints from the first visit to the last one before the goal; empty where the goal is the first
        event, and for the rare ways.
    names : tuple of str
        The same by their names on figures.
    merged : bool
        Whether these are the rare ways, and those of more than 60 visits, in one.
    journeys, won, lost, open : int
        How many journeys go this way, and how they end.
    customers : int
        Of how many customers; one whose journeys end in different ways counts for each.
    share : Estimate
        The share of all journeys, 0 to 1.
    coverage : float
        The share of all journeys that go this way or one of those before it in the list.
    goal_rate : Estimate
        Won / (won + lost); open journeys are `censored`. Without value where nothing is decided, or without
        a goal.
    shrunk_goal_rate : Estimate
        The same, pulled towards the other ways; without value for the rare ones, and where there are fewer
        than two ways to compare.
    mean_duration : Estimate
        Seconds to the goal, or to the last event where the journey is lost.
    complexity : float, optional
        How involved the way is, 0 to 1; None for the rare ones.
    """

    path: tuple[str, ...]
    names: tuple[str, ...] = ()
    merged: bool = False
    journeys: int
    won: int
    lost: int
    open: int
    customers: int
    share: Estimate
    coverage: float
    goal_rate: Estimate
    shrunk_goal_rate: Estimate
    mean_duration: Estimate
    complexity: float | None = None

    @property
    def name(self) -> str:
        """The way in one line."""
        if self.merged:
            return "all rarer ways"
        return " → ".join(self.names or self.path) or "the goal at once"

    @property
    def quoted(self) -> str:
        """The way in one line for a sentence, every touchpoint in quotes."""
        if self.merged or not (names := self.names or self.path):
            return self.name
        return " → ".join(f"“{name}”" for name in names)

    def _row(self) -> tuple[Any, ...]:
        numbers = [self.share, self.goal_rate, self.shrunk_goal_rate, self.mean_duration]
        share, rate, shrunk, duration = ((one.value, one.low, one.high) for one in numbers)
        return (
            None if self.merged else " > ".join(self.path), self.merged, self.journeys, self.customers,
            self.won, self.lost, self.open, *share, self.coverage, *rate, *shrunk, *duration, self.complexity,
        )  # fmt: skip


class Variants(Frozen):
    """The ways that journeys go before the goal, the most frequent first, then the rare ones together.

    Parameters
    ----------
    journey : str
        The journey's name.
    rows : tuple of Variant
        By journeys; last the rare ones, where there are any.
    journeys, customers : int
        How many there are in all.
    goal_rate : Estimate
        Of all journeys.
    """

    journey: str
    rows: tuple[Variant, ...]
    journeys: int
    customers: int
    goal_rate: Estimate

    @property
    def other(self) -> Variant | None:
        """The rare ways together; None where every way is listed."""
        return next((row for row in self.rows if row.merged), None)

    @property
    def modal(self) -> Variant | None:
        """The way that most won journeys go, of those listed; None where no listed one is won."""
        won = [row for row in self.rows if row.won and not row.merged]
        return max(won, key=lambda row: row.won, default=None)

    def needed(self, share: float = 0.8) -> int | None:
        """How many of the most frequent ways cover this share of the journeys?

        Parameters
        ----------
        share : float
            0 to 1.

        Returns
        -------
        int or None
            None where the ways that are listed do not cover it.
        """
        listed = (
            number for number, row in enumerate(self.rows, 1) if not row.merged and row.coverage >= share
        )
        return next(listed, None)

    def __str__(self) -> str:
        """Say the most frequent ways, and how much of the journeys they cover."""
        listed = [row for row in self.rows if not row.merged]
        if not listed:
            return f"{self.journey}: no way is frequent enough to be listed, of {self.journeys:,} journeys"
        ways = f"{len(listed):,} way{'s' * (len(listed) > 1)} before the goal"
        all_of_them = f"{self.journeys:,} journeys of {self.customers:,} customers"
        lines = [f"{self.journey}: {ways} cover {listed[-1].coverage * 100:.0f} % of {all_of_them}."]
        shown = listed[:_SHOWN] + ([self.other] if self.other else [])
        lines += [f"  {100 * (row.share.value or 0):.1f} %  {row.name}{_ending(row)}" for row in shown]
        if len(listed) > _SHOWN:
            lines.append(f"  and {len(listed) - _SHOWN:,} more")
        if self.modal:
            lines.append(f"Most won journeys, {self.modal.won:,}, go {self.modal.quoted}.")
        return "\n".join(lines)

    def to_frame(self) -> Any:
        """Put the ways into a pandas DataFrame, one row each; the rare ones are the row ``merged``."""
        return data_frame(_COLUMNS, [row._row() for row in self.rows])  # noqa: SLF001 - its own rows

    def _repr_html_(self) -> str:
        shown = [row for row in self.rows if not row.merged][:_IN_HTML] + ([self.other] if self.other else [])
        rows = [
            (row.name, f"{row.journeys:,}", row.share, f"{100 * row.coverage:.1f} %", row.won, row.lost,
             row.open, row.goal_rate, row.shrunk_goal_rate)
            for row in shown
        ]  # fmt: skip
        more = len(self.rows) - len(shown)
        notes = [f"{more:,} ways more are not shown."] if more else []
        return html_table(f"Variants of {self.journey}", _HEADS, rows, notes=[*notes, f"Goal rate: {_RATE}."])


def _ending(row: Variant) -> str:
    if row.goal_rate.value is None:
        return ""
    return f": {row.won:,} of {row.won + row.lost:,} won" + (f", {row.open:,} open" if row.open else "")


class _Counted(NamedTuple):
    """The journeys of one way, by customer group."""

    path: tuple[str, ...]
    merged: bool
    won: Counts
    lost: Counts
    open: Counts
    time: Counts
    customers: int

    @property
    def journeys(self) -> Counts:
        return np.asarray(self.won + self.lost + self.open)

    @property
    def decided(self) -> Counts:
        return np.asarray(self.won + self.lost)

    @property
    def people(self) -> int:
        """No more customers than journeys."""
        return min(self.customers, int(self.journeys.sum()))


def variants(journey: Journey, *, level: float = 0.95) -> Variants:
    """Which ways do journeys go as a whole, how often, and with what success?

    A variant is a way before the goal, visit by visit; the journeys that go it are won, lost or still open.
    Its goal rate ``won / (won + lost)`` therefore says: of those who went just this way and then either came
    to the goal or to no further touchpoint, how many were won?

    Parameters
    ----------
    journey : Journey
        Observed, with the counts of `with_paths`.
    level : float
        The confidence level.

    Returns
    -------
    Variants
        The most frequent first. Rare ways are one row, the last: they were merged before they left the
        engine.

    Raises
    ------
    MissingEvidenceError
        The journey carries no paths.

    Notes
    -----
    Who looks at many ways finds some with high rates by chance: the shrunk rate,
    ``(α + y) / (α + β + n)`` with a Beta distribution of rates fitted to all listed ways at their effective
    sizes, is the one to compare. A longer way has more chances to be lost on the way, and only those who were
    not lost earlier go it to its end: rates of ways of different lengths say little about causes.

    The complexity index is ``√((ℓ_d − 1)/(ℓ − 1) · h/h_max)``, see
    `journeymap.stats.sequences.complexity_index`, over all touchpoints that come before the goal.

    References
    ----------
    Gabadinho, A., Ritschard, G., Müller, N. S., Studer, M. (2011). Analyzing and visualizing state sequences
    in R with TraMineR. Journal of Statistical Software 40(4).

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.log import EventLog
    >>> from journeymap.events.paths import with_paths
    >>> table = pa.table({"who": ["a", "a", "b"], "what": ["ad", "pay", "ad"],
    ...                   "when": ["2024-05-01", "2024-05-02", "2024-05-02"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> journey = discover_journey(log, goal="pay", lost_after="0 seconds")
    >>> [(row.path, row.won, row.lost) for row in variants(with_paths(journey, log, min_customers=1)).rows]
    [(('ad',), 1, 1)]
    """
    counted = _counted(journey)
    goal = bool(goal_touchpoints(journey))
    total = sum((one.journeys for one in counted), np.zeros(evidence_table(journey, "variants").groups))
    prior = _prior(counted) if goal else None
    states = len({name for one in counted for name in one.path})
    everybody = int(_all(journey, "customers").sum())
    rows = []
    covered = 0.0
    for one in counted:
        covered += float(one.journeys.sum())
        rows.append(
            Variant(
                path=one.path,
                names=tuple(journey.touchpoint(name).name for name in one.path),
                merged=one.merged,
                journeys=int(one.journeys.sum()),
                won=int(one.won.sum()),
                lost=int(one.lost.sum()),
                open=int(one.open.sum()),
                customers=one.people,
                share=share_estimate(
                    one.journeys, total, customers=everybody, definition=_SHARE, level=level
                ),
                coverage=covered / float(total.sum()),
                goal_rate=_rate(one, level) if goal else _unknown(_RATE, level),
                shrunk_goal_rate=_shrunk(one, prior, level),
                mean_duration=_duration(one, level),
                complexity=None if one.merged else complexity_index(one.path, states=states),
            )
        )
    won, lost, undecided = (_all(journey, name) for name in ("won", "lost", "open"))
    rate = share_estimate(
        won, won + lost, customers=everybody, definition="won journeys / won and lost journeys", level=level
    )
    return Variants(
        journey=journey.name,
        rows=tuple(rows),
        journeys=int(total.sum()),
        customers=everybody,
        goal_rate=rate.model_copy(update={"censored": int(undecided.sum())})
        if goal
        else _unknown(_RATE, level),
    )


def _all(journey: Journey, measure: str) -> Counts:
    return np.asarray(counts_by_group(journey, "journeys", measure).sum(axis=0))


def _counted(journey: Journey) -> list[_Counted]:
    """Put the ends of each way together: with the goal, without it."""
    if all(table.name != "variants" for table in journey.evidence):
        refuse_graph_alone(journey)
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} carries no counts of whole paths.",
            expected="Expected the paths that journeys took, counted from the log.",
            hint="add them: with_paths(journey, log)",
        )
    table = evidence_table(journey, "variants")
    journeys, customers, times = (
        counts_by_group(journey, "variants", name) for name in ("journeys", "customers", "cycle_us")
    )
    names = [key[0] for key in evidence_table(journey, "touchpoints").keys]
    rows: dict[str, dict[str, list[int]]] = {}
    for row, (path, end) in enumerate(table.keys):
        way = path.rpartition(" ")[0] if end == "goal" and path != _MERGED else path
        rows.setdefault(way, {}).setdefault(end, []).append(row)

    def put_together(way: str, ends: dict[str, list[int]]) -> _Counted:
        won, lost, undecided = (journeys[ends.get(end, [])].sum(axis=0) for end in ("goal", "lost", "open"))
        decided = ends.get("goal", []) + ends.get("lost", [])
        return _Counted(
            path=() if way == _MERGED else tuple(names[int(place)] for place in way.split()),
            merged=way == _MERGED,
            won=won,
            lost=lost,
            open=undecided,
            time=times[decided].sum(axis=0) / MICROSECONDS,
            customers=int(sum(customers[found].sum() for found in ends.values())),
        )

    found = [put_together(way, ends) for way, ends in rows.items()]
    return sorted(found, key=lambda one: (one.merged, -one.journeys.sum(), one.path))


def _unknown(definition: str, level: float) -> Estimate:
    return Estimate(value=None, level=level, definition=definition)


def _rate(one: _Counted, level: float) -> Estimate:
    found = share_estimate(one.won, one.decided, customers=one.people, definition=_RATE, level=level)
    return found.model_copy(update={"censored": int(one.open.sum())})


def _effective(one: _Counted) -> tuple[float, float]:
    """How many successes and trials are these counts worth?"""
    worth = effective_size(one.won, one.decided, customers=one.people)
    return worth * float(one.won.sum() / one.decided.sum()), worth


def _prior(counted: list[_Counted]) -> BetaPrior | None:
    sizes = [_effective(one) for one in counted if not one.merged and one.decided.sum()]
    return fit_beta_prior(*zip(*sizes, strict=True)) if sizes else None


def _shrunk(one: _Counted, prior: BetaPrior | None, level: float) -> Estimate:
    decided = int(one.decided.sum())
    if prior is None or one.merged or not decided:
        return _unknown(_SHRUNK, level)
    found = shrink(*_effective(one), prior, level=level)
    return Estimate(
        value=found.mean,
        low=found.low,
        high=found.high,
        n=decided,
        customers=one.people,
        level=level,
        method="empirical Bayes over the listed ways",
        definition=_SHRUNK,
        censored=int(one.open.sum()),
    )


def _duration(one: _Counted, level: float) -> Estimate:
    decided = int(one.decided.sum())
    if not decided:
        return _unknown(_DURATION, level)
    with np.errstate(invalid="ignore", divide="ignore"):
        without = leave_one_out(one.time) / leave_one_out(one.decided)
    found = group_jackknife(float(one.time.sum()) / decided, without, level=level)
    return Estimate(
        value=found.value,
        low=None if found.low is None else max(found.low, 0.0),
        high=found.high,
        n=decided,
        customers=one.people,
        level=level,
        method="delete-a-group jackknife",
        definition=_DURATION,
        censored=int(one.open.sum()),
    )
