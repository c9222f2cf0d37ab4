"""Contacts counted by the engine against the same counts in plain Python."""

# ruff: noqa: S311 - tickets are made up, nothing is kept secret
from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product

import pyarrow as pa
import pytest

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.errors import InvalidLogError, UnknownNameError, WrongKindError
from journeymap.events.contacts import contacts
from journeymap.events.tickets import Tickets
from journeymap.metrics.contact_counts import chosen, contact_counts, contact_customers
from journeymap.metrics.service_times import resolution_time
from journeymap.model.business_hours import BusinessHours
from journeymap.model.contacts import Contacts, TicketLinking
from tests.ticket_oracle import Oracle, random_tickets

COLUMNS = {
    "customer_col": "customer", "ticket_col": "ticket", "opened_col": "opened", "first_response_col": "first",
    "first_human_response_col": "human", "first_resolved_col": "solved_first", "resolved_col": "solved",
    "closed_col": "closed", "queued_col": "queued", "answered_col": "answered", "left_col": "gone",
    "channel_col": "channel", "handler_col": "handler", "reason_col": "reason", "initiator_col": "starter",
    "reopened_col": "reopened", "escalated_col": "escalated", "replies_col": "replies",
    "unresolvable_col": "unresolvable",
}  # fmt: skip
HOURS = BusinessHours(
    weekdays={
        "mon": "09:00-17:00",
        "tue": "08:30-12:00, 13:00-18:00",
        "fri": "00:00-24:00",
        "sun": "10:00-11:00",
    },
    holidays=("2024-05-06", "2024-05-10", "2024-05-11"),
)
WEEK, DAY = timedelta(days=7), timedelta(days=1)


def table_of(rows, names=None):
    names = names or [*COLUMNS.values(), "segment"]
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def spans_of(counted, clock, hours, **key):
    table = counted.table("times")
    found = Counter()
    for number, row in enumerate(table.row):
        named = dict(zip(table.key_columns, table.keys[row], strict=True))
        if named["clock"] == clock and named["hours"] == hours and all(named[k] == v for k, v in key.items()):
            found[named["outcome"], int(named["microseconds"])] += table.measures["count"][number]
    return sorted(found.elements())


@pytest.mark.parametrize("seed", range(6))
def test_every_count_is_that_of_the_oracle(seed):
    rng = random.Random(seed)
    rows = random_tickets(rng, 150, customers=100 if seed % 2 else 12)
    counted = contacts(
        Tickets(table_of(rows), **COLUMNS),
        by="segment",
        repeat_within=WEEK,
        contained_within=DAY,
        business_hours=HOURS,
    )
    oracle = Oracle(rows, window=WEEK, short=DAY)
    assert sum(aside.count for aside in counted.set_aside) == oracle.impossible > 0
    assert counted.observed_until == oracle.until
    assert counted.groups == (min(64, len({r["customer"] for r in rows})))
    slices = [{}, *({"channel": c, "segment": s} for c, s in product(["phone", "chat"], ["new", "old"])),
              {"handler": "bot"}, {"channel": ("phone", "email")}]  # fmt: skip
    for wanted in slices:

        def fits(row, wanted=wanted):
            return all(row[k] in ((v,) if isinstance(v, str) else v) for k, v in wanted.items())

        expected = oracle.counts(fits)
        customers = expected.pop("customers")
        of = chosen(counted, "test", wanted)
        assert {name: contact_counts(of, name).sum() for name in expected} == expected
        if of.exact:
            assert contact_customers(of, "contacts") == customers
        else:
            assert contact_customers(of, "contacts") >= customers
    for clock in ("any", "human", "first", "full", "wait"):
        assert spans_of(counted, clock, "calendar") == oracle.spans(clock)
        if clock != "wait":
            assert spans_of(counted, clock, "business") == oracle.spans(
                clock, length=lambda a, b: HOURS.between(a, b) // timedelta(microseconds=1)
            )
        key = {"channel": "phone", "handler": ""}
        assert spans_of(counted, clock, "calendar", **key) == oracle.spans(
            clock, lambda row: row["channel"] == "phone" and row["handler"] is None
        )


