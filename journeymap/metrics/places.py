"""At which touchpoints were the answers given that are meant?"""

from __future__ import annotations

from dataclasses import dataclass

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.answers import answers_evidence, answers_in, unknown_name
from journeymap.model.answers import ALL, Answers
from journeymap.model.journey import Journey
from journeymap.model.touchpoints import STATE_MARK, Touchpoint

__all__ = ["Places", "places_of", "stage_of", "touchpoint_of"]


@dataclass(frozen=True)
class Places:
    """At which touchpoints answers were given.

    Parameters
    ----------
    touchpoints : frozenset of str or None
        Their ids as they stand in the counts; None for all of them, and for answers of no touchpoint.
    stage : str
        The stage, where all of it is meant; ``"*"`` else.
    words : str
        The same in words, to be put behind a definition; empty for all.
    """

    touchpoints: frozenset[str] | None = None
    stage: str = ALL
    words: str = ""


def places_of(value: Answers | Journey, touchpoint: str | None, stage: str | None, *, metric: str) -> Places:
    """Where were the answers given that are meant?

    Parameters
    ----------
    value : Answers or Journey
        Only a journey knows stages.
    touchpoint : str or None
        A touchpoint; a floating one stands for itself at every stage.
    stage : str or None
        A stage.
    metric : str
        Who asks, for the message.

    Returns
    -------
    Places
        Their ids, as they stand in the counts.

    Raises
    ------
    UnknownNameError
        There is no such touchpoint or stage.
    MissingEvidenceError
        Answers alone know no stages, or no touchpoints.
    """
    chosen: set[str] | None = None
    words = []
    if touchpoint is not None:
        chosen = _meant(value, touchpoint, metric)
        words.append(f"at {touchpoint}")
    if stage is not None:
        if not isinstance(value, Journey):
            raise MissingEvidenceError.because(
                "answers alone know no stages.",
                hint="give the journey that has them: with_feedback(journey, feedback)",
                where=metric,
            )
        stages = [one.id for one in value.stages]
        if stage not in stages:
            raise unknown_name(f"no stage {stage!r}", stage, stages, where=metric)
        staged = {one.id for one in value.touchpoints if one.stage == stage}
        staged |= {place for place in _told(value, metric) if stage_of(value, place) == stage}
        chosen = staged if chosen is None else chosen & staged
        words.append(f"at stage {stage}")
    there = None if chosen is None else frozenset(chosen)
    whole_stage = stage is not None and touchpoint is None
    return Places(there, str(stage) if whole_stage else ALL, ", ".join(words))


def _told(value: Answers | Journey, metric: str) -> list[str]:
    """List the touchpoints that answers belong to, as they stand in the counts."""
    table = answers_evidence(answers_in(value, metric), "answers", hint="answers(feedback)")
    return sorted({key[1] for key in table.keys} - {""})


def _meant(value: Answers | Journey, touchpoint: str, metric: str) -> set[str]:
    told = _told(value, metric)
    states = {place for place in told if touchpoint in {place, place.partition(STATE_MARK)[0]}}
    if isinstance(value, Journey):
        known = {one.id: one.floats_as for one in value.touchpoints}
        states |= {name for name, floats_as in known.items() if touchpoint in {name, floats_as}}
        names = [*known, *(floats_as for floats_as in known.values() if floats_as)]
        if not states:
            listed = list(dict.fromkeys(names))
            raise unknown_name(f"no touchpoint {touchpoint!r}", touchpoint, listed, where=metric)
    elif not told:
        raise MissingEvidenceError.because(
            "the answers name no touchpoints.",
            hint="say which column names them, Feedback(..., touchpoint_col=...), "
            "or find them by time: with_feedback(journey, feedback, log=log)",
            where=metric,
        )
    elif not states:
        raise unknown_name(f"no answers at a touchpoint {touchpoint!r}", touchpoint, told, where=metric)
    return states


def touchpoint_of(journey: Journey, place: str) -> Touchpoint | None:
    """Which touchpoint of a journey is meant by a place in the counts?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    place : str
        A node of the graph, or a floating touchpoint.

    Returns
    -------
    Touchpoint or None
        The touchpoint itself, else the floating one that it is a stage of, else None.
    """
    base = place.partition(STATE_MARK)[0]
    for names in ({place}, {base}):
        for one in journey.touchpoints:
            if one.id in names or one.floats_as in names:
                return one
    return None


def stage_of(journey: Journey, place: str) -> str | None:
    """At which stage does a place in the counts lie?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    place : str
        A node of the graph, or a floating touchpoint.

    Returns
    -------
    str or None
        The stage's id; None where it is not known.
    """
    for one in journey.touchpoints:
        if one.id == place:
            return one.stage
    _, mark, stage = place.partition(STATE_MARK)
    return stage if mark and any(one.id == stage for one in journey.stages) else None
