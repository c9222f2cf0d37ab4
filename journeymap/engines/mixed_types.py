"""Columns whose types differ between files of one pattern: what they are read as, and where nothing fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["EMPTY", "MixedColumns", "mixed_columns"]

# the family of a column without any value, which goes with all others
EMPTY = "empty"
_UNITED = (
    {"whole", "decimal"}, {"text", "naive", "aware"}, {"text", "boolean"}, {"text", "uuid"},
    {"text", "decimal"}, {"whole", "boolean"},
)  # fmt: skip


class MixedColumns(NamedTuple):
    """What several files hold, column by column, whatever the capitals of a name.

    Parameters
    ----------
    names : dict of str to str
        The columns as they are first written, by their names in small letters.
    types : dict of str to dict of str to str
        For every column the type that it has in each file that holds it.
    as_text : set of str
        Columns that mix whole numbers and numbers with a point, and are read as text: ids, mostly.
    conflicts : dict of str to str
        Columns that cannot be read, by the names of `names`, each with a clause that says why.
    missing_in : dict of str to str
        Columns that not every file has, each with the first file that lacks it.
    """

    names: dict[str, str]
    types: dict[str, dict[str, str]]
    as_text: set[str]
    conflicts: dict[str, str]
    missing_in: dict[str, str]


def mixed_columns(
    schemas: Mapping[str, Sequence[tuple[str, str]]], family: Callable[[str], str]
) -> MixedColumns:
    """Compare the columns of files.

    Parameters
    ----------
    schemas : mapping of str to sequence of (str, str)
        For every file its columns with their types.
    family : callable
        Puts together the types that the engine reads as one without loss: ``whole``, ``float``, ``decimal``,
        ``text``, ``naive`` and ``aware`` times, ``boolean``, ``uuid``, `EMPTY`; any other type by its name.

    Returns
    -------
    MixedColumns
        Where they differ.
    """
    types: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for file, columns in schemas.items():
        for name, kind in columns:
            key = name.lower()
            names.setdefault(key, name)
            types.setdefault(key, {}).setdefault(file, kind)
    as_text, conflicts, missing_in = set(), {}, {}
    for key, held in types.items():
        lacking = next((file for file in schemas if file not in held), None)
        if lacking is not None:
            missing_in[names[key]] = lacking
        if _is_text_after_all({family(kind) for kind in held.values()}):
            as_text.add(key)
        elif (told := _conflict(held, family)) is not None:
            conflicts[names[key]] = told
    return MixedColumns(names, types, as_text, conflicts, missing_in)


def _is_text_after_all(families: set[str]) -> bool:
    """Whether whole numbers, numbers with a point and texts are mixed."""
    found = families - {EMPTY}
    return "float" in found and len(found) > 1 and found <= {"whole", "float", "text"}


def _conflict(held: Mapping[str, str], family: Callable[[str], str]) -> str | None:
    """Say which two files disagree on a column, None where their types can be read as one."""
    families: dict[str, str] = {}
    for file, kind in held.items():
        families.setdefault(family(kind), file)
    families.pop(EMPTY, None)
    found = set(families)
    together = len(found) <= 1 or found == {"whole", "text"} or any(found <= group for group in _UNITED)
    # text may hold times with and without a zone, which the census tells apart; typed times may not be mixed
    if together and not ({"naive", "aware"} <= found and "text" not in found):
        return None
    (first, one), (second, other) = list(families.items())[:2]
    if {first, second} == {"naive", "aware"}:
        with_zone, without = (one, other) if first == "aware" else (other, one)
        return f"its times name a time zone in {Path(with_zone).name!r}, and none in {Path(without).name!r}"
    return f"it holds {held[one]} in {Path(one).name!r}, but {held[other]} in {Path(other).name!r}"