def test_texts_and_files_give_the_same(tmp_path):
    rows = random_tickets(random.Random(1), 80)
    as_texts = [
        {k: v.isoformat(sep=" ") if isinstance(v, datetime) else v for k, v in row.items()} for row in rows
    ]
    path = tmp_path / "tickets.csv"
    names = [*COLUMNS.values(), "segment"]
    lines = [",".join("" if row[n] is None else str(row[n]) for n in names) for row in as_texts]
    path.write_text("\n".join([",".join(names), *lines]), encoding="utf-8")
    from_table = contacts(Tickets(table_of(rows), **COLUMNS), by="segment", contained_within="1 day")
    from_texts = contacts(Tickets(table_of(as_texts), **COLUMNS), by="segment", contained_within="1 day")
    from_file = contacts(Tickets(path, **COLUMNS), by="segment", contained_within="1 day")
    assert from_table.tables == from_texts.tables == from_file.tables
    in_zone = [
        {k: v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for k, v in row.items()} for row in rows
    ]
    instants = contacts(Tickets(table_of(in_zone), **COLUMNS), by="segment", contained_within="1 day")
    assert instants.tables == from_table.tables
    assert instants.observed_until == from_table.observed_until.replace(tzinfo=UTC)
    assert Contacts.model_validate_json(from_table.model_dump_json()) == from_table


def test_the_order_of_rows_changes_nothing():
    rows = random_tickets(random.Random(2), 120)
    for number, row in enumerate(rows):  # no ties
        row["opened"] += timedelta(microseconds=number)
        for name in ("queued", "first", "human"):
            row[name] = None
    shuffled = list(rows)
    random.Random(3).shuffle(shuffled)
    assert (
        contacts(Tickets(table_of(rows), **COLUMNS)).tables
        == contacts(Tickets(table_of(shuffled), **COLUMNS)).tables
    )


def small(**columns):
    table = {
        "who": ["a", "a", "b", "c"],
        "when": ["2024-05-01 10:00", "2024-05-03 10:00", "2024-05-02 10:00", "2024-05-20 10:00"],
    }
    return pa.table(table | columns)


def declared(**columns):
    return {"customer_col": "who", "opened_col": "when"} | columns


def test_instants_are_compared_across_zones():
    table = small(
        when=[
            "2024-05-01T10:00:00Z",
            "2024-05-01T10:30:00+02:00",
            "2024-05-02T10:00:00+02:00",
            "2024-05-20T10:00:00Z",
        ],
        done=["2024-05-01T12:00:01+02:00", None, None, None],
    )
    counted = contacts(Tickets(table, **declared(first_response_col="done")))
    assert counted.start == datetime(2024, 5, 1, 8, 30, tzinfo=UTC)
    assert ("event", 1_000_000) in spans_of(counted, "any", "calendar")
    assert (
        contact_counts(chosen(counted, "test", {}), "first_contacts").sum() == 2
    )  # of a and of b; c is too late
    with pytest.raises(InvalidLogError, match="opening hours are local") as caught:
        contacts(Tickets(table, **declared()), business_hours=HOURS)
    assert "local time of the desk" in caught.value.hint


def test_a_window_is_closed_at_its_end():
    table = small(when=["2024-05-01 10:00", "2024-05-08 10:00", "2024-05-02 10:00", "2024-05-09 10:00"])
    of = chosen(contacts(Tickets(table, **declared())), "test", {})
    # a's second contact lies exactly 7 days after the first; b's window ends exactly at the end
    assert {name: contact_counts(of, name).sum() for name in ("judged", "repeats", "first_contacts")} == {
        "judged": 2, "repeats": 1, "first_contacts": 2,
    }  # fmt: skip


def test_a_period_ends_what_is_seen_of_contacts():
    tickets = Tickets(small(done=[None, "2024-06-30", None, None]), **declared(first_response_col="done"))
    counted = contacts(tickets.between("2024-05-01", "2024-05-04"))
    assert (counted.contacts, counted.observed_until) == (3, datetime(2024, 6, 30))  # noqa: DTZ001
    assert counted.contacts_until == datetime(2024, 5, 4)  # noqa: DTZ001
    assert contact_counts(chosen(counted, "test", {}), "judged").sum() == 0
    assert counted.filters == ("from 2024-05-01 until before 2024-05-04",)
    assert contacts(tickets.where(who=["a", "b"])).customers == 2


def test_touchpoints_are_read_from_their_column_or_from_a_list():
    table = small(via=["Phone", "Phone", "E-mail", "Fax"], page=["help", None, "faq", "help"])
    tickets = Tickets(table, **declared(channel_col="via", touchpoint_col="page"))
    assert contacts(tickets).values("touchpoint") == ("faq", "help")
    assert contacts(tickets, touchpoints={"Phone": "phone"}).values("touchpoint") == ("phone",)
    assert contacts(tickets, touchpoints={"faq": "faq@loyalty"}).values("touchpoint") == ("faq@loyalty",)
    with pytest.raises(UnknownNameError, match="no ticket has the channel 'phone'") as caught:
        contacts(tickets, touchpoints={"phone": "phone", "Fax": "fax"})
    assert caught.value.hint == "did you mean 'Phone'?"
    with pytest.raises(InvalidLogError, match="no column in which these values could stand"):
        contacts(Tickets(table, **declared()), touchpoints={"Phone": "phone"})


