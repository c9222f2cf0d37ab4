"""A chain with a memory is told from one without."""

from __future__ import annotations

import pytest

from journeymap.errors import JourneyMapError, MissingEvidenceError
from journeymap.metrics.chain_order import chain_order
from tests.metrics.chain_samples import known_journey, walked
from tests.oracle import toy_journey


@pytest.fixture(scope="module")
def forgetful():
    return chain_order(known_journey(walked(1)))


@pytest.fixture(scope="module")
def remembering():
    return chain_order(known_journey(walked(1, remembers=0.3)))


def test_where_they_are_is_enough(forgetful):
    assert forgetful.best == 1
    assert forgetful.comparisons[1].p > 0.01
    assert forgetful.comparisons[0].p < 1e-6
    assert min(forgetful.orders, key=lambda one: one.bic).order == 1
    assert forgetful.gain_by_customer.value < 1e-3
    assert "Order 1: it is enough to know where customers are." in str(forgetful)


def test_where_they_came_from_matters(remembering):
    assert remembering.best == 2
    assert remembering.comparisons[1].p < 1e-6
    assert remembering.gain_by_customer.low > 0
    assert remembering.gain_by_time.low > 0
    losses = [one.by_customer.value for one in remembering.orders]
    assert losses[2] < losses[1] < losses[0]
    assert min(remembering.orders, key=lambda one: one.aic).order == 2
    assert "where customers came from" in str(remembering)


def test_moves_are_counted_once(forgetful):
    moves = forgetful.orders[0].by_customer.n
    assert all(one.by_customer.n == moves for one in forgetful.orders)
    assert 0 < forgetful.orders[0].by_time.n < moves
    assert forgetful.orders[2].parameters > forgetful.orders[1].parameters > forgetful.orders[0].parameters


def test_results_can_be_read(forgetful):
    assert list(forgetful.to_frame()["order"]) == [0, 1, 2]
    assert "<table>" in forgetful._repr_html_()


def test_one_group_and_one_time_hold_nothing_out():
    found = chain_order(
        known_journey([row._replace(time_us=at) for at, row in enumerate(walked(2, customers=3))], groups=1)
    )
    assert found.orders[1].by_customer.value is None
    assert found.gain_by_customer.value is None
    assert found.best == 0
    assert str(found).startswith("The order cannot be told: there are too few customers to hold any out.")


def test_what_cannot_be_tested_is_not_judged(forgetful):
    bare = [one.model_copy(update={"df": 0, "g2": 0.0, "p": 1.0}) for one in forgetful.comparisons]
    second = forgetful.model_copy(update={"comparisons": (forgetful.comparisons[0], bare[1])})
    assert str(second).startswith("Order 1")
    assert "Order 1 against 2 cannot be told: no touchpoint was both reached" in str(second)
    assert "G²" not in str(second)
    neither = forgetful.model_copy(update={"comparisons": tuple(bare)})
    assert str(neither).startswith("The order cannot be told: journeys have one place only")


def test_what_is_missing_is_named():
    with pytest.raises(MissingEvidenceError, match="before each move") as caught:
        chain_order(toy_journey())
    assert "with_paths(journey, log)" in caught.value.hint
    with pytest.raises(JourneyMapError, match="cannot be held out"):
        chain_order(known_journey(walked(2, customers=20)), folds=1)
