"""Which options say where surveys and tickets are, and how are they laid on a journey?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from journeymap.cli.options import option
from journeymap.errors import InvalidLogError, JourneyMapError, UnknownNameError, nearest

if TYPE_CHECKING:
    from journeymap.events.feedback import Feedback
    from journeymap.events.log import EventLog
    from journeymap.model.journey import Journey

__all__ = ["AnswerOptions", "in_words_of_the_file"]

_PANEL = "Surveys and tickets"


@dataclass(frozen=True)
class AnswerOptions:
    """The options of every command that reads surveys and tickets."""

    feedback: Annotated[
        list[str] | None,
        option(
            "--feedback", "A survey (.yaml that names table and questions); may be repeated.", _PANEL, "FILE"
        ),
    ] = None
    tickets: Annotated[
        str | None,
        option("--tickets", "Service-desk tickets (.yaml that names table and columns).", _PANEL, "FILE"),
    ] = None
    window: Annotated[
        str | None,
        option("--window", "How long before an answer its touchpoint may lie: '7 days'.", _PANEL, "SPAN"),
    ] = None
    feeling_from: Annotated[
        list[str] | None,
        option(
            "--feeling-from",
            "A question of the surveys that stands for the feeling; may be repeated.",
            _PANEL,
            "QUESTION",
        ),
    ] = None
    repeat_within: Annotated[
        str | None,
        option("--repeat-within", "By when another contact is a repeat ('7 days').", _PANEL, "SPAN"),
    ] = None
    contained_within: Annotated[
        str | None,
        option(
            "--contained-within",
            "The same for self-service: by then it failed ('48 hours').",
            _PANEL,
            "SPAN",
        ),
    ] = None
    unknown: Annotated[
        Literal["error", "ignore"],
        option("--unknown", "Answers and tickets at unknown touchpoints: error (default) or ignore.", _PANEL),
    ] = "error"

    def surveys(self) -> list[Feedback]:
        """Read what is said of the surveys; refuse a question that stands in none of them."""
        from journeymap.events.declared import read_feedback  # noqa: PLC0415

        read = [read_feedback(path) for path in self.feedback or []]
        _check_questions(self.feeling_from or [], [q.id for survey in read for q in survey.questions])
        return read

    def feelings_of(self, survey: Feedback) -> list[str]:
        """Name the questions of a survey that stand for the feeling though they do not measure it."""
        return [question.id for question in survey.questions if question.id in (self.feeling_from or [])]

    def felt(self) -> Feedback | None:
        """Find the first survey that tells what customers with names felt."""
        for survey in self.surveys():
            felt = any(question.measure == "feeling" for question in survey.questions)
            if survey.customer_col is not None and (felt or self.feelings_of(survey)):
                return survey
        return None

    def laid_on(self, journey: Journey, log: EventLog | None, *, by: str | None = None) -> Journey:
        """Lay surveys and tickets onto a journey, with the log where they name customers and times."""
        with in_words_of_the_file():
            for survey in self.surveys():
                journey = self._with_survey(journey, survey, log, by)
            return journey if self.tickets is None else self._with_desk(journey, self.tickets, log, by)

    def _with_survey(
        self, journey: Journey, survey: Feedback, log: EventLog | None, by: str | None
    ) -> Journey:
        from journeymap.events.with_feedback import with_feedback  # noqa: PLC0415

        known = log if survey.customer_col is not None else None
        timed = self.window if known is not None and survey.time_col is not None else None
        felt = self.feelings_of(survey)
        return with_feedback(
            journey, survey, log=known, window=timed, by=by, feeling_from=felt, unknown=self.unknown
        )

    def _with_desk(self, journey: Journey, path: str, log: EventLog | None, by: str | None) -> Journey:
        from journeymap.events.declared import read_ticket_rules, read_tickets  # noqa: PLC0415
        from journeymap.metrics.with_tickets import with_tickets  # noqa: PLC0415

        tickets = read_tickets(path)
        known = log if {"customer_col", "opened_col"} <= set(tickets.columns) else None
        rules = read_ticket_rules(path)  # what is typed counts more than what the file says
        typed = {"repeat_within": self.repeat_within, "contained_within": self.contained_within}
        rules |= {name: span for name, span in typed.items() if span is not None}
        timed = self.window if known is not None else None
        return with_tickets(journey, tickets, log=known, window=timed, by=by, unknown=self.unknown, **rules)


def _check_questions(given: list[str], known: list[str]) -> None:
    """Refuse a question that stands in no survey; each of them need stand in one only."""
    for name in given:
        if name in known:
            continue
        if not known:
            raise typer.BadParameter("--feeling-from is about surveys: say where they are with --feedback.")
        close = nearest(name, known)
        raise UnknownNameError.because(
            f"--feeling-from: no question {name!r}.",
            expected=f"Expected one of: {', '.join(known)}.",
            hint=f"did you mean {close!r}?" if close else None,
        )


@contextmanager
def in_words_of_the_file() -> Iterator[None]:
    """Leave keys of a declaration as they are: what the command line calls alike belongs to the events."""
    try:
        yield
    except InvalidLogError as error:
        raise JourneyMapError(str(error)) from error
