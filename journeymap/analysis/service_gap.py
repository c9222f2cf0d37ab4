"""Is the service better, or worse, than the experience around it, and is it alike for every customer?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from journeymap.analysis.service_gap_report import (
    CANNOT_TELL,
    IN_BETWEEN,
    OTHERS,
    QUADRANTS,
    Parity,
    ParityValue,
    SegmentGap,
    ServiceGap,
    quadrant_of,
)
from journeymap.errors import JourneyMapError, MissingEvidenceError, require
from journeymap.metrics.counts import counts_by_group, evidence_table, refuse_graph_alone
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from journeymap.model.measures import FEELING_SCALE, Estimate
from journeymap.stats.differences import mean_interval, welch_difference
from journeymap.stats.grouped_scores import mean_of_groups
from journeymap.stats.jackknife import group_jackknife, leave_one_out, t_quantile
from journeymap.stats.multiplicity import benjamini_hochberg
from journeymap.stats.shares import wilson
from journeymap.stats.wald import grouped_means_test

__all__ = [
    "CANNOT_TELL",
    "IN_BETWEEN",
    "QUADRANTS",
    "Parity",
    "ParityValue",
    "SegmentGap",
    "ServiceGap",
    "compare_service_gap",
]

Counts = NDArray[np.float64]
_MICRO = 1e6
_BOUNDS = (FEELING_SCALE.low, FEELING_SCALE.high)
_WIDEST = FEELING_SCALE.high - FEELING_SCALE.low
# sums are whole millionths: what is left of equal feelings is no spread
_NO_SPREAD = 1e-5
_FEWEST, _FEWEST_GROUPS = 2, 5
_MORE = 0.5  # of a customer, half at either end of the scale: a few who feel alike are not sure of a mean
_CELLS = tuple((s, x) for s in ("good", "poor") for x in ("good", "poor"))  # in the order of QUADRANTS
_SERVICE = "S: mean over customers of their mean feeling at service contacts, −2 to +2"
_EXPERIENCE = "X: mean over {who} of their mean feeling outside service, −2 to +2"


_FELT_WORDS = {
    "service": ("mean feeling at service contacts of which it is known, −2 to +2",
                "mean feeling at service contacts − that at the contacts of all others"),
    "experience": ("mean over customers of their mean feeling outside service, −2 to +2",
                   "mean over customers of their mean feeling outside service − that over all others"),
}  # fmt: skip


class _Sums(NamedTuple):
    """Sums over customers."""

    both: float
    service: float
    experience: float
    service_service: float
    experience_experience: float
    service_experience: float
    without: float
    without_total: float
    without_without: float
    silent: float


_MEASURES = (
    "customers_both", "service_u", "experience_u", "service_service_u", "experience_experience_u",
    "service_experience_u", "customers_without", "without_u", "without_without_u", "customers_silent",
)  # fmt: skip


def compare_service_gap(journey: Journey, *, level: float = 0.95, middle: float = 0.0) -> ServiceGap:
    """Is the service better, or worse, than the experience around it?

    With S and X a customer's mean feeling at service contacts and outside service, over the customers of
    whom both are known: the means of S, of X and of the gap ``S − X`` (paired: ``d ± t s/√n``), of all and by
    segment. To s² a quarter of a customer is added at either end of the scale: where few have a large gap, a
    small sample without them would seem sure. A *quadrant* is named where both means are surely great, above
    ``good_above``, or poor, below ``poor_below``; where they are not, but surely lie on either side of the
    middle, these sides are named. The shares count customers by their own S and X by the same limits, with
    Wilson's intervals. Parity: do contacts feel alike in every channel, and to every segment; and does the
    experience outside service feel alike to every segment?

    Parameters
    ----------
    journey : Journey
        An observed journey with the evidence of ``with_service_gap``.
    level : float
        The confidence level.
    middle : float
        What the means of S and X are held against, −2 to +2.

    Returns
    -------
    ServiceGap
        Without values where of no customer both feelings are known.

    Raises
    ------
    MissingEvidenceError
        The journey carries no such evidence.
    JourneyMapError
        The middle lies off the scale of feelings.

    Notes
    -----
    S exists only for customers with contacts, so X is compared on the same customers; X of those without is
    told beside it. Who needs help is not like who does not: that the two groups differ outside service says
    nothing of what service does. A mean near the middle may hold many great and many poor ones. Each segment
    is judged by itself, at the level of its intervals: of many segments, some seem to stand out by chance.
    The test of parity is corrected for looking at several; it does not know why customers use the channel
    that they use. That no difference can be told does not prove that there is none. A customer's mean of few
    feelings varies more than one of many, so the share in the corners is the larger the less is told.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the
    American Statistical Association 22, 209–212.

    Examples
    --------
    >>> compare_service_gap(Journey(name="Shop", touchpoints=[{"id": "ad", "stage": "discovery"}]))
    Traceback (most recent call last):
    journeymap.errors.MissingEvidenceError: journey 'Shop' does not know how service felt.
    Hint: count it with with_service_gap(journey, log)
    """
    require(journey, Journey, "compare_service_gap", hint="discover the journey first: discover_journey(log)")
    if all(carried.name != "gap_moments" for carried in journey.evidence):
        refuse_graph_alone(journey)
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} does not know how service felt.",
            hint="count it with with_service_gap(journey, log)",
        )
    if not FEELING_SCALE.low <= middle <= FEELING_SCALE.high:
        raise JourneyMapError.because(
            f"middle: {middle!r} is no feeling.", expected="Expected a number from −2 to +2."
        )
    rules = dict(_pairs(evidence_table(journey, "gap_rules")))
    by = rules.get("by", "")
    great, poor = float(rules["good_above"]), float(rules["poor_below"])

    def placed(service: Estimate, experience: Estimate) -> str:
        return quadrant_of(service, experience, middle=middle, good_above=great, poor_below=poor)

    limits = f"great: above {rules['good_above']}, poor: below {rules['poor_below']}".replace("-", "−")
    table = evidence_table(journey, "gap_moments")
    sums = np.stack([counts_by_group(journey, "gap_moments", name).sum(axis=1) for name in _MEASURES], axis=1)
    sums[:, [name.endswith("_u") for name in _MEASURES]] /= _MICRO
    whole = _Sums(*sums.sum(axis=0).tolist())
    service, experience, gap = _three(whole, level)
    without, apart = _without(whole, experience, level)
    *parity, experience_parity = _adjusted_together(
        [*_parities(journey, by, level), _outside(journey, by, level)]
    )
    return ServiceGap(
        journey=journey.name,
        by=by,
        customers=int(whole.both),
        service=service,
        experience=experience,
        experience_without=without,
        gap=gap,
        good_above=great,
        poor_below=poor,
        quadrant=placed(service, experience),
        shares=_shares(journey, limits, level),
        segments=_segments(table, sums, level, placed) if by else (),
        parity=tuple(one for one in parity if one is not None),
        middle=middle,
        experience_difference=apart,
        silent=int(whole.silent),
        experience_parity=experience_parity,
    )


def _pairs(table: EvidenceTable) -> list[tuple[str, str]]:
    return [(rule, value) for rule, value in table.keys]


def _three(sums: _Sums, level: float) -> tuple[Estimate, Estimate, Estimate]:
    """Estimate S, X and S − X."""
    n = sums.both
    service = _mean(sums.service, sums.service_service, n, _SERVICE, level)
    who = "the same customers"
    experience = _mean(sums.experience, sums.experience_experience, n, _EXPERIENCE.format(who=who), level)
    total = sums.service - sums.experience
    squares = sums.service_service + sums.experience_experience - 2 * sums.service_experience
    definition = "S − X: mean over customers of their mean feeling at service contacts − that outside service"
    gap = _mean(total, squares, n, definition, level, paired=True)
    return service, experience, gap


def _variance(total: float, squares: float, n: float, reach: float) -> float:
    """s² of one customer, with a quarter of a customer more at either end of the scale."""
    around = max(squares - total * total / n, 0.0)
    return (around + _MORE * reach * reach) / (n - 1 + _MORE)


def _mean(
    total: float, squares: float, n: float, definition: str, level: float, *, paired: bool = False
) -> Estimate:
    if not n:
        return Estimate(value=None, level=level, definition=definition)
    least, most = (-_WIDEST, _WIDEST) if paired else _BOUNDS
    value = min(max(total / n, least), most)
    sd = math.sqrt(_variance(total, squares, n, most))
    low, high = mean_interval(value, sd, n, level=level, bounds=(least, most))
    return Estimate(
        value=value,
        low=min(low, value),
        high=max(high, value),
        n=int(n),
        customers=int(n),
        level=level,
        method="paired t" if paired else "t",
        definition=definition,
    )


def _without(sums: _Sums, experience: Estimate, level: float) -> tuple[Estimate, Estimate]:
    """Estimate X of customers without contact, and how far that of the others differs."""
    n, other, reach = sums.both, sums.without, FEELING_SCALE.high
    definition = _EXPERIENCE.format(who="customers without a contact")
    without = _mean(sums.without_total, sums.without_without, other, definition, level)
    definition = "X of customers with contacts and both feelings known − X of customers without a contact"
    if experience.value is None or without.value is None:
        return without, Estimate(value=None, level=level, definition=definition)
    found = welch_difference(
        (experience.value, _variance(sums.experience, sums.experience_experience, n, reach) / n, n - 1),
        (without.value, _variance(sums.without_total, sums.without_without, other, reach) / other, other - 1),
        level=level,
    )
    return without, Estimate(
        value=experience.value - without.value,
        low=found.low,
        high=found.high,
        n=int(n + other),
        customers=int(n + other),
        level=level,
        method="Welch" if found.low is not None else "",
        definition=definition,
    )


def _shares(journey: Journey, limits: str, level: float) -> dict[str, Estimate]:
    """Count customers by their own two means."""
    counts = counts_by_group(journey, "gap_cells", "customers").sum(axis=1)
    cells = dict.fromkeys(
        ((s, x) for s in ("good", "middle", "poor") for x in ("good", "middle", "poor")), 0.0
    )
    for (_, service, experience), count in zip(
        evidence_table(journey, "gap_cells").keys, counts, strict=True
    ):
        if "unknown" not in {service, experience}:
            cells[service, experience] += float(count)
    n = sum(cells.values())
    corners = {name: cells[cell] for name, cell in zip(QUADRANTS, _CELLS, strict=True)}
    found = {**corners, IN_BETWEEN: n - sum(corners.values())}
    return {name: _share(name, count, n, limits, level) for name, count in found.items()}


def _share(name: str, count: float, n: float, limits: str, level: float) -> Estimate:
    definition = f"customers with {name} by their own means / customers with both known; {limits}"
    if name == IN_BETWEEN:
        definition = (
            f"customers of whom a mean is neither great nor poor / customers with both known; {limits}"
        )
    if not n:
        return Estimate(value=None, level=level, definition=definition)
    low, high = wilson(count, n, level=level)
    return Estimate(
        value=count / n,
        low=low,
        high=high,
        n=int(n),
        customers=int(n),
        level=level,
        method="Wilson",
        definition=definition,
    )


def _segments(
    table: EvidenceTable, sums: Counts, level: float, placed: Callable[[Estimate, Estimate], str]
) -> tuple[SegmentGap, ...]:
    found = []
    for (segment,), row in zip(table.keys, sums, strict=True):
        own = _Sums(*row.tolist())
        service, experience, gap = _three(own, level)
        found.append(
            SegmentGap(
                segment=segment,
                customers=int(own.both),
                service=service,
                experience=experience,
                gap=gap,
                quadrant=placed(service, experience),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.segment == OTHERS, -one.customers, one.segment)))


def _parities(journey: Journey, by: str, level: float) -> list[Parity]:
    """Compare how contacts feel by channel and by segment."""
    keys = evidence_table(journey, "parity").keys
    customers_by_cell = counts_by_group(journey, "gap_cells", "customers").sum(axis=1)
    cells = evidence_table(journey, "gap_cells").keys
    who = int(customers_by_cell[[service != "unknown" for _, service, _ in cells]].sum())
    felt_at = counts_by_group(journey, "parity", "felt").sum(axis=1) > 0
    found = []
    for alike in dict.fromkeys(key[0] for key in keys):
        rows = [row for row, key in enumerate(keys) if key[0] == alike and felt_at[row]]
        values = [keys[row][1] for row in rows]
        if len(values) < _FEWEST:
            continue
        total, squares, felt, contacts, customers = (
            counts_by_group(journey, "parity", name)[rows]
            for name in ("sum_u", "sum2_u", "felt", "contacts", "customers")
        )
        counts = _Felt(total / _MICRO, squares / _MICRO, felt, contacts, customers, who)
        found.append(counts.parity(by if alike == "segment" else alike, values, level))
    return found


def _outside(journey: Journey, by: str, level: float) -> Parity | None:
    """Compare how the rest of the experience feels by segment: each customer's mean, with contacts or not."""
    segments = [key[0] for key in evidence_table(journey, "gap_moments").keys]
    if not by or len(segments) < _FEWEST:
        return None
    total, squares, n = (
        sum((counts_by_group(journey, "gap_moments", name) for name in names), np.zeros(1))
        for names in (
            ("experience_u", "without_u", "silent_u"),
            ("experience_experience_u", "without_without_u", "silent_silent_u"),
            ("customers_both", "customers_without", "customers_silent"),
        )
    )
    seen = n.sum(axis=1) > 0
    total, squares, n = total[seen] / _MICRO, squares[seen] / _MICRO, n[seen]
    names = [segment for segment, some in zip(segments, seen, strict=True) if some]
    if len(names) < _FEWEST:
        return None
    return _Felt(total, squares, n, n, n, int(n.sum())).parity(by, names, level, of="experience")


