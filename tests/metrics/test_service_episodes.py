"""Service episodes in numbers: the toy log by hand, counts made by hand, and simulated customers."""

from __future__ import annotations

import numpy as np
import pytest

from journeymap.errors import MissingEvidenceError
from journeymap.events.discover import discover_journey
from journeymap.events.episodes import with_episodes
from journeymap.metrics.episode_chain import HandlerMoves, handler_chain
from journeymap.metrics.service_episodes import ServiceEpisodes, service_episodes
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from journeymap.stats.chain_algebra import absorbing_chain
from journeymap.stats.jackknife import group_jackknife
from journeymap.stats.shares import share_interval
from tests import oracle

DAY = 24 * oracle.HOUR
PARTS = ("episodes", "contacts", "hand_overs", "restarts", "unknown", "after_goal", "customers")


@pytest.fixture(scope="module")
def toy():
    """The toy log's episodes; C2 of the methods: 5, of which 2 resolved at once, 3 resolved, 2 escalated, 1
    with a repeat."""
    import pyarrow as pa  # noqa: PLC0415 - read once

    from journeymap.events.log import EventLog  # noqa: PLC0415

    rows = [
        (f"c{number:02d}", event, f"2024-01-{number:02d}T{hour:02d}:00:00")
        for number, path in enumerate(oracle.TOY_PATHS, start=1)
        for hour, event in enumerate(path.split())
    ]
    names = ("customer", "event", "time")
    table = pa.table({name: [row[n] for row in rows] for n, name in enumerate(names)})
    log = EventLog(table, customer_col="customer", event_col="event", time_col="time")
    design = Journey(name="Toy", goal="renew", lost_after="0 seconds", touchpoints=[
        {"id": name, "stage": stage, "service": oracle.TOY_SERVICE.get(name)}
        for name, stage in oracle.TOY_STAGES.items()
    ])  # fmt: skip
    journey = with_episodes(discover_journey(log, design), log, within="7 hours", min_customers=1)
    return service_episodes(journey)


class TestToyLog:
    def test_counts(self, toy):
        assert (toy.episodes, toy.customers, toy.within) == (5, 5, "7 hours")
        values = {name: getattr(toy, name).value for name in
                  ("resolved", "abandoned", "open", "single_contact_resolved", "escalated", "repeated")}  # fmt: skip
        assert values == {
            "resolved": 3 / 5, "abandoned": 2 / 5, "open": 0, "single_contact_resolved": 2 / 5,
            "escalated": 2 / 5, "repeated": 1 / 5,
        }  # fmt: skip
        assert {x.contacts: x.share.value for x in toy.lengths} == {"1": 2 / 5, "2": 2 / 5, "3": 1 / 5}
        assert toy.contacts_per_episode.value == 9 / 5
        assert toy.abandoned_after_goal == 0

    def test_chains(self, toy):
        found = {c.chain: (c.episodes, c.resolved, c.abandoned) for c in toy.chains_by_handler}
        assert found == {"human": (2, 2, 0), "human > human": (2, 0, 2), "bot > human > human": (1, 1, 0)}
        assert [c.chain for c in toy.chains_by_touchpoint] == [
            "chat", "bot > chat > phone", "chat > phone", "phone > phone",
        ]  # fmt: skip
        assert toy.chains_by_channel == ()  # neither log nor design names channels

    def test_handlers_form_a_chain(self, toy):
        """People: of 8 contacts 3 go on to people, 3 are resolved, 2 abandoned; the one bot goes on."""
        people, bot = toy.by_handler
        assert (people.handler, people.contacts, people.customers) == ("human", 8, 5)
        assert people.escalates.value == 2 / 8  # phone to phone is no escalation
        assert people.resolved.value == pytest.approx(3 / 5)
        assert people.contacts_to_end.value == pytest.approx(8 / 5)
        assert (bot.handler, bot.contacts, bot.escalates.value) == ("bot", 1, 1)
        assert bot.resolved.value == pytest.approx(3 / 5)
        assert bot.contacts_to_end.value == pytest.approx(1 + 8 / 5)
        assert bot.contacts_to_end.low is None  # a single customer met it

    def test_times(self, toy):
        """An hour, an hour, and three hours; read from buckets that are 9 % wide."""
        assert toy.time_to_resolve.value == pytest.approx(3600, rel=0.05)
        assert toy.time_to_resolve_p90.value == pytest.approx(3 * 3600, rel=0.09)
        assert toy.time_to_resolve_p90.high is None  # three episodes do not reach it
        assert (toy.time_to_resolve.n, toy.time_to_resolve.customers) == (3, 3)

    def test_continuity(self, toy):
        """4 follow-ups, of which bot > chat, chat > phone twice change; nothing tells of the context."""
        assert (toy.continuity.value, toy.continuity_best.value, toy.continuity.n) == (1 / 4, 1, 4)
        assert (toy.restarts_per_episode.value, toy.restarts_unknown) == (0, 3)
        assert toy.hand_overs_per_resolved.value == pytest.approx(2 / 3)

    def test_self_service(self, toy):
        own = toy.self_service
        assert (own.deflection.value, own.containment.value, own.hidden_failures.value) == (0, 0, 0)
        assert own.deflection.n == 1
        assert "contacts within 7 hours" in own.deflection.definition

    def test_sentences(self, toy):
        text = str(toy)
        assert text.startswith(
            "5 customers had 5 episodes of service contacts (gaps of at most 7 hours), 1.8"
        )
        assert "25 % of contacts with people, 100 % of contacts with bots." in text
        assert "cannot be told for 3 of 4 follow-up contacts: between 25 % and 100 %" in text
        assert text.endswith("Small sample of 5 customers: these numbers are rough.")
        assert "hand-overs per resolved episode" in toy._repr_html_()

    def test_travels_as_json(self, toy):
        assert ServiceEpisodes.model_validate_json(toy.model_dump_json()) == toy

    def test_frame(self, toy):
        pytest.importorskip("pandas")
        frame = toy.to_frame().set_index(["measure", "of"])
        assert frame.loc["escalates", "bot"]["value"] == 1
        assert frame.loc["resolved", ""]["value"] == 3 / 5


