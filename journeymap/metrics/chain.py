"""The journey as a Markov chain that ends won or lost."""

from __future__ import annotations

import numpy as np

from journeymap.errors import JourneyMapError
from journeymap.metrics.chain_counts import ChainCounts, SolvedChain, StackedChains, chain_counts
from journeymap.metrics.chain_results import Chain
from journeymap.metrics.chain_weights import (
    Certainty,
    by_state,
    chain_times,
    chain_transitions,
    given_goal,
    start_decisiveness,
    steps_variance,
    touchpoint_weights,
)
from journeymap.metrics.counts import counts_by_group
from journeymap.metrics.flow import share_estimate
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.dirichlet import credible_end

__all__ = ["Chain", "ChainCounts", "SolvedChain", "StackedChains", "chain", "chain_counts"]


def chain(journey: Journey, *, level: float = 0.95, prior: float | None = None, seed: int = 0) -> Chain:
    """How probable is the goal from each touchpoint, how long does it take, and where is it decided?

    The maximum likelihood chain over the touchpoints that decided journeys visit before the goal; it ends
    at the goal or lost. ``b(START) = won / (won + lost)`` and the expected visits are the mean visits.

    Parameters
    ----------
    journey : Journey
        An observed journey with a goal.
    level : float
        The confidence level.
    prior : float, optional
        α: smooth the ways out of each touchpoint as if it had been visited so many times more by customers
        who go where all go on average, and give the credible interval of the conversion (`credible`).
    seed : int
        Of the draws from that posterior; the same seed gives the same interval.

    Returns
    -------
    Chain
        The chain with its solution, intervals by the jackknife over groups of customers.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, has no goal, or none of its journeys is decided yet.

    Notes
    -----
    The chain forgets: where customers come from does not matter to where they go. It describes those who
    came this way; it does not say what would happen if others were sent there. Removal effects and
    sensitivities are model-implied, true of customers only if the association is causal. A removal effect
    of 1 has an interval of no width: the goal cannot be reached but through this touchpoint. The credible
    interval takes visits as independent; where customers come often it is too narrow.

    References
    ----------
    Kemeny, J. G., Snell, J. L. (1960). Finite Markov Chains. Van Nostrand, chapter 3.

    Examples
    --------
    >>> from datetime import datetime
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.log import EventLog
    >>> paths = ["ad shop pay"] * 6 + ["ad shop"] * 3 + ["ad shop shop pay"]
    >>> rows = [(f"c{n}", what, datetime(2024, 5, 1 + n, hour))
    ...         for n, path in enumerate(paths) for hour, what in enumerate(path.split())]
    >>> table = pa.table(dict(zip(("who", "what", "when"), zip(*rows), strict=True)))
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> found = chain(discover_journey(log, goal="pay"))
    >>> found.conversion.value, found.steps.value, round(found.touchpoints[1].decisiveness.value, 3)
    (0.7, 2.1, 1.0)
    """
    counts = chain_counts(journey)
    stack = counts.solve_replicates()
    won, lost = (counts_by_group(journey, "journeys", name).sum(axis=0) for name in ("won", "lost"))
    undecided = int(counts_by_group(journey, "journeys", "open").sum())
    conversion = share_estimate(
        won,
        won + lost,
        customers=int(counts_by_group(journey, "journeys", "customers").sum()),
        definition="won journeys / won and lost journeys",
        level=level,
    ).model_copy(update={"censored": undecided})
    sure = Certainty(n=conversion.n, customers=conversion.customers, level=level, censored=undecided)
    names, algebra = counts.states, stack.algebra
    times = chain_times(journey, counts, stack)
    return Chain(
        states=names,
        start=by_state(names, stack.start[0]),
        goal_probability=by_state(names, algebra.ends[0, :, 0]),
        exit_probability=by_state(names, stack.exits[0]),
        visits=by_state(names, stack.start_visits[0]),
        visits_from=tuple(tuple(map(float, row)) for row in algebra.visits[0]),
        conversion=conversion,
        steps=sure.estimate(
            stack.start_visits.sum(axis=-1), "visits before the goal or the end, for each decided journey"
        ),
        steps_variance=steps_variance(stack),
        duration=sure.estimate(
            times.whole, "seconds from the first event to the goal or the end, for each decided journey"
        ),
        touchpoints=touchpoint_weights(names, stack, times, sure),
        start_decisiveness=start_decisiveness(stack, sure),
        transitions=chain_transitions(names, stack),
        given_goal=given_goal(names, stack, times, sure),
        credible=None if prior is None else _credible(counts, prior, seed, sure),
    )


def _credible(counts: ChainCounts, prior: float, seed: int, sure: Certainty) -> Estimate:
    if not prior > 0:
        raise JourneyMapError.because(
            f"prior: {prior!r} is no weight of a prior.",
            expected="Expected a positive number of visits.",
            hint="write 1 for a light prior; leave it out for none",
        )
    size = len(counts.states)
    moves = np.zeros((size, size + 2))
    np.add.at(moves, (counts.sources, counts.targets), counts.moves.sum(axis=-1))
    moves[:, size], moves[:, size + 1] = counts.won.sum(axis=-1), counts.lost.sum(axis=-1)
    entries = np.append(counts.entries.sum(axis=-1), [counts.entries_at_goal.sum(), 0.0])
    found = credible_end(
        moves, entries, end=0, ends=2, rng=np.random.default_rng(seed), weight=prior, level=sure.level
    )
    return Estimate(
        value=found.mean,
        low=found.low,
        high=found.high,
        n=sure.n,
        customers=sure.customers,
        level=sure.level,
        method="Dirichlet posterior",
        definition=(
            f"probability of the goal, as if each touchpoint had {prior:g} more "
            f"visit{'' if prior == 1 else 's'} that went on as those to all touchpoints do"
        ),
        censored=sure.censored,
    )
