"""Attribution of an observed journey, against the same paths without a journey and numbers by hand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from journeymap.errors import MissingEvidenceError
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.paths import with_paths
from journeymap.metrics.attribution import RULES, Attribution, attribution
from journeymap.stats.attribution import attribution_of_paths


@pytest.fixture
def toy(toy_log, toy_design):
    return with_paths(discover_journey(toy_log, toy_design), toy_log, half_life="1 hour")


def log_of(paths):
    """One customer a path, an event a day."""
    rows = [
        (f"c{number:04d}", event, f"2024-01-{day:02d}")
        for number, path in enumerate(paths)
        for day, event in enumerate(path.split(), 1)
    ]
    names = ("who", "what", "when")
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    return EventLog(table, customer_col="who", event_col="what", time_col="when")


def credited(paths, **settings):
    log = log_of(paths)
    return with_paths(discover_journey(log, goal="pay", lost_after="0 s"), log, **settings)


def shares(found, rule):
    return {one.touchpoint: one.by(rule).share.value for one in found.touchpoints}


def test_toy_log(toy):
    found = attribution(toy)
    assert (found.won, found.at_once) == (6, 0)
    assert [one.touchpoint for one in found.touchpoints] == [t.id for t in toy.touchpoints if t.id != "renew"]
    # methods, C2: removal effects of the tagged chain
    effects = {
        "ad": 1, "compare": 0.9091, "cart": 1, "pay": 1, "onboard": 1, "chat@purchase": 0.0902,
        "phone@purchase": 0, "chat@post_purchase": 0.25, "bot@post_purchase": 0.125,
        "phone@post_purchase": 0.1667,
    }  # fmt: skip
    assert {one.touchpoint: one.removal_effect.value for one in found.touchpoints} == pytest.approx(
        effects, abs=5e-5
    )
    assert shares(found, "markov")["ad"] == pytest.approx(1 / sum(effects.values()), abs=1e-4)
    assert shares(found, "first")["ad"] == 1
    assert shares(found, "last")["onboard"] == pytest.approx(4 / 6)
    onboard = next(one for one in found.touchpoints if one.touchpoint == "onboard")
    assert onboard.won_journeys == 6
    # 1/5 + 1/5 + 1/7 + 1/7 + 1/8 + 1/4
    assert onboard.by("linear").journeys.value == pytest.approx(0.4 + 2 / 7 + 0.125 + 0.25, abs=1e-5)
    assert onboard.by("position").journeys.value == pytest.approx(4 * 0.4 + 0.2 / 5 + 0.2 / 6, abs=1e-5)


def test_every_rule_hands_out_everything(toy):
    found = attribution(toy)
    for rule in RULES:
        assert sum(one.by(rule).share.value for one in found.touchpoints) == pytest.approx(1), rule
        assert sum(one.by(rule).journeys.value for one in found.touchpoints) == pytest.approx(6), rule
        for one in found.touchpoints:
            share = one.by(rule).share
            assert 0 <= share.low <= share.value <= share.high <= 1


def random_paths(count=300, seed=3):
    rng = np.random.default_rng(seed)
    paths = []
    for _ in range(count):
        path = list(rng.choice(["ad", "web", "shop", "mail"], int(rng.integers(1, 6))))
        paths.append(" ".join(path + ["pay"] * int(rng.random() < 0.4)))
    return paths


def test_as_without_a_journey():
    paths = random_paths()
    found = attribution(credited(paths, half_life="1 day"))
    won = [int(path.endswith("pay")) for path in paths]
    channels = [path.removesuffix(" pay").split() for path in paths]
    plain = attribution_of_paths(channels, won, [1 - one for one in won])
    for rule in RULES:
        expected = {name: count / plain.conversions for name, count in getattr(plain, rule).items()}
        assert shares(found, rule) == pytest.approx(expected, abs=1e-5), rule
    effects = {one.touchpoint: one.removal_effect.value for one in found.touchpoints}
    assert effects == pytest.approx(plain.removal_effect)


def test_the_goal_at_once_is_nobodys():
    found = attribution(credited(["pay", "ad pay", "web", "ad"]))
    assert (found.won, found.at_once) == (1, 1)
    assert shares(found, "markov") == {"ad": 1, "web": 0}
    assert shares(found, "shapley") == {"ad": 1, "web": 0}


def test_nothing_won():
    log = log_of(["ad web", "ad", "pay"])
    journey = discover_journey(log, goal="pay", lost_after="0 s")
    found = attribution(with_paths(journey, log))
    assert found.won == 0
    assert all(credit.share.value is None for one in found.touchpoints for credit in one.credits[1:])
    assert "no journey was won" in str(found)
    assert "nan" not in found._repr_html_()


def test_words_and_tables(toy):
    found = attribution(toy)
    assert "associations, not causes" in str(found)
    assert str(found).splitlines()[1].startswith("  Ad: markov 18 %")
    frame = pytest.importorskip("pandas") and found.to_frame()
    assert len(frame) == 7 * len(found.touchpoints)
    assert frame.groupby("rule")["share"].sum().to_numpy() == pytest.approx(np.ones(7))
    assert "time decay" in found._repr_html_()
    assert found.ranked("last")[0].touchpoint == "onboard"
    assert Attribution.model_validate_json(found.model_dump_json()) == found
    with pytest.raises(LookupError, match="no rule 'best'"):
        found.touchpoints[0].by("best")


def test_what_is_missing(toy_log, toy_design):
    with pytest.raises(MissingEvidenceError, match=r"with_paths\(journey, log\)"):
        attribution(discover_journey(toy_log, toy_design))
    aimless = with_paths(discover_journey(toy_log, lost_after="0 s"), toy_log)
    with pytest.raises(MissingEvidenceError, match="no goal"):
        attribution(aimless)


@pytest.mark.slow
def test_intervals_cover():
    """Customers with several journeys of their own taste; the truth from a log a hundred times as large."""
    rng = np.random.default_rng(11)
    rates = {"markov": 0, "linear": 0, "first": 0, "shapley": 0}

    def draw(customers):
        rows = []
        for customer in range(customers):
            taste = rng.dirichlet([1, 1, 1])
            for trip in range(3):
                path = list(rng.choice(["ad", "web", "mail"], int(rng.integers(1, 4)), p=taste))
                won = rng.random() < 0.2 + 0.3 * taste[0]
                rows += [
                    (f"c{customer:05d}", event, 86_400 * trip + minute, f"{customer} {trip}")
                    for minute, event in enumerate(path + ["pay"] * int(won))
                ]
        columns = list(map(list, zip(*rows, strict=True)))
        table = pa.table({
            "who": columns[0], "what": columns[1],
            "when": pa.array([1_700_000_000_000_000 + 10**6 * second for second in columns[2]], pa.timestamp("us")),
            "trip": columns[3],
        })  # fmt: skip
        log = EventLog(table, customer_col="who", event_col="what", time_col="when", journey_col="trip")
        return attribution(with_paths(discover_journey(log, goal="pay", lost_after="0 s"), log))

    many = draw(15_000)
    truth = {rule: shares(many, rule)["ad"] for rule in rates}
    runs = 100
    for _ in range(runs):
        found = next(one for one in draw(120).touchpoints if one.touchpoint == "ad")
        for rule in rates:
            share = found.by(rule).share
            rates[rule] += share.low <= truth[rule] <= share.high
    covered = {rule: count / runs for rule, count in rates.items()}
    assert min(covered.values()) >= 0.89, covered  # 0.93 to 0.95 in 150 runs
