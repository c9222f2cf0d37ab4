"""Do segments share one chain, or do they move differently from touchpoint to touchpoint?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import JourneyMapError, require
from journeymap.metrics.chain_counts import ChainCounts, chain_counts
from journeymap.metrics.chain_words import percent, plain, rounded
from journeymap.metrics.counts import counts_by_group
from journeymap.metrics.flow import share_estimate
from journeymap.metrics.held_out import AT_START
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.stats.markov_tests import Permuted, permuted_homogeneity
from journeymap.stats.multiplicity import benjamini_hochberg

__all__ = ["ChainDifference", "ChainDifferences", "chain_differences"]

Floats = NDArray[np.float64]
Cell = tuple[str, str]


class ChainDifference(Frozen):
    """How differently segments move on from one touchpoint.

    Parameters
    ----------
    touchpoint : str
        The touchpoint, or ``@start``: where journeys begin.
    g2 : float
        Its part of G².
    df : int
        Degrees of freedom of the ways on that were observed.
    p : float, optional
        How often shuffled segments differ as much here; None where groups of customers are too few.
    p_adjusted : float, optional
        The same after Benjamini–Hochberg over the touchpoints.
    target : str
        The way on whose share differs most between two segments.
    shares : dict of str to float
        Its share of the visits of each segment; segments that never come here are left out.
    n : int
        Visits of all segments.
    """

    touchpoint: str
    g2: float
    df: int
    p: float | None
    p_adjusted: float | None
    target: str
    shares: dict[str, float]
    n: int


class ChainDifferences(Frozen):
    """Whether segments share one chain, and where they part.

    Parameters
    ----------
    segments : tuple of str
        What was compared.
    g2 : float
        G² given the touchpoint: how often a segment comes to it does not matter.
    df : int
        Degrees of freedom of the ways on that were observed.
    p_independent : float
        The p-value of G² if all moves were independent of each other; too small where customers come often.
    p : float, optional
        The p-value by shuffling whole groups of customers between the segments; None where there are too
        few groups.
    level : float
        1 − `level` is the largest p-value that is called a difference.
    touchpoints : tuple of ChainDifference
        By their part of G², the largest first.
    conversion : dict of str to Estimate
        The share of decided journeys of each segment that are won.
    """

    segments: tuple[str, ...]
    g2: float
    df: int
    p_independent: float
    p: float | None
    level: float
    touchpoints: tuple[ChainDifference, ...]
    conversion: dict[str, Estimate]

    @property
    def differs(self) -> bool | None:
        """Whether shuffled segments would seldom differ as much; None where that cannot be told."""
        return None if self.p is None else self.p < 1 - self.level

    def __str__(self) -> str:
        """Say whether the segments share one chain, and where they part most."""
        whom = " and ".join(self.segments)
        if self.p is None:
            said = [f"Whether {whom} share one chain cannot be told: too few groups of customers to shuffle."]
        elif self.differs:
            said = [f"{whom} move differently (p {self.p:.2g} by shuffling customers between them)."]
        else:
            said = [f"No difference is seen between {whom} (p {self.p:.2g} by shuffling customers)."]
        sure = [
            one for one in self.touchpoints if one.p_adjusted is not None and one.p_adjusted < 1 - self.level
        ]
        for one in sure[:3]:
            shares = ", ".join(f"{name} {percent(share)}" for name, share in one.shares.items())
            said.append(f"From {one.touchpoint} to {one.target}: {shares}.")
        said.append(f"G² {plain(self.g2)} with {self.df} degrees of freedom.")
        return "\n".join(said)

    def _columns(self) -> tuple[str, ...]:
        shares = [f"share_{name}" for name in self.segments]
        return ("touchpoint", "g2", "df", "p", "p_adjusted", "n", "target", *shares)

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (
                one.touchpoint, one.g2, one.df, one.p, one.p_adjusted, one.n, one.target,
                *(one.shares.get(name) for name in self.segments),
            )
            for one in self.touchpoints
        ]  # fmt: skip

    def to_frame(self) -> Any:
        """Put the touchpoints into a pandas DataFrame, one row each, the largest difference first."""
        return data_frame(self._columns(), self._rows())

    def _repr_html_(self) -> str:
        notes = str(self).split("\n")
        return html_table("Differences between chains", self._columns(), rounded(self._rows()), notes=notes)


def chain_differences(
    journeys: Mapping[str, Journey], *, permutations: int = 999, seed: int = 0, level: float = 0.95
) -> ChainDifferences:
    """Do segments share one chain, or do they move differently from touchpoint to touchpoint?

    ``G² = 2 Σ n^k_ij ln(n^k_ij n_i. / (n^k_i. n_ij))`` over segments k, touchpoints i and what follows j:
    touchpoints, the goal, or lost; where journeys begin is one more row. Its p-value is that of shuffling
    whole groups of customers between the segments.

    Parameters
    ----------
    journeys : mapping of str to Journey
        Segments to observed journeys, discovered with the same design.
    permutations : int
        How often groups are shuffled; no p-value is below ``1 / (permutations + 1)``.
    seed : int
        Of the shuffles; the same seed gives the same p-value.
    level : float
        The confidence level of the conversions; 1 − `level` is the largest p-value called a difference.

    Returns
    -------
    ChainDifferences
        The test, and every touchpoint with its part of it.

    Raises
    ------
    JourneyMapError
        Fewer than two segments, or no permutations.
    WrongKindError
        Something is no journey.
    MissingEvidenceError
        A journey was designed, has no goal, or none of its journeys is decided yet.

    Notes
    -----
    Groups of customers stay together when they are shuffled, so customers who come often do not count as
    many. Each customer should belong to one segment; where some are in several, p is too large rather than
    too small. A segment of few customers has few groups. That segments differ does not say why.

    References
    ----------
    Kullback, S., Kupperman, M., Ku, H. H. (1962). Tests for contingency tables and Markov chains.
    Technometrics 4, 573–608.

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
    >>> journey = discover_journey(log, goal="pay")
    >>> chain_differences({"May": journey, "June": journey}, permutations=49).p
    1.0
    """
    _check(journeys, permutations)
    segments = tuple(journeys)
    counted = [_cells(chain_counts(journey)) for journey in journeys.values()]
    cells = tuple(dict.fromkeys(cell for one in counted for cell in one))
    rows = tuple(dict.fromkeys(source for source, _ in cells))
    row_of = np.array([rows.index(source) for source, _ in cells])
    blocks = [_blocks(one, cells) for one in counted]
    sums = np.array([block.sum(axis=0) for block in blocks])
    found = permuted_homogeneity(
        np.concatenate(blocks),
        np.repeat(np.arange(len(segments)), [block.shape[0] for block in blocks]),
        row_of,
        np.random.default_rng(seed),
        permutations=permutations,
    )
    chances = _chances(found)
    differences = [
        ChainDifference(
            touchpoint=name,
            g2=float(found.row_g2[row]),
            df=int(found.row_df[row]),
            p=chances[row][0],
            p_adjusted=chances[row][1],
            n=round(float(sums[:, row_of == row].sum())),
            **_widest(
                segments, [target for source, target in cells if source == name], sums[:, row_of == row]
            ),
        )
        for row, name in enumerate(rows)
    ]
    return ChainDifferences(
        segments=segments,
        g2=found.g2,
        df=found.df,
        p_independent=found.p_independent,
        p=found.p,
        level=level,
        touchpoints=tuple(sorted(differences, key=lambda one: -one.g2)),
        conversion={name: _conversion(journey, level) for name, journey in journeys.items()},
    )


def _check(journeys: Mapping[str, Journey], permutations: int) -> None:
    for journey in journeys.values():
        require(journey, Journey, "chain_differences", hint="give a mapping of segment to journey")
    if len(journeys) < 2:  # noqa: PLR2004 - to compare
        raise JourneyMapError.because(
            f"chain_differences: {len(journeys)} segments cannot be compared.",
            expected="Expected at least two.",
            hint='discover one journey a segment: {"new": …, "known": …}',
        )
    if isinstance(permutations, bool) or not isinstance(permutations, int) or permutations < 1:
        raise JourneyMapError.because(
            f"permutations: {permutations!r} is no number of shuffles.",
            expected="Expected a whole number from 1.",
            hint="write 999 for p-values down to 0.001",
        )


def _cells(counts: ChainCounts) -> dict[Cell, Floats]:
    """Lay out every way that was taken, with its moves by customer group."""
    names = counts.states
    cells = {(AT_START, name): counts.entries[place] for place, name in enumerate(names)}
    cells[AT_START, "@goal"] = counts.entries_at_goal
    for source, target, moves in zip(counts.sources, counts.targets, counts.moves, strict=True):
        cells[names[source], names[target]] = moves
    for place, name in enumerate(names):
        cells[name, "@goal"], cells[name, "@lost"] = counts.won[place], counts.lost[place]
    return {cell: moves for cell, moves in cells.items() if moves.any()}


def _blocks(counted: Mapping[Cell, Floats], cells: Sequence[Cell]) -> Floats:
    """Put the moves of one segment into customer groups by cells; groups without customers are left out."""
    groups = next(iter(counted.values())).size
    table = np.column_stack([counted.get(cell, np.zeros(groups)) for cell in cells])
    return np.asarray(table[table.any(axis=1)])


def _chances(found: Permuted) -> list[tuple[float | None, float | None]]:
    """Give every row its p-value and the one adjusted for looking at all; none where nothing can differ."""
    free = found.row_df > 0
    if found.row_p is None or not free.any():
        return [(None, None)] * free.size
    adjusted = iter(benjamini_hochberg(found.row_p[free]).tolist())
    return [
        (p, next(adjusted)) if judged else (None, None)
        for p, judged in zip(found.row_p.tolist(), free.tolist(), strict=True)
    ]


def _widest(segments: Sequence[str], targets: Sequence[str], sums: Floats) -> dict[str, Any]:
    """Find the way on whose share differs most between the segments that come here."""
    there = sums.sum(axis=1)
    came = np.flatnonzero(there > 0)
    shares = sums[came] / there[came, np.newaxis]
    place = int(np.argmax(shares.max(axis=0) - shares.min(axis=0)))
    return {
        "target": targets[place],
        "shares": {
            segments[one]: share for one, share in zip(came.tolist(), shares[:, place].tolist(), strict=True)
        },
    }


def _conversion(journey: Journey, level: float) -> Estimate:
    won, lost = (counts_by_group(journey, "journeys", name).sum(axis=0) for name in ("won", "lost"))
    return share_estimate(
        won,
        won + lost,
        customers=int(counts_by_group(journey, "journeys", "customers").sum()),
        definition="won journeys / won and lost journeys",
        level=level,
    )