def _adjusted_together(found: list[Parity | None]) -> list[Parity | None]:
    """Correct the tests for looking at all of them."""
    adjusted = _adjusted([None if one is None else one.p for one in found])
    return [
        None if one is None else one.model_copy(update={"p_adjusted": p})
        for one, p in zip(found, adjusted, strict=True)
    ]


def _adjusted(p_values: list[float | None]) -> list[float | None]:
    known = iter(benjamini_hochberg([p for p in p_values if p is not None]).tolist())
    return [None if p is None else next(known) for p in p_values]


class _Felt(NamedTuple):
    """Feelings at contacts: a row a channel or segment, a column a customer group."""

    total: Counts
    squares: Counts
    felt: Counts
    contacts: Counts
    customers: Counts
    who: int  # distinct customers with a felt contact

    def parity(
        self, by: str, names: list[str], level: float, *, of: Literal["service", "experience"] = "service"
    ) -> Parity:
        """Test whether the means are alike, and hold each against all others."""
        p = grouped_means_test(self.total, self.felt).p
        values = self._values(names, level, _FELT_WORDS[of])
        return Parity(by=by, of=of, values=values, p=p, level=level)

    def _values(self, names: list[str], level: float, words: tuple[str, str]) -> tuple[ParityValue, ...]:
        mean, difference = words
        apart = [self._apart(row, level, difference) for row in range(len(names))]
        adjusted = _adjusted([p for _, p in apart])
        found = [
            ParityValue(
                value=name,
                contacts=int(self.contacts[row].sum()),
                feeling=self._feeling(row, level, mean),
                difference=apart[row][0],
                p=apart[row][1],
                p_adjusted=adjusted[row],
            )
            for row, name in enumerate(names)
        ]
        return tuple(sorted(found, key=lambda one: (one.value == OTHERS, -one.contacts, one.value)))

    def _feeling(self, row: int, level: float, definition: str) -> Estimate:
        n, customers = int(self.felt[row].sum()), int(self.customers[row].sum())
        found = mean_of_groups(self.total[row], self.squares[row], self.felt[row], answers=n,
                               customers=customers, bounds=_BOUNDS, level=level)  # fmt: skip
        return Estimate(
            value=found.value,
            low=found.low,
            high=found.high,
            n=n,
            customers=customers,
            level=level,
            method=found.method,
            definition=definition,
        )

    def _apart(self, row: int, level: float, definition: str) -> tuple[Estimate, float | None]:
        """Hold one against all others; a customer may be on both sides."""
        total, felt = self.total, self.felt
        others, other_felt = total.sum(axis=0) - total[row], felt.sum(axis=0) - felt[row]
        n = int(felt.sum())
        if not felt[row].sum() or not other_felt.sum():
            return Estimate(value=None, level=level, definition=definition), None
        value = float(total[row].sum() / felt[row].sum() - others.sum() / other_felt.sum())
        with np.errstate(divide="ignore", invalid="ignore"):
            left = leave_one_out(total[row]) / leave_one_out(felt[row])
            left = left - leave_one_out(others) / leave_one_out(other_felt)
        groups = min(int((felt[row] > 0).sum()), int((other_felt > 0).sum()))
        found = group_jackknife(value, left, level=level)
        low = high = p = None
        if groups >= _FEWEST_GROUPS and found.se is not None and found.se**2 > _NO_SPREAD / n:
            # no more degrees of freedom than groups on the smaller side
            reach = found.se * t_quantile(level, groups - 1)
            low, high = max(value - reach, -_WIDEST), min(value + reach, _WIDEST)
            p = float(2 * stdtr(groups - 1, -abs(value) / found.se))
        return Estimate(
            value=value,
            low=low,
            high=high,
            n=n,
            customers=self.who,
            level=level,
            method="group jackknife" if low is not None else "",
            definition=definition,
        ), p
