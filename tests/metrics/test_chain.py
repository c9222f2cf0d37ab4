"""The chain of the toy log, and that a chain repeats what was counted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.chain import chain, chain_counts
from journeymap.stats.chain_algebra import exit_fix_gain
from tests.oracle import HOUR, TOY_STAGES, journey_from_events, path_rows, toy_journey

# state: visits, exit probability, b, removal effect, gain if the exit probability is halved
GOLDEN = {
    "ad": (12, 0.0833, 0.5, 1, 0.02273),
    "compare": (12, 0.0833, 0.5405, 0.9091, 0.02478),
    "cart": (12, 0.0833, 0.5946, 1, 0.02726),
    "pay": (8, 0, 0.75, 1, 0),
    "onboard": (8, 0.125, 0.75, 1, 0.03571),
    "chat@purchase": (2, 0, 0.2973, 0.0902, 0),
    "phone@purchase": (1, 1, 0, 0, None),
    "chat@post_purchase": (2, 0, 0.75, 0.25, 0),
    "bot@post_purchase": (1, 0, 0.75, 0.125, 0),
    "phone@post_purchase": (3, 0.3333, 0.5, 0.1667, 0.03571),
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
    visits, exit_share, b, _, _ = GOLDEN[state]
    found = chain(toy)
    assert found.visits[state] == pytest.approx(visits / 12, abs=1e-12)
    assert found.exit_probability[state] == pytest.approx(exit_share, abs=5e-5)
    assert found.goal_probability[state] == pytest.approx(b, abs=5e-5)


@pytest.mark.parametrize("state", GOLDEN)
def test_removal_and_halved_exits(toy, state):
    *_, removal, halved = GOLDEN[state]
    found = chain(toy)
    place = found.states.index(state)
    given_there = found.visits[state], found.visits_from[place][place], found.goal_probability[state]
    assert -exit_fix_gain(*given_there, 0) / 0.5 == pytest.approx(removal, abs=5e-5)
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
    for without in chain_counts(journey).solve_without_each_group():
        assert 0 <= without.conversion <= 1 + 1e-12


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