def table(name, columns, cells, *, groups, measures):
    """Counts by key and group: {key: {measure: one count a group}}."""
    entries = [(row, group) for row in range(len(cells)) for group in range(groups)]
    keys = tuple(cells)
    return EvidenceTable(
        name=name, groups=groups, key_columns=columns, keys=keys,
        row=tuple(row for row, _ in entries), group=tuple(group for _, group in entries),
        measures={
            name: tuple(int(np.broadcast_to(cells[keys[row]].get(name, 0), groups)[group]) for row, group in entries)
            for name in measures
        },
    )  # fmt: skip


def journey_of(moves, *, customers=1, totals=None, groups=64, channels=None, elsewhere=()):
    """A journey with a bot, an IVR, a person; ``moves``: {(source, target): watched, one count a group}.

    ``elsewhere``: the targets that are another touchpoint.
    """
    handlers = {"bot": "bot", "ivr": "ivr", "phone": "human"}
    used = {source for source, _ in moves}
    kinds = {(handlers[name],): {"customers": customers} for name in used}
    kinds |= {("@self_service",): {"customers": customers}} if used & {"bot", "ivr"} else {}
    totals = totals or {(part,): dict.fromkeys(PARTS, 20) for part in ("all", "decided", "recovered")}
    rules = EvidenceTable(
        name="episode_rules", groups=1, key_columns=("rule",), keys=(("within",),), row=(0,), group=(0,),
        measures={"value": (DAY,)},
    )  # fmt: skip
    shapes = {("1", "recovered"): {"episodes": 1}}
    tables = (
        table("episode_moves", ("source", "target"), {(source, target): {"watched": n, "elsewhere": n if target in elsewhere else 0}
                                                       for (source, target), n in moves.items()},
              groups=groups, measures=("moves", "watched", "elsewhere", "customers")),
        table("episode_handlers", ("handler",), kinds, groups=groups, measures=("customers",)),
        table("episode_totals", ("episodes",), totals, groups=groups, measures=PARTS),
        table("episode_shapes", ("contacts", "outcome"), shapes, groups=groups,
              measures=("episodes", "escalated", "repeated", "customers")),
        table("episode_times", ("outcome", "bucket"), {}, groups=groups, measures=("episodes",)),
        table("episode_chains", ("by", "chain"), channels or {}, groups=groups,
              measures=("episodes", "resolved", "abandoned", "customers")),
        rules,
    )  # fmt: skip
    drawn = Journey(name="Made", touchpoints=[
        {"id": name, "stage": "purchase", "service": {"handler": handler}} for name, handler in handlers.items()
    ])  # fmt: skip
    return drawn.model_copy(update={"evidence": tables})


def handler(found, name):
    return next(own for own in found.by_handler if own.handler == name)


