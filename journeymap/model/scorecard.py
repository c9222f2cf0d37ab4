"""How good is the service, and how good the whole relationship: the numbers of both, side by side?"""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any, Literal

from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate, Scale
from journeymap.model.tables import data_frame, html_table

__all__ = ["FAMILIES", "Family", "Scorecard", "ScorecardRow", "Unit"]

Family = Literal["service", "experience"]
Unit = Literal["share", "net_promoter", "seconds", "score", "per_customer", "feeling"]

FAMILIES: dict[Family, tuple[str, str]] = {
    "service": ("Customer service", "help at a moment"),
    "experience": ("Customer experience", "the whole relationship"),
}
_TIMES = (("day", 86_400.0), ("hour", 3_600.0), ("minute", 60.0), ("second", 1.0))
_FINE, _WIDE, _END, _FEW = 10.0, 20.0, 0.01, 0.1
_COLUMNS = (
    "family", "key", "name", "value", "low", "high", "n", "customers", "small_sample", "level", "unit",
    "better", "definition", "question", "method", "missing",
)  # fmt: skip
_SHOWN = ("metric", "value", "interval", "n", "better", "definition")


class ScorecardRow(Frozen):
    """One number of a scorecard, or what it would need.

    Parameters
    ----------
    family : {"service", "experience"}
        Help at a moment, or the whole relationship; of a question it is what the question declares.
    key : str
        Its short name, such as ``nps`` or ``csat:stars``.
    name : str
        How people call it.
    estimate : Estimate
        The number; without value where it cannot be given.
    unit : {"share", "net_promoter", "seconds", "score", "per_customer", "feeling"}
        How it is written: a share 0 to 1 in percent; a net score −1 to 1 times 100; a time; a mean on
        `scale`; contacts a customer; a feeling −2 to +2.
    scale : Scale, optional
        The range of a mean.
    better : {"higher", "lower"}
        Which direction is good.
    question : str
        The question behind it, where there is one.
    missing : str
        What would make it known, or why it is not; empty where it is.

    Examples
    --------
    >>> row = ScorecardRow(family="experience", key="nps", name="Net Promoter Score", unit="net_promoter",
    ...                    estimate=Estimate(value=0.3984, low=0.37, high=0.43, n=2746, customers=2746))
    >>> row.written, row.between
    ('+40', '+37 to +43')
    """

    family: Family
    key: str
    name: str
    estimate: Estimate
    unit: Unit = "share"
    scale: Scale | None = None
    better: Literal["higher", "lower"] = "higher"
    question: str = ""
    missing: str = ""

    @property
    def written(self) -> str:
        """The number as a person would write it; empty where it is not known."""
        return "" if self.estimate.value is None else self.write(self.estimate.value)

    @property
    def between(self) -> str:
        """The interval in words; empty without one."""
        found = self.estimate
        if found.value is None or (found.low is None and found.high is None):
            return ""
        if found.high is None:
            return f"at least {self.write(found.low or 0.0)}"
        if found.low is None:
            return f"at most {self.write(found.high)}"
        low, high = self.write(found.low), self.write(found.high)
        if self.unit == "seconds" and low.rpartition(" ")[2] == high.rpartition(" ")[2]:
            low = low.partition(" ")[0]
        return f"{low} to {high}"

    def write(self, value: float) -> str:
        """Write a value in the row's unit.

        Parameters
        ----------
        value : float
            A share 0 to 1, seconds, and so on.

        Returns
        -------
        str
            ``38 %``, ``+40``, ``2.3 hours``, ``4.1``.
        """
        if self.unit == "share":
            return _percent(value)
        if self.unit == "seconds":
            return _time(value)
        if self.unit == "net_promoter":
            return _signed(f"{value * 100:+.0f}")
        if self.unit == "feeling":
            return _signed(f"{value:+.1f}")
        if self.unit == "per_customer" and 0 < value < _FEW:
            return f"{value:.3f}"
        wide = self.unit == "score" and self.scale is not None and self.scale.high - self.scale.low > _WIDE
        return _minus(f"{value:.{1 if wide else 2}f}")

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.name}: {self.told}"

    @property
    def told(self) -> str:
        """The number with its interval, from how many; or what it needs."""
        if self.estimate.value is None:
            return f"not known, {self.missing}" if self.missing else "not known"
        interval = f" ({self.between})" if self.between else ""
        small = ", small sample" if self.estimate.small_sample else ""
        return f"{self.written}{interval}, n = {self.estimate.n:,}{small}, {self.better} is better"


