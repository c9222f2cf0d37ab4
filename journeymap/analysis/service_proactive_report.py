"""What `ServiceCauses.proactive` answers: what comes before and after contacts that the company begins."""

from __future__ import annotations

from typing import Any

from journeymap.analysis.wording import between, percent, plural
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = ["ProactiveEffect", "WhatFollows"]

_NEXT = {
    "goal": "the goal",
    "reactive": "a contact that the customer begins",
    "proactive": "a contact that the company begins",
    "other": "another touchpoint",
    "won": "the journey ends, won before",
    "lost": "the journey ends, lost",
    "ended": "the journey ends",
    "open": "not decided yet",
}
_NEXT_COLUMNS = (
    "what", "company", "company_low", "company_high", "customer", "customer_low", "customer_high",
)  # fmt: skip


class WhatFollows(Frozen):
    """What comes next in the journey after contacts that the company, or the customer, began.

    Parameters
    ----------
    what : str
        ``goal``, ``reactive`` (a contact that the customer begins), ``proactive``, ``other`` (any other
        touchpoint); or the journey ends with the contact: ``won`` before, ``lost`` (``ended`` without a
        goal), ``open``.
    company, customer : Estimate
        The share of contacts that the company, and that the customer, began.
    """

    what: str
    company: Estimate
    customer: Estimate


class ProactiveEffect(Frozen):
    """Whether customers seek less help after the company first came to them.

    Parameters
    ----------
    customers : int
        Customers with a contact that the company began.
    compared : int
        Those of them who were seen for some time both before and after the first one.
    contacts : int
        Contacts that the company began.
    share : Estimate
        These contacts / all service contacts.
    by_stage : tuple of (str, Estimate)
        The same at each stage with service contacts: the stage's name, and the share.
    before, after : Estimate
        Contacts that the customer began, per customer and 30 days, from the customer's first event to the
        first proactive contact, and from there to the customer's last event.
    ratio : Estimate
        after / before.
    follows : tuple of WhatFollows
        What comes next in the journey.
    """

    customers: int
    compared: int
    contacts: int
    share: Estimate
    by_stage: tuple[tuple[str, Estimate], ...] = ()
    before: Estimate
    after: Estimate
    ratio: Estimate
    follows: tuple[WhatFollows, ...] = ()

    def story(self) -> str:
        """Say how many contacts the company began, and why before and after them show no effect.

        Returns
        -------
        str
            Two sentences.
        """
        part = f"The company began {self.contacts:,} of {plural(self.share.n, 'service contact')}"
        first = f"{part} ({percent(self.share.value or 0.0)})."
        return f"{first} {self.before_after()}"

    def before_after(self) -> str:
        """Say how often customers asked for help before and after, and that this measures none.

        Returns
        -------
        str
            A sentence.
        """
        before, after = self.before.value, self.after.value
        if before is None or after is None:
            return (
                "How often customers ask for help before and after the first contact that the company began,"
                " these counts cannot tell."
            )
        return (
            "Before and after the first contact that the company began, customers were at different points of"
            f" their journey: {before:.2f} contacts a month before, {after:.2f} after;"
            " that measures no effect."
        )

    def __str__(self) -> str:
        """Say the story."""
        return self.story()

    def _repr_html_(self) -> str:
        """Show what follows contacts of either kind as a table in a notebook, with the story below."""
        rows = [
            (_NEXT.get(one.what, one.what), _shown(one.company), _shown(one.customer)) for one in self.follows
        ]
        columns = ("what comes next", "after contacts that the company began", "that the customer began")
        return html_table("Around contacts that the company began", columns, rows, notes=[self.story()])

    def to_frame(self) -> Any:
        """Put what follows contacts, one row each, into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            What comes next, and its share after contacts that the company and that customers began.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        rows = [
            (one.what, *(part for of in (one.company, one.customer) for part in (of.value, of.low, of.high)))
            for one in self.follows
        ]
        return data_frame(_NEXT_COLUMNS, rows)


def _reach(share: Estimate) -> str:
    small = ", small sample" if share.small_sample else ""
    return f" ({between(share)}{small})" if share.low is not None else ""


def _shown(share: Estimate) -> str | None:
    return None if share.value is None else f"{percent(share.value)}{_reach(share)}"
