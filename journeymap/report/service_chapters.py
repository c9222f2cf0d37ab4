"""The chapters about service: each a few plain sentences and a table, for the page and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from journeymap.analysis.service_view import ServiceView
from journeymap.model.durations import duration_text
from journeymap.model.journey import Journey
from journeymap.report.service_episodes import chains_table, handlers_table, lengths_table
from journeymap.report.service_notes import how_to_mark
from journeymap.report.service_origins import (
    causes_table,
    hand_offs_table,
    owners_table,
    teams_table,
    windows_table,
)
from journeymap.report.service_tables import (
    after_table,
    desk_table,
    effect_table,
    gap_table,
    kinds_table,
    parity_table,
    place_table,
    proactive_table,
    quadrant_table,
    recovery_table,
    segments_table,
    service_table,
    trigger_table,
)
from journeymap.report.tables import Rows

__all__ = ["Chapter", "service_chapters"]

Table = tuple[str, Rows]


class Chapter(NamedTuple):
    """One chapter about service.

    Parameters
    ----------
    id, title, about : str
        Its anchor, its heading, and the question that it answers.
    sentences : tuple of str
        What was found.
    tables : tuple of (str, rows)
        Captions and tables.
    notes : tuple of str
        What has to hold, and how it may be misread.
    more : tuple of (str, rows)
        Tables for those who want to know more.
    details : tuple of str
        Sentences for them.
    """

    id: str
    title: str
    about: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    more: tuple[Table, ...] = ()
    details: tuple[str, ...] = ()


class _Tells(Protocol):
    """A result that has sentences."""

    def story(self) -> str | Sequence[str]: ...


def service_chapters(view: ServiceView, journey: Journey) -> tuple[Chapter, ...]:
    """What is told of service, chapter by chapter?

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.
    journey : Journey
        The journey in which it was found.

    Returns
    -------
    tuple of Chapter
        Only those that have something to tell; at the end what was not measured. Without a service
        touchpoint only how to mark some.
    """
    if not view.service_touchpoints:
        return (_marking(journey),)
    if view.observed and not any(stage.service_events for stage in view.stages):
        # nobody came: all else would be zeros
        known = (_place(view), _teams(view), _desk(view), _missing(view))
        return tuple(chapter for told in known if (chapter := _with_rows(told)))
    chapters = (
        _place(view),
        _leads(view),
        _teams(view),
        _segments(view),
        _episodes(view),
        _after(view, goal=bool(journey.goal)),
        _repairs(view),
        _desk(view),
        _gap(view),
        _missing(view),
    )
    return tuple(chapter for told in chapters if (chapter := _with_rows(told)))


def _with_rows(told: Chapter) -> Chapter | None:
    """Leave out tables of a head alone, and a chapter without anything."""
    tables, more = (
        tuple(table for table in tables if len(table[1]) > 1) for tables in (told.tables, told.more)
    )
    kept = told._replace(tables=tables, more=more)
    return kept if kept.sentences or kept.tables else None


def _sentences(result: _Tells | None) -> tuple[str, ...]:
    if result is None:
        return ()
    told = result.story()
    return tuple(told.splitlines()) if isinstance(told, str) else tuple(told)


def _lines(result: object, journey: str) -> tuple[str, ...]:
    """Give what a result says of itself, without the name of the journey that stands above the page."""
    lines = [line.removeprefix(f"{journey}: ") for line in str(result).splitlines() if line.strip()]
    return tuple(line[:1].upper() + line[1:] for line in lines)


def _place(view: ServiceView) -> Chapter:
    more = [("What kinds of service", kinds_table(view))]
    if view.place is not None:
        more.append(("Inside and outside service", place_table(view, view.place)))
        more.append(("Service that the company begins", proactive_table(view.place)))
    return Chapter(
        "place",
        "Where service sits",
        "How much of every stage is service, and how much of what goes wrong or is decided lies outside?",
        _sentences(view.place),
        (("Service by stage", service_table(view)),),
        more=tuple(more),
    )


def _leads(view: ServiceView) -> Chapter:
    told = Chapter(
        "leads",
        "What leads to service, and who carries it",
        "After which touchpoints do customers ask for help, who answers for these, and whose work is it?",
    )
    follows = ("Which touchpoints service follows at once", trigger_table(view))
    if view.causes is None:
        return told._replace(tables=(follows,))
    tables = (
        ("What came before the contacts that customers began", causes_table(view.causes)),
        ("Whose touchpoints, and whose work", owners_table(view.causes)),
    )
    span = duration_text(view.causes.within)
    later = (f"After which touchpoints a contact follows within {span}", windows_table(view.causes))
    return told._replace(sentences=_sentences(view.causes), tables=tables, more=(follows, later))


def _segments(view: ServiceView) -> Chapter:
    found = view.segments
    return Chapter(
        "segments",
        "Who seeks help",
        "Do as many customers of every segment seek help, and after the same touchpoints?",
        _sentences(found),
        (("Segment by segment", segments_table(found) if found is not None else []),),
    )


def _teams(view: ServiceView) -> Chapter:
    owners = view.owners if view.owners is not None and view.owners.named else None
    table = teams_table(owners) if owners is not None else []
    more = hand_offs_table(owners) if owners is not None else []
    return Chapter(
        "teams",
        "Which team answers for what",
        "Who could mend it, where does nobody answer, and where does the journey change hands?",
        _sentences(view.owners),
        (("Team by team", table),),
        more=(("Where the journey changes hands", more),),
    )


def _episodes(view: ServiceView) -> Chapter:
    told = Chapter(
        "episodes",
        "What becomes of a request for help",
        "How many contacts does it take, who hands on to whom, and does the customer get on with it?",
    )
    found = view.episodes
    if found is None:
        return told
    chains = (("handler", found.chains_by_handler), ("channel", found.chains_by_channel))
    return told._replace(
        sentences=_sentences(found),
        tables=(("In whose hands", handlers_table(found)),),
        more=(
            ("How many contacts", lengths_table(found)),
            *((f"Through which {by}s", chains_table(some, by)) for by, some in chains),
        ),
    )


def _after(view: ServiceView, *, goal: bool) -> Chapter:
    told = Chapter(
        "after",
        "What comes after service",
        "Do customers who had a contact come further than others at the same point of the journey?",
    )
    onward = ("Where customers go after a service contact", after_table(view, goal=goal))
    if not view.effects:
        return told._replace(tables=(onward,))
    first, *others = view.effects
    return told._replace(
        sentences=(*_sentences(first), *(line for effect in others if (line := effect.headline()))),
        tables=(("The same outcome, compared less and more fairly", effect_table(view.effects)),),
        notes=tuple(dict.fromkeys(note for effect in view.effects for note in effect.assumptions)),
        more=(onward,),
    )


def _repairs(view: ServiceView) -> Chapter:
    """Say what follows contacts that helped and contacts that felt bad; how sure that is stands below."""
    told, details = list[str](), list[str]()
    if view.recovery is not None:
        ends = _lines(view.recovery, view.journey)
        # how episodes end is told by their own chapter
        told += ends[2:] if view.episodes is not None else ends
    for felt in (view.overshadow, view.interaction):
        if felt is not None:
            first, *rest = _lines(felt, view.journey)
            told.append(first)
            details += rest
    return Chapter(
        "repairs",
        "What good service repairs, and what bad service spoils",
        "How do journeys end where the contact got customers on, where it did not, and where it felt bad?",
        tuple(told),
        (("How journeys end", recovery_table(view.recovery) if view.recovery is not None else []),),
        details=tuple(details),
    )


def _desk(view: ServiceView) -> Chapter:
    table = desk_table(view.self_service) if view.self_service is not None else []
    return Chapter(
        "desk",
        "What the tickets say",
        "How much is settled at once, what is handed on, and does self-service spare customers a contact?",
        _sentences(view.self_service),
        (("Handler by handler", table),),
    )


def _gap(view: ServiceView) -> Chapter:
    told = Chapter(
        "gap",
        "Service against the rest of the experience",
        "Do the same customers feel better or worse in service than everywhere else?",
    )
    if view.gap is None:
        return told
    return told._replace(
        sentences=_lines("\n".join(_sentences(view.gap)), view.journey),
        tables=(("Feelings inside and outside service, −2 to +2", gap_table(view.gap)),),
        more=(
            ("Customers by service and experience", quadrant_table(view.gap)),
            ("Does service feel alike to everybody?", parity_table(view.gap)),
        ),
    )


def _marking(journey: Journey) -> Chapter:
    return Chapter(
        "mark",
        "How to mark what is service",
        "Nothing more can be told before it is known which touchpoints are service.",
        how_to_mark(journey),
    )


def _missing(view: ServiceView) -> Chapter:
    rows: Rows = [("Not measured", "How to measure it"), *view.not_measured]
    return Chapter(
        "missing",
        "What was not measured",
        "What this journey does not tell, and what would tell it.",
        tables=(("What it takes", rows),),
    )
