"""Do scores agree: between owners, between raters, and within one customer?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BetweenGroups",
    "IntraclassCorrelations",
    "PermutationF",
    "WeakestLink",
    "agreement_within_group",
    "between_groups",
    "intraclass_correlations",
    "permutation_f",
    "successive_difference",
    "weakest_link",
    "within_deviation",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]


class IntraclassCorrelations(NamedTuple):
    """The six intraclass correlations of one table of ratings.

    Parameters
    ----------
    one_way, two_way, consistency : float or None
        ICC(1,1), ICC(2,1) and ICC(3,1): how far a single rating can be relied on when raters differ from
        target to target, when the same raters are a sample of many, and when they are the only ones.
    one_way_mean, two_way_mean, consistency_mean : float or None
        ICC(1,k), ICC(2,k) and ICC(3,k): the same for the mean of all k ratings.
    targets, raters : int
        The size of the table.
    """

    one_way: float | None
    two_way: float | None
    consistency: float | None
    one_way_mean: float | None
    two_way_mean: float | None
    consistency_mean: float | None
    targets: int
    raters: int


class BetweenGroups(NamedTuple):
    """How much of the variance of scores lies between groups.

    Parameters
    ----------
    share : float or None
        ICC(1): 1 when all variance lies between the groups; 0 or a little below when none does.
    f : float or None
        Mean square between / mean square within; infinite without variance within.
    df_between, df_within : int
        Degrees of freedom.
    groups, n : int
        Groups with scores, and scores.
    """

    share: float | None
    f: float | None
    df_between: int
    df_within: int
    groups: int
    n: int


class PermutationF(NamedTuple):
    """A test of equal groups that asks nothing of the distribution of scores.

    Parameters
    ----------
    f : float or None
        The F ratio of the scores as they are.
    p : float or None
        How probable an F this large is when labels are exchanged at random.
    permutations : int
        Exchanges drawn.
    n : int
        Scores that could take part: with clusters, those of clusters with more than one label.
    """

    f: float | None
    p: float | None
    permutations: int
    n: int


class WeakestLink(NamedTuple):
    """The lowest of several scores.

    Parameters
    ----------
    value : float or None
        The score; None without any.
    position : int or None
        Where it stands, from 0; the first of equal ones.
    """

    value: float | None
    position: int | None


def intraclass_correlations(ratings: ArrayLike) -> IntraclassCorrelations:
    """How far do raters agree on the same targets?

    With the mean squares BMS between targets, WMS within targets, JMS between raters and EMS of the rest,
    n targets and k raters: ``ICC(1,1) = (BMS − WMS)/(BMS + (k−1)WMS)``,
    ``ICC(2,1) = (BMS − EMS)/(BMS + (k−1)EMS + k(JMS − EMS)/n)``, ``ICC(3,1) = (BMS − EMS)/(BMS + (k−1)EMS)``;
    for the mean of k: ``(BMS − WMS)/BMS``, ``(BMS − EMS)/(BMS + (JMS − EMS)/n)``, ``(BMS − EMS)/BMS``.

    Parameters
    ----------
    ratings : array_like
        A complete table: a row for each target (a customer), a column for each rater (an owner).

    Returns
    -------
    IntraclassCorrelations
        At most 1; below 0 where targets differ less than chance alone would make them. None where
        nothing varies, and all None with fewer than two targets or two raters.

    Raises
    ------
    ValueError
        When the table is no table or has gaps; for scores with gaps see `between_groups`.

    Notes
    -----
    ICC(3,1) does not see that one owner scores lower throughout; ICC(2,1) does.

    References
    ----------
    Shrout, P. E., Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater reliability.
    Psychological Bulletin 86, 420–428.

    Examples
    --------
    >>> found = intraclass_correlations([[1, 2], [3, 4], [5, 6]])
    >>> found.consistency, round(found.two_way, 3)
    (1.0, 0.889)
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2:  # noqa: PLR2004
        raise ValueError("ratings must be a table with a row for each target and a column for each rater")
    if not np.isfinite(table).all():
        raise ValueError("ratings must be complete: every rater has rated every target")
    n, k = table.shape
    if min(n, k) <= 1:
        return IntraclassCorrelations(None, None, None, None, None, None, n, k)
    rows, columns, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    between = k * float(np.square(rows - mean).sum()) / (n - 1)
    within = float(np.square(table - rows[:, np.newaxis]).sum()) / (n * (k - 1))
    judges = n * float(np.square(columns - mean).sum()) / (k - 1)
    rest = float(np.square(table - rows[:, np.newaxis] - columns + mean).sum()) / ((n - 1) * (k - 1))
    return IntraclassCorrelations(
        _ratio(between - within, between + (k - 1) * within),
        _ratio(between - rest, between + (k - 1) * rest + k * (judges - rest) / n),
        _ratio(between - rest, between + (k - 1) * rest),
        _ratio(between - within, between),
        _ratio(between - rest, between + (judges - rest) / n),
        _ratio(between - rest, between),
        n,
        k,
    )


