"""Attribution: which channels do the conversions at the end of paths belong to?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeymap.errors import JourneyMapError
from journeymap.stats.chain_algebra import AbsorbingChain, absorbing_chain, removal_effects

__all__ = ["PathAttribution", "PathChain", "attribution_of_paths", "path_chain"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
_OUTER, _INNER, _HALF = 0.4, 0.2, 0.5
_TWO = 2


class PathAttribution(NamedTuple):
    """The conversions of paths, handed out to their channels by seven rules.

    Parameters
    ----------
    conversion : float
        Conversions / (conversions + nulls).
    conversions : float
        All conversions; each rule hands out all of them.
    removal_effect : dict of str to float
        By channel, 0 to 1: the share of conversions that the chain loses when everybody who comes to the
        channel is lost; equal to the share of converting walks of the chain that come to it.
    markov, shapley, first, last, linear, position, time_decay : dict of str to float
        Conversions by channel.
    """

    conversion: float
    conversions: float
    removal_effect: dict[str, float]
    markov: dict[str, float]
    shapley: dict[str, float]
    first: dict[str, float]
    last: dict[str, float]
    linear: dict[str, float]
    position: dict[str, float]
    time_decay: dict[str, float]


class PathChain(NamedTuple):
    """Paths as a first-order chain.

    Parameters
    ----------
    channels : tuple of str
        The states, in the order in which the paths name them.
    start : ndarray
        The share of paths that begin at each.
    algebra : AbsorbingChain
        Over the channels; its ends are converted (0) and not (1).
    """

    channels: tuple[str, ...]
    start: Floats
    algebra: AbsorbingChain

    @property
    def conversion(self) -> float:
        """The share of walks that convert; that of the paths."""
        return float(self.start @ self.algebra.ends[:, 0])


class _Flat(NamedTuple):
    """All visits of all paths, one after the other."""

    channels: tuple[str, ...]
    code: Whole
    path: Whole
    place: Whole
    size: Whole
    converted: Floats
    lost: Floats


def attribution_of_paths(
    paths: Sequence[Sequence[str]],
    conversions: ArrayLike,
    nulls: ArrayLike | None = None,
    *,
    half_life: float = 1.0,
) -> PathAttribution:
    """Which channels do the conversions at the end of paths belong to?

    - ``markov``: ``RE_v / Σ RE · conversions`` with the removal effect ``RE_v = 1 − b_s⁽⁻ᵛ⁾ / b_s`` of a
      first-order chain, where b_s is the probability of converting and b_s⁽⁻ᵛ⁾ the same when everybody who
      comes to v is lost. In closed form ``RE_v = h_sv b_v / b_s``.
    - ``shapley``: ``Σ conversions / |distinct channels|`` over the paths through v: the Shapley value when a
      set of channels is worth the conversions of the paths that need no other.
    - ``first``, ``last``: all to one visit. ``linear``: equal parts to all visits.
    - ``position``: 40 % each to the first and the last visit, 20 % to those between; halves where there are
      two.
    - ``time_decay``: in parts of ``2^(−k / half_life)`` to the k-th visit before the last.

    Parameters
    ----------
    paths : sequence of sequence of str
        The channels of each path in order; the same path may occur several times.
    conversions : array_like
        How often each path ended in a conversion.
    nulls : array_like, optional
        How often it did not; only the Markov rule needs it.
    half_life : float
        For the time decay: so many visits earlier weighs half.

    Returns
    -------
    PathAttribution
        By channel, in the order in which the paths name them; paths that nobody took are left out. Empty
        without paths.

    Raises
    ------
    JourneyMapError
        The columns do not fit together, a count is negative, a path is empty or a text.

    Notes
    -----
    Association, not cause: a channel that everybody passes has a removal effect of 1, whatever it does.
    Without nulls the chain knows nothing of those who did not convert. ``pandas.DataFrame(found._asdict())``
    makes a table with one row a channel.

    References
    ----------
    Anderl, E., Becker, I., von Wangenheim, F., Schumann, J. H. (2016). International Journal of Research in
    Marketing 33(3), 457–474.
    Zhao, K., Mahboobi, S. H., Bagheri, S. R. (2018). Shapley value methods for attribution modeling in online
    advertising.

    Examples
    --------
    >>> found = attribution_of_paths([["c1", "c2", "c3"], ["c1"], ["c2", "c3"]], [1, 0, 0], [0, 1, 1])
    >>> found.removal_effect
    {'c1': 0.5, 'c2': 1.0, 'c3': 1.0}
    >>> {channel: round(share, 3) for channel, share in found.markov.items()}
    {'c1': 0.2, 'c2': 0.4, 'c3': 0.4}
    """
    if not half_life > 0:
        raise JourneyMapError.because(
            f"half_life: {half_life!r} is no number of visits.",
            expected="Expected a number above 0.",
            hint="1 halves the weight at each visit further from the end",
        )
    flat = _flattened(paths, conversions, nulls)
    total = float(flat.converted.sum())
    journeys = total + float(flat.lost.sum())
    effects = np.zeros(len(flat.channels))
    if total:
        known = _chain_of(flat)
        effects = removal_effects(known.start, known.algebra)
    markov = effects * total / effects.sum() if total else effects
    return PathAttribution(
        conversion=total / journeys if journeys else 0.0,
        conversions=total,
        removal_effect=_by_name(flat, effects),
        markov=_by_name(flat, markov),
        **{rule: _by_name(flat, found) for rule, found in _handed_out(flat, half_life).items()},
    )


def path_chain(
    paths: Sequence[Sequence[str]], conversions: ArrayLike, nulls: ArrayLike | None = None
) -> PathChain:
    """Where do paths lead from each channel, if the next channel depended on the present one only?

    Parameters
    ----------
    paths : sequence of sequence of str
        The channels of each path in order.
    conversions, nulls : array_like
        How often each path ended in a conversion, and how often not.

    Returns
    -------
    PathChain
        The maximum likelihood chain. Visits to one channel in a row are one: that changes no removal effect.

    Raises
    ------
    JourneyMapError
        There are no paths, or they cannot be read; see `attribution_of_paths`.
    """
    flat = _flattened(paths, conversions, nulls)
    if not flat.channels:
        raise JourneyMapError.because(
            "there are no paths.",
            expected="Expected at least one.",
            hint="give each path how often it was taken",
        )
    return _chain_of(flat)


def _flattened(paths: Sequence[Sequence[str]], conversions: ArrayLike, nulls: ArrayLike | None) -> _Flat:
    converted = np.asarray(conversions, dtype=np.float64).reshape(-1)
    lost = np.zeros(converted.size) if nulls is None else np.asarray(nulls, dtype=np.float64).reshape(-1)
    if not len(paths) == converted.size == lost.size:
        counted = f"{len(paths):,} paths, {converted.size:,} conversions and {lost.size:,} nulls"
        raise JourneyMapError.because(
            f"{counted} do not fit together.",
            expected="Expected one count of each for every path.",
        )
    counts = np.concatenate((converted, lost))
    if not (np.isfinite(counts) & (counts >= 0)).all():
        raise JourneyMapError.because(
            "a path has a negative or unknown count.",
            expected="Expected counts from 0.",
            hint="leave such paths out",
        )
    numbers: dict[str, int] = {}
    codes: list[int] = []
    sizes = []
    taken = np.flatnonzero(converted + lost)
    for number in taken.tolist():
        path = paths[number]
        if isinstance(path, str) or not len(path):
            told = "is a text" if isinstance(path, str) else "is empty"
            raise JourneyMapError.because(
                f"paths[{number}] {told}.",
                expected="Expected the names of its channels, at least one.",
                hint="split texts first: path.split(' > ')",
            )
        codes += [numbers.setdefault(name, len(numbers)) for name in path]
        sizes.append(len(path))
    size = np.asarray(sizes, dtype=np.int64)
    path_of = np.repeat(np.arange(size.size), size)
    place = np.arange(len(codes)) - np.repeat(np.cumsum(size) - size, size)
    return _Flat(
        channels=tuple(numbers),
        code=np.asarray(codes, dtype=np.int64),
        path=path_of,
        place=place,
        size=size[path_of],
        converted=converted[taken],
        lost=lost[taken],
    )


def _chain_of(flat: _Flat) -> PathChain:
    """Count the moves between channels; a channel that follows itself does not move."""
    size = len(flat.channels)
    weight = (flat.converted + flat.lost)[flat.path]
    moves = np.zeros((size, size))
    same_path = flat.path[1:] == flat.path[:-1]
    moving = same_path & (flat.code[1:] != flat.code[:-1])
    np.add.at(moves, (flat.code[:-1][moving], flat.code[1:][moving]), weight[:-1][moving])
    at_end = flat.place == flat.size - 1
    ends = np.column_stack(
        [np.bincount(flat.code[at_end], counts, minlength=size) for counts in (flat.converted, flat.lost)]
    )
    leaving = moves.sum(axis=1) + ends.sum(axis=1)
    start = np.bincount(flat.code[flat.place == 0], flat.converted + flat.lost, minlength=size)
    algebra = absorbing_chain(moves / leaving[:, None], ends / leaving[:, None])
    return PathChain(flat.channels, start / start.sum(), algebra)


def _handed_out(flat: _Flat, half_life: float) -> dict[str, Floats]:
    """Hand out the conversions of each path to its visits."""
    share_of = flat.converted[flat.path]
    first, last = flat.place == 0, flat.place == flat.size - 1
    between = _INNER / np.maximum(flat.size - _TWO, 1)
    outer = np.select([flat.size == 1, flat.size == _TWO], [1.0, _HALF], _OUTER)
    decay = np.exp2(-(flat.size - 1 - flat.place) / half_life)
    decay /= np.bincount(flat.path, decay)[flat.path] if decay.size else 1.0
    size = max(len(flat.channels), 1)
    pairs = np.unique(flat.path * size + flat.code)
    path_of, code_of = np.divmod(pairs, size)
    kinds = np.bincount(path_of)
    parts = {
        "first": first.astype(float),
        "last": last.astype(float),
        "linear": 1.0 / flat.size,
        "position": np.where(first | last, outer, between),
        "time_decay": decay,
    }
    credit = {rule: (flat.code, share_of * part) for rule, part in parts.items()}
    credit["shapley"] = (code_of, flat.converted[path_of] / kinds[path_of])
    return {
        rule: np.bincount(codes, shares, minlength=len(flat.channels)).astype(np.float64)
        for rule, (codes, shares) in credit.items()
    }


def _by_name(flat: _Flat, values: Floats) -> dict[str, float]:
    return dict(zip(flat.channels, map(float, values), strict=True))
