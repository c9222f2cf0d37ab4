"""What does a scorecard say, in sentences?"""

from __future__ import annotations

from collections.abc import Iterator

from journeymap.analysis.wording import joined, plural
from journeymap.model.scorecard import FAMILIES, Scorecard, ScorecardRow

__all__ = ["scorecard_words"]


def scorecard_words(card: Scorecard) -> str:
    """Write a scorecard as text.

    Parameters
    ----------
    card : Scorecard
        What `scorecard` measured.

    Returns
    -------
    str
        One sentence a line.
    """
    return "\n".join(_lines(card))


def _lines(card: Scorecard) -> Iterator[str]:
    yield _ended(
        f"{', '.join((card.journey, card.scope, *card.facts()))}: "
        "the scorecard of customer service and customer experience"
    )
    for family, (name, about) in FAMILIES.items():
        known = card.measured(family)
        count = plural(len(known), "number") if known else "no number can be given"
        yield f"{name}, {about}: {count}."
        yield from (_said(row, card.level) for row in known)
        for reason, rows in card.reasons(family).items():
            names = joined([row.name for row in rows])
            yield _ended(f"Not measured: {names}" + (f" ({reason})" if reason else ""))
    yield from (_ended(note) for note in card.notes)


def _said(row: ScorecardRow, level: float) -> str:
    found = row.estimate
    interval = f" ({level * 100:g} % interval {row.between})" if row.between else ""
    scale = ""
    if row.scale is not None and row.unit == "score":
        scale = f" on a scale from {row.scale.low:g} to {row.scale.high:g}".replace("-", "−")
    small = ", a small sample" if found.small_sample else ""
    who = f", from {plural(found.customers, 'customer')}" if found.customers else ""
    head = f"{row.name}: {row.written}{scale}{interval}, n = {found.n:,}{who}{small}; {row.better} is better."
    return f"{head} {_ended(_capital(found.definition))}" if found.definition else head


def _ended(text: str) -> str:
    words = " ".join(text.split())
    return words if words.endswith((".", "?", "!", "。", "…")) else f"{words}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