def between_groups(n: ArrayLike, total: ArrayLike, squares: ArrayLike) -> BetweenGroups:
    """Which share of the variance of scores lies between groups, such as owners?

    ``ICC(1) = (MSB − MSW) / (MSB + (n₀ − 1) MSW)`` and ``F = MSB / MSW`` from the one-way analysis of
    variance, with ``n₀ = (N − Σn_g²/N) / (G − 1)`` for groups of unequal size.

    Parameters
    ----------
    n, total, squares : array_like
        Number of scores, Σy and Σy² of each group. Groups without scores are left out.

    Returns
    -------
    BetweenGroups
        `share` is at most 1 and not cut off at 0; share and F are None with fewer than two groups, with
        one score in each, or where no score differs from another.

    Raises
    ------
    ValueError
        When the three differ in length.

    Notes
    -----
    F by itself is no test where customers answer more than once: see `permutation_f`.

    References
    ----------
    Shrout, P. E., Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater reliability.
    Psychological Bulletin 86, 420–428.

    Examples
    --------
    >>> found = between_groups([2, 2], [2, 8], [4, 34])  # scores 0, 2 and 3, 5
    >>> round(found.share, 4), found.f
    (0.6364, 4.5)
    """
    count, sums, powers = (np.asarray(given, dtype=np.float64).ravel() for given in (n, total, squares))
    if not count.size == sums.size == powers.size:
        raise ValueError(
            f"n, total and squares need one entry a group: {count.size}, {sums.size}, {powers.size}"
        )
    seen = count > 0
    count, sums, powers = count[seen], sums[seen], powers[seen]
    groups, size = count.size, float(count.sum())
    df_between, df_within = max(groups - 1, 0), int(size) - groups
    if not df_between or not df_within:
        return BetweenGroups(None, None, df_between, df_within, groups, int(size))
    means = sums / count
    between = float((count * np.square(means - sums.sum() / size)).sum()) / df_between
    rounding = 1e-12 * float(powers.sum())
    left = float((powers - sums * means).sum())
    within = left / df_within if left > rounding else 0.0
    between = between if between * df_between > rounding else 0.0
    typical = (size - float(np.square(count).sum()) / size) / df_between
    share = _ratio(between - within, between + (typical - 1) * within)
    f = between / within if within else np.inf if between else None
    return BetweenGroups(share, f, df_between, df_within, groups, int(size))


def permutation_f(
    values: ArrayLike,
    labels: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    permutations: int = 1999,
    seed: int = 0,
) -> PermutationF:
    """Do groups, such as owners, get different scores, more than chance would have it?

    ``p = (1 + #{F* ≥ F}) / (1 + permutations)``, where F* comes from labels exchanged at random. With
    clusters, labels are exchanged only within a customer, and the customer's mean is taken off before
    ``F = (Σ n_g ȳ_g² / (G − 1)) / (rest / (N − C − G + 1))`` for N scores of C customers in G groups.

    Parameters
    ----------
    values : array_like
        The scores; nan where there is none.
    labels : array_like
        The group of each score.
    clusters : array_like, optional
        The customer of each score. Without it, each score has to come from another customer.
    permutations : int
        How many exchanges are drawn.
    seed : int
        The same seed gives the same p.

    Returns
    -------
    PermutationF
        p is at least 1 / (1 + permutations). F and p are None where nothing can be exchanged: fewer than
        two groups, or no customer with scores in two of them.

    Raises
    ------
    ValueError
        When values, labels and clusters differ in length.

    Notes
    -----
    A customer who rates everything high says nothing about owners, and neither does one with scores for
    one owner only: both are left out of the test. It then cannot see owners whose customers never
    meet another owner.

    Examples
    --------
    >>> permutation_f([1, 2, 1, 2, 8, 9, 8, 9], list("aaaabbbb")).p < 0.05
    True
    >>> customers = [1, 1, 2, 2, 3, 3, 4, 4]  # they differ, the owners do not
    >>> permutation_f([1, 1, 2, 2, 8, 8, 9, 9], list("abababab"), clusters=customers).p
    1.0
    """
    scores, group, cluster = _exchangeable(values, labels, clusters)
    present, index = np.unique(group, return_inverse=True)
    groups, n = present.size, scores.size
    rest = n - groups - (int(np.unique(cluster).size) - 1)
    if groups <= 1 or rest <= 0:
        return PermutationF(None, None, permutations, n)
    cluster_index = np.unique(cluster, return_inverse=True)[1]
    members = np.bincount(cluster_index)
    centred = scores - (np.bincount(cluster_index, scores) / members)[cluster_index]
    whole = float(np.square(centred).sum())
    if whole <= 1e-12 * float(np.square(scores).sum()):
        return PermutationF(None, 1.0, permutations, n)
    order = np.argsort(cluster_index, kind="stable")
    index, centred, cluster_index = index[order], centred[order], cluster_index[order]
    sizes = np.bincount(index)

    def between(labelled: Whole) -> float:
        return float((np.square(np.bincount(labelled, centred, groups)) / sizes).sum())

    # what varies in all cannot change when labels move, so F rises with the part between alone
    seen, rng = between(index), np.random.default_rng(seed)
    enough = seen - 1e-9 * whole
    as_large = sum(
        between(index[np.lexsort((rng.random(n), cluster_index))]) >= enough for _ in range(permutations)
    )
    left = whole - seen
    f = (seen / (groups - 1)) / (left / rest) if left > 1e-12 * whole else np.inf
    return PermutationF(f, (1 + as_large) / (1 + permutations), permutations, n)


