"""How does the command line say what would enable a signal that was not measured?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from journeymap.cli.options import flag

if TYPE_CHECKING:
    from journeymap.analysis.friction_report import FrictionReport

__all__ = ["with_options_named"]

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


def _typed(why: str) -> str:
    for said, typed in _TYPED:
        why = why.replace(said, typed)
    return _COLUMN.sub(lambda found: flag(found[1]), why)
