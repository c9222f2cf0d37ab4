"""Does one poor service contact overshadow an otherwise good experience?"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.wording import plural
from journeymap.errors import MissingEvidenceError, require
from journeymap.metrics.counts import counts_by_group, evidence_table, refuse_graph_alone
from journeymap.metrics.flow import share_estimate
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.stats.fieller import ratio_by_groups
from journeymap.stats.jackknife import leave_one_out
from journeymap.stats.strata import stratified_difference

__all__ = ["Overshadow", "OvershadowStage", "check_overshadow", "felt_cells"]

Counts = NDArray[np.float64]
_MICRO = 1e6
_ENOUGH = 20  # journeys on both sides; with fewer a difference of 30 points is no more than chance
_MH = "Mantel–Haenszel over stages, Newcombe at the effective sample size"
_CRUDE = "Newcombe at the effective sample size"
_DIFFERENCE = (
    "share of journeys lost with a poor service contact − without one, among journeys whose mean feeling "
    "outside service is good{how}; {limits}"
)
_RATIO = (
    "points of conversion that go with one unit of bad feeling / with one unit of good feeling, from a "
    "straight-line model of the outcome on a journey's mean good and mean bad feeling"
)
_COLUMNS = ("what", "stage", "value", "low", "high", "n", "customers", "definition")
_MINUS = "−"
_DIGITS = 2  # decimals of points, at most


class OvershadowStage(Frozen):
    """Journeys that came to one stage, with and without a poor service contact there.

    Parameters
    ----------
    stage, name : str
        The id of the highest stage reached before the contact (``other``: several small ones), and its name.
    lost_with : Estimate
        The share lost of those whose first poor contact came at this stage.
    lost_without : Estimate
        The share lost of those who came to this stage and had no poor contact up to its end.
    """

    stage: str
    name: str
    lost_with: Estimate
    lost_without: Estimate


class Overshadow(Frozen):
    """What goes with a poor service contact where all else was good.

    Parameters
    ----------
    journey : str
        The name of the journey.
    difference : Estimate
        Share lost with a poor service contact minus without, compared at the stage reached before the
        contact; −1 to 1, above 0: more are lost. Journeys without a contact may have ended before one was
        possible, which hides harm.
    against_good : Estimate
        Share lost where the first felt contact was poor minus where it was not, compared at the stage reached
        before it. A contact itself may go with more or fewer lost journeys; this sets only contacts side by
        side. It decides where there are enough of both.
    crude : Estimate
        `difference` without regard to the stage; it mixes those who left before they could have had a contact
        with those who stayed.
    negativity : Estimate
        ``|β⁻| / β⁺``; above 1: a bad feeling goes with more than an equally strong good one. Without interval
        where β⁺ cannot be told from 0.
    stages : tuple of OvershadowStage
        What `difference` is made of, in the order of the journey.
    unclear : int
        Good journeys left out because of a service contact whose feeling is not known.
    first_poor, first_good : int
        How many journeys stand on both sides of `against_good`, at stages that have both.
    """

    journey: str
    difference: Estimate
    against_good: Estimate
    crude: Estimate
    negativity: Estimate
    stages: tuple[OvershadowStage, ...] = ()
    unclear: int = 0
    first_poor: int = 0
    first_good: int = 0

    @property
    def is_against_good(self) -> bool:
        """Whether `against_good` alone decides: 20 journeys or more stand on both of its sides."""
        enough = min(self.first_poor, self.first_good) >= _ENOUGH
        return self.against_good.value is not None and enough

    @property
    def is_supported(self) -> bool:
        """Whether surely more are lost after a poor contact, by the comparison that is fair.

        The interval of `against_good` lies above 0 where there are enough good first contacts to compare
        with; where there are none, that of `difference`; where there are too few, both.
        """
        compared = [self.against_good] if self.against_good.value is not None else []
        compared += [] if self.is_against_good else [self.difference]
        return all(one.low is not None and one.low > 0 for one in compared)

    @property
    def weighs_bad_more(self) -> bool:
        """Whether bad feelings surely weigh more than good ones: the interval lies above 1."""
        return self.negativity.low is not None and self.negativity.low > 1

    def __str__(self) -> str:
        """Write the findings in a few lines that can be read aloud."""
        return "\n".join([self._headline(), *self._sentences()])

    def _headline(self) -> str:
        if self.difference.value is None and self.against_good.value is None:
            return (
                f"{self.journey}: cannot tell whether a poor service contact overshadows a good experience."
            )
        if not self.is_supported:
            return f"{self.journey}: that one poor service contact overshadows the rest is not supported."
        return f"{self.journey}: one poor service contact goes with losing more of the journeys else good."

    def _sentences(self) -> list[str]:
        found = [*self._said_difference(), *self._said_ratio()]
        if self.unclear:
            journeys = plural(self.unclear, "good journey")
            found.append(f"Left out: {journeys} with a service contact of which no feeling is known.")
        return [*found, "These are associations within stages; what else differs is not taken out."]

    def _said_difference(self) -> list[str]:
        return [*self._said_against_good(), *self._said_against_none()]

    def _said_against_good(self) -> list[str]:
        if self.against_good.value is None:
            return []
        said = (
            f"Where all else felt good, the share lost differs by {points(self.against_good)} after a first "
            f"contact that was poor ({plural(self.first_poor, 'such journey')}) against one that was not "
            f"({self.first_good:,}), at the same stage."
        )
        few = f"Fewer than {_ENOUGH} on one side are too few to decide by that alone."
        return [said] if self.is_against_good else [said, few]

    def _said_against_none(self) -> list[str]:
        if self.difference.value is None:
            return ["There are no good journeys both with and without a poor contact at any one stage."]
        held = [one for one in self.stages if one.lost_with.n and one.lost_without.n]
        contacts = sum(one.lost_with.n for one in held)
        alone = self.against_good.value is None
        start = (
            "Where all else felt good, the" if alone else "Against all journeys without a poor contact, the"
        )
        text = (
            f"{start} share lost differs by {points(self.difference)} after a poor "
            f"contact ({plural(contacts, 'such journey')}), compared at the stage reached before it"
        )
        if self.crude.value is not None:
            text += f"; without regard to the stage by {points(self.crude)}"
        told = [
            f"{text}.",
            "Journeys without a contact may have ended before one was possible; that hides harm.",
        ]
        return [*told, "There are no contacts that felt fine to compare with."] if alone else told

    def _said_ratio(self) -> list[str]:
        ratio = self.negativity
        if ratio.value is None:
            return [
                "How bad feelings weigh against good ones cannot be told: good ones go with no gain here."
            ]
        if ratio.low is None or ratio.high is None:
            return [
                "How bad feelings weigh against good ones cannot be told: the effect of good ones is unsure."
            ]
        if ratio.value <= 0:
            return [
                "Bad feelings go with no loss here, so that they weigh more than good ones is not supported."
            ]
        verdict = "" if self.weighs_bad_more else ", so that they weigh more is not supported"
        text = f"A bad feeling goes with {ratio.value:.1f} times as much as an equally strong good one"
        return [f"{text} ({ratio.low:.1f} to {ratio.high:.1f}){verdict}.".replace("(-", "(−")]

    def _rows(self) -> list[tuple[Any, ...]]:
        rows = [
            ("difference", "", self.difference),
            ("difference from good contacts", "", self.against_good),
            ("crude difference", "", self.crude),
            ("negativity ratio", "", self.negativity),
        ]
        for one in self.stages:
            rows += [
                ("lost with a poor contact", one.name, one.lost_with),
                ("lost without", one.name, one.lost_without),
            ]
        return [
            (what, stage, e.value, e.low, e.high, e.n, e.customers, e.definition) for what, stage, e in rows
        ]

    def to_frame(self) -> Any:
        """Put one row per number into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Shares and their differences are 0 to 1 (−1 to 1), the ratio has no unit.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        rows = [
            (what, stage, *(None if x is None else f"{x:.3f}" for x in (value, low, high)), f"{n:,}")
            for what, stage, value, low, high, n, _, _ in self._rows()
        ]
        columns = ("", "stage", "value", "low", "high", "journeys")
        return html_table(self._headline(), columns, rows, notes=self._sentences())


