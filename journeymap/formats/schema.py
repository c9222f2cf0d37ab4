"""The JSON Schema of a journey file, for editors that complete and check while people write."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pydantic import BaseModel

from journeymap.model import (
    answers,
    business_hours,
    contacts,
    evidence,
    journey,
    measures,
    set_aside,
    stages,
    touchpoints,
    transitions,
)
from journeymap.model.journey import FORMAT, Journey

__all__ = ["journey_schema", "schema_at"]

_MODELS: tuple[type[BaseModel], ...] = (
    Journey, journey.Persona, journey.Observation, journey.UnmappedEvent, evidence.EvidenceTable,
    answers.Answers, answers.Linking, answers.Question, business_hours.BusinessHours, contacts.Contacts,
    contacts.TicketLinking, measures.Estimate, measures.MeasuredScore,
    measures.Scale, set_aside.SetAside, stages.Stage, touchpoints.Channel, touchpoints.EventName,
    touchpoints.Owner, touchpoints.PainPoint, touchpoints.ServiceInteraction, touchpoints.Touchpoint,
    touchpoints.Visits, transitions.Transition, transitions.Wait,
)  # fmt: skip
_PARAMETER = re.compile(r"^(\w+(?:, \w+)*) : .*\n((?:    .*\n?)+)", re.MULTILINE)


def journey_schema() -> dict[str, Any]:
    """Say what may stand in a journey file.

    Returns
    -------
    dict
        A JSON Schema (draft 2020-12) that accepts what `read_journey` reads, short forms included.
        What no schema can say, that transitions name touchpoints and shares sum to at most 1, is
        checked by `read_journey` alone.

    Examples
    --------
    >>> journey_schema()["properties"]["state"]["enum"]
    ['as-is', 'to-be']
    """
    schema = Journey.model_json_schema(mode="validation")
    schema["title"] = "A customer journey"
    named = {model.__name__: model for model in _MODELS}
    _describe(schema, Journey)
    for name, definition in schema["$defs"].items():
        if name in named:
            _describe(definition, named[name])
    _allow_short_forms(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def _describe(definition: dict[str, Any], model: type[BaseModel]) -> None:
    """Take the descriptions from the docstring: the class's first line, then each parameter."""
    text = model.__doc__ or ""
    definition["description"] = text.strip().splitlines()[0]
    properties = definition.get("properties", {})
    for names, body in _PARAMETER.findall(_dedented(text)):
        for name in names.split(", "):
            if name in properties:
                properties[name]["description"] = " ".join(body.replace("``", "").split())
    for property_ in properties.values():
        property_.pop("title", None)
    if "format" in properties:
        properties["format"] = {"const": FORMAT, "description": "The format of the file and its version."}


def _dedented(text: str) -> str:
    return re.sub(r"^    ", "", text, flags=re.MULTILINE)


def _allow_short_forms(schema: dict[str, Any]) -> None:
    definitions = schema["$defs"]
    for name, short in {
        "Stage": {"enum": [stage.id for stage in stages.STANDARD_STAGES]},
        "PainPoint": {"type": "string"},
        "EventName": {"type": "string"},
        "ServiceInteraction": {"const": True},
    }.items():
        full = definitions[name]
        definitions[name] = {"description": full["description"], "anyOf": [full, short]}
    one_or_more = [(schema, "goal")]
    one_or_more += [(definitions["Persona"], key) for key in ("goals", "needs", "frustrations", "channels")]
    touchpoint = definitions["Touchpoint"]
    one_or_more += [
        (touchpoint, key)
        for key, value in touchpoint["properties"].items()
        if "items" in value and key != "scores"  # only programs write these
    ]
    for owner, key in one_or_more:
        several = owner["properties"][key]
        about = several.pop("description", "")
        default = several.pop("default", [])
        owner["properties"][key] = {
            "description": about,
            "default": default,
            "anyOf": [several, several["items"]],
        }


@cache
def _plain_schema() -> dict[str, Any]:
    return Journey.model_json_schema(mode="validation")


def schema_at(place: tuple[str | int, ...]) -> dict[str, Any]:
    """Look up what is expected at a place of a journey file.

    Parameters
    ----------
    place : tuple of str and int
        Keys and positions from the top.

    Returns
    -------
    dict
        The part of the schema for that place, references resolved; empty where nothing is known.

    Examples
    --------
    >>> schema_at(("touchpoints", 3, "feeling"))["maximum"]
    2
    """
    schema = _plain_schema()
    here = schema
    for item in place:
        if isinstance(item, int):
            items = here.get("items", {})
            here = here["prefixItems"][item] if item < len(here.get("prefixItems", ())) else items
        else:
            here = here.get("properties", {}).get(item, here.get("additionalProperties") or {})
        here = _resolved(here, schema) if isinstance(here, dict) else {}
    return here


def _resolved(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    options = [option for option in part.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        part = part | options[0]
    if "$ref" in part:
        part = part | schema["$defs"][part["$ref"].rpartition("/")[2]]
    return part
