"""The chain of the toy log, and that a chain repeats what was counted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.errors import JourneyMapError, MissingEvidenceError
from journeymap.metrics.chain import chain, chain_counts
from journeymap.stats.chain_algebra import exit_fix_gain
from tests.metrics.chain_samples import solved_without_each_group
from tests.oracle import HOUR, TOY_STAGES, journey_from_events, path_rows, toy_journey

# state: visits, exit probability, b, removal effect, gain if the exit probability is halved, decisiveness
GOLDEN = {
    "ad": (12, 0.0833, 0.5, 1, 0.02273, 0.0918),
    "compare": (12, 0.0833, 0.5405, 0.9091, 0.02478, 0.1071),
    "cart": (12, 0.0833, 0.5946, 1, 0.02726, 0.2421),
    "pay": (8, 0, 0.75, 1, 0, 0),
    "onboard": (8, 0.125, 0.75, 1, 0.03571, 0.2917),
    "chat@purchase": (2, 0, 0.2973, 0.0902, 0, 0.0589),
    "phone@purchase": (1, 1, 0, 0, None, 0),
    "chat@post_purchase": (2, 0, 0.75, 0.25, 0, 0.0417),
    "bot@post_purchase": (1, 0, 0.75, 0.125, 0, 0),
    "phone@post_purchase": (3, 0.3333, 0.5, 0.1667, 0.03571, 0.1667),
}


@pytest.fixture(scope="module")
def toy():
    return toy_journey()


def test_conversion_is_what_was_counted(toy):
    found = chain(toy)
    assert found.conversion.value == 0.5
    assert chain_counts(toy).solve().conversion == pytest.approx(0.5, abs=1e-12)
    assert found.start == {"ad": 1.0} | dict.fromkeys(found.states[1:], 0.0)
    assert found.steps.value == pytest.approx(61 / 12)
    assert found.steps.low < 61 / 12 < found.steps.high


@pytest.mark.parametrize("state", GOLDEN)
def test_every_state(toy, state):
    visits, exit_share, b, *_ = GOLDEN[state]
    found = chain(toy)
    assert found.visits[state] == pytest.approx(visits / 12, abs=1e-12)
    assert found.exit_probability[state] == pytest.approx(exit_share, abs=5e-5)
    assert found.goal_probability[state] == pytest.approx(b, abs=5e-5)


@pytest.mark.parametrize("state", GOLDEN)
def test_removal_and_halved_exits(toy, state):
    *_, removal, halved, decided = GOLDEN[state]
    found = chain(toy)
    place = found.states.index(state)
    given_there = found.visits[state], found.visits_from[place][place], found.goal_probability[state]
    assert -exit_fix_gain(*given_there, 0) / 0.5 == pytest.approx(removal, abs=5e-5)
    weighed = found.touchpoints[place]
    assert weighed.touchpoint == state
    assert weighed.removal_effect.value == pytest.approx(removal, abs=5e-5)
    assert weighed.decisiveness.value == pytest.approx(decided, abs=5e-5)
    if halved is not None:
        a = found.exit_probability[state]
        assert exit_fix_gain(*given_there, (1 - a / 2) / (1 - a)) == pytest.approx(halved, abs=5e-6)


STEPS = st.sampled_from(sorted(TOY_STAGES))
PATHS = st.lists(st.lists(STEPS, min_size=1, max_size=7).map(" ".join), min_size=1, max_size=12)


@settings(max_examples=60)
@given(PATHS)
def test_the_chain_repeats_conversion_and_mean_visits(paths):
    rows = path_rows(paths, TOY_STAGES, ("chat", "phone", "bot"), ("renew",))
    service = {name: {} for name in ("chat", "phone", "bot")}
    journey = journey_from_events(
        rows, name="Any", goal=("renew",) if "renew" in " ".join(paths) else (), service=service,
        groups=len(paths), group_of=lambda customer: int(customer[1:]),
    )  # fmt: skip
    if not journey.goal:
        with pytest.raises(MissingEvidenceError, match="no goal"):
            chain(journey)
        return
    found, won = chain(journey), sum("renew" in path.split() for path in paths)
    solved = chain_counts(journey).solve()
    assert solved.conversion == pytest.approx(won / len(paths), abs=1e-10)
    before = sum(len(path.split(" renew")[0].split()) if path.split()[0] != "renew" else 0 for path in paths)
    assert sum(found.visits.values()) == pytest.approx(before / len(paths), abs=1e-9)
    replicates = chain_counts(journey).solve_replicates()
    assert replicates.conversion[0] == pytest.approx(solved.conversion, abs=1e-12)
    for place, without in enumerate(solved_without_each_group(chain_counts(journey)), start=1):
        assert 0 <= without.conversion <= 1 + 1e-12
        assert replicates.conversion[place] == pytest.approx(without.conversion, abs=1e-12)
        assert replicates.algebra.visits[place] == pytest.approx(without.algebra.visits, abs=1e-9)
    # an hour from event to event: every visit but the last of a lost journey takes one
    lost = len(paths) - won
    assert found.duration.value == pytest.approx((before - lost) * 3600 / len(paths), abs=1e-5)
    decided = sum(one.decisiveness.value for one in found.touchpoints) + found.start_decisiveness.value
    assert decided == pytest.approx(1 if 0 < won < len(paths) else 0, abs=1e-9)
    # every visit but the last has one way on, so what is given the goal adds up, too
    given = found.given_goal
    assert given.steps.value == pytest.approx(sum(given.visits.values()), abs=1e-9)
    assert given.duration.value == pytest.approx(given.steps.value * 3600, abs=1e-5)
    assert str(found)


def test_undecided_journeys_make_no_chain():
    rows = path_rows(["ad renew"], TOY_STAGES, (), ())
    journey = journey_from_events(
        rows,
        name="Young",
        goal=("renew",),
        service={},
        groups=1,
        group_of=lambda _: 0,
        lost_after_us=2 * HOUR,
    )
    with pytest.raises(MissingEvidenceError, match="decided yet"):
        chain(journey)


def test_intervals_hold_the_values(toy):
    found = chain(toy)
    for one in found.touchpoints:
        for estimate in (one.removal_effect, one.decisiveness):
            assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
            assert "model-implied, if the association is causal" in estimate.definition
            assert estimate.method.startswith("group jackknife")
    assert found.start_decisiveness.value == pytest.approx(0, abs=1e-12)


def test_times_of_the_toy(toy):
    found = chain(toy)
    by_name = {one.touchpoint: one for one in found.touchpoints}
    assert found.duration.value == pytest.approx(55 / 12 * 3600)
    assert by_name["ad"].holding_seconds == pytest.approx(11 / 12 * 3600)
    assert by_name["phone@purchase"].holding_seconds == 0
    assert by_name["ad"].seconds_to_end == pytest.approx(found.duration.value)
    assert found.steps_variance == pytest.approx(chain_counts(toy).solve().algebra.steps_variance[0])


def test_given_the_goal_equals_the_conditional_chain(toy):
    found, algebra = chain(toy), chain_counts(toy).solve().algebra
    given = algebra.given_end(0)
    assert found.given_goal.steps.value == pytest.approx(given.steps[0], abs=1e-12)
    assert list(found.given_goal.visits.values()) == pytest.approx(given.visits[0], abs=1e-12)
    for one in found.transitions.transitions:
        if one.target in found.states and found.goal_probability[one.source]:
            i, j = found.states.index(one.source), found.states.index(one.target)
            assert one.probability_given_goal == pytest.approx(given.transient[i, j], abs=1e-12)


def test_transitions_of_the_toy(toy):
    by_edge = {(one.source, one.target): one for one in chain(toy).transitions.transitions}
    # N = 1, b_cart = 22/37, and the other ways out of ad are worth (b_ad − p b_cart) / (1 − p)
    b_cart, p = 22 / 37, 1 / 12
    assert by_edge["ad", "cart"].sensitivity == pytest.approx(b_cart - (0.5 - p * b_cart) / (1 - p))
    assert by_edge["ad", "cart"].elasticity == pytest.approx(by_edge["ad", "cart"].sensitivity * p / 0.5)
    assert by_edge["pay", "onboard"].sensitivity is None  # nothing could make room
    assert by_edge["phone@purchase", "@lost"].probability_given_goal is None


def test_a_prior_gives_a_credible_interval(toy):
    found = chain(toy, prior=1.0).credible
    assert found.method == "Dirichlet posterior"
    assert found.low < found.value < found.high
    assert found == chain(toy, prior=1.0).credible
    said = "as if each touchpoint had {} that went on as those to all touchpoints do"
    assert said.format("1 more visit") in found.definition
    assert said.format("0.5 more visits") in chain(toy, prior=0.5).credible.definition
    assert found != chain(toy, prior=1.0, seed=1).credible
    assert chain(toy).credible is None
    assert chain(toy, prior=1e-6).credible.value == pytest.approx(0.5, abs=0.05)
    with pytest.raises(JourneyMapError, match="no weight of a prior"):
        chain(toy, prior=0)


def test_results_can_be_read(toy):
    found = chain(toy, prior=1.0)
    assert "50 %" in str(found)
    assert "onboard" in str(found)
    assert "4.58 hours" in str(found)
    frame = found.to_frame()
    assert frame.set_index("touchpoint").loc["compare", "removal_effect"] == pytest.approx(0.9091, abs=5e-5)
    assert len(found.transitions.to_frame()) == 25
    assert found.given_goal.to_frame()["visits"].sum() == pytest.approx(found.given_goal.steps.value)
    for result in (found, found.transitions, found.given_goal):
        assert "<table>" in result._repr_html_()
        assert "None" not in str(result)


def test_few_win():
    rows = path_rows(["ad cart", "ad", "ad cart", "ad renew ad"], TOY_STAGES, (), ("renew",))
    journey = journey_from_events(
        rows, name="Lost", goal=("renew",), service={}, groups=4, group_of=lambda customer: int(customer[1:]) % 4
    )  # fmt: skip
    found = chain(journey)
    assert found.conversion.value == 0.25
    assert str(found)
    assert found.given_goal.steps.value == 1