class FeltCells(NamedTuple):
    """Journeys by what was felt: by stage, experience and service, customer groups along the last axis."""

    stages: tuple[str, ...]
    counts: dict[str, Counts]
    experiences: tuple[str, ...]
    services: tuple[str, ...]
    limits: str

    def of(self, measure: str, *, experience: str, services: tuple[str, ...]) -> Counts:
        """Add up the chosen cells: a row a stage, a column a group."""
        at = [self.services.index(service) for service in services]
        return np.asarray(self.counts[measure][:, self.experiences.index(experience), at].sum(axis=1))


def felt_cells(
    journey: Journey, caller: str, *, table: str = "felt_cells", service: str = "service"
) -> FeltCells:
    """How did journeys with these feelings end, by stage?

    Parameters
    ----------
    journey : Journey
        With the evidence of ``with_customer_feelings``.
    caller : str
        Who asks, for messages.
    table, service : str
        ``felt_cells``, or ``felt_contacts`` with the part of its key to tell service by.

    Returns
    -------
    FeltCells
        The counts, zeros where there is nothing.

    Raises
    ------
    MissingEvidenceError
        The journey carries no such table, or has no goal.
    """
    require(journey, Journey, caller, hint="discover the journey first: discover_journey(log, design)")
    if all(carried.name != table for carried in journey.evidence):
        refuse_graph_alone(journey)
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} does not know how each of its customers felt.",
            expected=f"Expected the table {table}.",
            hint="count them with with_customer_feelings(journey, log)",
        )
    if not journey.goal:
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} has no goal, so nothing is won or lost.",
            expected="Expected a goal.",
            hint="name one or more touchpoints, or a stage, as the goal of the design",
        )
    evidence = evidence_table(journey, table)
    columns = [evidence.key_columns.index(name) for name in ("stage", "experience", service)]
    keys = [tuple(key[column] for column in columns) for key in evidence.keys]
    seen = {stage for stage, *_ in keys}
    stages = (
        *(stage.id for stage in journey.stages if stage.id in seen),
        *sorted(seen - {stage.id for stage in journey.stages}),
    )
    experiences, services = ("bad", "good", "unknown"), ("none", "good", "poor", "unknown")
    counts = {}
    for measure in evidence.measures:
        by_key = counts_by_group(journey, table, measure)
        found = np.zeros((len(stages), len(experiences), len(services), evidence.groups))
        for row, (stage, experience, felt) in enumerate(keys):
            found[stages.index(stage), experiences.index(experience), services.index(felt)] += by_key[row]
        counts[measure] = found
    return FeltCells(stages, counts, experiences, services, _limits(journey))


