"""Results that try the figures of surveys, tickets and behaviour: few, many, long-named, Chinese, missing."""

from __future__ import annotations

from functools import cache

from journeymap.datasets import example_feedback, example_log, example_tickets
from journeymap.events.activity import cohorts
from journeymap.events.with_feedback import with_feedback
from journeymap.metrics.behaviour import behaviour_panel
from journeymap.metrics.scorecard import scorecard
from journeymap.metrics.with_tickets import with_tickets
from journeymap.render.cohorts import draw_cohorts
from journeymap.render.panel_chart import draw_panel
from journeymap.render.scorecard import draw_scorecard
from tests.render.behaviour_samples import some_cohorts, some_panel
from tests.render.lived import lived
from tests.render.test_scorecard import CARDS

CUSTOMERS = 1_500
LONG = "opened the page with the monthly prices of every plan with the neighbour's"
CHINESE = "比较各种套餐的价格与速度,然后联系在线客服"

DRAW = {"cohorts": draw_cohorts, "panel": draw_panel, "scorecard": draw_scorecard}
SAMPLES = ("smallest", "example", "many", "long names", "chinese", "all missing")


def _log():
    return example_log(customers=CUSTOMERS).between("2025-01-06", "2025-07-01")


@cache
def result(figure: str, sample: str):
    """A sample of what a figure shows."""
    return {"cohorts": _cohorts, "panel": _panel, "scorecard": _scorecard}[figure](sample)


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
