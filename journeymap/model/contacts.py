"""What the service desk did: counts and times of contacts by customer group."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from typing import Literal

from pydantic import Field

from journeymap.model.business_hours import BusinessHours
from journeymap.model.durations import Duration, duration_text
from journeymap.model.evidence import EvidenceTable
from journeymap.model.frozen import Frozen
from journeymap.model.set_aside import SetAside

__all__ = ["ALL", "KEYS", "Contacts", "TicketLinking"]

ALL = "*"  # in a key of the table customers: whichever touchpoint, channel, handler or segment
KEYS = ("touchpoint", "channel", "handler", "segment")


class TicketLinking(Frozen):
    """How contacts that customers started found their touchpoints.

    Parameters
    ----------
    by_column, by_time : int
        Contacts whose row names the service touchpoint (or a channel or handler that stands for it), and that
        belong to the customer's latest service touchpoint before they were opened.
    unknown : int
        Contacts that name something which is no service touchpoint of the journey.
    without_customer : int
        Contacts of customers who are not in the log.
    too_late : int
        Contacts of customers with no service touchpoint within the window before.
    unnamed : int
        Contacts that name no touchpoint and for which none was looked for in a log.
    window_seconds : float, optional
        How long before the opening a touchpoint may lie.
    """

    by_column: int = 0
    by_time: int = 0
    unknown: int = 0
    without_customer: int = 0
    too_late: int = 0
    unnamed: int = 0
    window_seconds: float | None = None

    @property
    def linked(self) -> int:
        """How many contacts belong to a touchpoint."""
        return self.by_column + self.by_time

    def __str__(self) -> str:
        """Say in a sentence how contacts found their touchpoints, and how many did not."""
        window = "before"
        if self.window_seconds is not None:
            window = f"within {duration_text(timedelta(seconds=self.window_seconds))} before"
        how = {"by row": self.by_column, "by time": self.by_time}
        lacking = {
            "no service touchpoint of the journey": self.unknown,
            "customer not in the log": self.without_customer,
            f"no service touchpoint {window}": self.too_late,
            "none named": self.unnamed,
        }
        found, not_found = (
            ", ".join(f"{words} {count:,}" for words, count in one.items() if count) for one in (how, lacking)
        )
        said = f"{self.linked:,} contact{'' if self.linked == 1 else 's'} found a touchpoint"
        said += f" ({found})" if found else ""
        return f"{said}; not found: {not_found}" if not_found else said


class Contacts(Frozen):
    """Contacts with the service desk, counted by kind and customer group; no row per customer.

    Parameters
    ----------
    source : str
        What the table of tickets is called.
    rows : int
        Tickets read, after the filters.
    contacts, proactive, customers : int
        Contacts that customers started, contacts that the company started, and distinct customers of the
        former.
    columns : dict of str to str
        For every declared role (``opened_col``) the column; what is not here cannot be measured.
    signals : tuple of str
        What the tickets can say beyond single columns: ``resolved`` (a status or a time tells it),
        ``repeats`` (a further contact of the same customer can be seen).
    by : str
        The column whose values are the segments; empty without.
    groups : int
        The number of customer groups.
    repeat_within, contained_within : timedelta, optional
        Another contact by then is a repeat; shows that self-service did not contain.
    business_hours : BusinessHours, optional
        When somebody is there.
    start, observed_until : datetime, optional
        The first time seen, and the end of the observation.
    contacts_until : datetime, optional
        Until when contacts are seen: the end of the observation, or of the period that was asked for.
    dropped : int
        Tickets without customer or opening time that were left out.
    set_aside : tuple of SetAside
        Tickets that cannot be true, by kind; left out of everything.
    rounded : tuple of str
        Clocks whose times were put into buckets, because there are more than 2,000 different ones.
    bucket_width : float
        How much longer the end of such a bucket is than its beginning, as a share: its times are at most half
        of that off; 0 where all times are exact.
    filters : tuple of str
        Which tickets were chosen, in words.
    tables : tuple of EvidenceTable
        ``contacts``: counts by (touchpoint, channel, handler, segment); empty text where not known.
        ``customers``: distinct customers by the same key, ``"*"`` for all of them, in one group.
        ``times``: for (clock, hours, touchpoint, channel, handler, segment, outcome, microseconds) how many.
        Where a log told since when customers were there, by the groups of its customers: ``history``, for
        (kind, days) how many contacts so many days after the first event, and how many customers whose
        watching ended then; ``exposure``, by the same key as ``contacts``, the contacts of customers of the
        log in the time they were watched, and in the row of all, ``"*"``, the customers and their
        seconds.
    linking : TicketLinking, optional
        How contacts found their touchpoints, where they were laid on a journey.
    """

    source: str
    rows: int
    contacts: int
    proactive: int = 0
    customers: int
    columns: dict[str, str] = Field(default_factory=dict)
    signals: tuple[str, ...] = ()
    by: str = ""
    groups: int = Field(ge=1)
    repeat_within: Duration
    contained_within: Duration | None = None
    business_hours: BusinessHours | None = None
    start: datetime | None = None
    observed_until: datetime | None = None
    contacts_until: datetime | None = None
    dropped: int = 0
    set_aside: tuple[SetAside, ...] = ()
    rounded: tuple[str, ...] = ()
    bucket_width: float = Field(default=0, ge=0)
    filters: tuple[str, ...] = ()
    tables: tuple[EvidenceTable, ...] = ()
    linking: TicketLinking | None = None

    def table(self, name: str) -> EvidenceTable | None:
        """Find a table of counts by its name, None where it was not counted."""
        return next((table for table in self.tables if table.name == name), None)

    def values(self, key: Literal["touchpoint", "channel", "handler", "segment"]) -> tuple[str, ...]:
        """List the touchpoints, channels, handlers or segments that contacts were counted for.

        Parameters
        ----------
        key : {"touchpoint", "channel", "handler", "segment"}
            Which of them.

        Returns
        -------
        tuple of str
            In order of the name, empty where they are not told apart. Contacts of none of them (an empty
            cell) are counted, but not listed.
        """
        table = self.table("contacts")
        place = KEYS.index(key)
        return tuple(sorted({found[place] for found in table.keys} - {""})) if table else ()

    def __str__(self) -> str:
        """Say in a few lines what was counted and what was left out."""
        whose = f"{self.customers:,} customer{'' if self.customers == 1 else 's'}"
        lines = [
            f"{self.contacts:,} contact{'' if self.contacts == 1 else 's'} of {whose} from {self.source}"
        ]
        if self.proactive:
            lines.append(f"  {self.proactive:,} more were started by the company")
        if self.start is not None and self.observed_until is not None:
            lines.append(f"  from {self.start:%Y-%m-%d %H:%M} to {self.observed_until:%Y-%m-%d %H:%M}")
        lines.append(f"  a repeat is another contact within {duration_text(self.repeat_within)}")
        lines += [f"  only {', '.join(self.filters)}"] if self.filters else []
        if self.dropped:
            lines.append(f"  {self.dropped:,} left out: no customer or no opening time")
        if self.linking is not None:
            lines.append(f"  {self.linking.linked:,} belong to a touchpoint of the journey")
        return "\n".join([*lines, *(f"  {part}" for part in self.set_aside)])

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
