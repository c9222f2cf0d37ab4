from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import numpy as np
import pytest

import journeymap as jm
from journeymap.datasets import CUSTOMERS, PLANTED, example_journey, example_log
from journeymap.model.touchpoints import DRIVERS

# peers may differ by this much in truth; below the two points that make an excess matter
ALIKE = 0.015


@pytest.fixture(scope="module")
def design():
    return example_journey()


@pytest.fixture(scope="module")
def observed(design):
    return jm.discover_journey(example_log(), design)


def test_it_has_about_twenty_touchpoints_over_the_five_standard_stages(design):
    assert len(design.touchpoints) == 22
    assert design.stages == jm.STANDARD_STAGES
    assert {t.stage for t in design.touchpoints} == {stage.id for stage in jm.STANDARD_STAGES} | {None}
    assert design.goal == ("renew",)
    assert design.lost_after == timedelta(days=45)


def test_six_service_interactions_of_different_kinds_and_one_of_them_floats(design):
    service = [t for t in design.touchpoints if t.service]
    assert len(service) == 6
    assert {t.service.handler for t in service} == {"human", "bot", "self_service", "ticket_queue"}
    assert {t.service.need for t in service} == {
        "information", "advice", "technical_support", "complaint", "transaction",
    }  # fmt: skip
    assert {t.service.initiator for t in service} == {"customer", "company"}
    assert {t.service.carries_context for t in service} == {True, False}
    assert [t.id for t in design.touchpoints if t.stage is None] == ["help_line"]
    assert {n for n in design.graph if n.startswith("help_line")} == {
        "help_line@purchase", "help_line@post_purchase", "help_line@loyalty",
    }  # fmt: skip


def test_a_rich_map_fills_every_lane(design):
    touchpoints = design.touchpoints
    for field in (
        "name",
        "channels",
        "driver",
        "owner",
        "doing",
        "thinking",
        "systems",
        "evidence",
        "events",
    ):
        assert all(getattr(t, field) for t in touchpoints), field
    for field in ("pain_points", "opportunities", "frontstage", "backstage"):
        assert sum(bool(getattr(t, field)) for t in touchpoints) > len(touchpoints) / 2, field
    assert {t.feeling for t in touchpoints} >= {-2, -1, 0, 1, 2}
    assert {t.feeling_source for t in touchpoints} == {"assumed", "researched", "measured"}
    assert {p.severity for t in touchpoints for p in t.pain_points} == {1, 2, 3, 4, 5}
    assert {p.source for t in touchpoints for p in t.pain_points} >= {"assumed", "measured"}
    assert 3 <= sum(t.moment_of_truth for t in touchpoints) <= 6
    assert all(t.importance is not None and t.expectation is not None for t in touchpoints)
    assert any(len(t.channels) > 1 for t in touchpoints)
    assert {t.driver for t in touchpoints} <= set(DRIVERS)
    assert not any(t.guessed for t in touchpoints)


def test_channels_and_owners_are_declared_and_used(design):
    used = {channel for t in design.touchpoints for channel in t.channels}
    assert used == {channel.id for channel in design.channels}
    assert {t.owner for t in design.touchpoints} == {owner.id for owner in design.owners}
    assert all(set(persona.channels) <= used for persona in design.personas)


def test_personas_feel_differently_and_share_the_customers(design):
    assert len(design.personas) == 3
    assert sum(persona.share for persona in design.personas) == pytest.approx(1)
    general = {t.id: t.feeling for t in design.touchpoints}
    for persona in design.personas:
        assert persona.quote
        assert persona.goals
        assert any(feeling != general[name] for name, feeling in persona.feelings.items())


def test_there_is_nothing_to_complain_about(design):
    assert jm.check_journey(design).findings == ()


def test_it_round_trips(design, tmp_path):
    for name in ("copy.yaml", "copy.json"):
        jm.write_journey(design, tmp_path / name)
        assert jm.read_journey(tmp_path / name) == design


def test_texts_are_short_enough_for_a_column(design):
    for touchpoint in design.touchpoints:
        assert len(touchpoint.name) <= 28
        assert len(touchpoint.doing) <= 110
        assert len(touchpoint.thinking) <= 64
        assert all(len(pain.text) <= 44 for pain in touchpoint.pain_points)


def _peers(design, node):
    graph = design.graph
    data = graph.nodes[node]
    return [
        other
        for other, its in graph.nodes(data=True)
        if other != node
        and other not in design.goal
        and its["stage"] == data["stage"]
        and its["touchpoint"].is_service == data["touchpoint"].is_service
    ]


