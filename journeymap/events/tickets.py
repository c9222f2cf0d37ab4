"""A table of service-desk tickets: where it is and what its columns mean."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Literal

from journeymap.engines.protocol import Engine, Relation
from journeymap.errors import InvalidLogError
from journeymap.events.columns import refuse_missing_columns, refuse_no_times
from journeymap.events.log import filter_words, period_of, values_of

__all__ = ["FLAGS", "TEXTS", "TIMES", "Tickets", "is_empty"]

TIMES = (
    "opened", "first_response", "first_human_response", "first_resolved", "resolved", "closed", "queued",
    "answered", "left",
)  # fmt: skip
FLAGS = ("reopened", "escalated", "replies", "unresolvable")
TEXTS = ("customer", "ticket", "status", "handler", "channel", "reason", "initiator", "touchpoint")
_RULES = {"on_missing": ("error", "drop"), "impossible": ("drop", "error")}


@dataclass(frozen=True)
class Tickets:
    """Which contacts did customers have with the service desk, and what became of them?

    One row a ticket, call or chat. Nothing is guessed: a column counts for what it is declared to be, and
    what is not declared is not measured. Nothing is read until an analysis asks for it; filters run in the
    engine.

    Parameters
    ----------
    source : str, Path, pandas or polars DataFrame, pyarrow Table, DuckDB relation or Spark DataFrame
        A file or a pattern of CSV (also .gz) or Parquet files, or a table.
    customer_col : str, optional
        The customer; without it every ticket counts as a customer of its own, and repeat contacts cannot be
        told.
    ticket_col : str, optional
        The ticket's id; that no id stands in two rows is checked.
    opened_col : str, optional
        The time of the first message from the customer (not of the creation of the ticket by an agent).
    first_response_col, first_human_response_col : str, optional
        The time of the first answer of any kind, and of the first one by a person.
    first_resolved_col, resolved_col : str, optional
        The time when the ticket was resolved for the first time, and for the last time.
    closed_col : str, optional
        The time when it was closed; without a resolution it was closed, or abandoned, unresolved.
    status_col : str, optional
        The status at the end of the table, read by the two lists that follow.
    resolved_statuses, unresolved_statuses : tuple of str
        The statuses that mean resolved, and those that mean closed without a resolution; all others are open.
    queued_col, answered_col, left_col : str, optional
        The times of entering a queue, of being answered, and of leaving it before being answered.
    reopened_col, escalated_col, unresolvable_col : str, optional
        Whether (true/false, yes/no, or how often) it was reopened; handed to a higher level; could not be
        resolved at level one. An empty cell is no.
    replies_col : str, optional
        How many further messages the customer wrote after the first. An empty cell is none.
    handler_col, channel_col, reason_col : str, optional
        Who or what handled it (a kind such as human or bot, not a person), in which channel, about what.
    initiator_col : str, optional
        Who started it, ``customer`` or ``company``; what the company started is counted apart.
    company_initiators : tuple of str
        The values of `initiator_col` that mean the company.
    touchpoint_col : str, optional
        The touchpoint that it belongs to.
    segment_cols : tuple of str
        Columns by which customers may be told apart.
    time_format : str, optional
        How times are written where they are text in another form, such as ``"%d/%m/%Y %H:%M"``.
    on_missing : {"error", "drop"}
        What to do with tickets without customer or opening time, where those columns are declared.
    impossible : {"drop", "error"}
        What to do with tickets that cannot be true (resolved before the first response): count them by kind
        and leave them out, or refuse the table.
    engine : Engine, optional
        Where the queries run; a DuckDB of its own for each analysis when left out. A Spark DataFrame, or the
        name of a table in Spark, needs `SparkEngine`; a log joined to it has to be read by the same.

    Examples
    --------
    >>> tickets = Tickets("tickets.csv", customer_col="customer", opened_col="created", resolved_col="solved")
    >>> str(tickets.between("2024-05-01", "2024-06-01").where(channel="phone"))
    "tickets from tickets.csv; from 2024-05-01 until before 2024-06-01; channel is 'phone'"
    """

    source: Any = field(repr=False)
    _: KW_ONLY
    customer_col: str | None = None
    ticket_col: str | None = None
    opened_col: str | None = None
    first_response_col: str | None = None
    first_human_response_col: str | None = None
    first_resolved_col: str | None = None
    resolved_col: str | None = None
    closed_col: str | None = None
    status_col: str | None = None
    resolved_statuses: tuple[str, ...] = ()
    unresolved_statuses: tuple[str, ...] = ()
    queued_col: str | None = None
    answered_col: str | None = None
    left_col: str | None = None
    reopened_col: str | None = None
    escalated_col: str | None = None
    unresolvable_col: str | None = None
    replies_col: str | None = None
    handler_col: str | None = None
    channel_col: str | None = None
    reason_col: str | None = None
    initiator_col: str | None = None
    company_initiators: tuple[str, ...] = ("company",)
    touchpoint_col: str | None = None
    segment_cols: tuple[str, ...] = ()
    time_format: str | None = None
    on_missing: Literal["error", "drop"] = "error"
    impossible: Literal["drop", "error"] = "drop"
    engine: Engine | None = field(default=None, repr=False, compare=False)
    period: tuple[str, str] | None = field(default=None, repr=False)
    conditions: tuple[tuple[str, tuple[str | None, ...]], ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Check the rules and the statuses at once."""
        for name, rules in _RULES.items():
            if getattr(self, name) not in rules:
                raise InvalidLogError.because(
                    f"{name}: {getattr(self, name)!r} is no rule.",
                    expected=f"Expected {rules[0]!r} or {rules[1]!r}.",
                )
        for name in ("segment_cols", "resolved_statuses", "unresolved_statuses", "company_initiators"):
            given: Any = getattr(self, name)
            object.__setattr__(self, name, (given,) if isinstance(given, str) else tuple(given))
        self._check_statuses()

    def _check_statuses(self) -> None:
        named = bool(self.resolved_statuses or self.unresolved_statuses)
        if named != (self.status_col is not None):
            raise InvalidLogError.because(
                "resolved_statuses: statuses without a status_col to find them in."
                if named
                else f"status_col: nothing says what the statuses in {self.status_col!r} mean.",
                expected="Expected status_col together with resolved_statuses or unresolved_statuses.",
                hint="for example status_col='status', resolved_statuses=('Solved',)",
            )
        both = sorted(set(self.resolved_statuses) & set(self.unresolved_statuses))
        if both:
            raise InvalidLogError.because(
                f"unresolved_statuses: {both[0]!r} cannot mean resolved and unresolved.",
                hint="name it in one of the two lists",
            )

    def __str__(self) -> str:
        """Name the source and the filters."""
        source = str(self.source) if isinstance(self.source, str | PurePath) else type(self.source).__name__
        return "; ".join((f"tickets from {source}", *self.filters_in_words()))

    @property
    def columns(self) -> dict[str, str]:
        """The declared roles, such as ``opened_col``, with their columns."""
        roles = (f"{role}_col" for role in (*TEXTS, *TIMES, *FLAGS))
        return {role: getattr(self, role) for role in roles if getattr(self, role) is not None}

    @property
    def times(self) -> tuple[str, ...]:
        """The declared times, such as ``opened``, in the order of `TIMES`."""
        return tuple(role for role in TIMES if f"{role}_col" in self.columns)

    def between(self, start: str | date | datetime, end: str | date | datetime) -> Tickets:
        """Keep the tickets opened from `start` until before `end`.

        Parameters
        ----------
        start, end : str, date or datetime
            ISO 8601 text or a time; aware if the tickets' times are aware. Without `opened_col` the earliest
            declared time of the ticket is asked; a ticket without any is left out.

        Returns
        -------
        Tickets
            Tickets that know the period. What happened to them later still counts.

        Raises
        ------
        InvalidLogError
            It is no period, or the tickets have no time.
        """
        if not self.times:
            raise InvalidLogError.because(
                "between: these tickets have no time.", hint="name it with opened_col"
            )
        return replace(self, period=period_of(start, end))

    def where(self, **columns: Any) -> Tickets:
        """Keep the tickets whose columns have these values.

        Parameters
        ----------
        **columns : value or list of values
            For each column the value, or the values, to keep; None keeps tickets without a value.

        Returns
        -------
        Tickets
            Tickets that know the conditions; all of them must hold.

        Notes
        -----
        A repeat contact is looked for among the chosen tickets only: with ``where(channel="phone")`` an
        e-mail after a call is not seen.
        """
        more = tuple((name, values_of(value)) for name, value in columns.items())
        return replace(self, conditions=self.conditions + more)

    def filters_in_words(self) -> tuple[str, ...]:
        """Say in words which tickets are kept, one text a filter."""
        return filter_words(self.period, self.conditions)

    def check_columns(self, relation: Relation, by: str | None) -> None:
        """Refuse a declared column that the source does not have, or a time column without times.

        Parameters
        ----------
        relation : Relation
            The source.
        by : str or None
            The column with the segment.

        Raises
        ------
        InvalidLogError
            There is such a column.
        """
        wanted = {**self.columns, **({"by": by} if by else {})}
        wanted |= {f"segment_cols[{n}]": name for n, name in enumerate(self.segment_cols)}
        wanted |= {f"where({name}=...)": name for name, _ in self.conditions}
        refuse_missing_columns(wanted, relation)
        hint = "turn it into timestamps first; a duration is no time: add it to the opening time"
        for role in self.times:
            name = self.columns[f"{role}_col"]
            if not is_empty(relation, name):
                refuse_no_times(f"{role}_col", name, relation, hint=hint)


def is_empty(relation: Relation, column: str) -> bool:
    """Tell whether a column of a table in memory has no value, and therefore no type, at all."""
    return relation.columns[column].strip('"').upper() in {"NULL", "VOID"}
