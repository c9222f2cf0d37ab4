"""Which part of a journey is a scorecard about, and what is said of a number that cannot be given?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Literal

from journeymap.errors import (
    InvalidLogError,
    JourneyMapError,
    MissingEvidenceError,
    UnknownNameError,
    WrongKindError,
    nearest,
)
from journeymap.metrics.contact_counts import chosen, contact_counts
from journeymap.metrics.experience import ces, csat, feeling, nps, score
from journeymap.metrics.places import stage_of, touchpoint_of
from journeymap.metrics.yardsticks import CesDefinition, CsatDefinition
from journeymap.model.answers import Answers, Measure, Question
from journeymap.model.contacts import Contacts
from journeymap.model.journey import Journey
from journeymap.model.measures import FEELING_SCALE, Estimate, Scale
from journeymap.model.scorecard import Family, ScorecardRow, Unit

__all__ = ["FcrDefinition", "Scope", "attempted", "needed", "question_rows", "said"]

FcrDefinition = Literal["operational", "gross", "net", "ticket"]

_CSAT_NAMES = {
    "top_2_box": "CSAT, top-2-box",
    "mean": "CSAT, mean",
    "top_box": "CSAT, top box",
    "bottom_2_box": "Dissatisfied, bottom-2-box",
}
_CES_NAMES = {
    "mean": "Customer Effort Score, mean",
    "easy_share": "Customer Effort Score, easy",
    "effort_cost": "Effort cost",
}
_PLAIN: dict[str, tuple[str, Unit, Scale | None, Literal["higher", "lower"]]] = {
    "nps": ("Net Promoter Score", "net_promoter", None, "higher"),
    "feeling": ("Feeling", "feeling", FEELING_SCALE, "higher"),
    "score": ("Score", "score", Scale(low=0, high=1), "higher"),
}
_EFFORT: dict[str, tuple[str, Unit, Scale | None, Literal["higher", "lower"]]] = {
    "easy_share": (_CES_NAMES["easy_share"], "share", None, "higher"),
    "effort_cost": (_CES_NAMES["effort_cost"], "score", Scale(low=0, high=1, better="lower"), "lower"),
}


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a scorecard is about, and by which definitions.

    Parameters
    ----------
    journey : Journey
        The journey.
    stage, segment : str, optional
        Only this stage, this segment.
    csat, ces, fcr : str
        The definitions.
    resolved_within : timedelta
        The span of the resolution rate.
    level : float
        The confidence level.
    """

    journey: Journey
    stage: str | None
    segment: str | None
    csat: CsatDefinition
    ces: CesDefinition
    fcr: FcrDefinition
    resolved_within: timedelta
    level: float

    @property
    def answers(self) -> Answers | None:
        """The answers of the journey."""
        return self.journey.answers

    @property
    def contacts(self) -> Contacts | None:
        """The contacts of the journey."""
        return self.journey.contacts

    @property
    def whole(self) -> bool:
        """Whether everything is meant."""
        return self.stage is None and self.segment is None

    @property
    def words(self) -> str:
        """Name the part of the journey."""
        parts = [] if self.stage is None else [f"stage {self.journey.stage(self.stage).name}"]
        if self.segment is not None:
            told = (table.by for table in (self.answers, self.contacts) if table is not None and table.by)
            parts.append(f"{' or '.join(dict.fromkeys(told))} is {self.segment}")
        return ", ".join(parts) or "whole journey"

    @property
    def served(self) -> tuple[str, ...]:
        """The touchpoints of the stage, or of all stages, that contacts belong to."""
        known = self.contacts.values("touchpoint") if self.contacts is not None else ()
        return tuple(one for one in known if self.stage in {None, stage_of(self.journey, one)})

    @property
    def nowhere(self) -> dict[str, int]:
        """How many contacts belong to no stage, by the name of their touchpoint; empty for none of these."""
        contacts, found = self.contacts, dict[str, int]()
        if contacts is None or not self.told_apart(contacts):
            return found
        for place in ("", *contacts.values("touchpoint")):
            if stage_of(self.journey, place) is None:
                meant = chosen(contacts, "scorecard", {"touchpoint": place, "segment": self.segment})
                about = touchpoint_of(self.journey, place) if place else None
                name = about.name if about is not None else place
                found[name] = found.get(name, 0) + int(contact_counts(meant, "contacts").sum())
        return {name: count for name, count in found.items() if count}

    def adrift(self, questions: Collection[str]) -> str:
        """Say how many answers to some questions name a touchpoint but belong to no stage.

        Parameters
        ----------
        questions : collection of str
            Their ids.

        Returns
        -------
        str
            As ``3 answers about Line belong to no stage``; empty for none, and where no stage is meant.
        """
        answers, found = self.answers, dict[str, int]()
        table = answers.table("answers") if answers is not None else None
        if table is None or self.stage is None:
            return ""
        lost = {place for _, place, *_ in table.keys if place and stage_of(self.journey, place) is None}
        for row, count in zip(table.row, table.measures["answers"], strict=True):
            question, place, segment, *_ = table.keys[row]
            if place in lost and question in questions and self.segment in {None, segment}:
                about = touchpoint_of(self.journey, place)
                name = about.name if about is not None else place
                found[name] = found.get(name, 0) + int(count)
        parts = [
            f"{count:,} answer{'' if count == 1 else 's'} about {name}"
            for name, count in sorted(found.items())
        ]
        ends = "s" if sum(found.values()) == 1 else ""
        return f"{' and '.join(parts)} belong{ends} to no stage" if parts else ""

    def told_apart(self, table: Answers | Contacts) -> bool:
        """Whether a table knows the segment that is asked for, if one is."""
        return self.segment is None or self.segment in _segments(table)

    def check(self) -> None:
        """Refuse a stage or a segment that is not there.

        Raises
        ------
        UnknownNameError
            There is no such stage or segment.
        MissingEvidenceError
            Neither answers nor contacts are told apart by segment.
        """
        if self.stage is not None:
            self.journey.stage(self.stage)
        if self.segment is None:
            return
        tables = [table for table in (self.answers, self.contacts) if table is not None]
        known = sorted({segment for table in tables for segment in _segments(table)})
        if not known:
            raise MissingEvidenceError.because(
                "nothing was counted by segment.",
                hint="with_feedback(journey, feedback, by=...), with_tickets(journey, tickets, by=...)",
                where="scorecard",
            )
        if self.segment not in known:
            close = nearest(self.segment, known)
            raise UnknownNameError.because(
                f"no segment {self.segment!r}.",
                expected=f"Expected one of: {', '.join(known)}.",
                hint=f"did you mean {close!r}?" if close else None,
                where="scorecard",
            )


