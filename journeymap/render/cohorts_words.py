"""What does the heat map of cohorts say, in sentences?"""

from __future__ import annotations

from collections.abc import Iterator

from journeymap.analysis.wording import between, percent, plural
from journeymap.metrics.retention import cohort_retention, retention_curve
from journeymap.model.cohorts import Cohorts
from journeymap.model.measures import Estimate

__all__ = ["NOTHING_YET", "after", "cohort_facts", "cohort_finding", "cohorts_words"]

NOTHING_YET = "No cohort was observed for one whole period more than the first, so nobody could come back."


def after(cohorts: Cohorts, age: int) -> str:
    """How long after the first activity is this age?

    Parameters
    ----------
    cohorts : Cohorts
        For the length of a period.
    age : int
        Periods.

    Returns
    -------
    str
        ``1 month``, ``3 weeks``, ``2 periods of 14 days``.
    """
    unit = cohorts.timeline.unit
    return plural(age, unit) if unit.isalpha() else f"{plural(age, 'period')} of {unit}"


def cohort_facts(cohorts: Cohorts) -> list[str]:
    """What stands under the title?

    Parameters
    ----------
    cohorts : Cohorts
        What is drawn.

    Returns
    -------
    list of str
        What counts as activity, how many customers, when.
    """
    periods = cohorts.timeline.periods
    facts = [f"activity: {' or '.join(cohorts.active)}" if cohorts.active else "activity: any event"]
    facts.append(f"n = {cohorts.customers:,} customers")
    if periods:
        first, last = periods[0].name, periods[-1].name
        facts.append(first if first == last else f"{first}\N{NO-BREAK SPACE}–\N{NO-BREAK SPACE}{last}")
    return facts


def cohort_finding(cohorts: Cohorts) -> str:
    """What matters most?

    Parameters
    ----------
    cohorts : Cohorts
        What is drawn.

    Returns
    -------
    str
        How many came back at the first age, and at the last one of which two cohorts and 20 customers tell.
    """
    curve = retention_curve(cohorts)
    if len(curve) <= 1:
        return NOTHING_YET
    text = f"{after(cohorts, 1)} after the first activity {_share(curve[1])} of the customers are active"
    old = _last_told(cohorts, curve)
    later = f", {after(cohorts, old)} after it {_share(curve[old])}" if old > 1 else ""
    return f"{text}{later}."


def cohorts_words(cohorts: Cohorts) -> str:
    """What does the picture show, in sentences?

    Parameters
    ----------
    cohorts : Cohorts
        What is drawn.

    Returns
    -------
    str
        The finding, every age over all cohorts, how cohorts spread, and what was left out.
    """
    return "\n".join(_lines(cohorts))


def _lines(cohorts: Cohorts) -> Iterator[str]:
    what = f" by {' or '.join(cohorts.active)}" if cohorts.active else ""
    yield (
        f"{plural(cohorts.customers, 'customer')} in cohorts by the {cohorts.timeline.unit} of their first "
        f"activity{what}."
    )
    yield cohort_finding(cohorts)
    curve = retention_curve(cohorts)
    for age, found in enumerate(curve[1:], 1):
        yield f"After {after(cohorts, age)}: {_share(found)} of {plural(found.n, 'customer')} are active."
    yield from _spread(cohorts)
    yield from cohorts.timeline.in_words()


def _spread(cohorts: Cohorts) -> Iterator[str]:
    shares = {
        name: found.value
        for name, found in cohort_retention(cohorts, age=1).by_cohort.items()
        if found.value is not None and not found.small_sample
    }
    if len(shares) > 1:
        low, high = (pick(shares, key=lambda name: shares[name]) for pick in (min, max))
        yield (
            f"After {after(cohorts, 1)} the cohort of {low} has the smallest share ({percent(shares[low])}), "
            f"that of {high} the largest ({percent(shares[high])})."
        )


def _last_told(cohorts: Cohorts, curve: tuple[Estimate, ...]) -> int:
    """The last age at which at least two cohorts were observed, and not too few customers."""
    counts = [0] * len(curve)
    for cell in cohorts.cells():
        counts[cell.age] += 1
    return max(
        (age for age, count in enumerate(counts) if count > 1 and not curve[age].small_sample), default=1
    )


def _share(found: Estimate) -> str:
    ends = between(found)
    return f"{percent(found.value or 0.0)} ({ends})" if ends else percent(found.value or 0.0)