def test_the_chain_is_solved_and_judged_by_leaving_out_groups():
    """Against the chain solved anew, once a group, with nothing shared but the algebra of one chain."""
    rng = np.random.default_rng(5)
    targets = ("bot", "ivr", "phone", "@resolved", "@abandoned")
    moves = {(s, t): rng.poisson(3, 64) for s in ("bot", "ivr", "phone") for t in targets}
    moves["bot", "@open"] = np.full(64, 7)  # not decided: no part of the chain
    found = service_episodes(journey_of(moves, customers=20))

    def solved(left_out):
        rows = [[np.delete(moves[s, t], left_out).sum() for t in targets] for s in ("bot", "ivr", "phone")]
        chance = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
        return absorbing_chain(chance[:, :3], chance[:, 3:])

    whole, without = solved([]), [solved([g]) for g in range(64)]
    for place, name in enumerate(("bot", "ivr", "human")):
        own = handler(found, name)
        assert own.resolved.value == pytest.approx(whole.ends[place, 0])
        assert own.resolved.low < own.resolved.value < own.resolved.high
        steps = group_jackknife(whole.steps[place], [chain.steps[place] for chain in without])
        assert (
            own.contacts_to_end.value,
            own.contacts_to_end.low,
            own.contacts_to_end.high,
        ) == pytest.approx((steps.value, steps.low, steps.high))
    assert handler(found, "bot").resolved.censored == 64 * 7


def test_a_handler_without_an_end_is_not_known():
    found = service_episodes(journey_of({("bot", "ivr"): 1, ("ivr", "bot"): 1, ("phone", "@resolved"): 1}))
    for name in ("bot", "ivr"):  # contacts go round in circles as long as they are watched
        own = handler(found, name)
        assert (own.resolved.value, own.contacts_to_end.value, own.contacts) == (None, None, 64)
    assert handler(found, "human").resolved.value == 1
    assert handler(found, "human").resolved.low > 0.9
    assert handler(found, "human").contacts_to_end.value == 1
    assert handler(found, "human").contacts_to_end.low is None  # all alike


def test_a_handler_that_leads_where_nothing_ends_is_not_known():
    found = service_episodes(journey_of({("phone", "bot"): 1, ("phone", "@resolved"): 1, ("bot", "bot"): 1}))
    assert handler(found, "human").resolved.value is None


def test_self_service_is_contained_where_the_journey_goes_on():
    """Of 10 sessions a group: 2 handed on, 1 back to the IVR, 3 resolved, 4 given up; 5 open ones left out."""
    moves = {("bot", "phone"): 2, ("bot", "ivr"): 1, ("bot", "@resolved"): 3, ("bot", "@abandoned"): 4,
             ("bot", "@open"): 5, ("phone", "@resolved"): 9}  # fmt: skip
    own = service_episodes(journey_of(moves, customers=10)).self_service
    values = {name: getattr(own, name).value for name in type(own).model_fields}
    assert values == pytest.approx(
        {"deflection": 0.8, "containment": 0.3, "hidden_failures": 0.5, "came_back": 0.1, "gave_up": 0.4}
    )
    expected = share_interval([8] * 64, [10] * 64, customers=640)
    assert (own.deflection.low, own.deflection.high) == (expected.low, expected.high)
    assert (own.deflection.n, own.deflection.censored) == (640, 320)


def test_without_self_service_there_is_none():
    assert service_episodes(journey_of({("phone", "@resolved"): 1})).self_service is None


def test_restarts_and_continuity():
    """A group has 4 episodes with 6 contacts, so 2 follow-ups: 1 begins again in every second group."""
    again = np.arange(64) % 2
    whole = {"episodes": 4, "contacts": 6, "hand_overs": 2, "restarts": again, "unknown": 0, "customers": 3}
    totals = {("all",): whole, ("decided",): whole, ("recovered",): whole | {"episodes": 2},
              ("several",): whole | {"episodes": 2, "contacts": 4}}  # fmt: skip
    found = service_episodes(journey_of({("phone", "@resolved"): 4}, totals=totals))
    assert found.continuity.value == found.continuity_best.value == 3 / 4
    assert found.restarts_per_episode.value == 32 / 256
    expected = group_jackknife(1 / 8, [(32 - again[g]) / 252 for g in range(64)])
    assert found.restarts_per_episode.low == pytest.approx(expected.low)
    assert found.restarts_per_episode.high == pytest.approx(expected.high)
    assert found.hand_overs_per_resolved.value == 1
    assert (
        "In 25 % (18 % to 33 %) of 128 follow-up contacts customers had to begin again."
        in str(found)
    )  # fmt: skip
    never = {key: value | {"restarts": 0} for key, value in totals.items()}
    found = service_episodes(journey_of({("phone", "@resolved"): 4}, totals=never))
    assert "In none of 128 follow-up contacts anything says that customers had to begin again." in str(found)


