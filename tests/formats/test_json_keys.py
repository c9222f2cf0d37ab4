"""The fast parser is trusted only where no key can stand twice."""

from __future__ import annotations

import json

import pytest

from journeymap.errors import FileFormatError
from journeymap.formats.json_format import parse_json


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a" : 1, "a": 2}',
        '{"a"\n: 1, "a"\t: 2}',
        '{"x": [1, {"a": 1, "a": 2}]}',
        '{"x": [[{"a": 1, "a": 2}]]}',
        r'{"x": "a key in a text \":", "a": 1, "a": 2}',
        r'{"a" : "\":", "a": 2}',
        r'{"a": 1, "\u0061": 2}',
    ],
)
def test_a_key_twice_is_found_however_it_is_written(text):
    with pytest.raises(FileFormatError, match=r"the key 'a' stands twice in one object"):
        parse_json(text, "file.json")


@pytest.mark.parametrize(
    "text",
    [
        '{"a" : 1}',
        r'{"a": "\":", "b": "\" :"}',
        '[1, {"a": 1}, 2.5, -0, 1e2, null, true]',
        r'"\ud83d\ude00 \u00e9 \/"',
        '"\\ud83d"',
        "[" * 400 + "]" * 400,
        "123456789012345678901234567890",
        '{"a": [[1, 2], []], "b": {}}',
    ],
)
def test_values_are_those_of_the_standard_library(text):
    found, expected = parse_json(text, "file.json").data, json.loads(text)
    assert found == expected
    assert repr(found) == repr(expected)  # 1 is not 1.0
