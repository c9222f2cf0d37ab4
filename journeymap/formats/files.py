"""The two doors: a file becomes a journey, a journey becomes a file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from journeymap.errors import FileFormatError, InvalidJourneyError, nearest
from journeymap.formats.atomic import write_whole
from journeymap.formats.complaints import invalid_journey
from journeymap.formats.document import Document, read_text
from journeymap.formats.json_format import json_text, parse_json
from journeymap.model.journey import FORMAT, Journey

__all__ = ["ENDINGS", "read_journey", "write_journey"]

ENDINGS = (".yaml", ".yml", ".json")
_TABLES = {".csv", ".tsv", ".gz", ".parquet", ".xlsx", ".xls", ".arrow", ".feather"}
_VERSION = re.compile(r"journeymap/(\d+)")


def read_journey(path: str | os.PathLike[str]) -> Journey:
    """Read the journey that stands in a file.

    Parameters
    ----------
    path : str or path-like
        A ``.yaml``, ``.yml`` or ``.json`` file.

    Returns
    -------
    Journey
        The journey; reading what `write_journey` wrote gives an equal one.

    Raises
    ------
    FileFormatError
        There is no such file, or it is of another kind, is damaged, or was written by a later version.
    InvalidJourneyError
        The journey contradicts itself; the message names file, line and path.
    """
    file = os.fspath(path)
    ending = _ending(file)
    text = read_text(Path(file), file)
    document = parse_json(text, file) if ending == ".json" else _parse_yaml(text, file)
    _check_head(document)
    try:
        return Journey.model_validate(document.data)
    except ValidationError as error:
        raise invalid_journey(error, document) from error


def write_journey(journey: Journey, path: str | os.PathLike[str]) -> None:
    """Put a journey into a file, whole or not at all.

    Parameters
    ----------
    journey : Journey
        The journey. An observed one can be written as JSON only.
    path : str or path-like
        A ``.yaml``, ``.yml`` or ``.json`` file; replaced where it exists.

    Raises
    ------
    FileFormatError
        No such ending is known.
    InvalidJourneyError
        An observed journey was to be written as YAML, or a text in it is no valid Unicode.
    WriteError
        The file cannot be written; what stood there still stands.
    """
    file = os.fspath(path)
    text = json_text(journey) if _ending(file) == ".json" else _yaml_text(journey, file)
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidJourneyError.because(
            f"a text of the journey holds {text[error.start]!r}, half of a character.",
            expected="Expected valid Unicode.",
            where=file,
        ) from error
    write_whole(file, content)


def _parse_yaml(text: str, file: str) -> Document:
    from journeymap.formats.yaml_format import parse_yaml  # noqa: PLC0415 - JSON can do without ruamel

    return parse_yaml(text, file)


def _yaml_text(journey: Journey, file: str) -> str:
    from journeymap.formats.yaml_format import yaml_text  # noqa: PLC0415 - JSON can do without ruamel

    return yaml_text(journey, file)


def _ending(file: str) -> str:
    ending = Path(file).suffix.lower()
    if ending in ENDINGS:
        return ending
    if ending in _TABLES:
        hint: str | None = "events are read with EventLog, or with the command journeymap discover"
    else:
        close = nearest(ending, ENDINGS) if ending else None
        hint = f"did you mean {close!r}?" if close else None
    raise FileFormatError.because(
        f"no journey format ends in {ending!r}." if ending else "the name has no ending.",
        expected=f"Expected one of: {', '.join(ENDINGS)}.",
        hint=hint,
        where=file,
    )


def _check_head(document: Document) -> None:
    data: Any = document.data
    if not isinstance(data, dict):
        kind = "a list" if isinstance(data, list) else "a single value"
        raise FileFormatError.because(
            f"at the top of the file stands {kind}.",
            expected="Expected a mapping that begins with 'format: journeymap/1' and 'name'.",
            hint="journeymap new writes a commented template",
            where=document.where(()),
        )
    written = data.get("format", FORMAT)
    version = _VERSION.fullmatch(written) if isinstance(written, str) else None
    if written == FORMAT:
        return
    if version and int(version[1]) > int(FORMAT.rpartition("/")[2]):
        raise FileFormatError.because(
            f"the file is of a later version ({written}).",
            expected=f"Expected {FORMAT}.",
            hint="upgrade journeymap",
            where=document.where(("format",)),
        )
    raise FileFormatError.because(
        f"{written!r} is no format of journeymap.",
        expected=f"Expected {FORMAT}.",
        hint=f"write 'format: {FORMAT}' at the top",
        where=document.where(("format",)),
    )
