"""What is counted of a signal of friction: how often it came, of how many chances, by customer group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeymap.errors import JourneyMapError
from journeymap.metrics.counts import evidence_table, goal_touchpoints
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey

__all__ = ["Counted", "MeanCounts", "Measured", "SignalCounts", "Tally"]

Counts = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SignalCounts:
    """How often a signal came at one touchpoint, of how many chances, by customer group.

    Parameters
    ----------
    successes, trials : array_like
        One count a customer group, such as visits that needed help, and visits. Customers fall into the same
        groups everywhere; counts of everybody in one group have no interval worth the name.
    customers : array_like
        Distinct customers behind the trials, by group or as one number.
    affected : array_like, optional
        Distinct customers behind the successes; at most one a success when left out.
    censored : int
        Chances left out because their end is not known yet.

    Raises
    ------
    JourneyMapError
        The counts do not fit each other.

    Examples
    --------
    >>> SignalCounts(successes=[1, 0, 2], trials=[4, 3, 6], customers=10).share
    0.23076923076923078
    """

    successes: ArrayLike
    trials: ArrayLike
    customers: ArrayLike
    affected: ArrayLike | None = None
    censored: int = 0

    def __post_init__(self) -> None:
        """Refuse counts that do not fit each other."""
        y, n = _numbers(self.successes, "successes"), _numbers(self.trials, "trials")
        if y.ndim != 1 or y.shape != n.shape:
            raise JourneyMapError.because(
                f"SignalCounts: successes of shape {y.shape} and trials of shape {n.shape} do not fit.",
                expected="Expected one count a customer group in both.",
            )
        # no comparison holds for what is no number
        if not ((y >= 0).all() and (y <= n).all() and np.isfinite(n.sum())):
            raise JourneyMapError.because(
                "SignalCounts: there are successes below zero, or more of them than trials.",
                expected="Expected 0 ≤ successes ≤ trials in every customer group.",
            )
        for name, part in (("customers", self.customers), ("affected", self.affected)):
            who = np.zeros(1) if part is None else _numbers(part, name)
            if who.size not in {1, n.size} or not ((who >= 0).all() and np.isfinite(who.sum())):
                raise JourneyMapError.because(
                    f"SignalCounts: {name} of shape {who.shape} and trials of shape {n.shape} do not fit.",
                    expected="Expected one number, or one count a customer group, not below zero.",
                )

    @property
    def share(self) -> float | None:
        """Successes / trials; None without trials."""
        total = float(np.sum(self.trials))
        return float(np.sum(self.successes)) / total if total else None


def _as_array(counts: tuple[int, ...]) -> NDArray[Any]:
    """Give counts as 64 bits, since as floats it takes half as long again; sums of time may have more."""
    try:
        return np.fromiter(counts, np.int64, len(counts))
    except OverflowError:
        return np.array(counts, dtype=np.float64)


def _numbers(part: ArrayLike, name: str) -> Counts:
    try:
        return np.asarray(part, dtype=np.float64)
    except (TypeError, ValueError):
        raise JourneyMapError.because(
            f"SignalCounts: {name} are no numbers.", expected="Expected one count a customer group."
        ) from None


class Tally(NamedTuple):
    """The same as `SignalCounts`, counted by the library itself: nothing in it has to be checked.

    Parameters
    ----------
    successes, trials, customers : ndarray
        One count a customer group.
    affected : ndarray, optional
        Distinct customers behind the successes, by group.
    censored : int
        Chances left out because their end is not known yet.
    """

    successes: Counts
    trials: Counts
    customers: Counts
    affected: Counts | None = None
    censored: int = 0


class MeanCounts(NamedTuple):
    """Answers between 0 and 1 at one touchpoint, by customer group.

    Parameters
    ----------
    totals, squares, weights : ndarray
        Σwx, Σwx² and Σw.
    answers, customers : int
        How many answers, by how many distinct customers.
    """

    totals: Counts
    squares: Counts
    weights: Counts
    answers: int
    customers: int


class Measured(NamedTuple):
    """What a journey tells of one signal.

    Parameters
    ----------
    counts : mapping of str to SignalCounts or Tally
        Touchpoints where it can be counted.
    definition : str
        What was counted, in words.
    missing : str
        Which column or call would enable it; empty where it was counted.
    unjudged : str
        Why it is only reported; empty where touchpoints can be compared in it.
    """

    counts: Mapping[str, SignalCounts] | Mapping[str, Tally]
    definition: str = ""
    missing: str = ""
    unjudged: str = ""


class _Index(NamedTuple):
    """Where the entries of a table belong, turned into arrays once."""

    evidence: EvidenceTable
    row: NDArray[np.intp]
    group: NDArray[np.intp]


class Counted:
    """The counts of a journey, read as arrays; what many signals stand on is read once.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    """

    def __init__(self, journey: Journey) -> None:
        self.journey = journey
        self.goals = goal_touchpoints(journey)
        self.touchpoints = tuple(t.id for t in journey.touchpoints if t.id not in self.goals)
        self._indices: dict[str, _Index] = {}
        self._measures: dict[tuple[str, str], Counts] = {}

    def has(self, table: str, *measures: str) -> bool:
        """Say whether the journey carries these counts.

        Parameters
        ----------
        table : str
            The table.
        *measures : str
            Measures in it.

        Returns
        -------
        bool
            All of them are there.
        """
        found = next((one for one in self.journey.evidence if one.name == table), None)
        return found is not None and all(measure in found.measures for measure in measures)

    def keys(self, table: str) -> tuple[tuple[str, ...], ...]:
        """Give the keys of a table, in order."""
        return self._index(table).evidence.keys

    def table(self, table: str, measure: str) -> Counts:
        """Read a measure as keys by customer groups; the same as `counts_by_group`."""
        if (table, measure) not in self._measures:
            index = self._index(table)
            counts = index.evidence.measures[measure]
            size, groups = len(index.evidence.keys), index.evidence.groups
            values = _as_array(counts)
            cells = index.row * groups + index.group
            found = np.bincount(cells, weights=values, minlength=size * groups).astype(np.float64)
            self._measures[table, measure] = found.reshape(size, groups)
        return self._measures[table, measure]

    def at(self, measure: str, table: str = "touchpoints") -> dict[str, Counts]:
        """Read a measure of a table by touchpoint; zeros where nothing was counted.

        Parameters
        ----------
        measure : str
            The measure.
        table : str
            A table whose keys are touchpoints.

        Returns
        -------
        dict of str to ndarray
            Every touchpoint but the goal to one count a group.
        """
        counts = self.table(table, measure)
        rows = {key[0]: row for row, key in enumerate(self.keys(table))}
        nobody = np.zeros(counts.shape[1])
        return {name: counts[rows[name]] if name in rows else nobody for name in self.touchpoints}

    def _index(self, table: str) -> _Index:
        if table not in self._indices:
            evidence = evidence_table(self.journey, table)
            size = len(evidence.row)
            self._indices[table] = _Index(
                evidence,
                np.fromiter(evidence.row, np.intp, size),
                np.fromiter(evidence.group, np.intp, size),
            )
        return self._indices[table]
