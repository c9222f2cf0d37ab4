"""How long waits are: exact quantiles, and quantiles from a fine histogram where there are very many."""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.engines.protocol import Snippets

__all__ = ["ERROR", "GRID", "edge_waits_sql", "gap_quantile_sql", "grid_column"]

GRID = tuple(round(0.05 * i, 2) for i in range(21))
BINS = 128
_APART = 1_000_000_007
# a bin is this much wide, as a share of the wait; no quantile from bins can be farther off
ERROR = 2 ** (1 / BINS) - 1


def grid_column(share: float) -> str:
    """Name the column of a quantile of `GRID`."""
    return f"q_{round(share * 100):02d}"


def edge_waits_sql(steps: str, words: Snippets, *, exact: bool) -> str:
    """For every pair of touchpoints: the wait between them, by quantiles, to be kept.

    Parameters
    ----------
    steps : str
        The table of steps.
    words : Snippets
        The engine's words.
    exact : bool
        Whether all waits are held in memory and put in order; else they are counted into bins, at most
        `ERROR` of the wait wide.

    Returns
    -------
    str
        A query with ``state``, ``next_state`` and ``q_00``, ``q_05``, … ``q_100``: the quantiles of `GRID`,
        in microseconds.
    """
    if not exact:
        return _from_bins(steps, ("state", "next_state"), {grid_column(q): q for q in GRID})
    columns = ", ".join(f"{words.element('grid', n)} as {grid_column(q)}" for n, q in enumerate(GRID))
    # one wide number for the pair: small numbers would be addressed directly, and put in order on one thread
    pair = f"cast(state as bigint) * {_APART} + next_state"
    grids = (
        f"select min(state) as state, min(next_state) as next_state, {words.quantiles('wait', GRID)} as grid "
        f"from {steps} where next_state is not null group by {pair}"
    )
    return f"select state, next_state, {columns} from ({grids})"


def gap_quantile_sql(steps: str, share: float, words: Snippets, *, exact: bool) -> str:
    """Which gap do only few gaps within journeys exceed, in microseconds? See `edge_waits_sql`."""
    if not exact:
        return _from_bins(steps, (), {"gap": share})
    gap = words.element(words.quantiles("wait", [share]), 0)
    return f"select {gap} as gap from {steps} where next_state is not null"


def _from_bins(steps: str, keys: Sequence[str], shares: dict[str, float]) -> str:
    """Count waits into bins and look up where the quantiles lie.

    Bins know their shortest and their longest wait, so that waits that are all alike stay exact; between the
    two the waits of a bin are taken to lie evenly.
    """
    named = ", ".join(keys)
    first = f"{named}, " if keys else ""
    partition = f"partition by {named} " if keys else ""
    number = f"cast(floor({BINS} * log2(cast(wait as double) + 1)) as integer)"
    bins = (
        f"select {first}{number} as bin, count(*) as n, min(wait) as low, max(wait) as high "
        f"from {steps} where next_state is not null group by {first}{number}"
    )
    ordered = (
        f"select {first}n, low, high, lead(low) over ({partition}order by bin) as next_low, "
        f"cast(sum(n) over ({partition}order by bin "
        "rows between unbounded preceding and current row) as double) as upto, "
        f"cast(sum(n) over ({partition or ''}) as double) as total from ({bins})"
    )
    columns = []
    for name, share in shares.items():
        rank = f"({share:g}e0 * (total - 1))"
        inside = f"least(greatest(({rank} - upto + n) / greatest(n - 1, 1), 0e0), 1e0)"
        between = f"coalesce((next_low - high) * greatest({rank} - upto + 1, 0e0), 0e0)"
        # later bins begin higher: the smallest is that of the bin where the rank falls, or just after it
        columns.append(
            f"min(case when upto > {rank} then low + (high - low) * {inside} + {between} end) as {name}"
        )
    grouped = f" group by {named}" if keys else ""
    return f"select {first}{', '.join(columns)} from ({ordered}){grouped}"