class Scorecard(Frozen):
    """The numbers of service and of experience, each with its definition.

    Parameters
    ----------
    journey : str
        Its name.
    scope : str
        What of it, in words: ``whole journey``, a stage, a segment.
    customers : int
        Customers behind it, as far as they are known.
    period : (datetime, datetime), optional
        First and last time seen.
    filters : tuple of str
        Which events, answers and tickets were chosen, in words.
    level : float
        The confidence level of all intervals.
    rows : tuple of ScorecardRow
        In order of reading, service first; numbers that cannot be given stay, with what they need.
    notes : tuple of str
        What was left out, and why.

    Examples
    --------
    >>> print(Scorecard(journey="Shop"))
    Shop: service and experience, whole journey
    Customer service: help at a moment
      nothing measured
    Customer experience: the whole relationship
      nothing measured
    """

    journey: str
    scope: str = "whole journey"
    customers: int = 0
    period: tuple[datetime, datetime] | None = None
    filters: tuple[str, ...] = ()
    level: float = 0.95
    rows: tuple[ScorecardRow, ...] = ()
    notes: tuple[str, ...] = ()

    def family(self, name: Family) -> tuple[ScorecardRow, ...]:
        """Give the rows of one family, in order."""
        return tuple(row for row in self.rows if row.family == name)

    def measured(self, name: Family) -> tuple[ScorecardRow, ...]:
        """Give the rows of one family that have a number."""
        return tuple(row for row in self.family(name) if row.estimate.value is not None)

    def unmeasured(self, name: Family) -> tuple[ScorecardRow, ...]:
        """Give the rows of one family that have none."""
        return tuple(row for row in self.family(name) if row.estimate.value is None)

    def reasons(self, name: Family) -> dict[str, tuple[ScorecardRow, ...]]:
        """Group the rows of one family that have no number by what they need."""
        rows = self.unmeasured(name)
        return {
            reason: tuple(row for row in rows if row.missing == reason)
            for reason in dict.fromkeys(row.missing for row in rows)
        }

    def row(self, key: str) -> ScorecardRow | None:
        """Find a row by its key, None where there is none."""
        return next((row for row in self.rows if row.key == key), None)

    def __str__(self) -> str:
        """Say both families in two aligned blocks that can be read aloud."""
        lines = [f"{self.journey}: service and experience, {self.scope}"]
        lines += [_capital(", ".join(self.facts()))] if self.facts() else []
        for family, (name, about) in FAMILIES.items():
            lines += [f"{name}: {about}", *_block(self.measured(family))]
            for reason, rows in self.reasons(family).items():
                names = "; ".join(row.name for row in rows)
                lines.append(f"  not known: {names}" + (f" ({reason})" if reason else ""))
        return "\n".join([*lines, *self.notes])

    def facts(self) -> tuple[str, ...]:
        """Say from how many customers, of when and of what."""
        found = [f"{self.customers:,} customers"] if self.customers else []
        if self.period is not None:
            first, last = (end.date().isoformat() for end in self.period)
            found.append(first if first == last else f"{first} to {last}")
        return (*found, *(f"only: {words}" for words in self.filters))

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (
                row.family, row.key, row.name, found.value, found.low, found.high, found.n, found.customers,
                found.value is not None and found.small_sample, found.level, row.unit, row.better,
                found.definition, row.question, found.method, row.missing,
            )
            for row in self.rows
            for found in (row.estimate,)
        ]  # fmt: skip

    def to_frame(self) -> Any:
        """Put the rows into a pandas DataFrame, one number a row, shares and net scores as fractions."""
        return data_frame(_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        tables = []
        for family, (name, about) in FAMILIES.items():
            rows = [
                (
                    row.name, row.written or "not known", row.between,
                    f"{row.estimate.n:,}" + (" (small sample)" if row.estimate.small_sample else ""),
                    row.better, row.estimate.definition,
                )
                if row.estimate.value is not None
                else (row.name, "not known", "", "", row.better, row.missing)
                for row in self.family(family)
            ]  # fmt: skip
            tables.append(html_table(f"{name}: {about}", _SHOWN, rows))
        head = escape(", ".join((f"{self.journey}: service and experience", self.scope, *self.facts())))
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        columns = f'<div style="display:flex;flex-wrap:wrap;gap:2em">{"".join(tables)}</div>'
        return f"<div><p>{head}</p>{columns}{notes}</div>"


def _block(rows: tuple[ScorecardRow, ...]) -> list[str]:
    """Align names, values and the rest."""
    if not rows:
        return ["  nothing measured"]
    name = max(len(row.name) for row in rows)
    value = max(len(row.written) for row in rows)
    between = max(len(row.between) for row in rows)
    return [
        f"  {row.name:<{name}}  {row.written:>{value}}  {row.between:<{between}}  n = {row.estimate.n:,}"
        f"{', small sample' if row.estimate.small_sample else ''}, {row.better} is better"
        for row in rows
    ]


def _percent(share: float) -> str:
    near = 0 < share < _END or 1 - _END < share < 1
    text = f"{share * 100:.{int(near)}f}"
    if text == "0.0":
        return "under 0.1 %"
    return "over 99.9 %" if text == "100.0" else f"{text} %"


def _time(seconds: float) -> str:
    name, size = next((unit for unit in _TIMES if seconds >= unit[1]), _TIMES[-1])
    amount = seconds / size
    text = f"{amount:.1f}".removesuffix(".0") if amount < _FINE else f"{amount:,.0f}"
    return f"{text} {name}{'' if text == '1' else 's'}"


def _signed(text: str) -> str:
    return text[1:] if not text.strip("+-0.") else _minus(text)


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
