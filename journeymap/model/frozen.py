"""The mould of every value: frozen, closed, and helpful about misspelt keys."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from journeymap.errors import nearest

__all__ = ["Frozen", "misfit"]


def misfit(problem: str, *at: str | int, expected: str = "", hint: str = "") -> PydanticCustomError:
    """Say that a value does not fit, at a place below the value that is being validated.

    Parameters
    ----------
    problem : str
        What is wrong.
    *at : str or int
        The path from the value under validation, for example ``"transitions", 3, "target"``.
    expected : str
        What would have been right.
    hint : str
        What to do.

    Returns
    -------
    PydanticCustomError
        To be raised inside a validator; its context carries the path, the expectation and the hint,
        from which the readers make the line number.
    """
    text = f"{problem} {expected}".rstrip()
    text = f"{text} Hint: {hint}" if hint else text
    context = {"at": at, "problem": problem, "expected": expected, "hint": hint, "text": text}
    return PydanticCustomError("misfit", "{text}", context)


class Frozen(BaseModel):
    """A value that never changes; an unknown key is refused with the nearest known one."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        known = cls.model_fields
        for key in data:
            if key not in known:
                close = nearest(str(key), known)
                raise misfit(
                    f"no key {key!r} in {_a(cls.__name__)}.",
                    str(key),
                    expected=f"Expected one of: {', '.join(known)}.",
                    hint=f"did you mean {close!r}?" if close else "",
                )
        return data


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
