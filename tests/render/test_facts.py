"""The subtitle says whose journey it is, and whether its feelings were measured."""

from __future__ import annotations

import pytest

from journeymap.render.facts import journey_facts
from journeymap.render.theme import Theme
from tests.render.samples import observed, tiny

NOT_MEASURED = "feelings from the design"


def test_feelings_that_nobody_measured_are_said_to_come_from_the_design():
    seen = observed(9)
    felt = [t.model_copy(update={"feeling": 1.0, "measured_feeling": None}) for t in seen.touchpoints]
    designed = seen.model_copy(update={"touchpoints": tuple(felt)})
    assert journey_facts(designed, Theme(), feelings=True)[-1] == NOT_MEASURED
    assert NOT_MEASURED not in journey_facts(designed, Theme())
    assert NOT_MEASURED not in journey_facts(seen, Theme(), feelings=True)
    assert NOT_MEASURED not in journey_facts(tiny(), Theme(), feelings=True)


@pytest.mark.parametrize(("customers", "small"), [(19, True), (20, False)])
def test_a_small_sample_is_called_one(customers, small):
    seen = observed(9)
    few = seen.model_copy(
        update={"observation": seen.observation.model_copy(update={"customers": customers})}
    )
    assert any("small sample" in fact for fact in journey_facts(few, Theme())) is small


def test_a_period_is_never_broken():
    period = next(fact for fact in journey_facts(observed(9), Theme()) if fact.startswith("2024"))
    assert " " not in period
