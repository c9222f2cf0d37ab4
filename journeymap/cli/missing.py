"""How does the command line say what would enable a signal that was not measured?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from journeymap.cli.options import flag

if TYPE_CHECKING:
    from journeymap.analysis.friction_report import FrictionReport
    from journeymap.analysis.service_view import ServiceView

__all__ = ["service_with_options_named", "with_options_named"]

_COLUMN = re.compile(r"\b(?:(?:an?|the) )?((?:end|agent|repeated|failure|completed|feeling)_col)\b")
# what is said in Python, and what is typed instead
_TYPED = (
    (
        "lay episodes on the journey: with_episodes(journey, log)",
        "discover the journey again without --quick",
    ),
    (
        "with_tickets(journey, tickets)",
        "journeymap metrics JOURNEY --tickets FILE -o JOURNEY.json",
    ),
    (
        "with with_feedback(journey, feedback, feeling_from=...)",
        "with journeymap metrics JOURNEY --feedback FILE --feeling-from QUESTION -o JOURNEY.json",
    ),
    (
        'with_feedback(journey, feedback), measure "ces"',
        'journeymap metrics JOURNEY --feedback FILE -o JOURNEY.json, with a question of measure "ces"',
    ),
    (
        "no touchpoint is a service interaction: mark those in the design",
        "no touchpoint is a service interaction: mark those in the --design",
    ),
    ("a shorter lost_after", "a shorter --lost-after"),
    ("or a stage, as its goal", "or a stage, as its goal with --goal"),
    ("with a shorter window", "discover the journey again with a shorter --episodes-within"),
    ("a design that orders the stages", "a design that orders the stages (--design)"),
)
_TYPED_OF_SERVICE = (
    (
        "a column of feelings (feeling_col) or a survey (feedback=), then with_service(journey, log)",
        "count from events with --feeling-col, or with --feedback FILE",
    ),
    ("a shorter retained_after in with_service(journey, log)", "a shorter --retained-after"),
    ("with_service(journey, log)", "count from events without --quick: journeymap service EVENTS ..."),
    (
        "discover the journey from a log: discover_journey(log, design)",
        "count from events, with this map as --design: journeymap service EVENTS ...",
    ),
    ("lay tickets on the journey: with_tickets(journey, tickets)", "name them with --tickets FILE"),
    ("name the goal of the design", "name the goal with --goal, or in the design"),
    (
        "with_tickets(journey, tickets, contained_within=",
        "contained_within in the YAML of --tickets, or --contained-within (",
    ),
    (
        "declare one of them in Tickets",
        "name the column in the YAML of --tickets: status_col, or resolved_col",
    ),
)
_TICKETS = re.compile(r"(?:declare the column in )?Tickets\((\w+)=\.\.\.\)")
_NO_ENDS = ("the time spent in contacts", "name the column with the end of events: --end-col")


def with_options_named(report: FrictionReport) -> FrictionReport:
    """Which report says the same, with options in place of parameters and calls?

    Parameters
    ----------
    report : FrictionReport
        What `find_friction` found.

    Returns
    -------
    FrictionReport
        The same; what was not measured names what is typed to enable it.
    """
    missing = {kind: _typed(why) for kind, why in report.not_measured.items()}
    return report.model_copy(update={"not_measured": missing})


def service_with_options_named(view: ServiceView) -> ServiceView:
    """Which view says the same, with options in place of parameters and calls?

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.

    Returns
    -------
    ServiceView
        The same; what was not measured names what is typed to measure it.
    """
    missing = tuple((what, _typed(how, (*_TYPED_OF_SERVICE, *_TYPED))) for what, how in view.not_measured)
    causes = view.causes
    timed = causes is None or not causes.owners or any(pair.seconds for pair in causes.owners)
    missing += () if timed or any("--end-col" in how for _, how in missing) else (_NO_ENDS,)
    return view.model_copy(update={"not_measured": missing})


def _typed(why: str, words: tuple[tuple[str, str], ...] = _TYPED) -> str:
    for said, typed in words:
        why = why.replace(said, typed)
    why = _TICKETS.sub(r"name the column in the YAML of --tickets: \1", why)
    return _COLUMN.sub(lambda found: flag(found[1]), why)