def agreement_within_group(scores: ArrayLike, *, options: int) -> float | None:
    """How far does a group of people agree on one thing?

    ``r_WG = 1 − s² / ((A² − 1) / 12)``: the sample variance s² beside that of answers drawn at random from
    A equally likely options.

    Parameters
    ----------
    scores : array_like
        Whole-number answers; nan where there is none.
    options : int
        A, the number of answers on offer, for example 5.

    Returns
    -------
    float or None
        1 when all agree, 0 when they answer as if at random, below 0 when they split into camps; None
        with fewer than two scores.

    Raises
    ------
    ValueError
        When there are fewer than two options.

    Notes
    -----
    Random answers are a generous yardstick: people who all avoid the lowest answers agree by this measure.

    References
    ----------
    James, L. R., Demaree, R. G., Wolf, G. (1984). Estimating within-group interrater reliability with and
    without response bias. Journal of Applied Psychology 69, 85–98.

    Examples
    --------
    >>> agreement_within_group([4, 4, 5, 3, 4], options=5)
    0.75
    """
    if options <= 1:
        raise ValueError(f"agreement needs at least 2 answers on offer, not {options}")
    deviation = within_deviation(scores)
    return None if deviation is None else 1 - deviation * deviation / ((options * options - 1) / 12)


def within_deviation(values: ArrayLike) -> float | None:
    """How much do the scores of one customer differ from touchpoint to touchpoint?

    ``√(Σ (x − x̄)² / (m − 1))`` over the m scores.

    Parameters
    ----------
    values : array_like
        The scores; nan where there is none.

    Returns
    -------
    float or None
        In units of the score, 0 when all are equal; None with fewer than two scores.

    Examples
    --------
    >>> within_deviation([1, 3])
    1.4142135623730951
    """
    known = _known(values)
    return None if known.size <= 1 else float(known.std(ddof=1))


def successive_difference(values: ArrayLike) -> float | None:
    """How much do the scores of one customer jump from one to the next?

    The mean square of successive differences, MSSD: ``Σ (x_{i+1} − x_i)² / (m − 1)``.

    Parameters
    ----------
    values : array_like
        The scores in their order in time; nan where there is none.

    Returns
    -------
    float or None
        In squared units of the score, 0 when all are equal; None with fewer than two scores.

    Notes
    -----
    A slow fall and a see-saw can have the same deviation; only this tells them apart.

    Examples
    --------
    >>> successive_difference([2, 3, -4, 1, 3])
    19.75
    """
    known = _known(values)
    return None if known.size <= 1 else float(np.square(np.diff(known)).mean())


def weakest_link(scores: ArrayLike) -> WeakestLink:
    """Which score is the lowest?

    Parameters
    ----------
    scores : array_like
        The scores; nan where there is none.

    Returns
    -------
    WeakestLink
        The lowest score and its position, the first one among equals; None twice without scores.

    Notes
    -----
    Of many touchpoints with few answers each, the lowest is mostly an accident: give their intervals too.

    Examples
    --------
    >>> weakest_link([0.8, 0.4, 0.9])
    WeakestLink(value=0.4, position=1)
    """
    given = np.asarray(scores, dtype=np.float64).ravel()
    if np.isnan(given).all():
        return WeakestLink(None, None)
    position = int(np.nanargmin(given))
    return WeakestLink(float(given[position]), position)


def _exchangeable(
    values: ArrayLike, labels: ArrayLike, clusters: ArrayLike | None
) -> tuple[Floats, Whole, Whole]:
    """Scores, groups and clusters as numbers, of those clusters only whose labels can be exchanged."""
    scores = np.asarray(values, dtype=np.float64).ravel()
    names = np.asarray(labels).ravel()
    own = np.zeros(scores.size, dtype=np.intp) if clusters is None else np.asarray(clusters).ravel()
    if not scores.size == names.size == own.size:
        raise ValueError(
            f"values, labels and clusters need one entry a score: {scores.size}, {names.size}, {own.size}"
        )
    known = ~np.isnan(scores)
    scores, names, own = scores[known], names[known], own[known]
    group, cluster = np.unique(names, return_inverse=True)[1], np.unique(own, return_inverse=True)[1]
    pairs = np.unique(np.column_stack([cluster, group]), axis=0)[:, 0]
    several = np.bincount(pairs, minlength=1)[cluster] > 1
    return scores[several], group[several], cluster[several]


def _known(values: ArrayLike) -> Floats:
    given = np.asarray(values, dtype=np.float64).ravel()
    return given[~np.isnan(given)]


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
