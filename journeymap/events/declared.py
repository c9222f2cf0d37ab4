"""What does a YAML file say of a survey, or of a table of tickets?"""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from journeymap.errors import FileFormatError, InvalidLogError, nearest
from journeymap.events.feedback import Feedback
from journeymap.events.tickets import Tickets
from journeymap.formats.complaints import mistake_in
from journeymap.formats.document import Document, Place, read_text
from journeymap.formats.json_format import parse_json
from journeymap.formats.yaml_format import parse_yaml
from journeymap.model.answers import Question

__all__ = ["read_feedback", "read_tickets"]

_Declared = TypeVar("_Declared", Feedback, Tickets)
_NOT_WRITTEN = {"engine", "period", "conditions"}
_ENDINGS = (".yaml", ".yml", ".json")


def read_feedback(path: str | os.PathLike[str]) -> Feedback:
    """Which survey does a file declare?

    Parameters
    ----------
    path : str or path-like
        A YAML (or JSON) file with the fields of `Feedback`: ``source`` (a file or a pattern, seen from the
        folder of this file), ``questions`` (a list with the fields of `Question`), ``customer_col`` and so
        on; ``where`` holds columns and the values to keep, ``between`` a start and an end.

    Returns
    -------
    Feedback
        Nothing of the survey itself is read yet.

    Raises
    ------
    FileFormatError
        There is no such file, it is no YAML, or a key is not known.
    InvalidLogError
        A question contradicts itself; the message names file, line and path.
    """
    document = _document(path)
    data = dict(document.data)
    given = data.get("questions")
    if not isinstance(given, list) or not given:
        raise InvalidLogError.because(
            "no questions are declared.",
            expected="Expected a list of questions, each with a column and a measure.",
            where=document.where(("questions",)),
            hint="questions: [{column: recommend, measure: nps}]",
        )
    data["questions"] = [_valid_question(one, ("questions", n), document) for n, one in enumerate(given)]
    return _declared(Feedback, data, document)


def read_tickets(path: str | os.PathLike[str]) -> Tickets:
    """Which table of tickets does a file declare?

    Parameters
    ----------
    path : str or path-like
        A YAML (or JSON) file with the fields of `Tickets`: ``source`` (a file or a pattern, seen from the
        folder of this file), ``opened_col``, ``resolved_col`` and so on; ``where`` holds columns and the
        values to keep, ``between`` a start and an end.

    Returns
    -------
    Tickets
        Nothing of the table itself is read yet.

    Raises
    ------
    FileFormatError
        There is no such file, it is no YAML, or a key is not known.
    InvalidLogError
        The declaration contradicts itself.
    """
    document = _document(path)
    return _declared(Tickets, dict(document.data), document)


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


def _declared(kind: type[_Declared], data: dict[str, Any], document: Document) -> _Declared:
    names: list[str] = [field.name for field in fields(kind)]
    known = [*(name for name in names if name not in _NOT_WRITTEN), "where", "between"]
    _refuse_unknown(data, known, document)
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
    if isinstance(where, dict):
        declared = declared.where(**where)
    if isinstance(between, list) and len(between) == 2:  # noqa: PLR2004 - a start and an end
        declared = declared.between(*(str(end) for end in between))
    return declared


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
        details = error.errors(include_url=False)[0]
        at, problem, expected, hint = mistake_in(details, ("answers", "questions", 0))
        raise InvalidLogError.because(
            problem, expected=expected, hint=hint or None, where=document.where(place + at)
        ) from error