def _limits(journey: Journey) -> str:
    """Say what counts as good and as poor."""
    told = {name: limit for name, limit in evidence_table(journey, "felt_limits").keys}  # noqa: C416 - two parts
    said = f"poor: a contact that felt below {told['poor_below']}; good: above {told['good_above']}"
    return said.replace("-", _MINUS)


def check_overshadow(journey: Journey, *, level: float = 0.95) -> Overshadow:
    """Does one poor service contact overshadow an otherwise good experience?

    Among journeys whose mean feeling outside service is good: the share lost with a poor service contact
    minus the share lost without one. Compared at every stage s apart and put together by Mantel and Haenszel:
    journeys whose first poor contact came when s was the highest stage reached, against those that came to s
    and had no poor contact up to its end. The same among journeys with a felt contact, the first one poor
    against not poor: that is the fair comparison, for both came to a contact, and it decides where 20
    journeys or more stand on both of its sides. Where no first contact was good, the first difference
    decides; where there are fewer than 20, both must hold. And the negativity ratio ``|β⁻| / β⁺`` from the
    least-squares line ``won = β₀ + β⁺ m⁺ + β⁻ m⁻``, with m⁺ and m⁻ a journey's mean of max(x, 0) and of
    max(−x, 0).

    Parameters
    ----------
    journey : Journey
        An observed journey with a goal and the evidence of ``with_customer_feelings``.
    level : float
        The confidence level.

    Returns
    -------
    Overshadow
        Both numbers with their intervals; without value where nothing can be compared.

    Raises
    ------
    MissingEvidenceError
        The journey carries no such evidence, or has no goal.

    Notes
    -----
    A definition of this library; there is no standard. It compares like with like in the stage reached, not
    in who the customers are. A journey without a contact may have ended before one was possible, at an
    earlier touchpoint of the same stage: the difference from those without is then far too small and hides
    harm. It is reported beside the other and does not veto it. What a contact spoils later lowers the
    feeling outside service itself, and is not part of it.

    References
    ----------
    Greenland, S., Robins, J. M. (1985). Biometrics 41, 55–68.
    """
    cells = felt_cells(journey, "check_overshadow")
    poor, fine = ("poor",), ("none", "good")
    names = {stage.id: stage.name for stage in journey.stages}
    looks = _Arms.of(cells, "journeys", "won", "customers", poor, fine)
    ends = _Arms.of(cells, "final", "final_won", "final_customers", poor, fine)
    stages = tuple(
        OvershadowStage(
            stage=stage,
            name=names.get(stage) or {"other": "other stages", "any": "any stage"}.get(stage, stage),
            lost_with=looks.share(row, "with", cells.limits, level),
            lost_without=looks.share(row, "without", cells.limits, level),
        )
        for row, stage in enumerate(cells.stages)
    )
    contacts = felt_cells(journey, "check_overshadow", table="felt_contacts", service="first")
    first = _Arms.of(contacts, "journeys", "won", "customers", poor, ("good",))
    both = (first.journeys.sum(axis=1) > 0) & (first.other_journeys.sum(axis=1) > 0)
    unclear = cells.of("final", experience="good", services=("unknown",)).sum()
    return Overshadow(
        journey=journey.name,
        difference=_difference(
            looks, ends, _MH, level, how=", at the stage reached before the contact", limits=cells.limits
        ),
        against_good=_difference(
            first, first, _MH, level, how=", of those with a felt contact, by the first", limits=cells.limits
        ),
        crude=_difference(
            ends.pooled(), ends, _CRUDE, level, how=", whatever the stage", limits=cells.limits
        ),
        negativity=_negativity(journey, level),
        stages=tuple(one for one in stages if one.lost_with.n or one.lost_without.n),
        unclear=int(unclear),
        first_poor=int(first.journeys[both].sum()),
        first_good=int(first.other_journeys[both].sum()),
    )


