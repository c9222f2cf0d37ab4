"""The events of a source under names of our own."""

from __future__ import annotations

from journeymap.engines.protocol import Relation, Snippets
from journeymap.events.log import FLAGS, EventLog, moment
from journeymap.events.queries.filters import filter_columns, filter_conditions

__all__ = ["events_sql", "is_read_once"]

# a column of yes and no with gaps often comes as numbers with a point
_YES, _NO = ("'true', 'yes', '1', '1.0'", "'false', 'no', '0', '0.0'")


def is_read_once(log: EventLog, relation: Relation) -> bool:
    """Whether reading is dear, so that events are kept after the first pass: text files, text times."""
    return relation.read_once or "read_csv(" in relation.name or relation.times[log.time_col] == "text"


def events_sql(
    log: EventLog, relation: Relation, words: Snippets, *, value: str | None = None, complete: bool = False
) -> str:
    """Select one row an event, filtered, incomplete events included.

    Parameters
    ----------
    log : EventLog
        What the columns mean, and the filters.
    relation : Relation
        The source.
    words : Snippets
        The engine's words.
    value : str, optional
        A further column, to be called ``value``.
    complete : bool
        Whether the census has found that every event has a customer, a name and a time, so that nothing need
        be looked at twice.

    Returns
    -------
    str
        A query with the columns ``customer``, ``event``, ``channel``, ``journey`` (text), ``t``, ``t_end``
        (microseconds), ``fine`` and ``ord`` (the order within one time), ``feeling``, ``agent`` (text),
        ``repeated``, ``failure`` and ``completed`` (0, 1, or null where not known) each with its ``…_told``
        (something is written there), and the flags ``named`` (there is a customer), ``aware`` and ``told`` (a
        time is written there, readable or not), ``end_aware`` and ``end_told`` likewise, as far as the log
        has them.
    """
    inner = _columns(log, relation, words)
    if complete:
        inner["customer"] = f"cast({words.quoted(log.customer_col)} as string)"
        inner["event"] = f"cast({words.quoted(log.event_col)} as string)"
    if value is not None:
        inner["value"] = f"nullif(cast({words.quoted(value)} as string), '')"
    conditions = []
    if log.period is not None:
        start, end = (moment(value, "between").microseconds for value in log.period)
        # an event without time is kept, so that the census can report it
        conditions.append(f"(t is null or (t >= {start} and t < {end}))")
    conditions += filter_conditions(log.conditions, relation, words)
    if log.on_missing == "drop":
        conditions.append("customer is not null and event is not null and t is not null")
    names = [name for name in inner if not name.startswith("where_")]
    columns = ", ".join(f"{text} as {name}" for name, text in inner.items())
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"select {', '.join(names)} from (select {columns} from {relation.name}){where}"


def _columns(log: EventLog, relation: Relation, words: Snippets) -> dict[str, str]:
    def text(column: str) -> str:
        return f"nullif(cast({words.quoted(column)} as string), '')"

    time = words.quoted(log.time_col)
    kind = relation.times[log.time_col]
    columns = {
        "customer": text(log.customer_col),
        # beside the id itself: to make the text of every id takes longer than to look whether there is one
        "named": f"(cast({words.quoted(log.customer_col)} as string) <> '')",
        "event": text(log.event_col),
        "t": words.microseconds(time, kind, log.time_format),
        "told": f"({text(log.time_col)} is not null)" if kind == "text" else f"({time} is not null)",
    }
    if kind == "text" and log.time_format is None:
        columns["aware"] = words.is_aware_text(time)
    if log.end_col is not None:
        end, end_kind = words.quoted(log.end_col), relation.times[log.end_col]
        columns["t_end"] = words.microseconds(end, end_kind, log.time_format)
        columns["end_told"] = f"({text(log.end_col) if end_kind == 'text' else end} is not null)"
        if end_kind == "text" and log.time_format is None:
            columns["end_aware"] = words.is_aware_text(end)
    fine = words.fine_order(time, relation.columns[log.time_col])
    if fine is not None:
        columns["fine"] = fine
    if log.journey_col is not None:
        columns["journey"] = text(log.journey_col)
    if log.channel_col is not None:
        columns["channel"] = text(log.channel_col)
    if log.feeling_col is not None:
        columns["feeling"] = words.number(text(log.feeling_col))
        columns["feeling_told"] = f"({text(log.feeling_col)} is not null)"
    if log.agent_col is not None:
        columns["agent"] = text(log.agent_col)
    columns |= _flags(log, words)
    columns["ord"] = _order(log, relation, words, columns)
    columns |= filter_columns(log.conditions, relation, words)
    return columns


def _flags(log: EventLog, words: Snippets) -> dict[str, str]:
    """Read yes and no as 1 and 0; empty, or what is neither, as null."""
    columns = {}
    for role in FLAGS:
        name = getattr(log, f"{role}_col")
        if name is not None:
            written = f"nullif(lower(trim(cast({words.quoted(name)} as string))), '')"
            columns[role] = f"case when {written} in ({_YES}) then 1 when {written} in ({_NO}) then 0 end"
            columns[f"{role}_told"] = f"({written} is not null)"
    return columns


def _order(log: EventLog, relation: Relation, words: Snippets, others: dict[str, str]) -> str:
    if log.order_col is None and relation.order is None:
        # by the name, then by whatever else tells two events apart, so that every run finds the same order
        names = [
            name for name in ("t_end", "journey", "channel", "feeling", "agent", *FLAGS) if name in others
        ]
        told = [others[name] for name in ("event", *names)]
        return f"struct({', '.join(told)})" if names else others["event"]
    if log.order_col is None:
        return str(relation.order)
    column = words.quoted(log.order_col)
    if relation.times[log.order_col] == "text":  # numbers written as text, as every column of a CSV file
        return f"try_cast({column} as bigint)"
    return column
