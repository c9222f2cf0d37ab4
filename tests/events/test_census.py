"""What the census refuses, and what it takes of very many names."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from journeymap import EventLog, InvalidLogError, Journey, discover_journey
from journeymap.events import catalogue
from journeymap.events.raw_events import RawEvent, RawEvents

ROLES = {"customer_col": "who", "event_col": "what", "time_col": "when"}
TIMES = [datetime(2024, 5, day, 12) for day in (1, 2, 3)]  # noqa: DTZ001 - naive on purpose
ENDS = [datetime(2024, 5, day, 13) for day in (1, 2, 3)]  # noqa: DTZ001
AWARE = [time.replace(tzinfo=UTC) for time in TIMES]
DESIGN = Journey(name="x", touchpoints=[{"id": "ad", "stage": "discovery"}])


def lived(when, end=None, what=("ad", "look", "pay"), **roles):
    columns = {"who": ["a", "a", "b"], "what": list(what), "when": when}
    if end is not None:
        columns["end"], roles["end_col"] = end, "end"
    return discover_journey(EventLog(pa.table(columns), **ROLES, **roles))


def processing(journey):
    table = next(table for table in journey.evidence if table.name == "journeys")
    return sum(table.measures["processing_us"])


@pytest.mark.parametrize(
    ("when", "end", "hours"),
    [
        (AWARE, pa.nulls(3), 0),
        (AWARE, pa.nulls(3, pa.string()), 0),
        (AWARE, pa.nulls(3, pa.timestamp("us")), 0),
        (TIMES, pa.nulls(3, pa.timestamp("us", "UTC")), 0),
        (AWARE, pa.array([f"{end.isoformat()}+00:00" for end in ENDS]), 3),
        (AWARE, pa.array(["2024-05-01T15:00:00+02:00", None, ""]), 1),
        (TIMES, pa.array([end.isoformat() for end in ENDS]), 3),
        (pa.array([time.isoformat() for time in TIMES]), pa.array(ENDS), 3),
        (pa.array([time.isoformat() for time in AWARE]), pa.array(ENDS, pa.timestamp("us", "UTC")), 3),
        (
            pa.array([f"{time.isoformat()}Z" for time in TIMES]),
            pa.array(["2024-05-01T15:00:00+02:00", "", None]),
            1,
        ),
    ],
)
def test_ends_of_another_kind_than_times_are_taken_where_zones_agree(when, end, hours):
    assert processing(lived(when, end)) == hours * 3_600_000_000


@pytest.mark.parametrize(
    ("when", "end"),
    [
        (AWARE, pa.array(ENDS)),
        (TIMES, pa.array(ENDS, pa.timestamp("us", "UTC"))),
        (AWARE, pa.array([end.isoformat() for end in ENDS])),
        (AWARE, pa.array([None, None, "2024-05-03T13:00:00"])),
        (TIMES, pa.array([f"{end.isoformat()}+00:00" for end in ENDS])),
        (AWARE, pa.array(["2024-05-01T13:00:00+00:00", "2024-05-02T13:00:00", None])),
        (pa.array([time.isoformat() for time in AWARE]), pa.array(ENDS)),
        # both are texts
        (pa.array([time.isoformat() for time in AWARE]), pa.array([end.isoformat() for end in ENDS])),
        (pa.array([time.isoformat() for time in TIMES]), pa.array(["", None, "2024-05-03T13:00:00Z"])),
    ],
)
def test_ends_that_disagree_about_zones_are_refused(when, end):
    with pytest.raises(InvalidLogError, match="'when' and 'end': only one of the two names a time zone"):
        lived(when, end)


def test_only_the_ends_of_the_chosen_period_are_looked_at():
    end = pa.array(["2024-05-01T13:00:00", "2024-05-02T13:00:00+00:00", "2024-05-03T13:00:00+00:00"])
    columns = {"who": ["a", "a", "b"], "what": ["ad", "look", "pay"], "when": AWARE, "end": end}
    log = EventLog(pa.table(columns), **ROLES, end_col="end")
    chosen = log.between("2024-05-02T00:00:00+00:00", "2024-05-04T00:00:00+00:00")
    assert processing(discover_journey(chosen)) == 2 * 3_600_000_000
    with pytest.raises(InvalidLogError, match="only one of the two names a time zone"):
        discover_journey(log)


def test_ends_written_in_the_same_way_as_times_are_taken():
    written = "%d.%m.%Y %H:%M %z"
    when, end = ([f"{time:%d.%m.%Y %H:%M} +0200" for time in times] for times in (TIMES, ENDS))
    assert processing(lived(when, end, time_format=written)) == 3 * 3_600_000_000
    plain = [text.removesuffix(" +0200") for text in end]
    with pytest.raises(InvalidLogError, match="only one of the two names a time zone"):
        lived(AWARE, plain, time_format="%d.%m.%Y %H:%M")


@pytest.mark.parametrize(
    ("when", "roles", "expected", "hint"),
    [
        (["soon"] * 3, {}, "expected ISO 8601, in the years 1 to 9999", "time_format="),
        (
            ["soon"] * 3,
            {"time_format": "%d.%m.%Y"},
            "expected '%d.%m.%Y', in the years 1 to 9999",
            "blanks and separators",  # not the format that has just failed
        ),
        (
            pa.array([2**60] * 3, pa.timestamp("us")),
            {},
            "expected timestamps, in the years 1 to 9999",
            "drop",
        ),
    ],
)
def test_times_that_cannot_be_read_say_which_can(when, roles, expected, hint):
    with pytest.raises(InvalidLogError) as caught:
        lived(when, **roles)
    problem, _, advice = str(caught.value).partition("Hint: ")
    assert expected in problem
    assert hint in advice
    assert ("time_format" in advice) == (hint == "time_format=")


def test_a_frame_that_mixes_types_names_the_column_and_no_value():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"who": ["a", "b"], "secret": ["Jane Doe", 7], "what": "ad", "when": TIMES[:2]})
    with pytest.raises(InvalidLogError, match="column 'secret' of the data frame mixes types") as caught:
        discover_journey(EventLog(frame, **ROLES))
    error: BaseException | None = caught.value
    while error is not None:
        assert "Jane" not in str(error)
        error = error.__cause__ or error.__context__


RAW = pa.table(
    {"event": ["ad", "ad", "pay", "tea"], "channel": ["web", "app", None, "web"], "events": [3, 1, 2, 5]}
)


def test_raw_events_are_a_sequence_of_what_was_counted():
    raw = RawEvents(RAW)
    assert list(raw) == [
        RawEvent("ad", "web", 3), RawEvent("ad", "app", 1), RawEvent("pay", None, 2), RawEvent("tea", "web", 5)
    ]  # fmt: skip
    assert (len(raw), raw[-1], len(raw[1:3])) == (4, RawEvent("tea", "web", 5), 2)
    assert list(RawEvents(RAW.drop_columns(["channel"])))[1] == RawEvent("ad", None, 1)
    assert raw.names_besides(()) == 3
    assert raw.names_besides({"ad", "not there"}) == 2


@pytest.mark.parametrize("unmapped", [None, "keep"])
def test_too_many_names_are_refused_before_a_value_is_made_of_each(monkeypatch, unmapped):
    monkeypatch.setattr(catalogue, "MOST_TOUCHPOINTS", 1)
    monkeypatch.setattr(RawEvents, "__iter__", lambda _: pytest.fail("looked at one by one"))
    design = None if unmapped is None else DESIGN
    with pytest.raises(
        InvalidLogError, match=f"there are {3 if design is None else 2} different event names"
    ):
        catalogue.catalogue_of(RawEvents(RAW), design, (), unmapped=unmapped or "error", label="x")


@pytest.mark.parametrize("unmapped", ["ignore", "keep"])
def test_unmapped_events_beyond_those_told_are_counted(monkeypatch, unmapped):
    monkeypatch.setattr(catalogue, "_MOST_TOLD", 2)
    what = ["ad", *"zzzyyxwv"]
    when = pa.array(range(len(what)), pa.timestamp("s"))
    log = EventLog(pa.table({"who": ["a"] * len(what), "what": what, "when": when}), **ROLES)
    seen = discover_journey(log, DESIGN, unmapped=unmapped).observation
    assert [(event.event, event.count) for event in seen.unmapped] == [("z", 3), ("y", 2)]
    assert (seen.unmapped_more, seen.unmapped_more_events) == (3, 3)


def test_events_that_are_kept_never_share_a_name():
    """One is called as the touchpoint, and one as the other would be renamed."""
    design = Journey(name="x", touchpoints=[{"id": "ad", "stage": "discovery", "events": ["advert"]}])
    what = ["advert", "ad", "ad (raw)", "ad", "ad (raw 2)"]
    table = pa.table({"who": list("aabbc"), "what": what, "when": [*TIMES, *TIMES[:2]]})
    lived = discover_journey(EventLog(table, **ROLES), design, unmapped="keep")
    named = {t.id: (t.name, t.visits.count) for t in lived.touchpoints}
    assert named == {
        "ad": ("Ad", 1),
        "ad (raw)": ("ad (raw)", 1),
        "ad (raw 2)": ("ad (raw 2)", 1),
        "ad (raw 3)": ("ad", 2),
    }
