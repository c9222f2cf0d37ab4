"""How long waits are: exact quantiles, and quantiles from a fine histogram where there are very many."""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.engines.protocol import Snippets

__all__ = ["ERROR", "GRID", "edge_waits_sql", "gap_sql", "grid_column", "quantiles_sql"]

GRID = tuple(round(0.05 * i, 2) for i in range(21))
BINS = 128
_APART = 1_000_000_007
# a bin is this much wide, as a share of the wait; no quantile from bins can be farther off
ERROR = 2 ** (1 / BINS) - 1


def grid_column(share: float) -> str:
    """Name the column of a quantile of `GRID`."""
    return f"q_{round(share * 100):02d}"


def edge_waits_sql(steps: str, words: Snippets, *, exact: bool, shares: Sequence[float] = GRID) -> str:
    """For every pair of touchpoints: quantiles of the wait between them; to be kept.

    Parameters
    ----------
    steps : str
        The table of steps.
    words : Snippets
        The engine's words.
    exact : bool
        Whether all waits are held in memory and put in order; else they are counted into bins, at most
        `ERROR` of the wait wide.
    shares : sequence of float
        Which quantiles, 0 to 1.

    Returns
    -------
    str
        A query with ``state``, ``next_state`` and one column a quantile, ``q_00``, ``q_05``, … ``q_100`` for
        those of `GRID`, in microseconds.
    """
    keys, named = ("state", "next_state"), {grid_column(share): share for share in shares}
    if not exact:
        return _from_bins(steps, keys, named)
    waits = f"(select state, next_state, wait from {steps} where next_state is not null)"
    return quantiles_sql(waits, "wait", keys, named, words)


def gap_sql(steps: str, share: float, words: Snippets, *, exact: bool) -> str:
    """Which gap do only few gaps within journeys exceed, in microseconds?

    Exact or from bins, as `edge_waits_sql`.
    """
    if not exact:
        return _from_bins(steps, (), {"gap": share})
    waits = f"(select wait from {steps} where next_state is not null)"
    return quantiles_sql(waits, "wait", (), {"gap": share}, words)


def quantiles_sql(
    rows: str, column: str, keys: Sequence[str], shares: dict[str, float], words: Snippets
) -> str:
    """Look up exact quantiles, between two values by how far the rank lies between theirs.

    Parameters
    ----------
    rows : str
        A table or bracketed query.
    column : str
        Whose quantiles; without nulls.
    keys : sequence of str
        Small whole numbers that tell groups apart, none or two.
    shares : dict of str to float
        The quantiles, 0 to 1, by what they shall be called.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query with the keys and the quantiles; without keys one row, with nulls where there are no rows.
    """
    grid = words.quantiles(column, list(shares.values()))
    if grid is None:
        return _from_ranks(rows, column, keys, shares)
    columns = ", ".join(f"grid[{n}] as {name}" for n, name in enumerate(shares, start=1))
    told = "".join(f"min({key}) as {key}, " for key in keys)
    # one wide number for two keys: small ones would be addressed directly, and put in order on one thread
    grouped = f" group by cast({keys[0]} as bigint) * {_APART} + {keys[1]}" if keys else ""
    grids = f"select {told}{grid} as grid from {rows}{grouped}"
    return f"select {''.join(f'{key}, ' for key in keys)}{columns} from ({grids})"


def _from_ranks(rows: str, column: str, keys: Sequence[str], shares: dict[str, float]) -> str:
    """Put values in order and take those at the ranks that are asked for."""
    named = "".join(f"{key}, " for key in keys)
    partition = f"partition by {', '.join(keys)}" if keys else ""
    ranked = (
        f"select {named}{column} as x, row_number() over ({partition} order by {column}) - 1 as r, "
        f"count(*) over ({partition}) - 1 as top from {rows}"
    )
    ranks = {name: f"{share:g}e0 * top" for name, share in shares.items()}
    near = " or ".join(f"r - floor({rank}) between 0 and 1" for rank in ranks.values())
    around = [
        f"max(case when r = floor({rank}) + {more} then x end) as {name}_{more}"
        for name, rank in ranks.items()
        for more in (0, 1)
    ]
    between = [
        f"{name}_0 + coalesce({name}_1 - {name}_0, 0) * ({rank} - floor({rank})) as {name}"
        for name, rank in ranks.items()
    ]
    grouped = f" group by {', '.join(keys)}" if keys else ""
    found = f"select {named}max(top) as top, {', '.join(around)} from ({ranked}) where {near}{grouped}"
    return f"select {named}{', '.join(between)} from ({found})"


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
