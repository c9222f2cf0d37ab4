"""Which paths did journeys take as a whole, read from the counts that `with_paths` adds?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.counts import counts_by_group, evidence_table, refuse_graph_alone
from journeymap.model.journey import Journey

__all__ = ["PATHS_CALL", "SeenPath", "SeenPaths", "seen_paths"]

Counts = NDArray[np.float64]
PATHS_CALL = "with_paths(journey, log)"
_TABLE = "variants"
_MERGED = "*"


class SeenPath(NamedTuple):
    """One path with the journeys that took it, by customer group.

    Parameters
    ----------
    touchpoints : tuple of str
        From the first visit to the last one, or to the first visit of the goal.
    won, lost, open : ndarray
        Journeys by how they ended.
    won_us : ndarray
        Microseconds that the won ones took, summed.
    customers : int
        Distinct customers, those who ended it in several ways counted for each.
    """

    touchpoints: tuple[str, ...]
    won: Counts
    lost: Counts
    open: Counts
    won_us: Counts
    customers: int

    @property
    def journeys(self) -> Counts:
        """All journeys, by customer group."""
        return np.asarray(self.won + self.lost + self.open)


class SeenPaths(NamedTuple):
    """All paths that are listed, and those too rare to be listed.

    Parameters
    ----------
    listed : tuple of SeenPath
        In the order of the table.
    rare : SeenPath
        The rest, merged; without touchpoints.
    """

    listed: tuple[SeenPath, ...]
    rare: SeenPath


def seen_paths(journey: Journey) -> SeenPaths:
    """Which paths did journeys take, how often, and how did they end?

    Parameters
    ----------
    journey : Journey
        An observed journey with the counts of `with_paths`.

    Returns
    -------
    SeenPaths
        One entry a path, its ends put together.

    Raises
    ------
    MissingEvidenceError
        The journey carries no counts of paths.
    """
    if all(table.name != _TABLE for table in journey.evidence):
        refuse_graph_alone(journey)
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} carries no counts of whole paths.",
            expected="Expected the paths that journeys took, counted from the log.",
            hint=f"add them: {PATHS_CALL}",
        )
    table = evidence_table(journey, _TABLE)
    journeys, customers, cycle = (
        counts_by_group(journey, _TABLE, name) for name in ("journeys", "customers", "cycle_us")
    )
    names = [key[0] for key in evidence_table(journey, "touchpoints").keys]
    rows: dict[str, dict[str, int]] = {}
    for row, (path, end) in enumerate(table.keys):
        rows.setdefault(path, {})[end] = row
    none = np.zeros(table.groups)

    def put_together(path: str, ends: dict[str, int]) -> SeenPath:
        won, lost, undecided = (
            journeys[ends[end]] if end in ends else none for end in ("goal", "lost", "open")
        )
        return SeenPath(
            () if path == _MERGED else tuple(names[int(number)] for number in path.split()),
            won,
            lost,
            undecided,
            cycle[ends["goal"]] if "goal" in ends else none,
            int(sum(customers[row].sum() for row in ends.values())),
        )

    return SeenPaths(
        tuple(put_together(path, ends) for path, ends in rows.items() if path != _MERGED),
        put_together(_MERGED, rows.get(_MERGED, {})),
    )
