"""Which counts of contacts stand behind a number?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError, UnknownNameError, nearest, require
from journeymap.metrics.flow import share_estimate
from journeymap.model.contacts import ALL, KEYS, Contacts
from journeymap.model.evidence import EvidenceTable
from journeymap.model.measures import Estimate
from journeymap.stats.shares import wilson

__all__ = [
    "Chosen",
    "RunTimes",
    "Which",
    "chosen",
    "contact_counts",
    "contact_customers",
    "contact_share",
    "contact_squares",
    "needs",
    "of_whom",
    "run_times",
    "share_of_counts",
]

Counts = NDArray[np.float64]
Which = str | Sequence[str] | None
_OUTCOMES = ("event", "other", "open")
WILSON_METHOD = "Wilson; each customer counts once"

_ROLES = {
    "customer_col": "the customer: without one nobody can tell whether a customer came again",
    "opened_col": "the time of the first message from the customer: without a start no time can be measured",
    "first_response_col": "the time of the first answer of any kind",
    "first_human_response_col": "the time of the first answer by a person",
    "first_resolved_col": "the time when it was resolved for the first time",
    "resolved_col": "the time when it was resolved for the last time",
    "queued_col": "the time of entering the queue",
    "answered_col": "the time of being answered in the queue",
    "left_col": "the time of leaving the queue before being answered",
    "reopened_col": "whether it was reopened",
    "escalated_col": "whether it was handed to a higher level",
    "replies_col": "how many further messages the customer wrote",
    "unresolvable_col": "whether it could not be resolved at level one",
    "handler_col": "who or what handled it",
    "a resolution": "status_col with resolved_statuses, or resolved_col",
}


class Chosen(NamedTuple):
    """The contacts that a number is about.

    Parameters
    ----------
    contacts : Contacts
        What was counted.
    wanted : tuple of (frozenset of str or None)
        For every part of the key the values, None for all of them.
    """

    contacts: Contacts
    wanted: tuple[frozenset[str] | None, ...]

    def fits(self, key: Sequence[str]) -> bool:
        """Tell whether a key is among them."""
        return all(want is None or part in want for want, part in zip(self.wanted, key, strict=True))

    @property
    def exact(self) -> bool:
        """Whether distinct customers of them are known: at most one value is asked for in each part."""
        return all(want is None or len(want) == 1 for want in self.wanted)

    @property
    def words(self) -> str:
        """Which they are, to be put behind a definition; empty for all contacts."""
        parts = [
            f"{name} {' or '.join([*sorted(want - {''}), *(['not known'] if '' in want else [])])}"
            for name, want in zip(KEYS, self.wanted, strict=True)
            if want is not None
        ]
        return f" ({', '.join(parts)})" if parts else ""


class RunTimes(NamedTuple):
    """Times that a clock ran, by how it ended.

    Parameters
    ----------
    seconds : ndarray
        Distinct times.
    counts : dict of str to ndarray
        For ``event``, ``other`` and ``open`` the counts, one row a time and one column a customer group.
    width : float
        How much longer the end of a bucket of times is than its beginning, as a share; 0 where times are
        exact.
    """

    seconds: Counts
    counts: dict[str, Counts]
    width: float = 0.0


def chosen(contacts: Contacts, function: str, filters: Mapping[str, Which]) -> Chosen:
    """Which contacts are asked for?

    Parameters
    ----------
    contacts : Contacts
        What was counted.
    function : str
        The name of the metric, for messages.
    filters : mapping of str to str, list of str or None
        For ``touchpoint``, ``channel``, ``handler`` and ``segment`` the values that are asked for.

    Returns
    -------
    Chosen
        The contacts.

    Raises
    ------
    UnknownNameError
        No contact has one of the values.
    WrongKindError
        These are no counted contacts.
    """
    require(contacts, Contacts, function, hint="count them first: contacts(tickets)")
    wanted: list[frozenset[str] | None] = []
    for key in KEYS:
        given = filters.get(key)
        if given is None:
            wanted.append(None)
            continue
        values = (given,) if isinstance(given, str) else tuple(given)
        known = contacts.values(key)  # type: ignore[arg-type]
        for value in values:
            if value not in known and value:
                close = nearest(value, known)
                raise UnknownNameError.because(
                    f"{function}: no contact has the {key} {value!r}.",
                    expected=f"Expected one of: {', '.join(known)}."
                    if known
                    else f"The contacts are not told apart by {key}.",
                    hint=f"did you mean {close!r}?"
                    if close
                    else ("contacts(tickets, by=...) tells segments apart" if key == "segment"
                          else f"declare {key}_col in Tickets"),
                )  # fmt: skip
        wanted.append(frozenset(values))
    return Chosen(contacts, tuple(wanted))


def needs(contacts: Contacts, metric: str, *roles: str) -> None:
    """Refuse a metric whose columns were not declared.

    Parameters
    ----------
    contacts : Contacts
        What was counted.
    metric : str
        The metric in words, put first in the message.
    *roles : str
        What it needs, such as ``opened_col``, or ``a resolution``.

    Raises
    ------
    MissingEvidenceError
        One of them is not there; the message names it and says what it holds.
    """
    for role in roles:
        there = "resolved" in contacts.signals if role == "a resolution" else role in contacts.columns
        if not there:
            raise MissingEvidenceError.because(
                f"{metric} needs {role}: {_ROLES[role]}.",
                where=contacts.source,
                expected="Declared are: " + (", ".join(contacts.columns) or "none") + ".",
                hint=f"declare the column in Tickets({role}=...)"
                if role.endswith("_col")
                else "declare one of them in Tickets",
            )


def _table(contacts: Contacts, name: str) -> EvidenceTable:
    found = contacts.table(name)
    if found is None:
        raise MissingEvidenceError.because(
            f"the contacts carry no counts of {name}.", hint="count them again: contacts(tickets)"
        )
    return found


def contact_counts(of: Chosen, measure: str) -> Counts:
    """How many contacts of a kind are there, by customer group?

    Parameters
    ----------
    of : Chosen
        The contacts that are asked for.
    measure : str
        A measure of the table ``contacts``.

    Returns
    -------
    ndarray
        One count a group.
    """
    table = _table(of.contacts, "contacts")
    fits = np.array([of.fits(key) for key in table.keys], dtype=bool)
    found = np.zeros(table.groups)
    if table.row:
        take = fits[np.array(table.row)]
        np.add.at(found, np.array(table.group)[take], np.array(table.measures[measure], dtype=float)[take])
    return found


def contact_customers(of: Chosen, measure: str) -> int:
    """How many distinct customers have a contact of a kind?

    Parameters
    ----------
    of : Chosen
        The contacts that are asked for.
    measure : str
        A measure of the table ``customers``.

    Returns
    -------
    int
        Exact for all contacts and for one value of a part of the key; where several values are asked for, the
        smaller of their sum and the number over all values: at most so many.
    """
    return min(_over_customers(of, measure))


def contact_squares(of: Chosen) -> int:
    """How large is the sum over customers of the square of their contacts?

    Parameters
    ----------
    of : Chosen
        The contacts that are asked for.

    Returns
    -------
    int
        Exact as `contact_customers`; where several values are asked for, that over all values: at least as
        large.
    """
    return max(_over_customers(of, "contacts_squared"))


def _over_customers(of: Chosen, measure: str) -> list[int]:
    """Read a measure of customers for what is asked for, and for all values where several are asked for."""
    table = _table(of.contacts, "customers")
    counts = {table.keys[row]: table.measures[measure][n] for n, row in enumerate(table.row)}

    def told(places: tuple[frozenset[str] | None, ...]) -> int:
        exact = [{ALL} if want is None else want for want in places]
        return sum(n for key, n in counts.items() if all(p in w for p, w in zip(key, exact, strict=True)))

    found = [told(of.wanted)]
    for place, want in enumerate(of.wanted):
        if want is not None and len(want) > 1:
            found.append(told((*of.wanted[:place], None, *of.wanted[place + 1 :])))
    return found


def contact_share(
    of: Chosen, hits: str, trials: str, definition: str, *, level: float, censored: int = 0
) -> Estimate:
    """How large is a share of contacts?

    Parameters
    ----------
    of : Chosen
        The contacts that are asked for.
    hits, trials : str
        Measures of the tables ``contacts`` and ``customers``.
    definition : str
        What was counted, in words.
    level : float
        The confidence level.
    censored : int
        How many were left out because their end is not known yet.

    Returns
    -------
    Estimate
        0 to 1; without value where there are no trials. Wilson's interval where each customer counts once,
        else that at the effective sample size.
    """
    return share_of_counts(
        contact_counts(of, hits),
        contact_counts(of, trials),
        customers=contact_customers(of, trials),
        definition=definition + of.words,
        level=level,
        exact=of.exact,
    ).model_copy(update={"censored": censored})


def share_of_counts(
    hits: Counts, trials: Counts, *, customers: int, definition: str, level: float, exact: bool = True
) -> Estimate:
    """How large is a share, counted by customer group, where a customer may count once or several times?

    Parameters
    ----------
    hits, trials : ndarray
        One count a group.
    customers : int
        Distinct customers behind the trials.
    definition : str
        What was counted, in words.
    level : float
        The confidence level.
    exact : bool
        Whether the number of customers is exact, and no upper bound.

    Returns
    -------
    Estimate
        Without value where there are no trials.
    """
    n, y = int(trials.sum()), float(hits.sum())
    if n == 0 or n != customers or not exact:
        return share_estimate(hits, trials, customers=customers, definition=definition, level=level)
    low, high = wilson(y, n, level=level, df=math.inf)
    return Estimate(
        value=y / n,
        low=low,
        high=high,
        n=n,
        customers=customers,
        level=level,
        method=WILSON_METHOD,
        definition=definition,
    )


def run_times(of: Chosen, clock: str, hours: str) -> RunTimes:
    """How long did a clock run for each of the contacts, and how did it end?

    Parameters
    ----------
    of : Chosen
        The contacts that are asked for.
    clock : str
        ``any``, ``human``, ``first``, ``full`` or ``wait``.
    hours : str
        ``calendar`` or ``business``.

    Returns
    -------
    RunTimes
        Counts by time and customer group.
    """
    table = _table(of.contacts, "times")
    end = 2 + len(KEYS)
    fits: dict[tuple[str, ...], bool] = {}
    time_of, outcome_of = np.zeros(len(table.keys)), np.full(len(table.keys), -1)
    for place, key in enumerate(table.keys):
        if key[0] == clock and key[1] == hours:
            cell = key[2:end]
            if cell not in fits:  # a few cells stand in very many keys
                fits[cell] = of.fits(cell)
            if fits[cell]:
                time_of[place], outcome_of[place] = int(key[-1]), _OUTCOMES.index(key[end])
    row, group = np.array(table.row, dtype=int), np.array(table.group, dtype=int)
    taken = outcome_of[row] >= 0
    counts = np.array(table.measures["count"], dtype=float)[taken]
    row, group = row[taken], group[taken]
    times, place_of = np.unique(time_of[row], return_inverse=True)
    found = {}
    for number, outcome in enumerate(_OUTCOMES):
        found[outcome] = np.zeros((times.size, table.groups))
        here = outcome_of[row] == number
        np.add.at(found[outcome], (place_of[here], group[here]), counts[here])
    rounded = f"{clock} ({hours} hours)" in of.contacts.rounded
    return RunTimes(times / 1e6, found, of.contacts.bucket_width if rounded else 0.0)


def of_whom(contacts: Contacts) -> str:
    """Say which further contact is a repeat: one of the same customer, and about what."""
    about = " about the same reason" if "reason_col" in contacts.columns else ""
    return f"contact of the same customer{about}"
