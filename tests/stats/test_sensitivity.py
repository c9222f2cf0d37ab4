"""Hidden causes: published E-values, and what must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.stats import sensitivity

ratios = st.floats(0.01, 100)


@pytest.mark.parametrize(("ratio", "expected"), [
    # VanderWeele & Ding (2017), Annals 167: bottle feeding and death from respiratory infection 3.9 (printed 7.26)
    (3.9, 3.9 + math.sqrt(3.9 * 2.9)),
    # smoking and lung cancer, Hammond & Horn (1958) 10.73 (printed 20.9)
    (10.73, 20.9478),
    (1.8, 3.0),
    (1.0, 1.0),
])  # fmt: skip
def test_published_values(ratio, expected):
    assert sensitivity.e_value(ratio) == pytest.approx(expected, abs=5e-5)
    assert sensitivity.e_value(1 / ratio) == pytest.approx(expected, abs=5e-5)


def test_the_limit_is_that_of_the_nearer_end():
    # VanderWeele & Ding (2017): 3.9 (1.8, 8.7) needs 7.26, its interval 3.0
    found = sensitivity.e_value_of_interval(3.9, 1.8, 8.7)
    assert (round(found.value, 2), round(found.limit, 4)) == (7.26, 3.0)
    turned = sensitivity.e_value_of_interval(1 / 3.9, 1 / 8.7, 1 / 1.8)
    assert turned == pytest.approx(found)
    assert sensitivity.e_value_of_interval(2, 0.9, 4).limit == 1
    assert sensitivity.e_value_of_interval(1, 1, 1) == (1, 1)


def test_no_ratio_and_no_ends():
    assert sensitivity.e_value(0) == sensitivity.e_value(math.inf) == math.inf
    assert math.isnan(sensitivity.e_value(math.nan))
    assert math.isnan(sensitivity.e_value_of_interval(2, math.nan, math.nan).limit)
    assert sensitivity.e_value_of_interval(0, 0, 0.5).limit == pytest.approx(sensitivity.e_value(2))
    with pytest.raises(ValueError, match="0 or more"):
        sensitivity.e_value(-1)
    with pytest.raises(ValueError, match="from below to above"):
        sensitivity.e_value_of_interval(2, 3, 4)
    with pytest.raises(ValueError, match="1 or more"):
        sensitivity.hidden_bias(0.5, 2)


@given(ratios)
def test_a_cause_of_that_strength_is_just_enough(ratio):
    strength = sensitivity.e_value(ratio)
    bias = sensitivity.hidden_bias(strength, strength)
    assert max(ratio, 1 / ratio) / bias == pytest.approx(1)


@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_no_hidden_cause_distorts_more_than_its_bias(held, other_held, risk, other_risk):
    # two kinds of customers, nothing but the kind matters: any ratio between both sides is bias alone
    shares = [p * risk + (1 - p) * other_risk for p in (held, other_held)]
    found = shares[0] / shares[1]
    frequent = max(
        held / other_held, other_held / held, (1 - held) / (1 - other_held), (1 - other_held) / (1 - held)
    )
    strong = max(risk / other_risk, other_risk / risk)
    assert max(found, 1 / found) <= sensitivity.hidden_bias(frequent, strong) * (1 + 1e-9)


def test_ratios_of_odds_and_hazards():
    # by the formula of VanderWeele & Ding (2017), table 2: (1 − 0.5^0.5) / (1 − 0.5^2)
    assert sensitivity.risk_ratio_of_hazards(0.25, common=True) == pytest.approx((1 - 0.5**0.5) / 0.75)
    assert sensitivity.risk_ratio_of_hazards(0.56, common=False) == 0.56
    assert sensitivity.risk_ratio_of_hazards(0, common=True) == 0
    assert sensitivity.risk_ratio_of_hazards(1, common=True) == 1
    assert sensitivity.risk_ratio_of_odds(0.25, common=True) == 0.5
    grid = np.array([sensitivity.risk_ratio_of_hazards(x, common=True) for x in np.linspace(0.1, 5, 40)])
    assert (np.diff(grid) > 0).all()