def test_without_customers_every_ticket_is_one():
    counted = contacts(Tickets(small(), opened_col="when"))
    assert (counted.contacts, counted.customers, counted.groups) == (4, 4, 4)
    assert "judged" not in counted.table("contacts").measures


def test_an_engine_may_be_handed_over_and_stays_clean():
    with DuckDBEngine() as engine:
        tickets = Tickets(small(), **declared(engine=engine))
        assert contacts(tickets) == contacts(tickets)
        assert engine.run("select count(*) as n from duckdb_tables()").to_pylist() == [{"n": 0}]


@pytest.mark.parametrize(("most", "width"), [(250_000, 0.01), (2_000, 0.02), (1, 0.1)])
def test_many_times_are_put_into_buckets_and_it_is_said(monkeypatch, most, width):
    monkeypatch.setattr("journeymap.events.contact_tables.MOST_ENTRIES", most)
    times = [datetime(2024, 5, 1) + timedelta(seconds=n) for n in range(2100)]  # noqa: DTZ001
    spans = [0, 1, *(1_000_000 * (1000 + 37 * n) + n for n in range(2098))]
    done = [t + timedelta(microseconds=us) for us, t in zip(spans, times, strict=True)]
    table = pa.table({"when": times, "done": done, "few": [t + timedelta(hours=1) for t in times]})
    tickets = Tickets(table, opened_col="when", first_response_col="few", first_resolved_col="done")
    counted = contacts(tickets)
    assert counted.rounded == ("first (calendar hours)",)
    assert counted.bucket_width == width
    assert {us for _, us in spans_of(counted, "any", "calendar")} == {3_600_000_000}
    found = sorted(us for _, us in spans_of(counted, "first", "calendar"))
    assert found[0] == 0
    assert len(set(found)) < 500
    assert max(abs(a - b) / b for a, b in zip(found[1:], spans[1:], strict=True)) <= width / 2 + 1e-9
    # the interval of the median reaches to the ends of its bucket
    median, exact = resolution_time(counted, definition="first").median, sorted(spans)[1049] / 1e6
    assert median.low < exact < median.high
    assert median.high / median.low > 1 + width - 1e-9


@pytest.mark.parametrize(
    ("changes", "columns", "message"),
    [
        ({}, {"opened_col": "wen"}, r"no column 'wen' \(for opened_col\).*Expected one of: who, when.*did you mean 'when'"),
        ({"who": ["a", None, "b", "c"]}, {}, "column 'who': 1 of 4 tickets have no customer"),
        ({"when": ["2024-05-01", None, "2024-05-01", "2024-05-01"]}, {}, "column 'when': 1 of 4 tickets have no opening time"),
        ({"when": ["2024-05-01", "soon", "2024-05-01", "2024-05-01"]}, {}, "1 of 4 tickets have a time that cannot be read"),
        ({"when": ["2024-05-01T10:00:00Z", *["2024-05-01T10:00:00"] * 3]}, {}, "1 of 4 times name a time zone"),
        ({"done": ["2024-05-09T10:00:00Z"] * 4}, {"resolved_col": "done"}, "column 'done' names a time zone, the other times do not"),
        ({"done": [1, 2, 3, 4]}, {"resolved_col": "done"}, r"'done' \(resolved_col\) holds BIGINT, no times.*a duration is no time"),
        ({"id": ["1", "1", "2", "3"]}, {"ticket_col": "id"}, "column 'id': 1 of 4 tickets stand under an id that was there before"),
        ({"up": ["yes", "maybe", "no", None]}, {"escalated_col": "up"}, "column 'up': 1 of 4 tickets say neither yes nor no"),
        ({"up": [0, -1, 1, None]}, {"replies_col": "up"}, "column 'up': 1 of 4 tickets say neither yes nor no"),
        ({"state": ["Solved", "New", "New", "New"]}, {"status_col": "state"}, "nothing says what the statuses in 'state' mean"),
        ({}, {"resolved_statuses": "Solved"}, "statuses without a status_col"),
        ({"state": ["Solved", "New", "New", "New"]}, {"status_col": "state", "resolved_statuses": "solvd"}, "no ticket has the status 'solvd'.*did you mean 'Solved'"),
        ({"state": ["Solved"] * 4}, {"status_col": "state", "resolved_statuses": "Solved", "unresolved_statuses": "Solved"}, "cannot mean resolved and unresolved"),
        ({"by": ["agent", "end user", "agent", "agent"]}, {"initiator_col": "by"}, "'agent', 'end user' says neither customer nor company.*company_initiators"),
        ({"via": ["*", "a", "b", "c"]}, {"channel_col": "via"}, r"'\*' stands for all of them"),
        ({}, {"impossible": "ignore"}, "impossible: 'ignore' is no rule"),
        ({"done": ["2024-04-01"] * 4}, {"resolved_col": "done", "impossible": "error"}, r"cannot be true: 4 resolved before it was opened \(column done, when\)"),
    ],
)  # fmt: skip
def test_tickets_that_cannot_be_counted_are_refused(changes, columns, message):
    with pytest.raises(InvalidLogError, match=f"(?s){message}") as caught:
        contacts(Tickets(small(**changes), **declared(**columns)))
    assert caught.value.hint or "is no rule" in str(caught.value)


