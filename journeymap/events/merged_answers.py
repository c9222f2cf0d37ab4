"""How do counts of answers become one that were counted apart?"""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.errors import InvalidLogError
from journeymap.model.answers import Answers, Linking
from journeymap.model.evidence import EvidenceTable

__all__ = ["beside", "joined"]

GROUPS = 64
_BY_QUESTION = {"answers", "respondents", "gaps"}


def beside(tables: Sequence[EvidenceTable], *, apart: bool = False) -> EvidenceTable:
    """Put tables of one kind into one.

    Parameters
    ----------
    tables : sequence of EvidenceTable
        With the same columns.
    apart : bool
        Whether their customer groups are others: then they are numbered on.

    Returns
    -------
    EvidenceTable
        All their rows.
    """
    rows: dict[tuple[str, ...], int] = {}
    row, group, first = [], [], 0
    for table in tables:
        places = [rows.setdefault(key, len(rows)) for key in table.keys]
        row += [places[at] for at in table.row]
        group += [first + g for g in table.group]
        first += table.groups if apart else 0
    return tables[0].model_copy(
        update={
            "groups": first or max(table.groups for table in tables),
            "keys": tuple(rows),
            "row": tuple(row),
            "group": tuple(group),
            "measures": {
                name: tuple(count for table in tables for count in table.measures[name])
                for name in tables[0].measures
            },
        }
    )


def joined(earlier: Answers, later: Answers) -> Answers:
    """Put the answers to two surveys together.

    Parameters
    ----------
    earlier, later : Answers
        With different questions and the same segments.

    Returns
    -------
    Answers
        Rows, customers and counts by question add up; of tables about whole customers the later ones stand.

    Raises
    ------
    InvalidLogError
        A question stands in both, or their segments are other columns.
    """
    ids = [question.id for question in earlier.questions]
    for question in later.questions:
        if question.id in ids:
            raise InvalidLogError.because(
                f"the journey already carries answers to a question {question.id!r}.",
                expected="Expected other questions.",
                hint="give the question another id, or lay the survey onto the journey without answers",
            )
    if earlier.by != later.by:
        raise InvalidLogError.because(
            f"by: the journey carries answers by {earlier.by!r}, these are by {later.by!r}."
            if earlier.by and later.by
            else "by: only one of the journey's answers and these tells segments apart.",
            expected="Expected the same segments.",
            hint="count both surveys by the same column, or lay this one onto the journey without answers",
        )
    return Answers(
        source=f"{earlier.source} and {later.source}",
        questions=(*earlier.questions, *later.questions),
        rows=earlier.rows + later.rows,
        customers=earlier.customers + later.customers,
        by=later.by,
        weighted=earlier.weighted or later.weighted,
        set_aside=(*earlier.set_aside, *later.set_aside),
        blank=earlier.blank | later.blank,
        feelings=(*earlier.feelings, *later.feelings),
        linking=_linkings(earlier.linking, later.linking),
        tables=tuple(_tables(earlier, later)),
    )


def _linkings(earlier: Linking, later: Linking) -> Linking:
    counts = {
        name: getattr(earlier, name) + getattr(later, name)
        for name in Linking.model_fields
        if name != "window_seconds"
    }
    windows = [one.window_seconds for one in (earlier, later) if one.window_seconds is not None]
    return Linking(**counts, window_seconds=max(windows, default=None))


def _tables(earlier: Answers, later: Answers) -> list[EvidenceTable]:
    found = []
    for name in dict.fromkeys(table.name for table in (*earlier.tables, *later.tables)):
        first, second = earlier.table(name), later.table(name)
        if first is None or second is None or name not in _BY_QUESTION:
            found += [table for table in (second or first,) if table is not None]
        else:
            # groups by a hash of the id are the same customers in both; others are not known to be
            alike = first.groups == second.groups == GROUPS
            found.append(beside([first, second], apart=not alike))
    return found