class _Arms(NamedTuple):
    """Journeys, those lost and their customers, with a poor contact and without: stages by groups."""

    lost: Counts
    journeys: Counts
    customers: Counts
    other_lost: Counts
    other_journeys: Counts
    other_customers: Counts

    @classmethod
    def of(
        cls,
        cells: FeltCells,
        journeys: str,
        won: str,
        customers: str,
        poor: tuple[str, ...],
        fine: tuple[str, ...],
    ) -> _Arms:
        found = []
        for services in (poor, fine):
            n, w, who = (
                cells.of(measure, experience="good", services=services)
                for measure in (journeys, won, customers)
            )
            found += [n - w, n, who]
        return cls(*found)

    def pooled(self) -> _Arms:
        """Put all stages together."""
        return _Arms(*(counts.sum(axis=0, keepdims=True) for counts in self))

    def share(self, row: int, arm: str, limits: str, level: float) -> Estimate:
        lost, journeys, customers = self[:3] if arm == "with" else self[3:]
        return share_estimate(
            lost[row],
            journeys[row],
            customers=int(customers[row].sum()),
            definition=f"lost / all journeys {arm} a poor service contact, feeling good outside it; {limits}",
            level=level,
        )


def _difference(arms: _Arms, ends: _Arms, method: str, level: float, *, how: str, limits: str) -> Estimate:
    found = stratified_difference(arms.lost, arms.journeys, arms.other_lost, arms.other_journeys, level=level)
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=int((ends.journeys + ends.other_journeys).sum()),
        customers=int((ends.customers + ends.other_customers).sum()),
        level=level,
        method=method if found.value is not None else "",
        definition=_DIFFERENCE.format(how=how, limits=limits),
    )


