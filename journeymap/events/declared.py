"""What does a YAML file say of a survey, or of a table of tickets?"""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import BeforeValidator, ValidationError

from journeymap.errors import FileFormatError, InvalidLogError, nearest
from journeymap.events.feedback import Feedback
from journeymap.events.log import values_of
from journeymap.events.tickets import Tickets
from journeymap.formats.complaints import mistake_in
from journeymap.formats.document import Document, Place, read_text
from journeymap.formats.json_format import parse_json
from journeymap.formats.yaml_format import parse_yaml
from journeymap.model.answers import Question
from journeymap.model.business_hours import BusinessHours
from journeymap.model.durations import Duration
from journeymap.model.frozen import Frozen, misfit

__all__ = ["read_feedback", "read_ticket_rules", "read_tickets"]

_Declared = TypeVar("_Declared", Feedback, Tickets)
_NOT_WRITTEN = {"engine", "period", "conditions"}
_ENDINGS = (".yaml", ".yml", ".json")


def _named(value: Any) -> Any:
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value.values()):
        raise misfit(
            "this names no touchpoints.",
            expected="Expected for each value of the column the id of a touchpoint.",
            hint="touchpoints: {Phone: help_line}",
        )
    return {str(key): name for key, name in value.items()}


class _TicketRules(Frozen):
    """What a file says of counting tickets, rather than of their columns."""

    repeat_within: Duration | None = None
    contained_within: Duration | None = None
    business_hours: BusinessHours | None = None
    touchpoints: Annotated[dict[str, str] | None, BeforeValidator(_named)] = None


def read_feedback(path: str | os.PathLike[str]) -> Feedback:
    """Which survey does a file declare?

    Parameters
    ----------
    path : str or path-like
        A YAML (or JSON) file with the fields of `Feedback`: ``source`` (a file or a pattern, seen from the
        folder of this file), ``questions`` (a list, or a single one, with the fields of `Question`),
        ``customer_col`` and so on; ``where`` holds columns and the values to keep, ``between`` a start
        and an end.

    Returns
    -------
    Feedback
        Nothing of the survey itself is read yet.

    Raises
    ------
    FileFormatError
        There is no such file, it is no YAML, a key is not known, or a filter is none.
    InvalidLogError
        A question contradicts itself; the message names file, line and path.
    """
    document = _document(path)
    data = dict(document.data)
    given = data.get("questions")
    if isinstance(given, dict) and given:
        data["questions"] = [_valid_question(given, ("questions",), document)]
    elif isinstance(given, list) and given:
        data["questions"] = [_valid_question(one, ("questions", n), document) for n, one in enumerate(given)]
    else:
        raise InvalidLogError.because(
            f"{_shown(given)} declares no question." if given else "no questions are declared.",
            expected="Expected a list of questions, each with a column and a measure.",
            where=document.where(("questions",)),
            hint="questions: [{column: recommend, measure: nps}]",
        )
    return _declared(Feedback, data, document)


def read_tickets(path: str | os.PathLike[str]) -> Tickets:
    """Which table of tickets does a file declare?

    Parameters
    ----------
    path : str or path-like
        A YAML (or JSON) file with the fields of `Tickets`: ``source`` (a file or a pattern, seen from the
        folder of this file), ``opened_col``, ``resolved_col`` and so on; ``where`` holds columns and the
        values to keep, ``between`` a start and an end. What it says of counting them is checked here, and
        read by `read_ticket_rules`.

    Returns
    -------
    Tickets
        Nothing of the table itself is read yet.

    Raises
    ------
    FileFormatError
        There is no such file, it is no YAML, a key is not known, or a filter is none.
    InvalidLogError
        The declaration contradicts itself.
    """
    document = _document(path)
    _ticket_rules(document)  # a mistake in them is told here already
    return _declared(Tickets, dict(document.data), document, tuple(_TicketRules.model_fields))


def read_ticket_rules(path: str | os.PathLike[str]) -> dict[str, Any]:
    """How does a file say that its tickets are counted?

    Parameters
    ----------
    path : str or path-like
        The file that `read_tickets` reads. Of it only ``repeat_within`` and ``contained_within`` (spans such
        as ``7 days``), ``business_hours`` (``weekdays`` and ``holidays``) and ``touchpoints`` (values of the
        column and ids of touchpoints).

    Returns
    -------
    dict
        What the file names of them, to be handed on:
        ``with_tickets(journey, read_tickets(path), **read_ticket_rules(path))``; empty where it names none.

    Raises
    ------
    FileFormatError
        There is no such file, or it is no YAML.
    InvalidLogError
        A value is no span, no opening hours or no mapping; the message names file, line and path.
    """
    return _ticket_rules(_document(path))


