"""How often does a customer contact the service desk?"""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np

from journeymap.errors import InvalidLogError, MissingEvidenceError
from journeymap.metrics.contact_counts import (
    Chosen,
    Which,
    chosen,
    contact_counts,
    contact_customers,
    contact_squares,
)
from journeymap.model.contacts import ALL, Contacts
from journeymap.model.durations import duration_text, parse_duration
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.rates import grouped_rate, poisson_count

__all__ = ["contact_rate"]


def contact_rate(  # noqa: PLR0913 - every option is a keyword
    contacts: Contacts,
    *,
    customers: int | Journey | None = None,
    exposure: timedelta | str | None = None,
    per: timedelta | str = "30 days",
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Estimate:
    """How often does a customer contact the service desk?

    ``λ = k / T`` with k contacts in T, the time of all customers at risk: of each from the first event on,
    where a log told it (`with_tickets`); else ``T = N · t``, N customers for the time t each. Garwood's exact
    interval at the effective count, ``k / φ``, φ ≥ 1 the variance of the rate over that of independent
    contacts: by leaving out one group of customers at a time, or, without log, ``φ = N s² / k`` with s² the
    variance of contacts between customers, those without any included.

    Parameters
    ----------
    contacts : Contacts
        Counted by `contacts`.
    customers : int or Journey, optional
        N, all who could have contacted; a journey gives its customers and the time it was observed. Not
        needed where these contacts, or those of the journey, were laid on it with a log.
    exposure : timedelta or str, optional
        t, how long each of them was a customer in the time that the tickets cover; needed where `customers`
        is a number.
    per : timedelta or str
        The unit of time of the rate.
    touchpoint, channel, handler, segment : str or list of str, optional
        Only these contacts.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        Contacts a customer in the time `per`, 0 or more. `n` counts contacts, `customers` those at risk.

    Raises
    ------
    InvalidLogError
        The time is no span, or there are fewer customers at risk than customers with contacts.
    MissingEvidenceError
        A designed journey, or a number of customers without exposure; neither customers nor a log.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Notes
    -----
    More contacts in a month may mean more customers, or a worse product: that is why it is per customer.
    Without log, customers are taken to be at risk for the whole time; where many come and go the rate is too
    low. With one, only contacts after the first event of a customer of the log count.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"who": ["a", "b", "c"], "when": ["2024-05-01", "2024-05-03", "2024-05-20"]})
    >>> counted = contacts(Tickets(table, customer_col="who", opened_col="when"))
    >>> found = contact_rate(counted, customers=100, exposure="30 days")
    >>> found.value, round(found.low, 6), round(found.high, 6)
    (0.03, 0.006187, 0.087673)
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = chosen(contacts, "contact_rate", filters)
    unit = _positive(per, "per")
    watched = contacts.table("exposure")
    own = customers is None or (isinstance(customers, Journey) and customers.contacts is contacts)
    if watched is not None and exposure is None and own:
        return _watched_rate(of, watched, unit, level)
    at_risk, time = _at_risk(customers, exposure)
    count, seen = float(contact_counts(of, "contacts").sum()), contact_customers(of, "contacts")
    if at_risk < seen:
        raise InvalidLogError.because(
            f"customers: {at_risk:,} are at risk, but {seen:,} have contacts.",
            expected="Expected all customers who could have contacted.",
            hint="count those without contacts, too, in the same period",
        )
    words = f"contacts a customer in {duration_text(unit)}{of.words}"
    total = at_risk * (time / unit)
    if not total:
        return Estimate(value=None, customers=at_risk, level=level, definition=words)
    effect = _dispersion(of, count, at_risk)
    known = "customer_col" in contacts.columns
    df = max(at_risk - 1, 1) if effect > 1 else math.inf
    low, high = poisson_count(count / effect, level=level, df=df)
    return Estimate(
        value=count / total,
        low=low * effect / total,
        high=high * effect / total,
        n=int(count),
        customers=at_risk,
        level=level,
        method=("Garwood" if effect <= 1 else f"Garwood at the effective count (dispersion {effect:.3g})")
        + ("" if known else "; contacts of one customer taken for those of several"),
        definition=words,
    )


def _watched_rate(of: Chosen, watched: EvidenceTable, unit: timedelta, level: float) -> Estimate:
    """Count by the time that each customer was watched."""
    counts, customers, seconds = (np.zeros(watched.groups) for _ in range(3))
    for number, (row, group) in enumerate(zip(watched.row, watched.group, strict=True)):
        key = watched.keys[row]
        if set(key) == {ALL}:
            customers[group] += watched.measures["customers"][number]
            seconds[group] += watched.measures["seconds"][number]
        elif of.fits(key):
            counts[group] += watched.measures["contacts"][number]
    found = grouped_rate(counts, seconds / unit.total_seconds(), level=level)
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=int(found.n),
        customers=int(customers.sum()),
        level=level,
        method=f"Garwood at the effective count ({found.n_effective:.4g})",
        definition=f"contacts a customer in {duration_text(unit)}, from the first event on{of.words}",
    )


def _at_risk(customers: int | Journey | None, exposure: timedelta | str | None) -> tuple[int, timedelta]:
    if customers is None:
        raise MissingEvidenceError.because(
            "contact rate needs customers: how many could have contacted.",
            hint="customers=number and exposure=time, or the observed journey; or with_tickets(journey, "
            "tickets, log=log).contacts",
        )
    if isinstance(customers, Journey):
        seen = customers.observation
        if seen is None:
            raise MissingEvidenceError.because(
                f"journey {customers.name!r} was designed, not observed: nobody was at risk.",
                hint="discover it from a log, or give customers=number and exposure=time",
            )
        return seen.customers, seen.observed_until - seen.start if exposure is None else _positive(
            exposure, "exposure"
        )
    if exposure is None:
        raise MissingEvidenceError.because(
            "contact rate needs exposure: for how long these customers could have contacted.",
            hint="exposure='31 days' for tickets of a month, or hand over the observed journey",
        )
    return int(customers), _positive(exposure, "exposure")


def _positive(value: timedelta | str, what: str) -> timedelta:
    try:
        span = parse_duration(value)
    except ValueError as error:
        raise InvalidLogError.because(f"{what}: {error}.", hint="write 30 days") from error
    if not isinstance(span, timedelta) or span <= timedelta(0):
        raise InvalidLogError.because(f"{what}: {value!r} is no span of time.", hint="write 30 days")
    return span


def _dispersion(of: Chosen, count: float, at_risk: int) -> float:
    """By what factor do contacts vary more between customers than independent ones would?"""
    if count <= 0 or at_risk <= 1:
        return 1.0
    spread = max(contact_squares(of) - count * count / at_risk, 0.0) / (at_risk - 1)
    return max(1.0, at_risk * spread / count)
