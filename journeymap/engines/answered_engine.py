"""The engine that runs nothing: it notes what would be asked, and answers from the tables of others."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import pyarrow as pa

from journeymap.engines.answer_files import Answers, AnswerSource, Query
from journeymap.engines.duckdb_engine import DuckDBSnippets
from journeymap.engines.protocol import Relation, Snippets, TimeKind
from journeymap.engines.select_list import answer_columns
from journeymap.engines.spark_words import SparkSnippets
from journeymap.errors import InvalidLogError, UnansweredError

__all__ = ["DIALECTS", "TIME_KINDS", "AnsweredEngine"]

_TABLE_NAME = re.compile(r'(?:[\w$-]+|"[^"\n]+"|`[^`\n]+`)(?:\.(?:[\w$-]+|"[^"\n]+"|`[^`\n]+`))*')
_OWN_TABLE = re.compile(r"\bjm_\w+")
_TYPES: dict[TimeKind, str] = {
    "naive": "TIMESTAMP",
    "aware": "TIMESTAMP WITH TIME ZONE",
    "date": "DATE",
    "text": "STRING",
    "other": "BIGINT",
}
TIME_KINDS: tuple[TimeKind, ...] = ("naive", "aware", "date", "text")


@dataclass(frozen=True)
class _Dialect:
    """How an engine is spoken to."""

    snippets: Callable[[], Snippets]
    keep: str
    forget: str


DIALECTS = {
    "duckdb": _Dialect(
        DuckDBSnippets, "create temporary table {name} as\n{sql}", "drop table if exists {name}"
    ),
    "spark": _Dialect(SparkSnippets, "cache table {name} as\n{sql}", "drop view if exists {name}"),
}


class _Assumed(dict[str, Any]):
    """What is known of the columns of a table that nobody here can look into: every named one is there."""

    def __init__(self, known: Mapping[str, Any], otherwise: str) -> None:
        super().__init__(known)
        self._otherwise = otherwise

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, _: str) -> str:
        return self._otherwise


@dataclass(frozen=True)
class _Kept:
    """A table that a script makes."""

    sql: str
    digest: str


class _Unanswered:
    """Stands for the rows of a query until somebody looks at them."""

    def __init__(self, engine: AnsweredEngine) -> None:
        self._engine = engine

    def __getattr__(self, _: str) -> NoReturn:
        self._engine.ask()

    def __getitem__(self, _: Any) -> NoReturn:
        self._engine.ask()


class AnsweredEngine:
    """Note what would be asked; answer from the tables that somebody else handed back.

    Parameters
    ----------
    answers : str, Path or mapping of str to pyarrow.Table, optional
        A folder with one CSV or Parquet file a query, or the tables by the queries' keys.
    dialect : {"duckdb", "spark"}
        Whose SQL it is.
    times : mapping of str to TimeKind, optional
        Which kind of time the columns of the table hold; a column that is not named here is text.

    Attributes
    ----------
    unanswered : list of Query
        What was asked and has no answer yet, in order.
    answered : int
        How many queries had an answer.

    Raises
    ------
    InvalidLogError
        Nobody speaks the dialect.

    Notes
    -----
    An answer belongs to the text of its query: the fingerprint in its name is that of the query, of the
    tables that it reads, and of the kinds of time. Where one of them changes, the answer counts no longer.
    """

    def __init__(
        self,
        answers: AnswerSource | None = None,
        *,
        dialect: str = "duckdb",
        times: Mapping[str, TimeKind] | None = None,
    ) -> None:
        if dialect not in DIALECTS:
            raise InvalidLogError.because(
                f"engine: {dialect!r} is none whose queries can be written.",
                expected=f"Expected one of: {', '.join(DIALECTS)}.",
                hint="take the one that is nearest to your warehouse",
            )
        self.name = dialect
        self.spreads = dialect == "spark"
        self.snippets: Snippets = DIALECTS[dialect].snippets()
        self.unanswered: list[Query] = []
        self.answered = 0
        self._answers = Answers(answers)
        self._times = dict(times or {})
        self._kept: dict[str, _Kept] = {}
        self._unnamed: dict[str, int] = {}

    def register(self, source: Any) -> Relation:
        """Take the name of a table; nobody looks whether it is there."""
        if not isinstance(source, str) or not _TABLE_NAME.fullmatch(source):
            told = repr(source) if isinstance(source, str) else f"a {type(source).__name__}"
            raise InvalidLogError.because(
                f"{told} is no name of a table.",
                expected="Expected a name such as warehouse.events.",
                hint="put parts with blanks into quotation marks, as in SQL",
            )
        return Relation(
            name=source,
            label=source,
            columns=_Assumed({name: _TYPES[kind] for name, kind in self._times.items()}, _TYPES["text"]),
            times=_Assumed(self._times, "text"),
            order=None,
        )

    def add_rows(
        self, types: Mapping[str, str], rows: Sequence[tuple[Any, ...]], name: str | None = None
    ) -> str:
        """Note a small table of the library's own."""
        columns = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in types.items())
        if not rows:
            nothing = ", ".join(f"cast(null as {kind}) as {column}" for column, kind in types.items())
            return self.materialise(f"select {nothing} where false", name)
        values = ",\n  ".join("(" + ", ".join(map(self._value, row)) + ")" for row in rows)
        return self.materialise(
            f"select {columns} from (values\n  {values}) as given({', '.join(types)})", name
        )

    def _value(self, value: str | int | None) -> str:
        if value is None:
            return "null"
        return str(value) if isinstance(value, int) else self.snippets.literal(value)

    def materialise(self, sql: str, name: str | None = None) -> str:
        """Note that the rows of a query are to be kept; the same query is kept once."""
        digest = self._digest(sql)
        known = next((one for one, kept in self._kept.items() if kept.digest == digest), None)
        if known is not None:
            return known
        wanted = f"jm_{name or 'kept'}"
        table, number = wanted, 1
        while table in self._kept:
            number += 1
            table = f"{wanted}_{number}"
        self._kept[table] = _Kept(sql, digest)
        return table

    def run(self, sql: str, name: str | None = None) -> pa.Table:
        """Give the answer; where there is none, something that asks for it once it is looked at."""
        digest = self._digest(sql)
        if name is None:
            name = f"query-{self._unnamed.setdefault(digest, len(self._unnamed) + 1):02d}"
        columns = answer_columns(sql, {table: kept.sql for table, kept in self._kept.items()})
        query = Query(name, sql, columns, digest[:8])
        answer = self._answers.of(query)
        if answer is not None:
            self.answered += 1
            return answer
        if all(one.key != query.key for one in self.unanswered):
            self.unanswered.append(query)
        return _Unanswered(self)

    def ask(self) -> NoReturn:
        """Say which answers are missing.

        Raises
        ------
        UnansweredError
            Always.
        """
        stale = [name for query in self.unanswered for name in self._answers.stale(query)]
        other = f" Another question was answered by {', '.join(stale)}." if stale else ""
        many = len(self.unanswered) > 1
        raise UnansweredError.because(
            f"{len(self.unanswered)} {'queries have' if many else 'query has'} no answer yet: "
            f"{', '.join(query.key for query in self.unanswered)}.{other}",
            expected="Expected a .csv or .parquet file of each name.",
            where=self._answers.label,
            hint="journeymap sql prints the queries; give it and journeymap discover the same options",
        )

    def drop(self, name: str) -> None:
        """Do nothing: a script drops its tables at its end."""

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def setup(self) -> tuple[str, ...]:
        """Which statements make the tables that the unanswered queries read, in order?"""
        keep = DIALECTS[self.name].keep
        return tuple(keep.format(name=name, sql=self._kept[name].sql) for name in self._needed())

    def clean_up(self) -> tuple[str, ...]:
        """Which statements drop these tables again?"""
        return tuple(DIALECTS[self.name].forget.format(name=name) for name in reversed(self._needed()))

    def _needed(self) -> list[str]:
        needed = {name for query in self.unanswered for name in self._read_by(query.sql)}
        for name in reversed(self._kept):
            if name in needed:
                needed |= self._read_by(self._kept[name].sql)
        return [name for name in self._kept if name in needed]

    def _read_by(self, sql: str) -> set[str]:
        return {name for name in _OWN_TABLE.findall(sql) if name in self._kept}

    def _digest(self, sql: str) -> str:
        """Stand for a query with all that it reads, whatever its tables are called."""

        def content(found: re.Match[str]) -> str:
            kept = self._kept.get(found[0])
            return found[0] if kept is None else kept.digest

        told = f"{self.name} {sorted(self._times.items())} {_OWN_TABLE.sub(content, sql)}"
        return hashlib.sha256(told.encode()).hexdigest()