def _negativity(journey: Journey, level: float) -> Estimate:
    def sums(measure: str) -> Counts:
        counts = counts_by_group(journey, "felt_moments", measure).sum(axis=0)
        return np.asarray(counts / (_MICRO if measure.endswith("_u") else 1.0))

    names = ("journeys", "good_u", "bad_u", "good_good_u", "good_bad_u", "bad_bad_u",
             "won", "good_won_u", "bad_won_u")  # fmt: skip
    by_group = np.stack([sums(name) for name in names])
    good, bad = _slopes(by_group.sum(axis=1, keepdims=True))
    left_good, left_bad = _slopes(leave_one_out(by_group))
    found = ratio_by_groups(-float(bad[0]), float(good[0]), -left_bad, left_good, level=level)
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=int(by_group[0].sum()),
        customers=int(sums("customers").sum()),
        level=level,
        method="Fieller over the group jackknife" if found.low is not None else "",
        definition=_RATIO,
    )


def _slopes(sums: Counts) -> tuple[Counts, Counts]:
    """Fit won = β₀ + β⁺ m⁺ + β⁻ m⁻ by its sums; nan where good or bad feelings do not vary."""
    n, p, q, pp, pq, qq, y, py, qy = sums
    n = np.where(n > 0, n, np.nan)
    spp, spq, sqq = pp - p * p / n, pq - p * q / n, qq - q * q / n
    spy, sqy = py - p * y / n, qy - q * y / n
    determinant = spp * sqq - spq**2
    # whole millionths: below their rounding nothing varies
    least = 1e-9 * np.maximum(n, 1.0) ** 2
    determinant = np.where(determinant > least, determinant, np.nan)
    good, bad = (sqq * spy - spq * sqy) / determinant, (spp * sqy - spq * spy) / determinant
    return np.asarray(good), np.asarray(bad)


def points(estimate: Estimate) -> str:
    """How many points do two shares differ by, in a sentence?

    Parameters
    ----------
    estimate : Estimate
        A difference with a value.

    Returns
    -------
    str
        ``+12 points (+5 to +19)``: the difference and its ends on one scale, each with its sign. What is
        not 0 is not written as 0 at an end: ``−12 points (−24 to −0.3)``.

    Examples
    --------
    >>> points(Estimate(value=-0.01, low=-0.09, high=0.07))
    '−1 point (−9 to +7)'
    """
    low, high = estimate.low, estimate.high
    known = low is not None and high is not None and not low <= 0 <= high
    text = _signed(estimate.value or 0.0, most=_DIGITS if known else 0)
    text += " point" if text.strip(f"+{_MINUS}") == "1" else " points"
    if low is None or high is None:
        return text
    return f"{text} ({_signed(low, most=_DIGITS)} to {_signed(high, most=_DIGITS)})"


def _signed(share: float, *, most: int) -> str:
    """Write points with their sign, with decimals only where without them there would be none."""
    sizes = (f"{abs(100 * share):.{digits}f}" for digits in range(most + 1))
    size = next((size for size in sizes if float(size)), "0")
    return size if size == "0" else f"{'+' if share > 0 else _MINUS}{size}"
