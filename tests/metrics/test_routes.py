"""The ways that journeys take: counted on fingers, added up, and expected from the shares of a design."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.datasets import example_journey
from journeymap.errors import InvalidJourneyError, MissingEvidenceError, UnreachableEndError
from journeymap.events.discover import discover_journey
from journeymap.events.simulate import simulate_events
from journeymap.metrics.routes import place_flows, stage_routes
from journeymap.model.journey import Journey
from tests.oracle import HOUR, TOY_SERVICE, TOY_STAGES, journey_from_events, path_rows, toy_journey

STAGES = ("discovery", "evaluation", "purchase", "post_purchase", "loyalty")
SHOP = Journey(
    name="Shop",
    goal="buy",
    touchpoints=[
        {"id": "ad", "stage": "discovery", "entry_share": 0.7},
        {"id": "web", "stage": "evaluation", "entry_share": 0.3},
        {"id": "buy", "stage": "purchase"},
        {"id": "use", "stage": "post_purchase"},
        {"id": "phone", "service": True},
    ],
    transitions=[
        {"source": "ad", "target": "web", "share": 0.5},
        {"source": "web", "target": "web", "share": 0.1},
        {"source": "web", "target": "buy", "share": 0.4},
        {"source": "web", "target": "phone@evaluation", "share": 0.2},
        {"source": "phone@evaluation", "target": "buy", "share": 0.5},
        {"source": "buy", "target": "use", "share": 0.25},
        {"source": "use", "target": "web", "share": 0.1},
    ],
)


@pytest.fixture(scope="module")
def toy():
    return toy_journey()


def routes(journey):
    return {(*route.stages, route.end): route.weight for route in stage_routes(journey)}


def flows(journey, **options):
    return {(f.place, f.source, f.target, f.end): f.weight for f in place_flows(journey, **options)}


def changed(journey, **transition_shares):
    """The same design with other shares, by source."""
    return journey.model_copy(
        update={
            "transitions": tuple(
                t.model_copy(update={"share": transition_shares[t.source]})
                if t.source in transition_shares
                else t
                for t in journey.transitions
            )
        }
    )


def test_routes_of_the_toy_log(toy):
    assert routes(toy) == {
        (*STAGES, "goal"): 5,
        ("discovery", *STAGES[2:], "goal"): 1,
        (*STAGES[:4], "lost"): 2,
        (*STAGES[:3], "lost"): 2,
        (*STAGES[:2], "lost"): 1,
        ("discovery", "lost"): 1,
    }


def test_earlier_stages_come_first_and_the_goal_before_the_lost(toy):
    order = [(len(route.stages), route.end) for route in stage_routes(toy)]
    assert order == [(1, "lost"), (2, "lost"), (3, "lost"), (4, "lost"), (5, "goal"), (4, "goal")]


def test_flows_of_the_toy_log(toy):
    found = flows(toy, places=2)
    assert found == {
        (1, "ad", "compare", ""): 10, (1, "ad", "cart", ""): 1, (1, "ad", "", "lost"): 1,
        (2, "compare", "compare", ""): 1, (2, "compare", "cart", ""): 8, (2, "compare", "", "lost"): 1,
        (2, "cart", "pay", ""): 1,
    }  # fmt: skip
    assert list(found)[:3] == [(1, "ad", "compare", ""), (1, "ad", "cart", ""), (1, "ad", "", "lost")]
    assert max(place for place, *_ in flows(toy, places=12)) == 9


def test_without_a_goal_journeys_end(toy):
    plain = toy.model_copy(update={"goal": ()})
    found = routes(plain)
    assert {end for *_, end in found} == {"ended"}
    assert found[(*STAGES, "ended")] == 5
    assert {f.end for f in place_flows(plain)} == {"", "ended"}
    assert routes(SHOP.model_copy(update={"goal": ()}))["discovery", "ended"] == pytest.approx(0.35)


def test_lost_and_won_are_one_end_without_a_goal():
    rows = path_rows(["ad renew", "ad pay renew", "pay renew", "pay renew pay"], TOY_STAGES, (), ("renew",))
    rows[0] = rows[0]._replace(is_goal=True)
    journey = journey_from_events(
        rows, name="Few", goal=("renew",), service={}, groups=1, group_of=lambda _: 0
    ).model_copy(update={"goal": ()})
    assert routes(journey)["purchase", "loyalty", "ended"] == 2


def test_open_journeys_stay_open():
    first, second = path_rows(["ad", "ad"], TOY_STAGES, (), ())
    rows = [first, second._replace(time_us=100 * HOUR)]
    journey = journey_from_events(
        rows, name="Two", goal=(), service={}, groups=1, group_of=lambda _: 0, lost_after_us=HOUR
    )
    assert routes(journey) == {("discovery", "ended"): 1, ("discovery", "open"): 1}
    assert flows(journey) == {(1, "ad", "", "ended"): 1, (1, "ad", "", "open"): 1}


PATHS = st.lists(
    st.lists(st.sampled_from(sorted(TOY_STAGES)), min_size=1, max_size=14).map(" ".join),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40)
@given(PATHS)
def test_routes_and_flows_add_up(paths):
    rows = path_rows(paths, TOY_STAGES, TOY_SERVICE, ("renew",))
    journey = journey_from_events(
        rows, name="Any", goal=("renew",) if "renew" in " ".join(paths) else (), service=TOY_SERVICE,
        groups=3, group_of=lambda customer: int(customer[1:]) % 3,
    )  # fmt: skip
    assert sum(routes(journey).values()) == len(paths)
    everything = place_flows(journey, places=12)
    assert sum(f.weight for f in everything if f.place == 1) == len(paths)
    for place in range(1, 12):
        onward, through = Counter(), Counter()
        for flow in everything:
            if flow.place == place and flow.target:
                onward[flow.target] += flow.weight
            if flow.place == place + 1:
                through[flow.source] += flow.weight
        assert onward == through
    beyond = sum(f.weight for f in everything if f.place == 12 and f.target)
    assert beyond == sum(len(path.split()) > 12 for path in paths)


def test_expected_routes_by_hand():
    # from web: b = 0.1 b + 0.4 + 0.2 · 0.5, so b = 5/9; 0.25 of the won go on to use it, 0.1 of these to web
    found = routes(SHOP)
    lost, won = 4 / 9, 5 / 9
    assert found == pytest.approx({
        ("discovery", "lost"): 0.35,
        ("discovery", "evaluation", "lost"): 0.35 * lost,
        ("discovery", "evaluation", "purchase", "goal"): 0.35 * won * 0.75,
        ("discovery", "evaluation", "purchase", "post_purchase", "goal"): 0.35 * won * 0.25,
        ("evaluation", "lost"): 0.3 * lost,
        ("evaluation", "purchase", "goal"): 0.3 * won * 0.75,
        ("evaluation", "purchase", "post_purchase", "goal"): 0.3 * won * 0.25,
    })  # fmt: skip
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)


def test_expected_flows_by_hand():
    found = flows(SHOP, places=3)
    assert found[1, "ad", "web", ""] == pytest.approx(0.35)
    assert found[1, "ad", "", "lost"] == pytest.approx(0.35)
    assert found[1, "web", "phone@evaluation", ""] == pytest.approx(0.06)
    assert found[2, "web", "buy", ""] == pytest.approx((0.35 + 0.03) * 0.4)
    assert found[3, "buy", "", "goal"] == pytest.approx((0.38 * 0.4 + 0.06 * 0.5) * 0.75)
    assert (2, "buy", "", "lost") not in found


def test_who_has_won_stays_won():
    found = flows(changed(SHOP, ad=1.0), places=5)
    # after the goal one in forty comes back to web; whoever ends there then has not been lost
    back = 0.25 * 0.1
    ways = 0.7 * 0.4 * back + 0.3 * (0.1 * 0.4 + 0.2 * 0.5) * back + 0.3 * 0.4 * back * 0.1
    assert found[5, "web", "", "goal"] == pytest.approx(ways * 0.3)


def test_entry_shares_are_taken_relative_to_their_sum():
    half = SHOP.model_copy(
        update={
            "touchpoints": tuple(
                t.model_copy(update={"entry_share": t.entry_share and t.entry_share / 2})
                for t in SHOP.touchpoints
            )
        }
    )
    assert routes(half) == pytest.approx(routes(SHOP))
    assert flows(half) == pytest.approx(flows(SHOP))


def test_a_touchpoint_that_floats_everywhere_touches_no_stage():
    journey = Journey(
        name="Help",
        goal="buy",
        touchpoints=[{"id": "phone", "service": True, "entry_share": 1}, {"id": "buy", "stage": "purchase"}],
        transitions=[{"source": "phone", "target": "buy", "share": 0.4}],
    )
    assert routes(journey) == pytest.approx({("lost",): 0.6, ("purchase", "goal"): 0.4})


def test_the_design_expects_what_its_simulation_does():
    design = example_journey()
    customers = 20_000
    log = simulate_events(design, customers=customers, seed=11)
    observed = discover_journey(log, design, lost_after="0 s")
    for ways in (routes, flows):
        expected, counted = ways(design), ways(observed)
        assert sum(n for key, n in counted.items() if key not in expected) == 0
        z = [
            (counted.get(key, 0) - customers * share) / (customers * share * (1 - share)) ** 0.5
            for key, share in expected.items()
            if customers * share >= 20
        ]
        assert len(z) >= 10
        # of a few hundred numbers 5 % lie beyond 1.96; beyond 4.5 lies one in 150,000
        assert max(map(abs, z)) < 4.5
        assert sum(abs(value) > 1.96 for value in z) <= max(3, 0.09 * len(z))


def test_what_a_design_lacks_is_said():
    with pytest.raises(MissingEvidenceError, match="names no transitions") as caught:
        stage_routes(Journey(name="Map", touchpoints=[{"id": "ad", "entry_share": 1}]))
    assert "entry_share" in caught.value.hint
    silent = tuple(t.model_copy(update={"entry_share": None}) for t in SHOP.touchpoints)
    with pytest.raises(MissingEvidenceError, match="names no entry shares"):
        place_flows(SHOP.model_copy(update={"touchpoints": silent}))
    lacking = r"have no share: 'web' to 'web', 'web' to 'buy', 'web' to 'phone@evaluation' and 1 more\."
    with pytest.raises(MissingEvidenceError, match=lacking):
        stage_routes(changed(SHOP, web=None, buy=None))


def test_transitions_that_nobody_comes_to_may_lack_their_shares():
    unused = changed(SHOP, web=0.0, buy=None)
    assert routes(unused)["discovery", "lost"] == pytest.approx(0.35)
    assert flows(unused)[1, "web", "", "lost"] == pytest.approx(0.3)


def test_a_design_without_an_end_is_refused():
    endless = changed(SHOP, web=1 / 3, buy=1.0, use=1.0, **{"phone@evaluation": 1.0})
    with pytest.raises(UnreachableEndError, match="a journey that comes to 'web' in 'Shop' never ends"):
        stage_routes(endless)
    assert sum(flow.weight for flow in place_flows(endless) if flow.place == 8) == pytest.approx(0.65)


def test_a_journey_counted_earlier_is_to_be_counted_again(toy):
    old = toy.model_copy(update={"evidence": toy.evidence[:5]})
    for ask in (stage_routes, place_flows):
        with pytest.raises(MissingEvidenceError, match="only of touchpoints") as caught:
            ask(old)
        assert "again" in caught.value.hint


@pytest.mark.parametrize("places", [0, 13])
def test_places_are_limited(toy, places):
    with pytest.raises(InvalidJourneyError, match=f"places: {places}"):
        place_flows(toy, places=places)
