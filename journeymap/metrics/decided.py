"""How much of what decides between won and lost is decided at some of the touchpoints together?"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.chain_counts import chain_counts
from journeymap.metrics.chain_weights import Certainty
from journeymap.metrics.counts import counts_by_group
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.chain_algebra import decisiveness

__all__ = ["DECIDED_AT", "Decided", "decided"]

DECIDED_AT = (
    "share of the variance of won or lost that the moves from its touchpoints resolve; model-implied, if the "
    "association is causal"
)


class Decided(NamedTuple):
    """What is decided at every touchpoint, for all customers and without each group.

    Parameters
    ----------
    states : tuple of str
        The touchpoints.
    resolved : ndarray
        Replicates by touchpoints.
    sure : Certainty
        What stands behind it.
    """

    states: tuple[str, ...]
    resolved: NDArray[np.float64]
    sure: Certainty

    def at(self, touchpoints: Collection[str]) -> Estimate:
        """Sum it over some touchpoints.

        Parameters
        ----------
        touchpoints : collection of str
            Nodes of the graph.

        Returns
        -------
        Estimate
            A share, 0 to 1; all touchpoints and the start together make 1.
        """
        own = np.array([state in touchpoints for state in self.states], dtype=bool)
        return self.sure.share(self.resolved[:, own].sum(axis=1), DECIDED_AT)


def decided(journey: Journey) -> Decided | None:
    """Where is decided whether a journey is won or lost?

    Parameters
    ----------
    journey : Journey
        An observed journey.

    Returns
    -------
    Decided or None
        None where the journey has no goal, or nothing is decided yet.
    """
    try:
        counts = chain_counts(journey)
    except MissingEvidenceError:
        return None
    stack = counts.solve_replicates()
    customers, won, lost, undecided = (
        int(counts_by_group(journey, "journeys", name).sum()) for name in ("customers", "won", "lost", "open")
    )
    return Decided(
        states=tuple(counts.states),
        resolved=np.asarray(decisiveness(stack.start, stack.algebra, direct=stack.direct).states),
        sure=Certainty(n=won + lost, customers=customers, level=0.95, censored=undecided),
    )