def _ticket_rules(document: Document) -> dict[str, Any]:
    given = {key: value for key, value in document.data.items() if key in _TicketRules.model_fields}
    try:
        rules = _TicketRules.model_validate(given)
    except ValidationError as error:
        raise _misfit_of_the_file(error, document, above=("contacts",)) from error
    return {name: getattr(rules, name) for name in given}


def _document(path: str | os.PathLike[str]) -> Document:
    file = os.fspath(path)
    ending = Path(file).suffix.lower()
    if ending not in _ENDINGS:
        raise FileFormatError.because(
            "a declaration of a survey or of tickets is a YAML file.",
            expected=f"Expected one of: {', '.join(_ENDINGS)}.",
            hint="write a small file that names the table and its columns",
            where=file,
        )
    text = read_text(Path(file), file)
    document = parse_json(text, file) if ending == ".json" else parse_yaml(text, file)
    if not isinstance(document.data, dict):
        raise FileFormatError.because(
            "at the top of the file stands no mapping.",
            expected="Expected keys such as source and customer_col.",
            where=document.where(()),
        )
    return document


def _declared(
    kind: type[_Declared], data: dict[str, Any], document: Document, beside: Collection[str] = ()
) -> _Declared:
    names: list[str] = [field.name for field in fields(kind)]
    known = [*(name for name in names if name not in _NOT_WRITTEN), "where", "between", *beside]
    _refuse_unknown(data, known, document)
    data = {key: value for key, value in data.items() if key not in beside}
    where, between = data.pop("where", None), data.pop("between", None)
    if not isinstance(data.get("source"), str):
        raise FileFormatError.because(
            "no source is named.",
            expected="Expected a file or a pattern, such as survey.csv.",
            where=document.where(("source",)),
        )
    data["source"] = _beside(document.file, data["source"])
    lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
    declared = kind(**(data | lists))
    return _in_period(_chosen(declared, where, document), between, document)


def _chosen(declared: _Declared, where: Any, document: Document) -> _Declared:
    """Keep what a file says that columns shall hold; an empty key says nothing."""
    if where is None:
        return declared
    if not isinstance(where, dict):
        _refuse_filter(where, ("where",), document)
    for column, kept in where.items():
        several = kept if isinstance(kept, list) else [kept]
        if not several or any(isinstance(value, dict | list) for value in several):
            _refuse_filter(kept, ("where", column), document)
    more = tuple((str(column), values_of(kept)) for column, kept in where.items())
    return replace(declared, conditions=declared.conditions + more)


def _in_period(declared: _Declared, between: Any, document: Document) -> _Declared:
    """Keep the period that a file names; an empty key says nothing."""
    if between is None:
        return declared
    ends = between if isinstance(between, list) else []
    if len(ends) != 2 or any(isinstance(end, dict | list | None) for end in ends):  # noqa: PLR2004 - start, end
        raise FileFormatError.because(
            f"{_shown(between)} is no period.",
            expected="Expected a list of a start and an end, which itself is left out.",
            where=document.where(("between",)),
            hint="between: [2025-03-01, 2025-04-01]",
        )
    try:
        return declared.between(*(str(end) for end in ends))
    except InvalidLogError as error:
        located = InvalidLogError(f"{document.where(('between',))}: {error}")
        located.hint, located.where = error.hint, document.where(("between",))
        raise located from error


def _refuse_filter(value: Any, place: Place, document: Document) -> NoReturn:
    raise FileFormatError.because(
        f"{_shown(value)} names no values to keep.",
        expected="Expected columns, and for each the value or a list of values to keep.",
        where=document.where(place),
        hint="where: {region: north, channel: [phone, chat]}",
    )


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return repr(value)


def _refuse_unknown(data: dict[str, Any], known: Sequence[str], document: Document) -> None:
    for key in data:
        if key not in known:
            close = nearest(str(key), known)
            raise FileFormatError.because(
                f"no key {key!r}.",
                expected=f"Expected one of: {', '.join(known)}.",
                hint=f"did you mean {close!r}?" if close else None,
                where=document.where((str(key),)),
            )


def _beside(file: str, source: str) -> str:
    """Find a source that is named as seen from the folder of the file that names it."""
    found = Path(source)
    if found.is_absolute():
        return source
    beside = Path(file).parent / source
    return str(beside) if beside.exists() or glob.glob(str(beside)) else source  # noqa: PTH207 - a pattern


def _valid_question(value: Any, place: Place, document: Document) -> Question:
    try:
        return Question.model_validate(value)
    except ValidationError as error:
        raise _misfit_of_the_file(error, document, place, above=("answers", "questions", 0)) from error


def _misfit_of_the_file(
    error: ValidationError, document: Document, place: Place = (), *, above: Place
) -> InvalidLogError:
    details = error.errors(include_url=False)[0]
    at, problem, expected, hint = mistake_in(details, above)
    return InvalidLogError.because(
        problem, expected=expected, hint=hint or None, where=document.where(place + at)
    )
