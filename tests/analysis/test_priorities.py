"""Gain per cost, the Pareto line and time apart: cases that one can count on fingers."""

from __future__ import annotations

import pytest

from journeymap.analysis.priorities import Priorities, prioritise
from journeymap.analysis.what_if import what_if
from journeymap.errors import JourneyMapError, UnknownNameError, WrongKindError
from tests.analysis.planted import planted_journey
from tests.oracle import toy_journey


@pytest.fixture(scope="module")
def answers():
    toy = toy_journey()
    texts = {
        "onboard": "onboard: exit -100%",  # +.0714
        "cart": "cart: exit -50%",  # +.0273
        "ad": "ad: exit -50%",  # +.0227
        "wait": "cart: wait -50%",
        "no chat": "remove chat to lost",
    }
    return {name: what_if(toy, text) for name, text in texts.items()}


COST = {"onboard": 10, "cart": 1, "ad": 2, "wait": 3, "no chat": 4}


def test_order_and_line(answers):
    found = prioritise(answers, cost=COST, unit="days")
    assert [item.name for item in found.items] == ["cart", "ad", "onboard", "wait", "no chat"]
    assert [item.name for item in found.line] == [
        "cart",
        "onboard",
    ]  # the ad gains less than the cart for more
    first = found.items[0]
    assert first.gain_per_cost == pytest.approx(12 * 0.02726 / 1, abs=1e-4)
    assert first.words == "Lower exits at “Cart” by 50 %"
    assert found.items[-1].is_service


def test_time_is_ranked_apart(answers):
    found = prioritise(answers, cost=COST)
    assert [item.name for item in found.by_time] == ["no chat", "wait"]
    rates = [item.time_per_cost for item in found.by_time]
    assert rates == sorted(rates, reverse=True)
    assert next(i for i in found.items if i.name == "wait").time_gain.value == pytest.approx(11 / 12 * 1800)


def test_what_costs_nothing_comes_first(answers):
    found = prioritise(answers, cost=COST | {"ad": 0, "wait": 0})
    assert [item.name for item in found.items][:2] == ["ad", "cart"]
    assert found.items[0].gain_per_cost is None
    assert found.by_time[0].name == "wait"
    assert [item.name for item in found.line] == ["ad", "cart", "onboard"]


def test_losing_customers_is_no_time_saved():
    journey = planted_journey(5, customers=300)
    found = {name: what_if(journey, text) for name, text in (
        ("close", "remove payment to lost"), ("faster", "payment: wait -50%"),
    )}  # fmt: skip
    ranked = prioritise(found, cost={"close": 0, "faster": 3}, unit="weeks")
    closed = next(item for item in ranked.items if item.name == "close")
    assert closed.gain.high < 0
    assert closed.time_gain.value > 0
    assert ranked.losing == (closed,)
    assert [item.name for item in ranked.by_time] == ["faster"]
    notes = " ".join(ranked.notes())
    assert "Not ranked by time: close surely lowers conversion" in notes
    assert "a journey, costs 3 weeks." in notes
    assert "close: −" in str(ranked)
    assert "journeys at no cost" in str(ranked)


def test_equals_share_the_line(answers):
    pair = {"one": answers["cart"], "two": answers["cart"]}
    assert len(prioritise(pair, cost=[5, 5]).line) == 2
    assert [item.name for item in prioritise(pair, cost=[5, 6]).line] == ["one"]


def test_a_sequence_is_called_after_what_it_does(answers):
    found = prioritise([answers["cart"], answers["ad"]], cost=[1, 2])
    assert [item.name for item in found.items] == [
        "Lower exits at “Cart” by 50 %",
        "Lower exits at “Ad” by 50 %",
    ]
    again = prioritise([answers["cart"]], cost={"Lower exits at “Cart” by 50 %": 3})
    assert again.items[0].cost == 3


@pytest.mark.parametrize(
    ("cost", "kind", "said"),
    [
        ({"onboard": 1}, JourneyMapError, "no cost for 'cart'"),
        ({"onbord": 1}, UnknownNameError, "did you mean 'onboard'"),
        ([1, 2], JourneyMapError, "no cost for 'ad'"),
        ([1] * 6, JourneyMapError, "6 costs for 5 fixes"),
        ([1, 2, 3, 4, -5], JourneyMapError, "-5 is no cost of 'no chat'"),
        ([1, 2, 3, 4, float("nan")], JourneyMapError, "nan is no cost"),
        ([1, 2, 3, 4, "5"], JourneyMapError, "'5' is no cost"),
        ([1, 2, 3, 4, None], JourneyMapError, "None is no cost"),
        ([1, 2, 3, 4, True], JourneyMapError, "True is no cost"),
        (None, WrongKindError, "None is no list of costs"),
        (3, WrongKindError, "3 is no list of costs"),
        ("12345", WrongKindError, "'12345' is no list of costs"),
    ],
)
def test_costs_that_do_not_fit(answers, cost, kind, said):
    with pytest.raises(kind, match=said):
        prioritise(answers, cost=cost)


def test_other_values_are_refused(answers):
    with pytest.raises(WrongKindError, match="prioritise: cannot take a value of kind str"):
        prioritise("cart", cost=[1])
    with pytest.raises(WrongKindError, match="kind int"):
        prioritise([3], cost=[1])
    with pytest.raises(WrongKindError, match="kind WhatIf"):
        prioritise(answers["cart"], cost=[1])
    with pytest.raises(JourneyMapError, match="no fix to put first"):
        prioritise([], cost=[])
    with pytest.raises(JourneyMapError, match="is there twice"):
        prioritise([answers["cart"]] * 2, cost=[1, 2])
    other = what_if(planted_journey(5, customers=300), "payment: exit -50%")
    with pytest.raises(JourneyMapError, match="different journeys"):
        prioritise([answers["cart"], other], cost=[1, 2])


def test_words_and_tables(answers):
    found = prioritise(answers, cost=COST, unit="€")
    lines = str(found).splitlines()
    assert lines[0] == "Toy: 5 fixes by gain per cost, model-implied, if the association is causal."
    assert lines[1].startswith("1. cart: +0.3 journeys for €1, gain per cost 0.327 (+2.7 points")
    assert "No other fix gains more for less than: cart; onboard." in lines
    # the removal may cost conversion, but that is not sure from twelve customers
    (apart,) = [line for line in lines if line.startswith("Apart from that, by time per cost: ")]
    assert "no chat saves " in apart
    assert apart.endswith(" a journey, costs €3.")
    assert not any(line.startswith("Not ranked by time") for line in lines)
    assert lines[-1].startswith("Gains do not simply add up")
    frame = found.to_frame()
    assert frame["on_pareto_line"].tolist() == [True, False, True, False, False]
    assert "which fix first?" in found._repr_html_()
    assert Priorities.model_validate_json(found.model_dump_json()) == found
    assert [found.model_copy(update={"unit": "weeks"}).at_cost(cost) for cost in (0, 1, 2)] == [
        "at no cost", "for 1 week", "for 2 weeks",
    ]  # fmt: skip
    assert found.model_copy(update={"unit": ""}).at_cost(2) == "at a cost of 2"
    assert [found.model_copy(update={"unit": u}).cost_text(1200.5) for u in ("", "days", "€")] == [
        "a cost of 1,200.5", "1,200.5 days", "€1,200.5",
    ]  # fmt: skip
    assert "None of them gains conversion." in str(prioritise([answers["no chat"]], cost=[1]))
