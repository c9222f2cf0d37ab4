"""How many customers will still be there, if they go on leaving as they did?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError, require
from journeymap.metrics.retention import share_of_customers
from journeymap.model.cohorts import Cohorts
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.stats.jackknife import jackknife_variance
from journeymap.stats.retention_models import ShiftedBetaGeometric, sbg_survival, shifted_beta_geometric
from journeymap.stats.shares import wilson

__all__ = ["RetentionProjection", "retention_projection"]

Counts = NDArray[np.float64]
_METHOD = "shifted beta-geometric; Wilson at the effective sample size, delete-a-group jackknife"
_LEAST_AGES = 2
_DEFINITION = "customers active in every period up to this age / customers"


class RetentionProjection(Frozen):
    """How many customers were still there at each age, and how many are to be expected later.

    Parameters
    ----------
    alpha, beta : float, optional
        The shapes of the distribution of the customers' chances to leave; None where customers do not
        differ, so that one churn rate says all.
    churn : float
        The mean chance to leave in the first period, 0 to 1.
    customers : int
        Customers of the cohorts it was fitted to.
    cohorts : tuple of str
        These cohorts.
    observed : tuple of Estimate
        The share still there at age 0, 1, … up to the last age that was fitted.
    expected : tuple of Estimate
        The share that the model gives for the same ages and for later ones; `n` is 0 where it is projected.
    """

    alpha: float | None
    beta: float | None
    churn: float
    customers: int
    cohorts: tuple[str, ...]
    observed: tuple[Estimate, ...]
    expected: tuple[Estimate, ...]

    def __str__(self) -> str:
        """Say what was seen and what is to be expected."""
        last, end = len(self.observed) - 1, len(self.expected) - 1
        model = (
            f"churn {self.churn:.1%} in every period"
            if self.alpha is None
            else f"α = {self.alpha:.3f}, β = {self.beta:.3f}"
        )
        return (
            f"{self.customers:,} customers in {len(self.cohorts)} cohorts; shifted beta-geometric, {model}\n"
            f"  still there at age {last}: {self.observed[last]}\n"
            f"  expected at age {end}: {self.expected[end]}"
        )


def retention_projection(
    cohorts: Cohorts, *, periods: int = 12, ages: int | None = None, level: float = 0.95
) -> RetentionProjection:
    """How many customers will still be there, if they go on leaving as they did?

    The shifted beta-geometric model: every customer has an own chance to leave at the end of a period, and
    these chances follow a beta distribution with α and β. Then ``S(t) = B(α, β + t) / B(α, β)``.

    Parameters
    ----------
    cohorts : Cohorts
        What `cohorts` counted, of an activity that goes on as long as the customer stays: a subscription
        paid each month.
    periods : int
        How many periods ahead.
    ages : int, optional
        Fit to this many periods after the first, and to the cohorts that were observed so long; half of the
        periods of the log when left out, at least 2.
    level : float
        The confidence level.

    Returns
    -------
    RetentionProjection
        Shares, 0 to 1. A customer is still there who was active in every period so far.

    Raises
    ------
    MissingEvidenceError
        No cohort was observed for so many periods, or for 2.

    Notes
    -----
    It is meant for customers who are known to have left when they stop. Of shoppers who pause it says how
    long they go without a pause, which is hardly of interest: see `lifetime` and `repeat_purchase`. The
    interval knows the chance in the customers seen, not whether later customers, prices and rivals will be
    like those of the past. That retention rises with age does not mean that customers become
    more loyal: those likely to leave have left.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. (2007). How to project customer retention. Journal of Interactive
    Marketing 21, 76–90.
    """
    require(
        cohorts, Cohorts, "retention_projection", hint="count cohorts first: cohorts(log, period='month')"
    )
    count = len(cohorts.timeline.periods)
    ages = max(_LEAST_AGES, count // 2) if ages is None else ages
    survivors, used = _survivors(cohorts, ages)
    if not used or ages < _LEAST_AGES:
        raise MissingEvidenceError.because(
            f"no cohort can be fitted at {ages} ages; the log has {count} periods observed as a whole.",
            expected=f"Expected at least {_LEAST_AGES} ages, and one period more than ages.",
            hint="take a longer log, shorter periods or fewer ages",
        )
    total = survivors.sum(axis=1)
    model = shifted_beta_geometric(total)
    groups = np.flatnonzero(survivors[0])
    without = np.array(
        [sbg_survival(_fitted(total - survivors[:, group], model), ages + periods) for group in groups]
    ).T
    customers = int(total[0])
    alike = not np.isfinite(model.alpha)
    return RetentionProjection(
        alpha=None if alike else model.alpha,
        beta=None if alike else model.beta,
        churn=model.churn,
        customers=customers,
        cohorts=used,
        observed=tuple(share_of_customers(int(n), customers, _DEFINITION, level=level) for n in total),
        expected=tuple(
            _expected(value, left, age, ages, customers, level)
            for age, (value, left) in enumerate(
                zip(sbg_survival(model, ages + periods), without, strict=True)
            )
        ),
    )


def _survivors(cohorts: Cohorts, ages: int) -> tuple[Counts, tuple[str, ...]]:
    """Customers by age and group, of all cohorts that were observed up to this age."""
    periods = cohorts.timeline.periods
    table = cohorts.table("cohorts")
    found = np.zeros((max(ages, 0) + 1, cohorts.groups))
    used: dict[int, None] = {}
    for row, group, unbroken in zip(table.row, table.group, table.measures["unbroken"], strict=True):
        cohort, age = (int(part) for part in table.keys[row])
        if cohort + ages < len(periods) and age <= ages:
            used[cohort] = None
            found[age, group] += unbroken
    return found, tuple(periods[number].name for number in sorted(used))


def _fitted(survivors: Counts, otherwise: ShiftedBetaGeometric) -> ShiftedBetaGeometric:
    """Fit without a group; the whole's model where the group was all there is."""
    return shifted_beta_geometric(survivors) if survivors[0] > 0 else otherwise


def _expected(value: float, without: Counts, age: int, ages: int, customers: int, level: float) -> Estimate:
    n = customers if age <= ages else 0
    share = min(1.0, max(0.0, float(value)))
    df = without.size - 1
    if df < 1:
        return Estimate(
            value=share, n=n, customers=customers, level=level, method="one group of customers: no interval",
            definition=_DEFINITION,
        )  # fmt: skip
    variance = float(jackknife_variance(share, without))
    effective = customers if variance <= 0 else min(float(customers), share * (1 - share) / variance)
    # at age 0 everybody is there by definition
    low, high = wilson(share * effective, effective, level=level, df=df) if age else (1.0, 1.0)
    return Estimate(
        value=share, low=low, high=high, n=n, customers=customers, level=level, method=_METHOD,
        definition=_DEFINITION,
    )  # fmt: skip