def test_only_handlers_that_surely_differ_are_named():
    def told(moves):
        return service_episodes(journey_of(moves, customers=10, elsewhere=("phone",))).standing_out()

    people = {("phone", "@resolved"): 9, ("phone", "@abandoned"): 1}
    two = {("bot", "phone"): 6, ("bot", "@resolved"): 1, ("bot", "@abandoned"): 3} | people
    (said,) = told(two)  # 10 + 6 × .9 of 100 % go on in the end
    assert said.startswith("60 % (")
    assert "of contacts with bots are handed on, more than with any other handler; after 10 % (" in said
    assert "the journey goes on without another contact, after 64 % (" in said
    assert said.endswith("the journey goes on in the end, fewer than with any other handler.")
    (said,) = told({("bot", "@resolved"): 3, ("bot", "@abandoned"): 7} | people)
    assert said.startswith("Of contacts with bots, after 30 % (")
    assert said.count("30 % (") == 1
    alike = {
        ("bot", "@resolved"): 3,
        ("bot", "@abandoned"): 7,
        ("phone", "@resolved"): 3,
        ("phone", "@abandoned"): 7,
    }
    assert told(alike) == ()
    assert told(people) == ()
    half = {(name, end): 5 for name in ("bot", "ivr") for end in ("phone", "@resolved")}
    (said,) = told(half | {("phone", "@resolved"): 10})
    assert "of contacts with people are handed on, fewer than with any other handler" in said


def test_the_parts_of_self_service_add_up_as_they_are_written():
    moves = {("bot", "phone"): 364, ("bot", "@resolved"): 284, ("bot", "@abandoned"): 352}
    said = str(service_episodes(journey_of(moves | {("phone", "@resolved"): 9}, customers=999)))
    assert "63.6 % (" in said  # not 64 % and 28 %, which are 36 % apart
    assert "the difference, 35.2 %, is hidden failures." in said
    one = np.eye(64, dtype=int)[0]
    said = str(service_episodes(journey_of({("bot", "phone"): one, ("phone", "@resolved"): 9})))
    assert "Of 1 self-service session 0 %" in said
    assert "is not handed on within 1 day" in said


def test_chains_of_few_come_last():
    cells = {
        ("channel", "*"): {"episodes": 9},
        ("channel", "web"): {"episodes": 2},
        ("channel", "web > phone"): {"episodes": 5},
    }
    found = service_episodes(journey_of({("phone", "@resolved"): 1}, channels=cells))
    assert [chain.chain for chain in found.chains_by_channel] == ["web > phone", "web", "*"]
    only = {("channel", "*"): {"episodes": 9}, ("channel", "unknown > unknown"): {"episodes": 2}}
    assert service_episodes(journey_of({("phone", "@resolved"): 1}, channels=only)).chains_by_channel == ()


def test_without_contacts_nothing_is_known():
    found = service_episodes(journey_of({}, totals={("all",): {}}))
    assert str(found) == "No customer had a service contact."
    assert found.resolved.value is None
    assert found.by_handler == ()
    assert found.time_to_resolve.value is None


def test_a_journey_without_episodes_says_which_call_counts_them():
    with pytest.raises(MissingEvidenceError, match=r"with_episodes\(journey, log\)"):
        service_episodes(oracle.toy_journey())


def test_intervals_cover_what_is_true():
    """Unlike customers, 80 samples: bot to person 40 %, resolved by bots .35, by people .7."""
    rng = np.random.default_rng(12)
    inside = 0
    truth = 0.6 * 0.5 + 0.4 * 0.7  # the bot's own 60 %, half of them resolved
    for _ in range(80):
        skill = rng.beta(2, 2, 64)  # a group shares its luck: half on average
        sessions = rng.poisson(12, 64)
        on = rng.binomial(sessions, 0.4)
        done = rng.binomial(sessions - on, skill)
        by_people = rng.binomial(on, 0.7)
        moves = {("bot", "phone"): on, ("bot", "@resolved"): done, ("bot", "@abandoned"): sessions - on - done,
                 ("phone", "@resolved"): by_people, ("phone", "@abandoned"): on - by_people}  # fmt: skip
        chain = handler_chain(HandlerMoves(journey_of(moves, customers=8)), within="1 day", level=0.95)
        own = next(found for found in chain if found.handler == "bot").resolved
        inside += own.low <= truth <= own.high
    assert inside >= 0.88 * 80
