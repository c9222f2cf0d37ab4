"""Take the census of a table of tickets and refuse what cannot be counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeymap.engines.protocol import Engine, Relation
from journeymap.errors import InvalidLogError, UnknownNameError, nearest
from journeymap.events.log import moment
from journeymap.events.queries import tickets as rows_of
from journeymap.events.queries.contacts import Linked
from journeymap.events.tickets import FLAGS, Tickets
from journeymap.model.contacts import ALL

__all__ = ["check_values", "link_touchpoints", "other_zone", "take_ticket_census"]

MOST_KINDS = 256
_SHOWN = 6


def take_ticket_census(
    tickets: Tickets, relation: Relation, engine: Engine, rows: str
) -> tuple[dict[str, Any], bool]:
    """Count what is missing or cannot be read, and report the first thing that is wrong with the table.

    Parameters
    ----------
    tickets : Tickets
        What the columns mean.
    relation : Relation
        The source.
    engine : Engine
        Where it is.
    rows : str
        The table of `journeymap.events.queries.tickets.tickets_sql`.

    Returns
    -------
    tuple of dict and bool
        The counts, and whether times are instants.

    Raises
    ------
    InvalidLogError
        There are no tickets, or some lack what is declared and are not to be dropped, cannot be read, stand
        twice, or mix times with and without zone.
    """
    texts = _texts(tickets, relation)
    (census,) = engine.run(rows_of.ticket_census_sql(tickets, rows, texts), "ticket_census").to_pylist()
    total = census["rows"]
    if not total:
        filters = tickets.filters_in_words()
        raise InvalidLogError.because(
            "no ticket is left by the filters: " + "; ".join(filters) + "."
            if filters
            else "there are no tickets.",
            where=relation.label,
            hint="check period and spelling" if filters else "check how it was exported",
        )
    for column, count, problem, hint in _problems(tickets, census):
        if count:
            raise InvalidLogError.because(
                f"column {column!r}: {count:,} of {total:,} tickets {problem}.",
                where=relation.label,
                hint=hint,
            )
    return census, _is_aware(tickets, relation, census, texts)


def _texts(tickets: Tickets, relation: Relation) -> tuple[str, ...]:
    if tickets.time_format is not None:
        return ()
    return tuple(role for role in tickets.times if relation.times[tickets.columns[f"{role}_col"]] == "text")


def _problems(tickets: Tickets, census: Mapping[str, Any]) -> list[tuple[str | None, int, str, str]]:
    """List what may be wrong: column, how many, what, and what to do."""
    drop = "fill it, or leave such tickets out with on_missing='drop'"
    written = "say how times are written, for example time_format='%d/%m/%Y %H:%M'"
    columns = tickets.columns
    found: list[tuple[str | None, int, str, str]] = []
    if tickets.on_missing == "error":
        found.append((tickets.customer_col, census.get("no_customer", 0), "have no customer", drop))
        empty = census["rows"] - census["told_opened"] if tickets.opened_col else 0
        found.append((tickets.opened_col, empty, "have no opening time", drop))
    for role in tickets.times:
        if role == "opened" and tickets.on_missing == "drop":
            continue
        count = census[f"unreadable_{role}"]
        found.append(
            (columns[f"{role}_col"], count, "have a time that cannot be read; expected ISO 8601", written)
        )
    found += [
        (columns[f"{role}_col"], census[f"unreadable_{role}"], "say neither yes nor no nor how often",
         "write true or false, yes or no, or a number from 0")
        for role in FLAGS
        if f"{role}_col" in columns
    ]  # fmt: skip
    found.append((
        tickets.ticket_col, census.get("twice", 0), "stand under an id that was there before",
        "keep one row a ticket; a table of its events is an EventLog",
    ))  # fmt: skip
    for role in rows_of.KINDS:
        if census.get(f"kinds_{role}", 0) > MOST_KINDS:
            column = columns.get(f"{role}_col", f"the segment ({role})")
            found.append((
                column, census["rows"], f"have {census[f'kinds_{role}']:,} different values",
                f"name a column with at most {MOST_KINDS} kinds, not one of names or free text",
            ))  # fmt: skip
    return found


def _is_aware(
    tickets: Tickets, relation: Relation, census: Mapping[str, Any], texts: tuple[str, ...]
) -> bool:
    """Tell whether times are instants; all columns must agree."""
    by_column: dict[str, bool] = {}
    for role in tickets.times:
        column, told = tickets.columns[f"{role}_col"], census[f"told_{role}"]
        if role in texts:
            aware = census[f"aware_{role}"]
            if aware not in {0, told}:
                raise InvalidLogError.because(
                    f"column {column!r}: {aware:,} of {told:,} times name a time zone, the others do not.",
                    where=relation.label,
                    expected="Expected all times with, or all without a zone.",
                    hint="add the offset to the others, such as +00:00",
                )
            if told:
                by_column[column] = bool(aware)
        elif told:
            kind = relation.times[column]
            by_column[column] = kind == "aware" or (kind == "text" and "%z" in (tickets.time_format or ""))
    if len(set(by_column.values())) > 1:
        with_zone = [column for column, aware in by_column.items() if aware]
        raise InvalidLogError.because(
            f"column {with_zone[0]!r} names a time zone, the other times do not.",
            where=relation.label,
            expected="Expected all times with, or all without a zone.",
            hint="convert one of them",
        )
    aware = any(by_column.values())
    if tickets.period is not None and by_column and moment(tickets.period[0], "between").aware != aware:
        raise other_zone("between", relation, aware=aware)
    return aware


def other_zone(what: str, relation: Relation, *, aware: bool) -> InvalidLogError:
    """Say that a time was given with a zone where the tickets have none, or the other way.

    Parameters
    ----------
    what : str
        What was given.
    relation : Relation
        The source.
    aware : bool
        Whether the times of the tickets name a zone.

    Returns
    -------
    InvalidLogError
        To be raised.
    """
    how = "name a time zone" if aware else "name no time zone"
    return InvalidLogError.because(
        f"{what}: the times of the tickets {how}, it is given the other way.",
        where=relation.label,
        hint="write the offset, such as 2024-05-01T00:00:00+00:00" if aware else "leave the offset out",
    )


def check_values(tickets: Tickets, relation: Relation, engine: Engine, rows: str) -> None:
    """Refuse statuses that are a slip of the pen, initiators that nobody declared, and the sign for all.

    Parameters
    ----------
    tickets : Tickets
        What the columns mean.
    relation : Relation
        The source.
    engine : Engine
        Where it is.
    rows : str
        The table of tickets.

    Raises
    ------
    InvalidLogError
        There is such a value.

    Notes
    -----
    A declared status that no ticket has is refused only where another is so close that it was probably meant:
    a month without abandoned tickets is none the worse for it.
    """
    if tickets.status_col is not None:
        seen = _values(engine, rows, "status")
        declared = {*tickets.resolved_statuses, *tickets.unresolved_statuses}
        others = {value.lower(): value for value in seen if value not in declared}
        for status in sorted(declared - set(seen)):
            close = nearest(status, others)
            if close is not None:
                raise InvalidLogError.because(
                    f"column {tickets.status_col!r}: no ticket has the status {status!r}.",
                    where=relation.label,
                    expected=f"Expected one of: {_listed(seen)}.",
                    hint=f"did you mean {others[close]!r}?",
                )
    if tickets.initiator_col is not None:
        seen = _values(engine, rows, "initiator")
        known = {"customer", "company", *tickets.company_initiators}
        strange = [value for value in seen if value not in known]
        if strange and not set(seen) & set(tickets.company_initiators):
            raise InvalidLogError.because(
                f"column {tickets.initiator_col!r}: {_listed(strange)} says neither customer nor company.",
                where=relation.label,
                hint=f"declare which values mean the company: company_initiators=({strange[0]!r},)",
            )
    for role in ("touchpoint", "channel", "handler", "segment"):
        told = role == "segment" or f"{role}_col" in tickets.columns
        if told and ALL in _values(engine, rows, role):
            raise InvalidLogError.because(
                f"column of the {role}: {ALL!r} stands for all of them.",
                where=relation.label,
                hint="use a word",
            )


def link_touchpoints(
    tickets: Tickets, engine: Engine, rows: str, touchpoints: Mapping[str, str] | None
) -> Linked:
    """In which column do the touchpoints of tickets stand?

    Parameters
    ----------
    tickets : Tickets
        What the columns mean.
    engine : Engine
        Where they are.
    rows : str
        The table of tickets.
    touchpoints : mapping of str to str or None
        What the values of a column are called as touchpoints.

    Returns
    -------
    Linked
        The column, and the names.

    Raises
    ------
    InvalidLogError
        There is no such column.
    UnknownNameError
        No column has all of these values.
    """
    roles = [role for role in ("touchpoint", "channel", "handler") if f"{role}_col" in tickets.columns]
    if not touchpoints:
        return Linked("touchpoint" if "touchpoint" in roles else None)
    if not roles:
        raise InvalidLogError.because(
            "touchpoints: the tickets have no column in which these values could stand.",
            hint="declare touchpoint_col, channel_col or handler_col",
        )
    by_role = {role: _values(engine, rows, role) for role in roles}
    for role, seen in by_role.items():
        if set(touchpoints) <= set(seen):
            return Linked(role, tuple(touchpoints.items()))
    role = max(roles, key=lambda one: len(set(touchpoints) & set(by_role[one])))
    unknown = next(value for value in touchpoints if value not in by_role[role])
    lower = {value.lower(): value for value in by_role[role]}
    close = nearest(unknown, lower)
    raise UnknownNameError.because(
        f"touchpoints: no ticket has the {role} {unknown!r}.",
        expected=f"Expected some of: {_listed(by_role[role])}.",
        hint=f"did you mean {lower[close]!r}?" if close else "leave it out",
    )


def _values(engine: Engine, rows: str, role: str) -> list[str]:
    return [row["value"] for row in engine.run(rows_of.values_sql(rows, role), "values").to_pylist()]


def _listed(values: list[str]) -> str:
    more = f" and {len(values) - _SHOWN:,} more" if len(values) > _SHOWN else ""
    return ", ".join(repr(value) for value in values[:_SHOWN]) + more