def test_incomplete_tickets_are_dropped_only_on_demand():
    table = small(who=["a", None, "b", "c"], when=["2024-05-01", "2024-05-01", "later", "2024-05-02"])
    counted = contacts(Tickets(table, **declared(on_missing="drop")))
    assert (counted.rows, counted.dropped, counted.contacts) == (4, 2, 2)
    assert "2 left out: no customer or no opening time" in str(counted)


def test_names_of_people_are_no_kinds():
    table = pa.table({"when": ["2024-05-01"] * 300, "agent": [f"agent {n}" for n in range(300)]})
    with pytest.raises(InvalidLogError, match="have 300 different values") as caught:
        contacts(Tickets(table, opened_col="when", handler_col="agent"))
    assert "agent 7" not in str(caught.value)


def test_what_is_asked_is_checked_at_the_door():
    tickets = Tickets(small(), **declared())
    with pytest.raises(WrongKindError, match="contacts: cannot take a value of kind Table"):
        contacts(small())
    with pytest.raises(InvalidLogError, match="repeat_within: 'soon' is no span of time"):
        contacts(tickets, repeat_within="soon")
    with pytest.raises(InvalidLogError, match="observed_until lies before the latest time"):
        contacts(tickets, observed_until="2024-05-02")
    with pytest.raises(InvalidLogError, match="observed_until: the times of the tickets name no time zone"):
        contacts(tickets, observed_until="2024-06-02T00:00:00+00:00")
    with pytest.raises(InvalidLogError, match="no ticket is left by the filters: who is 'z'"):
        contacts(tickets.where(who="z"))
    with pytest.raises(InvalidLogError, match="these tickets have no time"):
        Tickets(small(), customer_col="who").between("2024-05-01", "2024-06-01")


def test_times_of_day_in_another_form_are_read_when_it_is_said():
    table = pa.table({"when": ["01/05/2024 10:00", "02/05/2024 10:00"]})
    counted = contacts(Tickets(table, opened_col="when", time_format="%d/%m/%Y %H:%M"))
    assert counted.start == datetime(2024, 5, 1, 10)  # noqa: DTZ001


def test_business_hours_may_be_a_dict_and_say_what_is_wrong_with_it():
    table = pa.table({"who": ["a"], "opened": ["2024-05-03 16:00"], "first": ["2024-05-06 10:00"]})
    tickets = Tickets(table, customer_col="who", opened_col="opened", first_response_col="first")
    found = contacts(tickets, business_hours={"weekdays": {"mon-fri": "09:00-17:00"}})
    assert spans_of(found, "any", "business") == [("event", 2 * 3_600_000_000)]
    for given, sentence in [
        (
            {"weekdays": {"moonday": "09:00-17:00"}},
            (
                "contacts: business_hours.weekdays.moonday: business hours: 'moonday' is no day of the week. "
                "Expected mon, tue, wed, thu, fri, sat, sun, a span such as 'mon-fri' or a list such as 'mon, wed'."
                "\nHint: did you mean 'monday'?"
            ),
        ),
        (
            {"weekday": {"mon": "09:00-17:00"}},
            (
                "contacts: business_hours.weekday: no key 'weekday' in a BusinessHours. "
                "Expected one of: weekdays, holidays.\nHint: did you mean 'weekdays'?"
            ),
        ),
    ]:
        with pytest.raises(InvalidLogError) as caught:
            contacts(tickets, business_hours=given)
        assert str(caught.value) == sentence
    with pytest.raises(WrongKindError, match="Expected BusinessHours"):
        contacts(tickets, business_hours="mon-fri")


def test_how_tickets_were_found_is_a_sentence():
    found = TicketLinking(by_column=1200, by_time=30, unknown=4, too_late=2, unnamed=1, window_seconds=172800)
    assert str(found) == (
        "1,230 contacts found a touchpoint (by row 1,200, by time 30); not found: no service touchpoint of the "
        "journey 4, no service touchpoint within 2 days before 2, none named 1"
    )
