from __future__ import annotations

import numpy as np
import pytest

from journeymap.analysis.variant_groups import find_variant_groups
from journeymap.datasets import example_journey, example_log
from journeymap.errors import InvalidJourneyError, MissingEvidenceError
from journeymap.events.discover import discover_journey
from journeymap.events.paths import with_paths
from journeymap.model.evidence import EvidenceTable

STORE = "ad store adviser pay"
WEB = "search page reviews cart"


def journey_of(toy, paths, *, groups=12):
    """A journey with these paths: (path, end, journeys), spread over the customer groups."""
    names = [*dict.fromkeys(name for path, _, _ in paths for name in path.split())]
    places = {name: str(number) for number, name in enumerate(names)}
    keys, row, group, count = [], [], [], []
    for number, (path, end, journeys) in enumerate(paths):
        keys.append((path if path == "*" else " ".join(places[name] for name in path.split()), end))
        spread = np.bincount(np.arange(journeys) % groups, minlength=groups)
        for place in np.flatnonzero(spread):
            row.append(number)
            group.append(int(place))
            count.append(int(spread[place]))
    variants = EvidenceTable(
        name="variants",
        groups=groups,
        key_columns=("path", "end"),
        keys=tuple(keys),
        row=tuple(row),
        group=tuple(group),
        measures={"journeys": tuple(count), "customers": tuple(count), "cycle_us": tuple(count)},
    )
    touchpoints = EvidenceTable(
        name="touchpoints",
        groups=groups,
        key_columns=("touchpoint",),
        keys=tuple((name,) for name in names),
        row=(),
        group=(),
        measures={"visits": ()},
    )
    kept = [table for table in toy.evidence if table.name != "touchpoints"]
    return toy.model_copy(update={"evidence": (*kept, touchpoints, variants)})


@pytest.fixture
def toy(toy_log, toy_design):
    return discover_journey(toy_log, toy_design)


@pytest.fixture
def two_kinds(toy):
    return journey_of(toy, [
        (f"{STORE} renew", "goal", 60), (STORE, "lost", 20), (f"{STORE} adviser renew", "goal", 30),
        ("ad store pay", "lost", 10), (f"{WEB} renew", "goal", 20), (WEB, "lost", 40),
        (f"{WEB} cart", "lost", 30), ("search page cart", "lost", 20), ("search page cart", "open", 5),
        ("*", "lost", 7), ("renew", "goal", 3),
    ])  # fmt: skip


def test_finds_two_planted_kinds(two_kinds):
    report = find_variant_groups(two_kinds)
    assert [group.path for group in report.groups] == [tuple(STORE.split()), tuple(WEB.split())]
    assert report.structure in {"reasonable", "strong"}
    assert report.is_reliable
    assert report.stability == pytest.approx(1)
    assert report.linkage_agreement == 1
    store, web = report.groups
    assert (store.journeys, store.variants, web.journeys, web.variants) == (120, 3, 115, 3)
    assert store.goal_rate.value == pytest.approx(90 / 120)
    assert web.goal_rate.value == pytest.approx(20 / 110)  # open ones are left out
    assert web.goal_rate.low < 20 / 110 < web.goal_rate.high
    assert store.on_path == pytest.approx(80 / 120)
    assert store.share.value == pytest.approx(120 / 235)
    assert {mark.touchpoint for mark in store.marks} <= {*STORE.split(), *WEB.split()}
    assert report.left_out == 10  # too rare, and begun at the goal
    text = str(report)
    assert "fall into 2 groups" in text
    assert "75 % (" in text
    assert "does not say that its path is why" in text


def test_the_goal_itself_does_not_shape_the_groups(two_kinds):
    # the same ways, won and lost, are one path
    assert find_variant_groups(two_kinds).variants == 6
    assert all("renew" not in group.path for group in find_variant_groups(two_kinds).groups)


def test_ways_to_succeed(two_kinds):
    report = find_variant_groups(two_kinds, among="won", k=2)
    assert report.asked
    assert report.journeys == 110
    assert report.left_out == 3
    assert all(group.goal_rate is None for group in report.groups)
    assert "won journeys on 3 different paths" in str(report)
    assert "reach the goal" not in str(report)
    lost = find_variant_groups(two_kinds, among="lost")
    assert lost.journeys + lost.left_out == 20 + 10 + 40 + 30 + 20 + 7


def test_says_when_there_is_no_structure(toy):
    rng = np.random.default_rng(3)
    names = list("abcdefghijkl")
    paths = {" ".join(rng.choice(names, 8)): ("lost", 5) for _ in range(40)}
    report = find_variant_groups(journey_of(toy, [(path, *rest) for path, rest in paths.items()]))
    assert report.structure == "none"
    assert not report.is_reliable
    assert "fall into no clear groups" in str(report)
    assert "They show no structure" in str(report)


def test_toy_log(toy, toy_log):
    report = find_variant_groups(with_paths(toy, toy_log, min_customers=1))
    assert report.journeys == 12
    assert report.variants == 11
    assert not report.is_reliable  # 12 customers do not suffice


@pytest.mark.slow
def test_shipped_example_succeeds_by_its_five_ways_in():
    log = example_log()
    journey = with_paths(discover_journey(log, example_journey()), log)
    report = find_variant_groups(journey, among="won")
    assert {group.path[0] for group in report.groups} == {
        "comparison_site", "check_address", "advert", "friend_tip", "shop_adviser"
    }  # fmt: skip
    assert report.structure == "weak"
    assert report.stability > 0.8
    assert report.left_out > report.journeys  # most won journeys are on rare paths: the report says so
    assert "on paths too rare to be listed" in str(report)


def test_other_distance_and_fewer_paths(two_kinds):
    rates = find_variant_groups(two_kinds, distance="transition_rates")
    assert [group.path for group in rates.groups] == [tuple(STORE.split()), tuple(WEB.split())]
    fewer = find_variant_groups(two_kinds, most_variants=4)
    assert fewer.variants == 4
    assert fewer.journeys + fewer.left_out == 245


def test_without_a_goal_nothing_is_won(two_kinds):
    report = find_variant_groups(two_kinds.model_copy(update={"goal": ()}))
    assert all(group.goal_rate is None for group in report.groups)
    assert "reach the goal" not in str(report)
    assert "won more often" not in str(report)


def test_too_few_paths(toy):
    report = find_variant_groups(journey_of(toy, [("ad renew", "goal", 9), ("ad pay", "lost", 9)]))
    assert report.groups == ()
    assert report.silhouette is None
    assert "too few different paths to group" in str(report)
    assert report._repr_html_()
    assert len(report.to_frame()) == 0


def test_table_and_page(two_kinds):
    report = find_variant_groups(two_kinds.model_copy(update={"name": "<i>"}))
    frame = report.to_frame()
    assert list(frame["group"]) == [1, 2]
    assert frame.loc[0, "path"] == "ad > store > adviser > pay"
    assert "<i>" not in report._repr_html_()


def test_same_answer_on_every_run(two_kinds):
    assert find_variant_groups(two_kinds) == find_variant_groups(two_kinds)


def test_refuses(toy, two_kinds):
    with pytest.raises(MissingEvidenceError, match=r"with_paths\(journey, log\)"):
        find_variant_groups(toy)
    with pytest.raises(InvalidJourneyError, match="k: 9 groups of 6"):
        find_variant_groups(two_kinds, k=9)
