"""What leads to service, and which team answers for it, as rows of text, the first row the head."""

from __future__ import annotations

from journeymap.analysis.owners_report import OwnerMap
from journeymap.analysis.service_causes_report import ServiceCauses
from journeymap.analysis.service_parts import ServiceTrigger
from journeymap.analysis.wording import number
from journeymap.model.durations import duration_text
from journeymap.report.tables import Rows, lift_and_interval, share_interval, share_text, value_and_interval

__all__ = ["causes_table", "hand_offs_table", "owners_table", "teams_table", "windows_table"]

_INTERVAL = "95 % interval"
_MOST = 10


def causes_table(causes: ServiceCauses, *, most: int = _MOST) -> Rows:
    """List the touchpoints that customers came from when they turned to service.

    Parameters
    ----------
    causes : ServiceCauses
        What leads to service.
    most : int
        How many at most.

    Returns
    -------
    list of tuple of str
        The head, then one row a touchpoint, that with most contacts first.
    """
    rows: Rows = [
        ("Before the contacts", "Stage", "Owner", "Customers' contacts", "Share of these", _INTERVAL,
         f"Within {duration_text(causes.within)}, times as often as elsewhere", _INTERVAL,
         "Contacts fewer, if like the best of its stage", _INTERVAL)
    ]  # fmt: skip
    for cause in causes.causes[:most]:
        few = cause.avoidable
        rows.append(
            (
                cause.name,
                cause.stage_name,
                cause.owner,
                f"{cause.contacts:,}",
                share_text(cause.share),
                share_interval(cause.share),
                *_lift(cause.triggers),
                *(value_and_interval(few, number) if few is not None and few.value else ("", "")),
            )
        )
    return rows


def _lift(found: ServiceTrigger | None) -> tuple[str, str]:
    return ("", "") if found is None else lift_and_interval(found.lift)


def windows_table(causes: ServiceCauses, *, most: int = _MOST) -> Rows:
    """List the touchpoints after which customers turn to service within the window, whatever lies between.

    Parameters
    ----------
    causes : ServiceCauses
        What leads to service.
    most : int
        How many at most.

    Returns
    -------
    list of tuple of str
        The head, then one row a touchpoint, the significant ones first.
    """
    rows: Rows = [("After a visit", "Visits", "A contact follows", "Share", "Times as often", _INTERVAL, "")]
    for trigger in causes.windows[:most]:
        rows.append(
            (
                trigger.name,
                f"{trigger.visits:,}",
                f"{trigger.followed:,}",
                share_text(trigger.share),
                *lift_and_interval(trigger.lift),
                "clearly more often" if trigger.significant else "",
            )
        )
    return rows


def owners_table(causes: ServiceCauses, *, most: int = _MOST) -> Rows:
    """List which team's touchpoints come before contacts, and which team carries them.

    Parameters
    ----------
    causes : ServiceCauses
        What leads to service.
    most : int
        How many at most.

    Returns
    -------
    list of tuple of str
        The head, then one row a pair of teams, that with most contacts first.
    """
    timed = any(pair.seconds for pair in causes.owners)
    head = ("Owner of what came before", "Carried by", "Contacts", "Share", _INTERVAL)
    rows: Rows = [(*head, "Time spent") if timed else head]
    for pair in causes.owners[:most]:
        row = (
            pair.cause,
            pair.carrier,
            f"{pair.contacts:,}",
            share_text(pair.share),
            share_interval(pair.share),
        )
        rows.append((*row, pair.spent) if timed else row)
    return rows


def teams_table(owners: OwnerMap) -> Rows:
    """List what every team answers for, and how much goes wrong or is decided there.

    Parameters
    ----------
    owners : OwnerMap
        Which team answers for what.

    Returns
    -------
    list of tuple of str
        The head, then one row a team; of a designed journey only what a map tells.
    """
    head = ("Owner", "Touchpoints", "Of these service")
    more = (
        "Share of events",
        "Moves handed on",
        _INTERVAL,
        "Points of friction",
        "Of what decides",
        _INTERVAL,
    )
    rows: Rows = [head + more if owners.observed else (*head, "At stages")]
    for part in owners.owners:
        row = (part.name, f"{part.touchpoints:,}", f"{part.service_touchpoints:,}")
        if not owners.observed:
            rows.append((*row, part.reach))
            continue
        decided, handed = part.decisiveness, part.handed_on
        rows.append(
            (
                *row,
                share_text(part.event_share),
                share_text(handed),
                share_interval(handed),
                f"{len(part.friction):,}" if owners.knows_friction else "",
                share_text(decided) if decided.value is not None else "",
                share_interval(decided),
            )
        )
    return rows


def hand_offs_table(owners: OwnerMap, *, most: int = _MOST) -> Rows:
    """List where the journey goes from the touchpoints of one team to those of another.

    Parameters
    ----------
    owners : OwnerMap
        Which team answers for what.
    most : int
        How many at most.

    Returns
    -------
    list of tuple of str
        The head, then one row a pair of teams, the most frequent first; of a designed journey how many ways
        it shows.
    """
    if not owners.observed:
        ways = [
            (one.source_name, one.target_name, f"{one.ways:,}") for one in owners.hand_offs if one.changes
        ]
        return [("From", "To", "Ways"), *ways[:most]]
    moves = [
        (
            one.source_name,
            one.target_name,
            f"{one.moves:,}",
            share_text(one.share) if one.share.value is not None else "",
            share_interval(one.share),
        )
        for one in owners.hand_offs
        if one.changes
    ]
    return [("From", "To", "Moves", "Share", _INTERVAL), *moves[:most]]
