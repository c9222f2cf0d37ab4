"""What a journey without evidence is: the whole one, without what only evidence tells."""

from __future__ import annotations


def without_evidence(journey):
    """Leave out the evidence, and all that is made from it."""
    transitions = [
        one.model_copy(
            update={
                "customers": None,
                "share_low": None,
                "share_high": None,
                "wait": one.wait.model_copy(update={"median_low": None, "median_high": None}),
            }
        )
        for one in journey.transitions
    ]
    touchpoints = [
        one.model_copy(
            update={"measured_feeling": one.measured_feeling.model_copy(update={"low": None, "high": None})}
        )
        if one.measured_feeling
        else one
        for one in journey.touchpoints
    ]
    return journey.model_copy(
        update={
            "evidence": (),
            "observation": journey.observation.model_copy(update={"groups": 0}),
            "transitions": tuple(transitions),
            "touchpoints": tuple(touchpoints),
        }
    )
