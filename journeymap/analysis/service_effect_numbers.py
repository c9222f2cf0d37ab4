"""The numbers of `check_service_effect`: two sides compared stratum by stratum, and at landmarks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.metrics.counts import counts_by_group, evidence_table
from journeymap.metrics.flow import WILSON_METHOD, share_estimate
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.differences import newcombe_difference
from journeymap.stats.jackknife import all_and_without, group_jackknife, jackknife_variance, t_quantile
from journeymap.stats.sensitivity import e_value
from journeymap.stats.shared_strata import shared_difference, spread_share
from journeymap.stats.shares import effective_size
from journeymap.stats.strata import mantel_haenszel_ratio

__all__ = ["FROM_START", "Arrivals", "Contrast", "Points", "e_values", "feelings", "shares"]

Counts = NDArray[np.float64]
Sides = Mapping[str, Counts]
Contrast = dict[str, Estimate]

FROM_START = "@start"

_MILLI, _MICRO = 1e3, 1e6
_MH = "Mantel–Haenszel over points, Wilson at the effective sample sizes with their correlation"
_NEWCOMBE = "Newcombe at the effective sample size"
_JACKKNIFE = "group jackknife"
_LEAST_SPREAD = 1e-9
_FELT = (
    ("felt", 1.0), ("felt_before_m", _MILLI), ("felt_after_m", _MILLI), ("felt_before_before_u", _MICRO),
    ("felt_before_after_u", _MICRO),
)  # fmt: skip


class Points(NamedTuple):
    """Points with a contact next and without: counts by risk set and customer group.

    A risk set is what stands behind one kind of point and one time that a contact came after it: those whose
    contact came then, and all others that had waited as long.

    Parameters
    ----------
    contact, none : mapping of str to ndarray
        For every measure the counts of both sides, a row a risk set with contacts, a column a group.
    """

    contact: Sides
    none: Sides

    @classmethod
    def of(cls, journey: Journey, chosen: frozenset[str], measures: Iterable[str]) -> Points:
        """Sum up where one of the chosen touchpoints comes next, and where nothing had come by then."""
        evidence = evidence_table(journey, "service_points")
        kinds = {kind: number for number, kind in enumerate(dict.fromkeys(key[:4] for key in evidence.keys))}
        times = sorted({int(key[4]) for key in evidence.keys if key[4]})
        # who never went on had waited as long as anybody
        bins = {str(time): number for number, time in enumerate(times)} | {"": len(times)}
        cells = np.array([(kinds[key[:4]], bins[key[4]]) for key in evidence.keys], int).reshape(-1, 2)
        contact = np.array([bool(key[5]) for key in evidence.keys], bool)
        meant = np.array([key[5] in chosen for key in evidence.keys], bool)
        used = np.unique(cells[meant], axis=0)
        shape = (len(kinds), len(bins), evidence.groups)

        def summed(counts: Counts, kept: NDArray[np.bool_]) -> Counts:
            table = np.zeros(shape)
            np.add.at(table, tuple(cells[kept].T), counts[kept])
            return table

        sides: tuple[dict[str, Counts], dict[str, Counts]] = {}, {}
        for measure in measures:
            counts = counts_by_group(journey, "service_points", measure)
            # those with a contact later had none yet
            late = measure == "later"
            asked = counts_by_group(journey, "service_points", "closed") if late else counts
            waiting = _from(summed(counts, ~contact), 0) + _from(summed(asked, contact), 1)
            sides[0][measure] = summed(counts, meant)[tuple(used.T)]
            sides[1][measure] = waiting[tuple(used.T)]
        return cls(*sides)

    def compared(self, trials: str, other_trials: str) -> Points:
        """Keep the risk sets that hold both."""
        both = (self.contact[trials].sum(axis=1) > 0) & (self.none[other_trials].sum(axis=1) > 0)
        return Points(*({measure: counts[both] for measure, counts in side.items()} for side in self))

    @property
    def customers(self) -> int:
        """How many customers stand behind the contacts; one with several journeys counts for each."""
        return int(self.contact["customers"].sum())


def _from(table: Counts, later: int) -> Counts:
    """Add up everything in the same bin of time, or so many bins later, and after."""
    after = np.cumsum(table[:, ::-1], axis=1)[:, ::-1]
    return after if not later else np.concatenate((after[:, later:], np.zeros_like(after[:, :later])), axis=1)


class Arrivals(NamedTuple):
    """Journeys that reach landmarks: contact before it, and after it (None: of another kind)."""

    keys: tuple[tuple[str, bool, bool | None], ...]
    counts: Sides

    @classmethod
    def of(cls, journey: Journey, chosen: frozenset[str]) -> Arrivals:
        """Tell journeys apart by whether one of the chosen touchpoints comes first after the landmark."""
        evidence = evidence_table(journey, "landmarks")
        keys = tuple(
            (landmark, before == "1", contact in chosen or (None if contact else False))
            for landmark, before, contact in evidence.keys
        )
        return cls(keys, {m: counts_by_group(journey, "landmarks", m) for m in evidence.measures})

    def contrasts(
        self, mark: str, contrast: Callable[[Sides, Sides, str, str], Contrast], *, first: str, clock: str
    ) -> Contrast:
        """Compare journeys with and without contact: from the start on, after the landmark, before it."""
        since = {FROM_START: "the journey's first event", mark: "the landmark"}
        found: Contrast = {}
        for name, landmark, when in (
            ("crude", FROM_START, "after"),
            ("landmarked", mark, "after"),
            ("landmarked_before", mark, "before"),
        ):
            where = "" if landmark == FROM_START else f" {when} the landmark, of those that reach it"
            where += f", {clock} {since[landmark]}" if clock else ""
            one, other = (self._side(landmark, when, contact=contact) for contact in (True, False))
            three = contrast(one, other, f"{first}{where}", f"without one{where}")
            found[name] = three["difference"]
            if when == "after":
                found |= {f"{name}_with": three["with"], f"{name}_without": three["without"]}
        return found

    def others(self, measure: str) -> int:
        """Count the journeys whose first contact is of another kind."""
        return int(self._side(FROM_START, "after", contact=None)[measure].sum())

    def everyone(self, measure: str) -> int:
        """Count all journeys."""
        sides = (self._side(FROM_START, "after", contact=contact) for contact in (True, False, None))
        return int(sum(side[measure].sum() for side in sides))

    def _side(self, landmark: str, when: str, *, contact: bool | None) -> Sides:
        held = [
            mark == landmark and (after if when == "after" else before) is contact
            for mark, before, after in self.keys
        ]
        rows = np.array(held, bool)
        return {measure: counts[rows].sum(axis=0) for measure, counts in self.counts.items()}


def shares(
    journey: Journey,
    chosen: frozenset[str],
    mark: str,
    *,
    measures: tuple[str, str, str],
    what: str,
    contact: str,
    first: str,
    level: float,
) -> tuple[Contrast, tuple[float | None, float | None], int]:
    """How do shares with and without a contact compare?

    Parameters
    ----------
    journey : Journey
        With its counts.
    chosen : frozenset of str
        The service touchpoints that are meant.
    mark : str
        The landmark.
    measures : tuple of str
        What holds the outcome, of which trials, and of which of them the journey surely went on.
    what, contact, first : str
        How the outcome, the contact, and journeys that have it first are called in definitions.
    level : float
        The confidence level.

    Returns
    -------
    tuple
        The estimates by the names of their fields, both E-values, and how many contacts are compared.
    """
    hits, trials, stayed = measures
    points = Points.of(journey, chosen, {*measures, "closed", "later", "customers"})
    # who comes back is counted from different times
    clock = "counted from" if trials == "watched" else ""
    at = f"{what}, {contact} next − nothing yet after as long a wait, at the same point"
    here = f", {clock} that point" if clock else ""

    def difference(others: str, definition: str) -> Estimate:
        held = points.compared(trials, others)
        sides = held.contact[hits], held.contact[trials], held.none[hits], held.none[others]
        found = shared_difference(*sides, level=level)
        return Estimate(
            value=found.value, low=found.low, high=found.high, n=int(sides[1].sum() + sides[3].sum()),
            customers=held.customers, level=level, method=_MH if found.value is not None else "",
            definition=definition,
        )  # fmt: skip

    def contrast(one: Sides, other: Sides, with_: str, without: str) -> Contrast:
        return _share_contrast(one, other, (hits, trials), (what, with_, without), level)

    held = points.compared(trials, trials)
    a, n1, c, n0 = held.contact[hits], held.contact[trials], held.none[hits], held.none[trials]
    spread = "nothing yet after as long a wait, spread over the points as contacts are"
    stratified = difference(trials, f"{at}{here}")
    found = {
        **Arrivals.of(journey, chosen).contrasts(mark, contrast, first=first, clock=clock),
        "stratified": stratified,
        "against_stayed": difference(stayed, f"{at}{here}, the others only where they surely went on"),
        "standardised_with": _spread_share(a, n1, n1, held.customers, f"{what}, {contact} next{here}", level),
        "standardised_without": _spread_share(c, n0, n1, held.customers, f"{what}, {spread}{here}", level),
        "later": _spread_share(
            held.none["later"], held.none["closed"], n1, held.customers,
            f"share with a contact later in the journey, {spread}", level,
        ),
    }  # fmt: skip
    return found, e_values((a, n1, c, n0), stratified, level), int(n1.sum())


def _share_contrast(
    one: Sides, other: Sides, measures: tuple[str, str], words: tuple[str, str, str], level: float
) -> Contrast:
    hits, trials = measures
    what, *sides = words
    customers = [int(side["customers"].sum()) for side in (one, other)]
    both = {
        name: share_estimate(
            side[hits], side[trials], customers=people, definition=f"{what}, {said}", level=level
        )
        for name, side, people, said in zip(("with", "without"), (one, other), customers, sides, strict=True)
    }  # fmt: skip
    definition = f"{what}, {sides[0]} − {sides[1]}"
    first, second = both["with"].value, both["without"].value
    if first is None or second is None:
        return {**both, "difference": Estimate(value=None, level=level, definition=definition)}
    sizes = [
        effective_size(side[hits], side[trials], customers=people)
        for side, people in zip((one, other), customers, strict=True)
    ]
    df = max(one[trials].size - 1, 1)
    found = newcombe_difference(first * sizes[0], sizes[0], second * sizes[1], sizes[1], level=level, df=df)
    return {
        **both,
        "difference": Estimate(
            value=found.value, low=found.low, high=found.high, n=both["with"].n + both["without"].n,
            customers=min(customers), level=level, method=_NEWCOMBE, definition=definition,
        ),
    }  # fmt: skip


def _spread_share(
    successes: Counts, trials: Counts, weights: Counts, customers: int, definition: str, level: float
) -> Estimate:
    value, low, high = spread_share(successes, trials, weights, level=level)
    return Estimate(
        value=value, low=low, high=high, n=int(trials.sum()), customers=customers, level=level,
        method=WILSON_METHOD if value is not None else "", definition=definition,
    )  # fmt: skip


def e_values(
    sides: tuple[Counts, Counts, Counts, Counts], stratified: Estimate, level: float
) -> tuple[float | None, float | None]:
    """How strong would something unknown have to be to explain the stratified ratio away?

    Parameters
    ----------
    sides : tuple of ndarray
        a, n₁, c and n₀: strata by customer groups.
    stratified : Estimate
        The difference; where its interval holds 0, nothing has to be explained away.
    level : float
        The confidence level.

    Returns
    -------
    (float or None, float or None)
        Of the ratio of Mantel and Haenszel and of the nearer end of its interval (group jackknife of its
        logarithm); None where the ratio is 0 or infinite.
    """
    if stratified.value is None or stratified.low is None or stratified.high is None:
        return None, None
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(mantel_haenszel_ratio(*(all_and_without(counts).T for counts in sides)))
    if not math.isfinite(logs[0]):
        return None, None
    value = e_value(math.exp(logs[0]))
    se = math.sqrt(float(jackknife_variance(logs[0], logs[1:])))
    reach = t_quantile(level, max(logs.size - 2, 1)) * se
    if stratified.low <= 0 <= stratified.high or reach >= abs(logs[0]):
        return value, 1.0
    return value, e_value(math.exp(logs[0] - math.copysign(reach, logs[0])))


def feelings(
    journey: Journey, chosen: frozenset[str], mark: str, *, contact: str, first: str, level: float
) -> tuple[Contrast, int]:
    """How do feelings outside service afterwards compare?

    Parameters
    ----------
    journey, chosen, mark, contact, first, level
        As for `shares`.

    Returns
    -------
    tuple
        The estimates by the names of their fields, and how many contacts are compared.
    """
    points = Points.of(journey, chosen, (*(measure for measure, _ in _FELT), "customers"))
    held = points.compared("felt", "felt")
    what = "mean feeling outside service afterwards"
    n = int(held.contact["felt"].sum())
    groups = int(np.count_nonzero(held.contact["felt"].sum(axis=0)))

    def estimate(replicates: Counts, counted: int, definition: str) -> Estimate:
        return _jackknifed(replicates, (counted, held.customers, groups), definition, level)

    def contrast(one: Sides, other: Sides, with_: str, without: str) -> Contrast:
        return _felt_contrast(one, other, (what.removesuffix(" afterwards"), with_, without), level)

    gap, after, without = _adjusted(held)
    others = int(held.none["felt"].sum())
    waiting, same = "nothing yet after as long a wait", "at the same point and equal feelings before"
    at = f"{what}, {contact} next − {waiting}, {same}"
    difference = estimate(gap, n + others, at)
    found = {
        **Arrivals.of(journey, chosen).contrasts(mark, contrast, first=first, clock=""),
        "stratified": difference,
        "against_stayed": difference,  # who felt something afterwards has gone on
        "standardised_with": estimate(after, n, f"{what}, {contact} next"),
        "standardised_without": estimate(
            without, others, f"{what}, {waiting}, spread over points and feelings as contacts are"
        ),
        "later": Estimate(value=None, level=level),
    }
    return found, n


def _adjusted(held: Points) -> tuple[Counts, Counts, Counts]:
    """Compare means after at equal means before: the difference and both sides, and without each group."""
    sums = [[all_and_without(side[measure]).T / size for measure, size in _FELT] for side in held]
    both = (sums[0][0] > 0) & (sums[1][0] > 0)
    means, spread, together = [], 0.0, 0.0
    for n, x, y, xx, xy in sums:
        size = np.where(n > 0, n, 1.0)
        means.append((x / size, y / size))
        spread = spread + np.where(both, xx - x * x / size, 0.0).sum(axis=1)
        together = together + np.where(both, xy - x * y / size, 0.0).sum(axis=1)
    slope = np.divide(
        together, spread, out=np.zeros_like(np.asarray(together)), where=np.asarray(spread) > _LEAST_SPREAD
    )[:, np.newaxis]
    n1, n0 = (np.where(both, side[0], 0.0) for side in sums)
    (x1, y1), (x0, y0) = means
    expected = y0 + slope * (x1 - x0)
    weight = np.divide(n1 * n0, n1 + n0, out=np.zeros_like(n1), where=both)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (
            (weight * (y1 - expected)).sum(axis=1) / weight.sum(axis=1),
            (n1 * y1).sum(axis=1) / n1.sum(axis=1),
            (n1 * expected).sum(axis=1) / n1.sum(axis=1),
        )


def _felt_contrast(one: Sides, other: Sides, words: tuple[str, str, str], level: float) -> Contrast:
    what, *said = words
    means, found = [], {}
    for name, side, words_of_side in zip(("with", "without"), (one, other), said, strict=True):
        n, total = all_and_without(side["felt"]), all_and_without(side["felt_m"]) / _MILLI
        means.append(np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0))
        seen = int(side["felt"].sum()), int(side["customers"].sum()), int(np.count_nonzero(side["felt"]))
        found[name] = _jackknifed(means[-1], seen, f"{what}, {words_of_side}", level)
    fewest = min(found["with"].customers, found["without"].customers)
    groups = min(int(np.count_nonzero(side["felt"])) for side in (one, other))
    counted = found["with"].n + found["without"].n
    found["difference"] = _jackknifed(
        means[0] - means[1], (counted, fewest, groups), f"{what}, {said[0]} − {said[1]}", level
    )
    return found


def _jackknifed(replicates: Counts, seen: tuple[int, int, int], definition: str, level: float) -> Estimate:
    """Give a mean its interval, with one degree of freedom less than groups on its smaller side."""
    n, customers, groups = seen
    if not replicates.size or not math.isfinite(replicates[0]):
        return Estimate(value=None, level=level, definition=definition)
    value = float(replicates[0])
    found = group_jackknife(value, replicates[1:], level=level)
    if found.se is None or groups < 2:  # noqa: PLR2004 - one group has no spread
        return Estimate(value=value, n=n, customers=customers, level=level, definition=definition)
    reach = t_quantile(level, groups - 1) * found.se
    return Estimate(
        value=value, low=value - reach, high=value + reach, n=n, customers=customers, level=level,
        method=_JACKKNIFE, definition=definition,
    )  # fmt: skip