@pytest.fixture(scope="module")
def truth(design):
    """The true rates as (numerators, denominators) by node, from the shares alone."""
    graph, nodes = design.graph, list(design.graph)
    number = {node: n for n, node in enumerate(nodes)}
    p = np.zeros((len(nodes), len(nodes)))
    for source, target, data in graph.edges(data=True):
        p[number[source], number[target]] = data["transition"].share
    begin = np.array(
        [graph.nodes[node]["touchpoint"].entry_share or 0.0 if "@" not in node else 0.0 for node in nodes]
    )
    leave = 1 - p.sum(axis=1)
    visits = np.linalg.inv(np.eye(len(nodes)) - p)  # expected visits to a column, begun at a row
    expected = begin @ visits
    again = np.diag(visits)
    stay = np.diag(p)
    rank = {stage.id: n for n, stage in enumerate(design.stages)}
    ranks = np.array([rank[graph.nodes[node]["stage"]] for node in nodes])
    service = np.array([graph.nodes[node]["touchpoint"].is_service for node in nodes])
    floating = np.array(["@" in node for node in nodes])
    # the next touchpoint with a stage of its own, floating ones passed over
    onward = p[:, floating] @ np.linalg.inv(np.eye(floating.sum()) - p[np.ix_(floating, floating)])
    fixed = np.where(floating, 0.0, p + onward @ p[floating])
    journeys = expected / again
    goal = np.array([node in design.goal for node in nodes])
    after = p[goal].sum(axis=0) > 0  # reached from the goal only
    rates = {
        "drop_off": (np.where(goal | after, 0, expected * leave), np.where(goal | after, 0, journeys)),
        "self_loop": (expected * stay, expected),
        "repetition": (expected * (1 - stay) - journeys, expected),
        "regression": (
            expected * (fixed * (ranks[None] < ranks[:, None])).sum(axis=1),
            expected * fixed.sum(axis=1),
        ),
        "service": (expected * p[:, service].sum(axis=1), expected),
    }
    return {kind: dict(zip(nodes, zip(y, n, strict=True), strict=True)) for kind, (y, n) in rates.items()}


def _rate(pairs):
    pairs = list(pairs)
    return sum(y for y, _ in pairs) / max(sum(n for _, n in pairs), 1e-12)


def test_the_entry_shares_are_complete(design):
    assert sum(t.entry_share or 0 for t in design.touchpoints) == pytest.approx(1)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.touchpoint)
def test_the_planted_truths_are_what_they_are_said_to_be(planted, design, truth):
    rates = truth[planted.signal]
    assert _rate([rates[planted.touchpoint]]) == pytest.approx(planted.truth, abs=0.001)
    others = _peers(design, planted.touchpoint)
    if planted.signal == "service":
        others = [n for n, d in design.graph.nodes(data=True) if not d["touchpoint"].is_service]
        others.remove(planted.touchpoint)
    highest = max(_rate([rates[other]]) for other in others)
    assert highest == pytest.approx(planted.elsewhere, abs=0.001)
    assert planted.truth > 3 * planted.elsewhere


@pytest.mark.parametrize("kind", ["drop_off", "self_loop", "repetition", "regression"])
def test_nothing_else_stands_out_among_its_peers_in_truth(kind, design, truth):
    planted = {p.touchpoint for p in PLANTED if p.signal == kind}
    for node, pair in truth[kind].items():
        peers = _peers(design, node)
        if peers and pair[1] > 0 and node not in planted and node not in design.goal:
            assert _rate([pair]) - _rate(truth[kind][other] for other in peers) < ALIKE, (kind, node)


def test_no_other_touchpoint_leads_to_service_more_often_than_the_rest(design, truth):
    plain = [n for n, d in design.graph.nodes(data=True) if not d["touchpoint"].is_service]
    for node in plain:
        rest = [truth["service"][other] for other in plain if other != node]
        assert (_rate([truth["service"][node]]) > _rate(rest)) == (node == "first_bill"), node


def test_waits_are_alike_within_a_stage_and_family(design):
    waits = defaultdict(set)
    for source, _, data in design.graph.edges(data=True):
        its = design.graph.nodes[source]
        if source not in design.goal:
            waits[its["stage"], its["touchpoint"].is_service].add(data["transition"].wait.model_dump_json())
    assert all(len(found) == 1 for found in waits.values())
    kinds = {data["transition"].wait.median is None for _, _, data in design.graph.edges(data=True)}
    assert kinds == {True, False}  # both ways to draw a wait occur


def test_the_log_is_the_same_for_the_same_seed():
    first, second, third = (example_log(customers=50, seed=seed).source for seed in (1, 1, 2))
    assert first.equals(second)
    assert not first.equals(third)


def test_every_event_is_mapped_and_every_touchpoint_visited(observed):
    seen = observed.observation
    assert seen.customers == seen.journeys == CUSTOMERS
    assert seen.unmapped == ()
    assert seen.unvisited == ()
    assert seen.open < 20
    assert 0.3 < seen.won / seen.journeys < 0.4


def _found(journey):
    points = jm.find_friction(journey).friction
    friction = {(point.touchpoint, s.kind) for point in points for s in point.signals if s.significant}
    # what leads to service is planted, and found, against all touchpoints, not those of a stage
    friction = {found for found in friction if found[1] != "service_trigger"}
    triggers = {(t.touchpoint, "service") for t in jm.locate_service(journey).triggers if t.significant}
    return friction | triggers


FOLLOWS = {("check_address", "rework")}  # who comes back at once comes more than once


def test_the_analyses_find_the_planted_truths_and_nothing_else(observed):
    assert _found(observed) == {(planted.touchpoint, planted.signal) for planted in PLANTED} | FOLLOWS


def test_friction_has_the_planted_trigger_among_its_signals(observed):
    points = {point.touchpoint: point for point in jm.find_friction(observed).friction}
    assert "service_trigger" in {s.kind for s in points["first_bill"].signals if s.significant}


def test_the_drop_off_is_worth_the_most(observed):
    first, *others = jm.find_friction(observed).friction
    assert first.touchpoint == "book_engineer"
    assert first.gain.low > 0.05
    assert all(point.gain.value < first.gain.value for point in others if point.gain)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_other_seeds_tell_the_same(seed, design):
    observed = jm.discover_journey(example_log(seed=seed), design)
    assert _found(observed) == {(planted.touchpoint, planted.signal) for planted in PLANTED} | FOLLOWS
