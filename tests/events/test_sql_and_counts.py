"""Queries that somebody else runs: the printed script on a database that the library knows nothing of."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import duckdb
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

import journeymap as jm
from journeymap import events
from journeymap.engines.answered_engine import AnsweredEngine
from journeymap.engines.select_list import answer_columns
from journeymap.events import queries
from journeymap.events.asked import _questions
from journeymap.events.queries import counts
from journeymap.events.queries.counts import CELLS_PER_MASK

COLUMNS = {"customer_col": "who", "event_col": "what", "time_col": "at", "order_col": "id"}
TABLE = "warehouse.events"


class Warehouse:
    """A database of somebody else: it is given scripts and writes files."""

    def __init__(self, table, folder):
        self.connection = duckdb.connect()
        self.connection.execute("create schema warehouse")
        self.connection.register("given", table)
        self.connection.execute(f"create table {TABLE} as select * from given")
        self.connection.unregister("given")
        self.folder = folder

    def run(self, script, ending="csv"):
        for statement in str(script).rstrip().removesuffix(";").split(";\n"):
            found = re.findall(r"^-- save as (\S+)\.csv or", statement, flags=re.MULTILINE)
            if found:
                self.save(found[0], self.connection.sql(statement).to_arrow_table(), ending)
            else:
                self.connection.execute(statement).fetchall()

    def save(self, key, table, ending):
        path = self.folder / f"{key}.{ending}"
        if ending == "csv":
            arrow_csv.write_csv(table, path)
        else:
            pq.write_table(table, path)

    def tables(self):
        rows = self.connection.execute("select table_name from duckdb_tables()").fetchall()
        return {name for (name,) in rows}


def _table(rows, **more):
    """Events in order: (customer, event, minute)."""
    start = datetime(2024, 3, 1)  # noqa: DTZ001 - naive times, taken as given
    columns = {
        "who": [who for who, _, _ in rows],
        "what": [what for _, what, _ in rows],
        "at": [start + timedelta(minutes=minute) for _, _, minute in rows],
        "id": list(range(len(rows))),
    }
    return pa.table(columns | more)


def _toy_rows(toy_log):
    table = toy_log.source.to_pydict()
    hours = [int(time[11:13]) * 60 + int(time[8:10]) * 1440 for time in table["time"]]
    return list(zip(table["customer"], table["event"], hours, strict=True))


def _many(customers=90):
    """More customers than groups, with ties and odd names."""
    names = ["ad", "007", "NA", "a 'b' \"c\"; d", "jm_steps", "pay"]
    return [
        (f"o'{who:03d}\"", names[(who * 7 + step * step) % 6], who + step * (who % 3) * 60)
        for who in range(customers)
        for step in range(1 + who % 5)
    ]


def _settle(warehouse, log, *arguments, ending="csv", most=4, **options):
    """Go back and forth until nothing is left to ask; give the result and how many rounds it took."""
    for rounds in range(most + 1):
        asked = jm.queries_of(jm.discover_journey, log, *arguments, counts=warehouse.folder, **options)
        if not asked.queries:
            return asked.result, rounds
        warehouse.run(asked, ending)
    pytest.fail(f"still asks {[query.name for query in asked.queries]}")


def _both(tmp_path, table, *arguments, columns=COLUMNS, change=lambda log: log, ending="csv", **options):
    """The journey from answers, and the one that is counted here."""
    warehouse = Warehouse(table, tmp_path)
    theirs = change(jm.EventLog(TABLE, **columns))
    settled, rounds = _settle(warehouse, theirs, *arguments, ending=ending, **options)
    direct = jm.discover_journey(change(jm.EventLog(table, **columns)), *arguments, **options)
    built = jm.discover_journey(theirs, *arguments, counts=tmp_path, **options)
    assert built == settled
    assert warehouse.tables() == {"events"}
    return built, direct, rounds


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_answers_of_others_make_the_same_journey(tmp_path, toy_log, toy_design, ending):
    built, direct, rounds = _both(tmp_path, _table(_toy_rows(toy_log)), toy_design, ending=ending)
    assert built == direct
    assert rounds == 2  # the census, and all the rest


def test_the_gap_after_which_journeys_are_lost_takes_one_more_round(tmp_path):
    built, direct, rounds = _both(tmp_path, _table(_many()), goal="pay")
    assert built == direct
    assert built.observation.lost_after_source == "data"
    assert built.observation.groups == 64
    assert rounds == 3


def test_names_that_look_like_numbers_or_nothing_stay_names(tmp_path):
    built, direct, _ = _both(tmp_path, _table(_many()), lost_after="1 hour")
    assert built == direct
    assert {"007", "NA", "jm_steps", "a 'b' \"c\"; d"} <= {t.id for t in built.touchpoints}


def test_everything_that_a_log_can_hold(tmp_path):
    rows = _many()
    count = len(rows)
    more = {
        "until": [datetime(2024, 3, 1) + timedelta(minutes=m + 7) if m % 3 else None for _, _, m in rows],  # noqa: DTZ001
        "order_no": [f"{'A' if n % 2 else 'B'}-{n % 4}" for n in range(count)],
        "felt": [float(n % 5 - 2) if n % 4 else None for n in range(count)],
        "team": [("north", "south", None)[n % 3] for n in range(count)],
        "again": [("yes", "no", "")[n % 3] for n in range(count)],
        "failed": [n % 2 == 0 for n in range(count)],
        "done": [(1, 0, None)[n % 3] for n in range(count)],
        "via": [("web", "phone")[n % 2] for n in range(count)],
    }
    columns = COLUMNS | {
        "end_col": "until", "journey_col": "order_no", "feeling_col": "felt", "agent_col": "team",
        "repeated_col": "again", "failure_col": "failed", "completed_col": "done", "channel_col": "via",
    }  # fmt: skip
    design = jm.Journey(
        name="Odd",
        goal="pay",
        touchpoints=[
            {"id": "ad", "stage": "discovery"},
            {"id": "agent", "stage": "evaluation", "events": ["007", {"event": "NA", "channel": "web"}]},
            {"id": "help", "service": {"handler": "human"}, "events": [{"event": "NA", "channel": "phone"}, "jm_steps"]},
            {"id": "pay", "stage": "purchase"},
        ],
    )  # fmt: skip
    built, direct, rounds = _both(
        tmp_path, _table(rows, **more), design, columns=columns, unmapped="keep",
        lost_after="2 hours", new_journey_after="90 minutes",
    )  # fmt: skip
    assert built == direct
    assert rounds == 2
    assert any(t.id.startswith("help@") for t in built.touchpoints)
    assert {table.name for table in built.evidence} >= {"sojourns", "routes"}


def test_filters_and_incomplete_events(tmp_path):
    rows = [*_many(20), (None, "ad", 5), ("x", None, 6)]
    table = _table(rows, region=[("north", "south", None)[n % 3] for n in range(len(rows))])
    built, direct, rounds = _both(
        tmp_path, table, columns=COLUMNS | {"on_missing": "drop"}, lost_after="1 day",
        change=lambda log: log.between("2024-03-01", "2024-03-02").where(region=["north", None]),
    )  # fmt: skip
    assert built == direct
    assert built.observation.dropped == 1  # the other one is in the south
    assert rounds == 2


@pytest.mark.parametrize("columns", [{}, {"journey_col": "what"}], ids=["customers", "several journeys"])
@pytest.mark.parametrize("bits", [CELLS_PER_MASK, 2], ids=["bits", "rows"])
def test_the_graph_alone(monkeypatch, tmp_path, columns, bits):
    monkeypatch.setattr(counts, "CELLS_PER_MASK", bits)
    built, direct, rounds = _both(
        tmp_path, _table(_many()), columns=COLUMNS | columns, lost_after="2 hours", evidence=False
    )
    assert built == direct
    assert built.evidence == ()
    assert rounds == 2


@pytest.mark.parametrize("kind", ["naive", "aware", "date", "text"])
def test_the_fingerprint_tells_which_kind_of_time_it_was(tmp_path, kind):
    table = _table([(who, what, minute * 1440) for who, what, minute in _many(70)])
    types = {"aware": pa.timestamp("us", "UTC"), "date": pa.date32(), "text": pa.string()}
    if kind in types:
        table = table.set_column(2, "at", table["at"].cast(types[kind]))
    warehouse = Warehouse(table, tmp_path)
    log = jm.EventLog(TABLE, **COLUMNS)
    settled, _ = _settle(warehouse, log, lost_after="9 days", time_kind=kind)
    direct = jm.discover_journey(jm.EventLog(table, **COLUMNS), lost_after="9 days")
    assert settled == direct == jm.discover_journey(log, lost_after="9 days", counts=tmp_path)


def test_tables_in_memory_serve_as_answers(toy_log, toy_design):
    table, answers = _table(_toy_rows(toy_log)), {}
    log = jm.EventLog(TABLE, **COLUMNS)
    for _ in range(2):
        asked = jm.queries_of(jm.discover_journey, log, toy_design, counts=answers)
        connection = Warehouse(table, None).connection
        for statement in asked.setup:
            connection.execute(statement).fetchall()
        answers |= {query.key: connection.sql(query.sql).to_arrow_table() for query in asked.queries}
    direct = jm.discover_journey(jm.EventLog(table, **COLUMNS), toy_design)
    assert jm.discover_journey(log, toy_design, counts=answers) == direct


def test_answers_may_come_in_any_order_and_with_more_columns(tmp_path, toy_log, toy_design):
    table = _table(_toy_rows(toy_log))
    warehouse = Warehouse(table, tmp_path)
    log = jm.EventLog(TABLE, **COLUMNS)
    _settle(warehouse, log, toy_design)
    for path in tmp_path.iterdir():
        found = arrow_csv.read_csv(path)
        turned = found.take(list(range(found.num_rows))[::-1])
        names = [*turned.column_names[::-1], "more"]
        turned = turned.select(turned.column_names[::-1]).append_column("more", pa.nulls(found.num_rows))
        arrow_csv.write_csv(turned.rename_columns([name.upper() for name in names]), path)
    built = jm.discover_journey(log, toy_design, counts=tmp_path)
    assert built == jm.discover_journey(jm.EventLog(table, **COLUMNS), toy_design)


def test_parts_in_a_folder_are_one_answer(tmp_path, toy_log, toy_design):
    # as Spark writes them
    table = _table(_toy_rows(toy_log))
    warehouse = Warehouse(table, tmp_path)
    log = jm.EventLog(TABLE, **COLUMNS)
    _settle(warehouse, log, toy_design, ending="parquet")
    for path in list(tmp_path.iterdir()):
        found = pq.read_table(path)
        path.unlink()
        path.mkdir()
        (path / "_SUCCESS").touch()
        pq.write_table(found.slice(0, 2), path / "part-0.parquet")
        pq.write_table(found.slice(2), path / "part-1.parquet")
    built = jm.discover_journey(log, toy_design, counts=tmp_path)
    assert built == jm.discover_journey(jm.EventLog(table, **COLUMNS), toy_design)


@pytest.fixture
def answered(tmp_path, toy_log, toy_design):
    """A folder that answers everything, its log and its design."""
    warehouse = Warehouse(_table(_toy_rows(toy_log)), tmp_path)
    log = jm.EventLog(TABLE, **COLUMNS)
    _settle(warehouse, log, toy_design)
    return tmp_path, log, toy_design


def test_a_missing_answer_is_named(answered):
    folder, log, design = answered
    (path,) = folder.glob("visitors-*.csv")
    path.unlink()
    with pytest.raises(jm.UnansweredError, match=rf"1 query has no answer yet: {path.stem}\.") as caught:
        jm.discover_journey(log, design, counts=folder)
    assert str(caught.value).startswith(f"{folder}: ")


def test_answers_to_older_questions_do_not_count(answered):
    folder, log, design = answered
    with pytest.raises(jm.UnansweredError, match="Another question was answered by") as caught:
        jm.discover_journey(log, design, counts=folder, lost_after="3 days")
    assert "edge_waits-" not in str(caught.value)  # waits do not depend on it
    assert "journeys-" in str(caught.value).split("Another")[0]


def test_answers_about_another_table_are_refused_at_once(answered):
    folder, log, design = answered
    with pytest.raises(jm.UnansweredError, match="belong to no query"):
        jm.discover_journey(replace(log, source="warehouse.others"), design, counts=folder)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text.replace('"journeys"', '"trips"'), "this answer has no column 'journeys'"),
        (lambda text: re.sub(r"^(\d+),", r"chat,", text, flags=re.MULTILINE), "holds texts or lists. Expected num"),
        (lambda _: "", "this answer cannot be read"),
        (lambda text: text + "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19\n", "this answer cannot be read"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_refused(answered, spoil, message):
    folder, log, design = answered
    (path,) = folder.glob("visitors-*.csv")
    path.write_text(spoil(path.read_text()))
    with pytest.raises(jm.FileFormatError, match=message):
        jm.discover_journey(log, design, counts=folder)


def test_names_that_became_numbers_on_the_way_are_refused(answered):
    folder, log, design = answered
    (path,) = folder.glob("census-*.csv")
    found = arrow_csv.read_csv(path)
    path.unlink()
    numbers = found.set_column(0, "event", pa.array(range(found.num_rows)))
    pq.write_table(numbers, path.with_suffix(".parquet"))
    with pytest.raises(
        jm.FileFormatError, match=r"column 'event' of this answer holds int64\. Expected text"
    ):
        jm.discover_journey(log, design, counts=folder)


def test_events_that_come_while_others_count_are_noticed(answered):
    folder, log, design = answered
    (path,) = folder.glob("journeys-*.csv")
    found = arrow_csv.read_csv(path)
    more = pa.array([n + 1 for n in found["events"].to_pylist()])
    arrow_csv.write_csv(found.set_column(found.column_names.index("events"), "events", more), path)
    with pytest.raises(jm.InvalidLogError, match="67 events at first and 79 later"):
        jm.discover_journey(log, design, counts=folder)


def test_what_is_wrong_with_the_log_is_said_as_ever(tmp_path, toy_design):
    table = _table([("a", "ad", 0), ("b", "unheard", 1), (None, "ad", 2)])
    warehouse = Warehouse(table, tmp_path)
    log = jm.EventLog(TABLE, **COLUMNS)
    warehouse.run(jm.queries_of(jm.discover_journey, log, toy_design))
    with pytest.raises(jm.InvalidLogError, match="column 'who': 1 of 3 events have no customer"):
        jm.discover_journey(log, toy_design, counts=tmp_path)


def test_no_answer_holds_an_id_of_a_customer(tmp_path):
    rows = [(f"secret-{who}", what, minute) for who, what, minute in _many()]
    _both(tmp_path, _table(rows), goal="pay")
    answers = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert len(answers) > 10
    assert all("secret" not in text for text in answers.values())


def test_every_query_counts(tmp_path):
    warehouse = Warehouse(_table(_many()), tmp_path)
    log = jm.EventLog(TABLE, **COLUMNS)
    keys = {"state", "next_state", "g", "bucket", "stage", "event", "place", "next_number", "ended", "met_0"}
    for _ in range(3):
        asked = jm.queries_of(jm.discover_journey, log, goal="pay", counts=tmp_path)
        for query in asked.queries:
            rows = warehouse_rows(warehouse, asked, query)
            names = [name for name in query.columns if name in keys]
            distinct = {tuple(row[name] for name in names) for row in rows}
            assert len(distinct) == len(rows), query.name  # one row a key: counts, no events
        warehouse.run(asked)
    assert asked.queries


def warehouse_rows(warehouse, asked, query):
    """The rows of one query, its tables made and dropped."""
    for statement in asked.setup:
        warehouse.connection.execute(statement).fetchall()
    rows = warehouse.connection.sql(query.sql).to_arrow_table().to_pylist()
    for statement in asked.clean_up:
        warehouse.connection.execute(statement).fetchall()
    return rows


def test_the_columns_that_a_script_names_are_those_that_come(tmp_path):
    warehouse = Warehouse(_table(_many()), tmp_path)
    log = jm.EventLog(TABLE, **COLUMNS)
    for _ in range(3):
        asked = jm.queries_of(jm.discover_journey, log, goal="pay", counts=tmp_path)
        for statement in asked.setup:
            warehouse.connection.execute(statement).fetchall()
        for query in asked.queries:
            assert tuple(warehouse.connection.sql(query.sql).to_arrow_table().column_names) == query.columns
        for statement in asked.clean_up:
            warehouse.connection.execute(statement).fetchall()
        warehouse.run(asked)


@pytest.mark.parametrize(("job", "most"), [(jm.with_paths, 2), (jm.with_service, 1)])
def test_other_jobs_ask_the_same_way_in_few_rounds(tmp_path, job, most):
    table = _table(_many())
    warehouse = Warehouse(table, tmp_path)
    log = jm.EventLog(TABLE, **COLUMNS)
    design = jm.Journey(
        name="Odd",
        touchpoints=[
            {"id": "ad", "stage": "discovery"},
            {"id": "pay", "stage": "purchase"},
            {"id": "help", "events": ["007", "NA"], "service": {"handler": "human"}},
        ],
    )
    journey, _ = _settle(warehouse, log, design, goal="pay", unmapped="ignore")
    rounds = 0
    while (asked := jm.queries_of(job, journey, log, min_customers=2, counts=tmp_path)).queries:
        rounds += 1
        assert str(asked).count("save as") == len(asked.queries)
        assert not re.findall(r"^-- \d+ of \d+: \w+\n-- save as", str(asked), flags=re.MULTILINE)
        warehouse.run(asked)
    assert rounds == most
    assert asked.result == job(journey, jm.EventLog(table, **COLUMNS), min_customers=2)


def test_every_query_is_named_after_the_function_that_says_what_it_asks():
    asked = 0
    for path in Path(events.__file__).parent.glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr == "run"
            ):
                where = f"{path.name}:{call.lineno}"
                assert len(call.args) == 2, f"{where}: a query without a name"
                if isinstance(call.args[1], ast.Constant):
                    assert _questions().get(call.args[1].value), f"{where}: nobody knows what it asks"
                    asked += 1
    assert asked > 50


def test_no_two_queries_have_a_name_in_common_that_somebody_asks():
    named = Counter(
        name
        for module in iter_modules(queries.__path__)
        for name in vars(import_module(f"{queries.__name__}.{module.name}"))["__all__"]
        if name.endswith("_sql")
    )
    twice = {name for name, times in named.items() if times > 1}
    # these are never asked: their rows are kept for others to read
    assert twice == {"contacts_sql", "felt_answers_sql", "felt_events_sql", "rows_sql"}


@pytest.mark.parametrize("source", ["events/*.parquet", "a; drop table b", "", 3])
def test_only_names_of_tables_are_asked_about(source):
    with pytest.raises(jm.InvalidLogError, match="is no name of a table"):
        jm.queries_of(jm.discover_journey, jm.EventLog(source, **COLUMNS))


def test_words_that_mean_nothing_are_refused(tmp_path):
    log = jm.EventLog(TABLE, **COLUMNS)
    with pytest.raises(jm.InvalidLogError, match="engine: 'oracle' is none"):
        jm.queries_of(jm.discover_journey, log, engine="oracle")
    with pytest.raises(jm.InvalidLogError, match="time_kind: 'utc' is no kind"):
        jm.queries_of(jm.discover_journey, log, time_kind="utc")
    with pytest.raises(jm.FileFormatError, match="there is no such folder"):
        jm.discover_journey(log, counts=tmp_path / "nowhere")
    with pytest.raises(jm.WrongKindError, match="none of the arguments is an EventLog"):
        jm.queries_of(jm.discover_journey)


def test_the_same_table_is_kept_once_whatever_it_is_called():
    engine = AnsweredEngine()
    first = engine.materialise("select 1 as a", "one")
    assert engine.materialise("select 1 as a", "two") == first == "jm_one"
    assert engine.materialise("select 2 as a", "one") == "jm_one_2"


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("select a.b, count(*) filter (where c in (1, 2)) as n from t a", ("b", "n")),
        ("with w as (select x from y) select distinct z from w", ("z",)),
        ("select ', from ' as a, \"as b, c\" as d from t", ("a", "d")),
        ("select count(*) from t", ()),
        ("select * from (select 1 as a)", ()),
        ("select a from t union all select b from u", ("a",)),
        ("select list[1] as a, case when b then 'select' else c end as d from e", ("a", "d")),
    ],
)
def test_columns_are_read_off_a_query(sql, columns):
    assert answer_columns(sql, {}) == columns
