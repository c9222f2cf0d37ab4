"""Results that try the figures of surveys, tickets and behaviour: few, many, long-named, Chinese, missing."""

from __future__ import annotations

from functools import cache

from journeymap.analysis.priorities import prioritise
from journeymap.analysis.what_if import what_if
from journeymap.datasets import example_feedback, example_log, example_tickets
from journeymap.events.activity import cohorts
from journeymap.events.with_feedback import with_feedback
from journeymap.metrics.behaviour import behaviour_panel
from journeymap.metrics.scorecard import scorecard
from journeymap.metrics.with_tickets import with_tickets
from journeymap.render.cohorts import draw_cohorts
from journeymap.render.driver_chart import draw_drivers
from journeymap.render.panel_chart import draw_panel
from journeymap.render.priority_chart import draw_priorities
from journeymap.render.scorecard import draw_scorecard
from journeymap.render.what_if_chart import draw_what_if
from tests.render.behaviour_samples import some_cohorts, some_panel
from tests.render.driver_samples import some_drivers
from tests.render.lived import lived
from tests.render.test_priority_chart import ranked
from tests.render.test_scorecard import CARDS
from tests.render.test_what_if_chart import answer

CUSTOMERS = 1_500
LONG = "opened the page with the monthly prices of every plan with the neighbour's"
CHINESE = "比较各种套餐的价格与速度,然后联系在线客服"

DRAW = {
    "cohorts": draw_cohorts, "drivers": draw_drivers, "panel": draw_panel, "priorities": draw_priorities,
    "scorecard": draw_scorecard, "what_if": draw_what_if,
}  # fmt: skip
SAMPLES = ("smallest", "example", "many", "long names", "chinese", "all missing")


def _log():
    return example_log(customers=CUSTOMERS).between("2025-01-06", "2025-07-01")


@cache
def result(figure: str, sample: str):
    """A sample of what a figure shows."""
    return {
        "cohorts": _cohorts, "drivers": _drivers, "panel": _panel, "priorities": _priorities,
        "scorecard": _scorecard, "what_if": _what_if,
    }[figure](sample)  # fmt: skip


def _cohorts(sample):
    if sample in {"smallest", "many", "all missing"}:
        names = {"smallest": "two periods", "many": "three years", "all missing": "nothing"}
        return some_cohorts(names[sample])
    found = cohorts(_log(), period="month")
    if sample == "example":
        return found
    name = {"long names": LONG, "chinese": CHINESE}[sample]
    return found.model_copy(update={"active": (name, f"{name} 2"), "filters": (f"plan is {name!r}",)})


def _panel(sample):
    if sample in {"smallest", "many", "all missing"}:
        names = {"smallest": "one period", "many": "weeks", "all missing": "nothing"}
        return some_panel(names[sample])
    if sample == "example":
        return behaviour_panel(
            _log(), purchase=["order_submitted", "contract_renewed"], service=lived("example")
        )
    name = {"long names": LONG, "chinese": CHINESE}[sample]
    found = some_panel("year")
    measures = tuple(measure.model_copy(update={"name": name}) for measure in found.measures)
    return found.model_copy(update={"measures": measures, "filters": (f"plan is {name!r}",)})


def _scorecard(sample):
    if sample == "example":
        answered = with_feedback(
            lived("example"), example_feedback(customers=CUSTOMERS), feeling_from="stars"
        )
        return scorecard(with_tickets(answered, example_tickets(customers=CUSTOMERS)))
    names = {"smallest": "two", "long names": "long", "all missing": "unmeasured"}
    return CARDS[names.get(sample, sample)]()


def _drivers(sample):
    names = {"smallest": "one", "example": "five", "many": "fifteen", "all missing": "nobody"}
    return some_drivers(names.get(sample, sample))


NAMED = {"long names": LONG, "chinese": CHINESE}
FIXES = {"smallest": "one", "many": "twelve", "all missing": "no change at all"}


def _what_if(sample):
    if sample == "example":
        return what_if(lived("example"), ["book_engineer: exit -50%", "check_address: exit to 5%"])
    return answer(FIXES.get(sample, "twelve"), NAMED.get(sample, ""))


def _priorities(sample):
    if sample == "example":
        asked = ("book_engineer: exit -50%", "check_address: exit to 5%", "credit_check: exit -30%")
        return prioritise([what_if(lived("example"), one) for one in asked], cost=[30, 5, 12], unit="weeks")
    if sample == "all missing":
        return prioritise([answer("no change at all")], cost=[3])
    return ranked({"smallest": "one"}.get(sample, "twelve"), NAMED.get(sample, ""))
