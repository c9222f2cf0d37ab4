"""A journey as plain values: what stands in a file, in the order in which it stands there."""

from __future__ import annotations

from typing import Any

from journeymap.model.journey import FORMAT, Journey
from journeymap.model.stages import STANDARD_STAGES

__all__ = ["is_flat", "plain_journey"]

_STANDARD = {stage.id: stage.model_dump(mode="json", exclude_defaults=True) for stage in STANDARD_STAGES}
_SHORT_TEXT = 60
_MOST_ON_A_LINE = 8
_EXACT = 2**53


def plain_journey(journey: Journey) -> dict[str, Any]:
    """Turn a journey into mappings, lists, text and numbers.

    Parameters
    ----------
    journey : Journey
        The journey.

    Returns
    -------
    dict
        ``format`` first, then the fields in the order of the model, without those that have their
        default. What has a short form takes it: a standard stage is its id, a raw event its name, a
        pain point of ordinary severity its text.
    """
    plain: dict[str, Any] = _plain_numbers(journey.model_dump(mode="json", exclude_defaults=True))
    if "stages" in plain:
        plain["stages"] = [_stage(stage) for stage in plain["stages"]]
    for touchpoint in plain.get("touchpoints", ()):
        for field, key in (("pain_points", "text"), ("events", "event")):
            if field in touchpoint:
                touchpoint[field] = [_short(item, key) for item in touchpoint[field]]
    if journey.answers is not None:
        for question, written in zip(journey.answers.questions, plain["answers"]["questions"], strict=True):
            # a scale is told even where it is the one of feelings: no question may leave it to be guessed
            written["scale"] = _plain_numbers(question.scale.model_dump(mode="json", exclude_defaults=True))
    return {"format": FORMAT} | plain


def _plain_numbers(value: Any) -> Any:
    """Write 2.0 as people do, as 2; the model reads it back as the same number."""
    if isinstance(value, dict):
        return {key: _plain_numbers(part) for key, part in value.items()}
    if isinstance(value, list):
        # evidence is long and all integers: nothing to do there
        return value if value and isinstance(value[0], int) else [_plain_numbers(part) for part in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value


def _stage(stage: dict[str, Any]) -> Any:
    return stage["id"] if _STANDARD.get(stage["id"]) == stage else stage


def _short(item: dict[str, Any], key: str) -> Any:
    return item[key] if set(item) == {key} else item


def is_flat(value: list[Any]) -> bool:
    """Can the list be read on one line?

    Parameters
    ----------
    value : list
        Plain values.

    Returns
    -------
    bool
        True for a few numbers or words; False for sentences and for anything nested.

    Examples
    --------
    >>> is_flat(["web", "app"]), is_flat([{"id": "ad"}])
    (True, False)
    """
    if any(isinstance(item, list | dict) for item in value):
        return False
    words = [item for item in value if isinstance(item, str)]
    return not words or (
        len(words) <= _MOST_ON_A_LINE and all(len(word) <= _SHORT_TEXT // 2 for word in words)
        and sum(map(len, words)) <= _SHORT_TEXT
    )  # fmt: skip
