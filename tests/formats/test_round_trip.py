"""What is written is read back to equality, and written again byte by byte."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.formats import read_journey, template_text, write_journey
from journeymap.formats.json_format import json_text, parse_json
from journeymap.formats.yaml_format import parse_yaml, yaml_text
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey, Observation, Persona
from journeymap.model.measures import Estimate
from journeymap.model.stages import STANDARD_STAGES, Stage
from journeymap.model.touchpoints import (
    Channel,
    EventName,
    Owner,
    PainPoint,
    ServiceInteraction,
    Touchpoint,
    Visits,
)
from journeymap.model.transitions import Transition, Wait

# every character that UTF-8 can hold, and the words that formats like to misread
TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.sampled_from(["no", "yes", "null", "~", "NA", "1e3", "0x1f", "2024-05-01", "- a", "a: b", "# x", " a ",
                     "*x", "&x", "!x", "%x", "@x", "`x", "'", '"', "{a", "[a", "true", ".inf", "1_000", "12:30:45",
                     "a\n b\n", "\n", "\ta", "a \nb", "first\n\n\nlast", "=", "<<", "---", "...", "a #b"]),
)  # fmt: skip
NAME = st.text(string.ascii_letters + string.digits + "_-.: é漢", min_size=1, max_size=12)
SHARE = st.floats(0, 1)
FEELING = st.floats(-2, 2)
SPAN = st.integers(0, 10**15).map(lambda micro: timedelta(microseconds=micro))
TIME = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([None, UTC]))  # noqa: DTZ001
COUNT = st.integers(0, 10**9)


def texts(most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(TEXT, max_size=most).map(tuple)


@st.composite
def touchpoints(draw: st.DrawFn, name: str, stages: tuple[Stage, ...], *, observed: bool) -> Touchpoint:
    fields = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "name": TEXT,
                "stage": st.sampled_from([stage.id for stage in stages]),
                "channels": texts(),
                "driver": st.sampled_from(["marketing", "service", "ease_of_use"]),
                "owner": TEXT,
                "doing": TEXT,
                "thinking": TEXT,
                "feeling": FEELING,
                "feeling_source": st.sampled_from(["assumed", "researched", "measured"]),
                "expectation": FEELING,
                "pain_points": st.lists(
                    st.builds(PainPoint, text=TEXT, severity=st.integers(1, 5)), max_size=2
                ).map(tuple),
                "opportunities": texts(),
                "moment_of_truth": st.booleans(),
                "importance": SHARE,
                "backstage": texts(),
                "service": st.builds(
                    ServiceInteraction,
                    need=st.sampled_from([None, "advice", "complaint"]),
                    handler=st.sampled_from([None, "human", "bot"]),
                    carries_context=st.sampled_from([None, True, False]),
                ),
                "guessed": st.lists(st.sampled_from(["stage", "owner"]), max_size=2, unique=True).map(tuple),
            },
        )
    )
    channel = draw(st.none() | TEXT)
    fields["events"] = (EventName(event=f"raw {name}", channel=channel),) if draw(st.booleans()) else ()
    if observed:
        fields["visits"] = Visits(
            count=draw(COUNT), customers=draw(COUNT), journeys=draw(COUNT), share=draw(SHARE)
        )
        fields["measured_feeling"] = Estimate(
            value=draw(st.none() | FEELING), n=draw(COUNT), method=draw(TEXT)
        )
    return Touchpoint(id=name, **fields)


@st.composite
def journeys(draw: st.DrawFn, *, observed: bool = False) -> Journey:
    own = st.lists(st.builds(Stage, id=NAME, name=TEXT, period=st.sampled_from(["before", "after"])),
                   min_size=1, max_size=3, unique_by=lambda stage: stage.id).map(tuple)  # fmt: skip
    stages = draw(st.one_of(st.just(STANDARD_STAGES), st.just(STANDARD_STAGES[1:3]), own))
    names = draw(st.lists(NAME, min_size=1, max_size=5, unique=True))
    places = [draw(touchpoints(name, stages, observed=observed)) for name in names]
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=6, unique=True))
    edges = [
        Transition(
            source=source,
            target=target,
            share=draw(st.none() | st.floats(0, 1 / 6)),
            label=draw(TEXT),
            count=draw(COUNT) if observed else None,
            wait=draw(st.none() | st.builds(Wait, median=SPAN, mean=st.none() | SPAN)),
        )
        for source, target in pairs
    ]
    known = {}
    if observed:
        numbers = draw(st.lists(COUNT, max_size=30))
        known = {
            "origin": "observed",
            "observation": Observation(
                customers=1, journeys=1, events=2, groups=8, start=draw(TIME), end=draw(TIME),
                observed_until=draw(TIME), lost_after=draw(SPAN), lost_after_source="data", filters=draw(texts()),
            ),
            "evidence": (
                EvidenceTable(
                    name="touchpoints", groups=8, key_columns=("touchpoint",), keys=tuple((name,) for name in names),
                    row=(0,) * len(numbers), group=(7,) * len(numbers), measures={"visits": tuple(numbers)},
                ),
            ),
        }  # fmt: skip
    return Journey(
        name=draw(TEXT),
        description=draw(TEXT),
        state=draw(st.sampled_from(["as-is", "to-be"])),
        goal=(draw(st.sampled_from(names)),) if draw(st.booleans()) else (),
        lost_after=draw(st.none() | SPAN),
        stages=stages,
        personas=draw(
            st.lists(
                st.builds(Persona, id=NAME, quote=TEXT, share=st.none() | SHARE,
                          feelings=st.dictionaries(st.sampled_from(names), FEELING, max_size=2)),
                max_size=2, unique_by=lambda persona: persona.id,
            ).map(tuple)
        ),
        channels=draw(st.lists(st.builds(Channel, id=NAME, response_target=st.none() | SPAN), max_size=1).map(tuple)),
        owners=draw(st.lists(st.builds(Owner, id=NAME, kind=TEXT), max_size=1).map(tuple)),
        touchpoints=tuple(places),
        transitions=tuple(edges),
        **known,
    )  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(journeys())
def test_designed_yaml_round_trip(journey: Journey) -> None:
    text = yaml_text(journey, "x.yaml")
    again = Journey.model_validate(parse_yaml(text, "x.yaml").data)
    assert again == journey
    assert yaml_text(again, "x.yaml") == text


@settings(max_examples=80, deadline=None)
@given(journeys())
def test_designed_json_round_trip(journey: Journey) -> None:
    text = json_text(journey)
    again = Journey.model_validate(parse_json(text, "x.json").data)
    assert again == journey
    assert json_text(again) == text


@settings(max_examples=80, deadline=None)
@given(journeys(observed=True))
def test_observed_json_round_trip(journey: Journey) -> None:
    text = json_text(journey)
    again = Journey.model_validate(parse_json(text, "x.json").data)
    assert again == journey
    assert json_text(again) == text


@pytest.mark.parametrize("ending", [".yaml", ".yml", ".json"])
def test_files_round_trip_and_second_write_is_identical(tmp_path, ending):
    source = tmp_path / "template.yaml"
    source.write_text(template_text(), encoding="utf-8")
    journey = read_journey(source)
    first, second = tmp_path / f"first{ending}", tmp_path / f"second{ending}"
    write_journey(journey, first)
    write_journey(read_journey(first), second)
    assert read_journey(second) == journey
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().endswith(b"\n")


def test_format_stands_first_and_evidence_on_one_line_each():
    table = EvidenceTable(
        name="touchpoints", groups=3, key_columns=("touchpoint",), keys=(("a",),), row=(0, 0), group=(0, 2),
        measures={"visits": (12, 7)},
    )  # fmt: skip
    text = json_text(Journey(name="Zürich", touchpoints=({"id": "a"},), evidence=(table,)))
    assert text.startswith('{\n  "format": "journeymap/1",\n  "name": "Zürich",\n')
    assert '"visits": [12,7]\n' in text
    assert '"keys": [\n        ["a"]\n      ]' in text


def test_people_need_not_write_what_is_default():
    text = yaml_text(
        Journey(name="Shop", touchpoints=({"id": "ad", "feeling": 2, "pain_points": "slow"},)), "x"
    )
    assert text == (
        "format: journeymap/1\nname: Shop\n\ntouchpoints:\n  - id: ad\n    name: Ad\n    feeling: 2\n"
        "    pain_points: [slow]\n"
    )


@pytest.mark.parametrize(
    "text", ["? 0", "?", ": 0", ":", "- 0", "a: b", "a #b", "0:", "~", "1:30", "[x", ", x"]
)
def test_texts_that_mean_something_to_yaml_stay_texts(text):
    journey = Journey(
        name="n", touchpoints=(Touchpoint(id="a", stage="discovery", name=text, backstage=(text, text)),)
    )
    again = Journey.model_validate(parse_yaml(yaml_text(journey, "x.yaml"), "x.yaml").data)
    assert again == journey
