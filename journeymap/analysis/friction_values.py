"""How are thousands of values made quickly that are known to be right?"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

from journeymap.model.frozen import Frozen

__all__ = ["unchecked"]

Value = TypeVar("Value", bound=Frozen)


def unchecked(kind: type[Value], fields: dict[str, Any]) -> Value:
    """Which value has these fields, without a look at each of them?

    The same as ``kind.model_construct(**fields)``, which takes five times as long: a report on 100
    touchpoints has thousands of signals and estimates.

    Parameters
    ----------
    kind : type
        Estimate or Signal.
    fields : dict of str to object
        Of the right types; what is left out has its default.

    Returns
    -------
    Frozen
        The value.
    """
    value = kind.__new__(kind)
    defaults, known = _defaults(kind)
    object.__setattr__(value, "__dict__", {**defaults, **fields})
    object.__setattr__(value, "__pydantic_fields_set__", known)  # frozen: nobody adds to it
    object.__setattr__(value, "__pydantic_extra__", None)
    object.__setattr__(value, "__pydantic_private__", None)
    return value


@lru_cache(maxsize=8)
def _defaults(kind: type[Frozen]) -> tuple[dict[str, Any], set[str]]:
    fields = kind.model_fields
    return {name: None if field.is_required() else field.default for name, field in fields.items()}, set(
        fields
    )
