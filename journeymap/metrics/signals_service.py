"""How are customers handed around, asked again and left half-way: signals of service and of single visits?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from journeymap.metrics.signals_counts import Counted, Measured, Tally
from journeymap.metrics.signals_moves import AGAIN
from journeymap.model.contacts import ALL

__all__ = [
    "abandonments",
    "channel_switches",
    "failure_demands",
    "had_to_repeats",
    "hand_offs",
    "rage_loops",
    "repeat_contacts",
]

_EPISODES = "lay episodes on the journey: with_episodes(journey, log)"
_NOTHING = {
    "contacts_watched": "no contact was watched long enough: observe for longer, or with a shorter window",
    "contact_pairs": "no episode of service has a second contact",
    "handoff_pairs": "no move within a stage has both agents known: the log tells them for too few events"
    " (agent_col)",
}


def channel_switches(counted: Counted) -> Measured:
    """How often do customers go on in another channel within one episode of service?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Pairs of consecutive contacts of one episode with different channels / such pairs, at the first of
        both.
    """
    return _told(
        counted, "episodes", ("channel_switches", "contact_pairs", "switch_customers"), _EPISODES,
        "next contacts of the same episode in another channel / next contacts of the same episode",
    )  # fmt: skip


def hand_offs(counted: Counted) -> Measured:
    """How often is the next event somebody else's, though the customer is still at the same stage?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Moves to another agent / moves within the stage with both agents known. Without agents, moves to a
        touchpoint of another owner in the design: then only reported, because the design makes them.
    """
    columns = ("handoffs", "handoff_pairs", "handoff_customers")
    if counted.has("touchpoints", *columns):
        return _told(
            counted, "touchpoints", columns, "",
            "moves to another agent without change of stage / such moves with both agents known",
        )  # fmt: skip
    return _between_owners(counted)


def _between_owners(counted: Counted) -> Measured:
    owners = {t.id: t.owner for t in counted.journey.touchpoints}
    stages = {t.id: t.stage for t in counted.journey.touchpoints}
    if len(set(owners.values()) - {None}) < 2:  # noqa: PLR2004 - a hand-off has two owners
        return Measured(
            {}, missing="give the log an agent of events (agent_col), or the touchpoints of the design owners"
        )
    edges = counted.keys("transitions")
    known = [
        row
        for row, (source, target) in enumerate(edges)
        if source not in counted.goals
        and owners[source]
        and owners[target]
        and stages[source] == stages[target] is not None
    ]
    other = np.array([owners[edges[row][0]] != owners[edges[row][1]] for row in known], dtype=bool)
    counts, who = (counted.table("transitions", name) for name in ("count", "customers"))
    found: dict[str, Tally] = {}
    customers = counted.at("customers")
    places = np.array(known, dtype=np.intp)
    for name in dict.fromkeys(edges[row][0] for row in known):
        here = np.array([edges[row][0] == name for row in known], dtype=bool)
        away = places[here & other]
        found[name] = Tally(
            counts[away].sum(axis=0), counts[places[here]].sum(axis=0), customers[name], who[away].sum(axis=0)
        )
    return Measured(
        found,
        "moves to a touchpoint of another owner without change of stage / moves without change of stage",
        unjudged="given by the owners in the design",
    )


def repeat_contacts(counted: Counted) -> Measured:
    """How often is a contact followed by another one of the same customer within the window?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Contacts followed by another service contact in time / contacts watched for so long; of the log's
        episodes, else of the tickets.
    """
    contacts = counted.journey.contacts
    if counted.has("episodes") or contacts is None:
        return _told(
            counted, "episodes", ("repeats", "contacts_watched", "repeat_customers"),
            f"{_EPISODES}, or tickets: with_tickets(journey, tickets)",
            "contacts followed by another one of the same customer in time / contacts watched for so long",
        )  # fmt: skip
    table = next((one for one in contacts.tables if one.name == "contacts"), None)
    who = next((one for one in contacts.tables if one.name == "customers"), None)
    if table is None or who is None or "repeats" not in contacts.signals:
        return Measured({}, missing="the tickets do not tell whose they are: customer_col and opened_col")
    sums = {name: np.zeros((2, table.groups)) for name in counted.touchpoints}
    for measure, place in (("repeats", 0), ("judged", 1)):
        for count, row, group in zip(table.measures[measure], table.row, table.group, strict=True):
            if table.keys[row][0] in sums:
                sums[table.keys[row][0]][place, group] += count
    people = {
        measure: {
            who.keys[row][0]: count
            for count, row in zip(who.measures[measure], who.row, strict=True)
            if who.keys[row][1:] == (ALL,) * 3
        }
        for measure in ("judged", "repeats")
    }
    return Measured(
        {
            name: Tally(
                repeats,
                judged,
                np.array([people["judged"].get(name, 0)]),
                np.array([people["repeats"].get(name, 0)]),
            )
            for name, (repeats, judged) in sums.items()
            if judged.sum()
        },
        "tickets followed by another one of the same customer in time / tickets watched for so long",
    )


def had_to_repeats(counted: Counted) -> Measured:
    """How often did customers have to say again what they had said before?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Visits with repeated information / visits where it is known.
    """
    return _told(
        counted, "touchpoints", ("repeated", "repeats_known", "repeated_customers"),
        "give the log a column that says whether information had to be repeated (repeated_col)",
        "visits in which information had to be repeated / visits where it is known",
    )  # fmt: skip


def failure_demands(counted: Counted) -> Measured:
    """How many contacts would not be, had nothing failed before?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Contacts caused by a failure / contacts where it is known.
    """
    return _told(
        counted, "touchpoints", ("failures", "failures_known", "failure_customers"),
        "give the log a column that says whether a failure caused the contact (failure_col)",
        "contacts caused by a failure to do something, or to do it right / contacts where it is known",
    )  # fmt: skip


def rage_loops(counted: Counted) -> Measured:
    """How many journeys come to a touchpoint again and again in a short time without getting on?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Journeys with at least three visits within a day without progress to a later stage / journeys that
        come here.
    """
    return _told(
        counted, "episodes", ("rage_journeys", "journeys", "rage_customers"), _EPISODES,
        "journeys with many visits here in a short time without progress / journeys that come here",
    )  # fmt: skip


def abandonments(counted: Counted) -> Measured:
    """How often is something begun at a touchpoint and not completed?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Visits not completed / visits where it is known.
    """
    return _told(
        counted, "touchpoints", ("not_completed", "completions", "not_completed_customers"),
        "give the log a column that says whether what was begun was completed (completed_col)",
        "visits not completed / visits where it is known",
    )  # fmt: skip


def _nothing(counted: Counted, trials: str) -> str:
    """Say why there was nothing to count."""
    if trials == "contact_pairs" and _has_second_contacts(counted):
        return (
            "the channels of contacts are not known: give the log its channels (channel_col), or each service"
            " touchpoint of the design one"
        )
    return _NOTHING.get(trials, "nothing of the kind happened in the log")


def _has_second_contacts(counted: Counted) -> bool:
    if not counted.has("episode_shapes", "episodes"):
        return False
    shapes = zip(counted.keys("episode_shapes"), counted.table("episode_shapes", "episodes"), strict=True)
    return any(contacts not in {"0", "1"} and bool(found.any()) for (contacts, *_), found in shapes)


def _told(counted: Counted, table: str, measures: Iterable[str], missing: str, definition: str) -> Measured:
    """Read a signal that has its own counts; where there are none, say what would enable it."""
    successes, trials, affected = measures
    if not counted.has(table, successes, trials):
        there = table == "episodes" and counted.has(table)
        return Measured({}, missing=AGAIN if there else missing)
    y, n = counted.at(successes, table), counted.at(trials, table)
    if not any(counts.any() for counts in n.values()):
        return Measured({}, missing=_nothing(counted, trials))
    who = counted.at(affected, table) if counted.has(table, affected) else y
    customers = counted.at("customers")
    return Measured(
        {
            name: Tally(y[name], n[name], customers[name], who[name])
            for name in counted.touchpoints
            if n[name].any()
        },
        definition,
    )
