"""What would the service desk of the example write down?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeymap.datasets.visits import Visited, later
from journeymap.events.tickets import Tickets

__all__ = ["tickets_of"]

_MINUTE, _HOUR, _DAY = 60.0, 3_600.0, 86_400.0
_OPENS, _CLOSES = 9 * _HOUR, 17 * _HOUR
_SINCE_MONDAY = 3 * _DAY  # 1970 began on a Thursday
_WORKING_DAYS = 5

_Floats = npt.NDArray[np.float64]
_Wholes = npt.NDArray[np.int64]
_Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class _Desk:
    """How contacts go at a touchpoint.

    Parameters
    ----------
    channel, handler : str
        By which way they come, and who answers.
    reply, reply_spread : float
        The median time to the first reply in seconds, and the standard deviation of its logarithm.
    solution, solution_spread : float
        The same from the reply to the solution.
    given_up, escalated, reopened : float
        Shares of the contacts, 0 to 1.
    initiator : str
        Who starts them.
    office : bool
        Whether it is answered on working days between nine and five alone.
    """

    channel: str
    handler: str
    reply: float
    reply_spread: float
    solution: float
    solution_spread: float
    given_up: float
    escalated: float
    reopened: float
    initiator: str = "customer"
    office: bool = False


# The texts of the design say as much: a bot that answers fast, but not the question; twenty-two minutes on
# hold; an answer to a complaint after nine working days.
DESKS = {
    "chatbot": _Desk(
        channel="chat", handler="bot", reply=4, reply_spread=0.5, solution=6 * _MINUTE, solution_spread=0.8,
        given_up=0.38, escalated=0.12, reopened=0.03,
    ),
    "help_line": _Desk(
        channel="phone", handler="human", reply=22 * _MINUTE, reply_spread=0.6, solution=40 * _MINUTE,
        solution_spread=1.8, given_up=0.10, escalated=0.22, reopened=0.12,
    ),
    "complaint": _Desk(
        channel="email", handler="human", reply=11 * _DAY, reply_spread=0.4, solution=3 * _DAY,
        solution_spread=0.9, given_up=0.15, escalated=0.30, reopened=0.18, office=True,
    ),
    "renewal_call": _Desk(
        channel="phone", handler="human", reply=20, reply_spread=0.3, solution=12 * _MINUTE,
        solution_spread=0.6, given_up=0.05, escalated=0.02, reopened=0.01, initiator="company",
    ),
}  # fmt: skip
_REPLIES = 0.7  # further messages of a customer, on average
_TO_A_PERSON = 8 * _MINUTE  # from the bot


def tickets_of(visited: Visited, rng: np.random.Generator) -> Tickets:
    """Draw the tickets of all contacts from visits.

    Parameters
    ----------
    visited : Visited
        Who came where, when.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    Tickets
        One row a contact, in order of time. What is not solved when the log ends is open.
    """
    end = int(visited.when.max())
    parts = [_contacts(visited, name, desk, end, rng) for name, desk in DESKS.items()]
    table = pa.concat_tables(parts, promote_options="default").sort_by(
        [("created", "ascending"), ("customer", "ascending")]
    )
    names = pa.array([f"T{number:06d}" for number in range(1, len(table) + 1)])
    return Tickets(
        table.add_column(0, "ticket", names),
        ticket_col="ticket",
        customer_col="customer",
        opened_col="created",
        first_response_col="first_reply",
        first_human_response_col="first_reply_by_person",
        resolved_col="solved_at",
        closed_col="closed_at",
        status_col="status",
        resolved_statuses=("solved",),
        unresolved_statuses=("given up",),
        reopened_col="reopened",
        escalated_col="escalated",
        replies_col="replies",
        handler_col="handled_by",
        channel_col="came_by",
        initiator_col="started_by",
        touchpoint_col="about",
    )


def _contacts(visited: Visited, name: str, desk: _Desk, end: int, rng: np.random.Generator) -> pa.Table:
    rows = np.flatnonzero(visited.is_at([name]))
    when, size = visited.when[rows], len(rows)
    opened = when / 1e6
    escalated, given_up, reopened = (
        rng.random(size) < share for share in (desk.escalated, desk.given_up, desk.reopened)
    )
    reply = _staffed(opened, opened + _spread(desk.reply, desk.reply_spread, rng, size), desk, rng)
    person = reply + _spread(_TO_A_PERSON, 0.5, rng, size) if desk.handler == "bot" else reply
    person_known = escalated if desk.handler == "bot" else np.ones(size, dtype=np.bool_)
    after = np.where(person_known, person, reply)
    over = _staffed(opened, after + _spread(desk.solution, desk.solution_spread, rng, size), desk, rng)
    over = np.maximum(over, after)
    seen = end / 1e6
    closed = over <= seen
    solved = closed & ~given_up
    status = np.where(solved, "solved", np.where(closed, "given up", "open"))

    def time(moments: _Floats, known: _Truths) -> pa.Array:
        return later(when, moments - opened, known=known & (moments <= seen))

    return pa.table({
        "customer": visited.ids.take(pa.array(visited.who[rows])),
        "created": later(when, np.zeros(size)),
        "first_reply": time(reply, np.ones(size, dtype=np.bool_)),
        "first_reply_by_person": time(person, person_known),
        "solved_at": time(over, solved),
        "closed_at": time(over, closed),
        "status": pa.array(status),
        "came_by": _same(desk.channel, size),
        "handled_by": _same(desk.handler, size),
        "started_by": _same(desk.initiator, size),
        "about": _same(name, size),
        "escalated": pa.array(escalated),
        "reopened": pa.array(reopened & solved),
        "replies": pa.array(rng.poisson(_REPLIES, size)),
    })  # fmt: skip


def _same(word: str, size: int) -> pa.Array:
    return pa.array([word] * size)


def _spread(median: float, spread: float, rng: np.random.Generator, size: int) -> _Floats:
    return median * np.exp(rng.normal(0, spread, size))


def _staffed(opened: _Floats, moments: _Floats, desk: _Desk, rng: np.random.Generator) -> _Floats:
    """Move what falls outside office hours to the next morning somebody works."""
    if not desk.office:
        return moments
    day, hour = np.divmod(moments + _SINCE_MONDAY, _DAY)  # day 0 is a Monday
    late = hour >= _CLOSES
    day, off = day + late, late | (hour < _OPENS)
    weekday = np.mod(day, 7)
    free = weekday >= _WORKING_DAYS
    day = np.where(free, day + 7 - weekday, day)
    morning = _OPENS + rng.uniform(0, _HOUR, len(moments))
    shifted = day * _DAY - _SINCE_MONDAY + np.where(off | free, morning, hour)
    return np.maximum(shifted, opened)