def _segments(table: Answers | Contacts) -> tuple[str, ...]:
    if isinstance(table, Answers):
        return table.segments
    return table.values("segment") if table.by else ()


def attempted(
    measure: Callable[[], Estimate], level: float, nothing: str = "there is nothing to count"
) -> tuple[Estimate, str]:
    """Measure a number, or say why it cannot be given.

    Parameters
    ----------
    measure : callable
        Gives the estimate.
    level : float
        The confidence level.
    nothing : str
        What is said where nothing was counted.

    Returns
    -------
    Estimate
        Without value where it cannot be given.
    str
        What it needs; empty where it is known.
    """
    try:
        found = measure()
    except (MissingEvidenceError, InvalidLogError, WrongKindError) as error:
        return Estimate(value=None, level=level), needed(error)
    return found, "" if found.value is not None else nothing


def said(estimate: Estimate, more: str) -> Estimate:
    """Add to the definition of a number what it leaves out.

    Parameters
    ----------
    estimate : Estimate
        The number.
    more : str
        What is left out; empty for nothing.

    Returns
    -------
    Estimate
        The same number.

    Examples
    --------
    >>> said(Estimate(value=1.0, definition="mean"), "1 answer about Line belongs to no stage").definition
    'mean; 1 answer about Line belongs to no stage'
    """
    definition = "; ".join(part for part in (estimate.definition, more) if part)
    return estimate.model_copy(update={"definition": definition}) if more else estimate


