"""What sends customers to service: the toy log by hand, planted causes, chance alone, and a real shop."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from journeymap.analysis.service import locate_service
from journeymap.analysis.service_causes import find_service_causes
from journeymap.analysis.service_causes_report import ServiceCauses
from journeymap.errors import MissingEvidenceError
from journeymap.events.discover import discover_journey
from journeymap.events.episodes import with_episodes
from journeymap.events.log import EventLog
from journeymap.formats.files import read_journey
from journeymap.metrics.signals_counts import Counted
from journeymap.metrics.signals_moves import service_triggers
from journeymap.model.journey import Journey
from tests.analysis.evidence_by_hand import journey_of, table
from tests.oracle import TOY_PATHS, TOY_SERVICE, TOY_STAGES, toy_journey

COLUMNS = {"customer_col": "who", "event_col": "what", "time_col": "when"}
TOY_OWNERS = {
    "ad": "marketing", "compare": "marketing", "cart": "sales", "pay": "sales", "onboard": "product", "chat": "help",
    "phone": "sales",
}  # fmt: skip
HOUR = 3_600_000_000


def logged(rows, design, *, log_columns=None, **rules):
    """Find the causes in rows of (customer, event, hour, ...)."""
    names = ["who", "what", "when", *(log_columns or {})]
    columns = {name: [row[n] for row in rows] for n, name in enumerate(names)}
    columns["when"] = pa.array([hour * HOUR for hour in columns["when"]], pa.timestamp("us"))
    roles = {role: name for name, role in (log_columns or {}).items()}
    log = EventLog(pa.table(columns), **COLUMNS, **roles)
    return find_service_causes(with_episodes(discover_journey(log, design), log, **rules))


@pytest.fixture(scope="module")
def toy():
    """The toy log of the methods (C2), a journey a day, with teams."""
    rows = [
        (f"c{number:02d}", name, 24 * number + hour)
        for number, path in enumerate(TOY_PATHS)
        for hour, name in enumerate(path.split())
    ]
    design = Journey(
        name="Toy",
        goal="renew",
        lost_after="0 s",
        owners=[{"id": "sales", "name": "Sales team"}, {"id": "help", "name": "Help desk"}],
        touchpoints=[
            {"id": name, "stage": stage, "service": TOY_SERVICE.get(name), "owner": TOY_OWNERS.get(name)}
            for name, stage in TOY_STAGES.items()
        ],
    )
    return logged(rows, design, within="7 hours", triggered_within="1 hour")


def test_toy_causes(toy):
    assert [(c.touchpoint, c.contacts, c.episodes, c.customers) for c in toy.causes] == [
        ("onboard", 6, 3, 3), ("cart", 3, 2, 2),
    ]  # fmt: skip
    assert [c.share.value for c in toy.causes] == [pytest.approx(6 / 9), pytest.approx(3 / 9)]
    assert (toy.contacts, toy.customers) == (9, 5)
    assert (toy.causes[1].name, toy.causes[1].stage_name, toy.causes[1].owner) == (
        "Cart", "Purchase", "Sales team",
    )  # fmt: skip


def test_toy_triggers(toy):
    """C2: base 5/58 (all 58 visits outside service), cart 2/12 lift 29/15, onboard 3/8 lift 87/20.

    An hour apart, the window of an hour is the next event; of the last journey, which ends the observation,
    the goal's visit is not watched: 57 visits.
    """
    lifts = {trigger.touchpoint: trigger for trigger in toy.windows}
    assert [t.base for t in toy.windows] == [pytest.approx(5 / 57)] * 2
    assert lifts["cart"].lift.value == pytest.approx(29 / 15 * 57 / 58)
    assert lifts["onboard"].lift.value == pytest.approx(87 / 20 * 57 / 58)
    assert lifts["cart"].lift.low < 1 < lifts["cart"].lift.high
    assert toy.causes[0].triggers == lifts["onboard"]
    assert "within 1 hour" in lifts["cart"].share.definition
    assert not any(trigger.significant for trigger in toy.windows)


def test_toy_teams(toy):
    before, carriers, counts = toy.matrix()
    assert before == ("product", "Sales team")
    assert carriers == ("Help desk", "Sales team", "no owner named")  # the bot has no owner
    assert counts == ((2, 3, 1), (2, 1, 0))
    assert (toy.caused_elsewhere.value, toy.caused_elsewhere.n, toy.caused_elsewhere.customers) == (
        7 / 8,
        8,
        5,
    )
    # the sales team carries contacts and has touchpoints of its own: to come after another team's is no must
    assert toy.only_carry == ()
    assert "88 %" in toy.headline()
    assert [(team, share.value) for team, share in toy.teams] == [
        ("product", pytest.approx(6 / 9)), ("Sales team", pytest.approx(3 / 9)),
    ]  # fmt: skip
    pair = toy.owners[0]
    assert (pair.cause, pair.carrier, pair.contacts, pair.customers) == ("product", "Sales team", 3, 2)
    assert pair.share.value == pytest.approx(3 / 9)


def test_toy_avoidable(toy):
    cart = toy.causes[1].avoidable
    # cart 2/12 against pay 0/8, both shrunk: below the raw excess of 2 episodes of 1.5 contacts
    assert 0 < cart.value < 3
    assert cart.low == 0
    assert toy.avoidable.value == cart.value
    assert toy.causes[0].avoidable is None  # onboard is alone at its stage


def test_toy_story_says_what_it_cannot_tell(toy):
    story = toy.story()
    assert story.startswith(
        "Of 9 service contacts of 5 customers, 67 % (18 % to 95 %, small sample) came after"
    )
    assert "within 1 hour more often than after others, these counts cannot tell" in story
    assert "Whether contacts could be avoided, these counts cannot tell" in story
    assert "failure_col" in toy.failure_demand.definition
    assert toy.failure_demand.value is None
    assert toy.proactive is None


def test_time_in_contacts_is_told_in_hours(toy):
    long = tuple(pair.model_copy(update={"seconds": 74 * 3600.0}) for pair in toy.owners)
    assert "74 hours in all" in toy.model_copy(update={"owners": long}).story()
    short = tuple(pair.model_copy(update={"seconds": 90.0}) for pair in toy.owners)
    assert "1.5 minutes in all" in toy.model_copy(update={"owners": short}).story()


def test_the_result_travels_and_is_a_table(toy):
    assert ServiceCauses.model_validate_json(toy.model_dump_json()) == toy
    assert list(toy.to_frame()["contacts"]) == [6, 3]
    assert toy.owners_frame()["contacts"].sum() == 9
    assert "Onboard" in toy._repr_html_()
    odd = toy.model_copy(update={"journey": "<i>"})
    assert "<i>" not in odd._repr_html_()


DESIGN = Journey(
    name="Shop",
    lost_after="0 s",
    touchpoints=[
        {"id": "pay", "stage": "purchase"},
        {"id": "use", "stage": "post_purchase"},
        {"id": "phone", "service": True},
        {"id": "call", "service": {"initiator": "company"}},
    ],
)


def test_before_and_after_proactive_contacts_by_hand():
    day = 24
    rows = [
        # first seen on day 0, called on day 30, last seen on day 90: 2 contacts before, 1 after
        ("a", "pay", 0), ("a", "phone", 2 * day), ("a", "phone", 20 * day), ("a", "call", 30 * day),
        ("a", "phone", 60 * day), ("a", "call", 70 * day), ("a", "use", 90 * day),
        # the first and the last event bound the time and do not count: 1 contact before, none after
        ("b", "phone", 0), ("b", "phone", 5 * day), ("b", "call", 30 * day), ("b", "phone", 60 * day),
        # never seen before
        ("c", "call", 0), ("c", "phone", day), ("c", "use", 2 * day),
        ("d", "phone", 3 * day),
    ]  # fmt: skip
    found = logged(rows, DESIGN, within="7 days").proactive
    assert (found.customers, found.compared, found.contacts) == (3, 2, 4)
    assert (found.share.value, found.share.n) == (pytest.approx(4 / 12), 12)
    assert found.before.value == pytest.approx(3 / 2)  # 3 contacts in 2 × 30 days
    assert found.after.value == pytest.approx(1 / 3)  # 1 contact in 60 + 30 days
    assert found.ratio.value == pytest.approx(2 / 9)
    assert found.ratio.low < 1 < found.ratio.high
    assert found.story() == (
        "The company began 4 of 12 service contacts (33 %). Before and after the first contact that the company"
        " began, customers were at different points of their journey: 1.50 contacts a month before, 0.33 after;"
        " that measures no effect."
    )
    follows = {one.what: (one.company.value, one.customer.value) for one in found.follows}
    assert follows == {
        "reactive": (pytest.approx(3 / 4), pytest.approx(2 / 8)),
        "proactive": (0, pytest.approx(3 / 8)),
        "other": (pytest.approx(1 / 4), pytest.approx(1 / 8)),
        "ended": (0, pytest.approx(2 / 8)),  # without a goal nothing is lost
    }
    assert list(found.to_frame()["what"]) == ["reactive", "proactive", "other", "ended"]
    assert "another touchpoint" in found._repr_html_()
    assert str(found) == found.story()
    assert dict(found.by_stage).keys() == {"Discovery", "Purchase"}


@pytest.fixture(scope="module")
def called():
    """Contacts that customers began, and others that the company began, counted by hand below."""
    rows = [
        ("a", "pay", 0), ("a", "call", 1), ("a", "phone", 2), ("a", "phone", 3),
        ("b", "use", 0), ("b", "call", 1),
        ("c", "call", 0), ("c", "use", 1), ("c", "phone", 2),
        ("d", "call", 0), ("d", "phone", 1),
        ("e", "use", 100),
    ]  # fmt: skip
    table = pa.table({
        "who": [row[0] for row in rows], "what": [row[1] for row in rows],
        "when": pa.array([row[2] * HOUR for row in rows], pa.timestamp("us")),
    })  # fmt: skip
    log = EventLog(table, **COLUMNS)
    return with_episodes(discover_journey(log, DESIGN), log, within="10 hours")


def test_contacts_that_the_company_began_have_no_cause_and_hide_none(called):
    found = find_service_causes(called)
    assert (found.contacts, found.customers, found.proactive_contacts) == (4, 3, 4)
    # the call to a lies between the payment and the phone; that to c before the use that it phones about
    assert {c.touchpoint: (c.contacts, c.episodes, c.customers) for c in found.causes} == {
        "pay": (2, 1, 1), "use": (1, 1, 1), "@start": (1, 1, 1),
    }  # fmt: skip
    assert "that customers began" in found.causes[0].share.definition
    assert found.causes[0].share.value == pytest.approx(2 / 4)
    # within 10 hours pay 1 of 1 and use 1 of 2 (the last is not watched); as the next event use 1 of 3
    windows = {t.touchpoint: (t.followed, t.visits) for t in found.windows}
    assert windows == {"pay": (1, 1), "use": (1, 2)}
    directly = {c.touchpoint: c.directly and (c.directly.followed, c.directly.visits) for c in found.causes}
    assert directly == {"pay": None, "use": (1, 3), "@start": None}
    assert found.story().startswith("Of 4 service contacts that 3 customers began, 50 % (")
    assert (
        "; 25 % came before any touchpoint outside service. A further 4 were begun by the company."
        in found.story()
    )


def test_contacts_that_the_company_began_are_no_trigger(called):
    view = locate_service(called)
    assert [(t.touchpoint, t.followed, t.visits, t.base) for t in view.triggers] == [("use", 1, 3, 0.25)]
    assert "that the customer began" in view.triggers[0].share.definition
    before = {}
    for step in view.before:
        before[step.name] = before.get(step.name, 0) + step.count
        assert step.share.n == 4
    assert before == {"Call": 2, "Phone": 1, "Use": 1}
    friction = service_triggers(Counted(called))
    assert {name: (one.successes.sum(), one.trials.sum()) for name, one in friction.counts.items()} == {
        "pay": (0, 1), "use": (1, 3),
    }  # fmt: skip
    assert "that the customer began" in friction.definition


def test_only_the_company_began_contacts():
    found = logged([("a", "pay", 0), ("a", "call", 1)], DESIGN)
    assert found.headline() == "No customer began a service contact; 1 was begun by the company."
    assert not found.causes


def test_failures_as_the_log_tells_them():
    rows = [
        ("a", "pay", 0, None, 0), ("a", "phone", 1, "yes", 3), ("a", "phone", 2, "no", 2),
        ("b", "pay", 0, None, 0), ("b", "phone", 1, "yes", 2), ("c", "phone", 0, None, 1),
    ]  # fmt: skip
    ends = [(who, what, hour, said, hour * HOUR + lasts) for who, what, hour, said, lasts in rows]
    table = pa.table({
        "who": [r[0] for r in ends], "what": [r[1] for r in ends], "failed": [r[3] for r in ends],
        "when": pa.array([r[2] * HOUR for r in ends], pa.timestamp("us")),
        "end": pa.array([r[4] for r in ends], pa.timestamp("us")),
    })  # fmt: skip
    log = EventLog(table, **COLUMNS, failure_col="failed", end_col="end")
    found = find_service_causes(with_episodes(discover_journey(log, DESIGN), log))
    assert (found.failure_demand.value, found.failure_demand.n, found.failure_demand.customers) == (
        2 / 3,
        3,
        2,
    )
    shares = {c.name: c.failure_demand for c in found.causes}
    assert (shares["Pay"].value, shares["journey begins here"].value) == (2 / 3, None)
    assert found.matrix() == (
        ("no owner named", "journey begins here"), ("no owner named",), ((3,), (1,)),
    )  # fmt: skip
    assert sum(pair.seconds for pair in found.owners) == pytest.approx(8e-6)
    assert found.caused_elsewhere.value is None
    assert "only owners in the design tell" in found.story()


@pytest.mark.parametrize(
    "paths", [["pay"], ["phone"], ["call"], ["pay phone"], ["pay call phone use", "use"]]
)
def test_small_logs_never_break(paths):
    rows = [(f"c{n}", name, hour) for n, path in enumerate(paths) for hour, name in enumerate(path.split())]
    found = logged(rows, DESIGN, within="30 minutes")
    assert ServiceCauses.model_validate(found.model_dump()) == found
    assert found.story()
    assert "nan" not in f"{found}{found._repr_html_()}"
    found.to_frame()
    found.matrix()


def test_without_episodes_the_call_is_named():
    with pytest.raises(MissingEvidenceError, match=r"with_episodes\(journey, log\)"):
        find_service_causes(toy_journey())
    with pytest.raises(MissingEvidenceError, match="episodes"):
        find_service_causes(Journey(name="Map"))


def counted(seed, *, rates, customers=1_500, groups=64):
    """Five touchpoints of a stage visited by unlike customers; a contact follows a visit with a known chance."""
    rng = np.random.default_rng(seed)
    names = [f"t{place}" for place in range(len(rates))]
    visits = rng.poisson(rng.gamma(1.0, 2.0, customers)[:, None] * np.ones(len(rates)))
    # some customers ask more readily than others
    chance = np.clip(rng.gamma(4.0, 0.25, customers)[:, None] * np.array(rates), 0, 1)
    asked = rng.binomial(visits, chance)
    group = np.arange(customers) % groups

    def summed(counts):
        return np.array([np.bincount(group, column, groups) for column in np.asarray(counts, float).T])

    nodes = [(name,) for name in names]
    visited, met = summed(visits), summed(visits > 0)
    episodes, who = summed(asked), summed(asked > 0)
    whole = asked.sum(axis=1, keepdims=True)
    overall = {"contacts": summed(whole), "customers": summed(whole > 0)}
    every = {f"all_{name}": counts for name, counts in overall.items()}
    moves = [(name, "help") for name in names]
    known = ("owners_known", "elsewhere", "owners_customers")
    total = summed(np.ones((customers, 1)))
    none = np.zeros_like(total)
    return journey_of(
        [*names, "help"], ["purchase"] * (len(rates) + 1), goal="loyalty", services={"help"},
        tables=[
            table("touchpoints", ("touchpoint",), nodes, {"visits": visited, "customers": met}),
            table("journeys", (), [()], {
                "journeys": total, "customers": total, "events": total, "won": none, "lost": total, "open": none,
            }),
            table("causes", ("cause", "touchpoint"), moves, {"contacts": episodes}),
            table("cause_totals", ("cause",), nodes, {"contacts": episodes, "episodes": episodes, "customers": who}),
            table("cause_owners", ("cause", "carrier"), [("", "")], {
                **overall, "episodes": overall["contacts"], "service_us": none,
            }),
            table("cause_overall", (), [()], overall | every | dict.fromkeys(known, none)),
            table("transitions", ("source", "target"), moves, {"count": episodes, "customers": who}),
            table("trigger_windows", ("touchpoint",), nodes, {
                "visits_watched": visited, "followed": episodes, "customers": met, "followed_customers": who,
            }),
            table("after_proactive", ("initiator", "next"), [("customer", "lost")], overall),
            table("cause_rules", ("rule",), [("triggered_within",)], {"value": [[HOUR]]}),
        ],
    )  # fmt: skip


def test_chance_alone_is_no_cause():
    """Five touchpoints alike: a false finding in at most 5 of 100 logs, beyond what chance allows, is a fault."""
    found = [find_service_causes(counted(seed, rates=[0.1] * 5)) for seed in range(60)]
    assert sum(any(trigger.significant for trigger in one.windows) for one in found) <= 6
    assert sum(one.avoidable.low > 0 for one in found) <= 6


def test_a_planted_cause_is_found_with_its_size():
    rates = [0.05, 0.05, 0.05, 0.20, 0.05]
    found = [find_service_causes(counted(seed, rates=rates)) for seed in range(40)]
    assert all([t.touchpoint for t in one.windows if t.significant] == ["t3"] for one in found)
    # every touchpoint is visited alike: the base is 0.08
    assert sum(one.windows[0].lift.low < 0.20 / 0.08 < one.windows[0].lift.high for one in found) >= 35
    # 15 % of 3,000 visits could do without a contact
    assert sum(one.avoidable.low < 450 < one.avoidable.high for one in found) >= 35


def test_the_payment_error_of_a_shop_is_named(shared_data):
    """In the incident 100 of 598 sessions have a support chat, outside 141 of 3,007."""
    source = str(shared_data / "ecom" / "ecom.csv.gz")
    rows = f"select *, min(timestamp) over (partition by session_id) as begun from '{source}'"
    inside = "begun >= '2024-05-19' and begun < '2024-06-08'"
    chats = duckdb.sql(
        f"select count(distinct session_id), count(distinct session_id) filter (where event = 'support_chat') "
        f"from ({rows}) group by {inside} order by 1"
    ).fetchall()
    assert chats == [(598, 100), (3007, 141)]
    events = duckdb.sql(f"select * exclude begun from ({rows}) where {inside} order by timestamp")
    log = EventLog(
        events.to_arrow_table(), customer_col="user_id", event_col="event", time_col="timestamp",
        journey_col="session_id",
    )  # fmt: skip
    design = read_journey(Path(__file__).parents[1] / "designs" / "web_shop.yaml")
    journey = with_episodes(discover_journey(log, design), log, within="24 hours")
    chat = find_service_causes(journey)
    first, trigger = chat.causes[0], chat.windows[0]
    assert (first.touchpoint, first.contacts, first.episodes) == ("payment_error", 20, 14)
    assert (trigger.touchpoint, trigger.followed, trigger.visits) == ("payment_error", 59, 106)
    assert trigger.significant
    assert 2 < trigger.lift.low < trigger.lift.value < trigger.lift.high < 4
    assert first.avoidable.low > 0
    assert "after “Payment error” customers turn to service 56 %" in chat.story()
    assert chat.owners[0].carrier == "Support"
    assert chat.caused_elsewhere.value == 1
    assert chat.only_carry == ("Support",)
    assert "100 %" not in chat.story()
    assert "Support, which carries them, has none outside service" in chat.headline()
    # within 24 hours 2.9 times as often, as the very next event 14 times
    row = chat.to_frame().iloc[0]
    assert (row["lift_within"], row["lift_next"]) == (trigger.lift.value, first.directly.lift.value)
    assert row["lift_next_low"] > row["lift_within_high"]
