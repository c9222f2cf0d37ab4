"""The published schema accepts what is written and what the template shows."""

from __future__ import annotations

import json

import pytest

from journeymap.formats import journey_schema, template_text
from journeymap.formats.plain import plain_journey
from journeymap.formats.yaml_format import parse_yaml
from journeymap.model.journey import Journey


def test_schema_is_json_and_described():
    schema = json.loads(json.dumps(journey_schema()))
    assert schema["$schema"].endswith("2020-12/schema")
    assert "$id" not in schema
    touchpoint = schema["$defs"]["Touchpoint"]["properties"]
    assert all(value.get("description") for value in schema["properties"].values())
    assert all(value.get("description") for value in touchpoint.values())
    assert schema["additionalProperties"] is False


def test_template_and_its_plain_form_are_valid():
    jsonschema = pytest.importorskip("jsonschema")
    checker = jsonschema.Draft202012Validator(journey_schema())
    checker.check_schema(journey_schema())
    data = parse_yaml(template_text(), "template.yaml").data
    checker.validate(data)
    checker.validate(plain_journey(Journey.model_validate(data)))
    data["touchpoints"][0]["feeling"] = 7
    assert not checker.is_valid(data)


def test_template_has_what_it_promises():
    journey = Journey.model_validate(parse_yaml(template_text(), "template.yaml").data)
    assert {touchpoint.stage for touchpoint in journey.touchpoints if touchpoint.stage} == {
        stage.id for stage in journey.stages
    }
    floating = [touchpoint for touchpoint in journey.touchpoints if touchpoint.stage is None]
    assert [touchpoint.is_service for touchpoint in floating] == [True]
    written = template_text()
    observed = {"floats_as", "visits", "measured_feeling", "scores"}
    unknown = [
        key for key in type(floating[0]).model_fields if f"{key}:" not in written and key not in observed
    ]
    assert unknown == []
