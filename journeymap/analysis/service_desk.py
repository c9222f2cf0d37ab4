"""What do the tickets say of service: is it settled at once, handed on, and does self-service help?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pydantic import Field

from journeymap.analysis.wording import between, joined, percent
from journeymap.errors import MissingEvidenceError, require
from journeymap.metrics.self_service import containment, hidden_failures
from journeymap.metrics.service_outcomes import (
    escalation_rate,
    first_contact_resolution,
    repeat_contact_rate,
)
from journeymap.model.contacts import Contacts
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.model.touchpoints import SELF_SERVICE

__all__ = ["HandlerTickets", "ServiceDesk", "service_desk"]

_COLUMNS = ("what", "handler", "value", "low", "high", "n", "customers", "definition")
_NAMES = {
    "first_contact_resolution": "settled at the first contact",
    "repeats": "followed by another contact",
    "escalated": "handed to a higher level",
}
_SELF = {
    "deflection": "not handed on",
    "containment": "not handed on and settled",
    "hidden_failures": "not handed on, yet the customer came back",
}


class HandlerTickets(Frozen):
    """The tickets that one handler took.

    Parameters
    ----------
    handler : str
        Who or what: human, bot, ivr, self_service, ticket_queue or a word of the desk's own.
    escalated : Estimate
        The share handed to a higher level, 0 to 1.
    deflection, containment, hidden_failures : Estimate, optional
        Of self-service alone: sessions not handed on / sessions; those also settled / sessions; and the
        difference, customers who had to come back. None where it is no self-service, or not declared.
    """

    handler: str
    escalated: Estimate
    deflection: Estimate | None = None
    containment: Estimate | None = None
    hidden_failures: Estimate | None = None


class ServiceDesk(Frozen):
    """What the tickets of a journey say.

    Parameters
    ----------
    contacts, proactive : int
        Contacts that customers started, and that the company started.
    first_contact_resolution, repeats, escalated : Estimate, optional
        Shares of contacts, 0 to 1; None where the tickets do not tell.
    handlers : tuple of HandlerTickets
        Every handler, where tickets name them and say whether they were handed on.
    not_measured : dict of str to str
        What the tickets do not tell, and what would.
    """

    contacts: int
    proactive: int = 0
    first_contact_resolution: Estimate | None = None
    repeats: Estimate | None = None
    escalated: Estimate | None = None
    handlers: tuple[HandlerTickets, ...] = ()
    not_measured: dict[str, str] = Field(default_factory=dict)

    def story(self) -> tuple[str, ...]:
        """Say what the tickets tell, in sentences.

        Returns
        -------
        tuple of str
            Of the whole desk, then of self-service.
        """
        parts = [
            f"{_told(share)} {_NAMES[name]}"
            for name, share in self._shares()
            if share is not None and share.value is not None
        ]
        first = [f"Of the tickets {joined(parts)}."] if parts else []
        return (*first, *(line for handler in self.handlers for line in _self_service(handler)))

    def _shares(self) -> tuple[tuple[str, Estimate | None], ...]:
        return (
            ("first_contact_resolution", self.first_contact_resolution),
            ("repeats", self.repeats),
            ("escalated", self.escalated),
        )

    def _rows(self) -> list[tuple[Any, ...]]:
        found: list[tuple[str, str, Estimate | None]] = [
            (_NAMES[name], "", share) for name, share in self._shares()
        ]
        for one in self.handlers:
            found.append((_NAMES["escalated"], one.handler, one.escalated))
            found += [(_SELF[name], one.handler, getattr(one, name)) for name in _SELF]
        return [
            (what, handler, e.value, e.low, e.high, e.n, e.customers, e.definition)
            for what, handler, e in found
            if e is not None
        ]

    def __str__(self) -> str:
        """Write the sentences."""
        return "\n".join(self.story())

    def to_frame(self) -> Any:
        """Put one row per share into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Shares are 0 to 1.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        rows = [
            (what, handler, *(None if x is None else f"{x:.3f}" for x in (value, low, high)), f"{n:,}")
            for what, handler, value, low, high, n, _, _ in self._rows()
        ]
        columns = ("", "handler", "share", "low", "high", "contacts")
        return html_table("The service desk", columns, rows, notes=self.story())


def service_desk(contacts: Contacts) -> ServiceDesk:
    """What do the tickets say of service as a whole and of every handler?

    Parameters
    ----------
    contacts : Contacts
        The tickets of a journey: ``journey.contacts`` after ``with_tickets``, or `contacts`.

    Returns
    -------
    ServiceDesk
        What can be measured, and for the rest what would be needed.
    """
    require(contacts, Contacts, "service_desk", hint="hand over journey.contacts, or contacts(tickets)")
    missing: dict[str, str] = {}

    def tried(what: str, measure: Callable[[], Estimate]) -> Estimate | None:
        try:
            return measure()
        except MissingEvidenceError as error:
            missing.setdefault(what, str(error).split("Hint: ")[-1].strip())
            return None

    return ServiceDesk(
        contacts=contacts.contacts,
        proactive=contacts.proactive,
        first_contact_resolution=tried(
            _NAMES["first_contact_resolution"],
            lambda: first_contact_resolution(contacts, definition="operational"),
        ),
        repeats=tried(_NAMES["repeats"], lambda: repeat_contact_rate(contacts)),
        escalated=tried(_NAMES["escalated"], lambda: escalation_rate(contacts)),
        handlers=_handlers(contacts, tried),
        not_measured=missing,
    )


def _handlers(
    contacts: Contacts, tried: Callable[[str, Callable[[], Estimate]], Estimate | None]
) -> tuple[HandlerTickets, ...]:
    found = []
    for handler in contacts.values("handler"):
        escalated = tried(_NAMES["escalated"], partial(escalation_rate, contacts, handler=handler))
        if escalated is None:
            return ()
        own: dict[str, Estimate | None] = {}
        if handler in SELF_SERVICE:
            measures: dict[str, Callable[[], Estimate]] = {
                "deflection": partial(containment, contacts, definition="deflection", handler=handler),
                "containment": partial(containment, contacts, definition="containment", handler=handler),
                "hidden_failures": partial(hidden_failures, contacts, handler=handler),
            }
            own = {name: tried(_SELF[name], measure) for name, measure in measures.items()}
        found.append(HandlerTickets(handler=handler, escalated=escalated, **own))
    return tuple(found)


def _self_service(one: HandlerTickets) -> list[str]:
    if one.deflection is None or one.deflection.value is None:
        return []
    told = f"{one.handler}: {_told(one.deflection)} of its sessions are not handed on"
    if one.containment is None or one.containment.value is None or one.hidden_failures is None:
        return [f"{told}."]
    hidden = f"; the rest, {_told(one.hidden_failures)}, are customers who had to come back"
    return [f"{told}, {_told(one.containment)} are settled as well{hidden}."]


def _told(share: Estimate) -> str:
    ends = f" ({between(share)})" if share.low is not None else ""
    return f"{percent(share.value or 0.0)}{ends}"