def needed(error: JourneyMapError) -> str:
    """Say shortly what a number needs.

    Parameters
    ----------
    error : JourneyMapError
        Why it could not be given.

    Returns
    -------
    str
        What is wrong, and what to do.

    Examples
    --------
    >>> needed(MissingEvidenceError.because("it needs x.", expected="Expected y.", hint="say x", where="t"))
    'it needs x; say x'
    """
    text = str(error).partition("\nHint: ")[0]
    text = text.removeprefix(f"{error.where}: ") if error.where else text
    for more in (" Declared are: ", " Expected "):
        text = text.partition(more)[0]
    return f"{text.rstrip('.')}; {error.hint}" if error.hint else text.rstrip(".")


def question_rows(scope: Scope, family: Family, measure: Measure) -> Iterator[ScorecardRow]:
    """Measure every question of a family that asks for one thing.

    Parameters
    ----------
    scope : Scope
        Which part of the journey.
    family : {"service", "experience"}
        As the questions declare it.
    measure : str
        ``nps``, ``csat``, ``ces``, ``feeling`` or ``score``.

    Yields
    ------
    ScorecardRow
        One a question, in the order of the survey; of a stage only those answered there. Questions of
        experience about a single touchpoint are left to the card of its stage.
    """
    answers = scope.answers
    if answers is None or not scope.told_apart(answers):
        return
    asked = [
        (question, attempted(partial(_measured, question, scope), scope.level, "nobody answered"))
        for question in answers.questions
        if _meant(question, scope, family, measure)
    ]
    if scope.stage is not None:
        asked = [(question, found) for question, found in asked if found[0].n]
    many = len(asked) > 1 or measure in {"score", "feeling"}
    before = "Service " if family == "service" and measure == "csat" else ""
    for question, (found, missing) in asked:
        name, unit, scale, better = _shown(question, scope)
        yield ScorecardRow(
            family=family,
            key=f"{measure}:{question.id}" if many or family == "service" else measure,
            name=f"{before}{name}: {question.name}" if many else before + name,
            estimate=said(found, scope.adrift({question.id})),
            unit=unit,
            scale=scale,
            better=better,
            question=question.name,
            missing=missing,
        )


def _meant(question: Question, scope: Scope, family: Family, measure: Measure) -> bool:
    if question.family != family or question.measure != measure:
        return False
    if measure in {"score", "feeling"} and question.element is not None:
        return False  # told with the human element, or support
    return family == "service" or scope.stage is not None or question.touchpoint is None


def _measured(question: Question, scope: Scope) -> Estimate:
    where: dict[str, Any] = {"question": question.id, "stage": scope.stage, "segment": scope.segment}
    journey, level = scope.journey, scope.level
    if question.measure == "nps":
        return nps(journey, **where, level=level)
    if question.measure == "csat":
        return csat(journey, definition=scope.csat, **where, level=level)
    if question.measure == "ces":
        return ces(journey, definition=scope.ces, **where, level=level)
    return (feeling if question.measure == "feeling" else score)(journey, **where, level=level)


def _shown(question: Question, scope: Scope) -> tuple[str, Unit, Scale | None, Literal["higher", "lower"]]:
    """How is a question named and written on the card?"""
    asked = question.scale
    if question.measure == "csat":
        name = _CSAT_NAMES[scope.csat]
        if scope.csat == "mean":
            return name, "score", asked, asked.better
        return name, "share", None, "lower" if scope.csat == "bottom_2_box" else "higher"
    if question.measure == "ces" and scope.ces == "mean":
        version = f" (version {question.version})" if question.version else ""
        return _CES_NAMES["mean"] + version, "score", asked, asked.better
    if question.measure == "ces":
        return _EFFORT[scope.ces]
    return _PLAIN[question.measure]
