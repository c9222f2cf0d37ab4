"""Small surveys and journeys for the tests of the experience metrics."""

from __future__ import annotations

import pyarrow as pa

from journeymap.events.answers import answers
from journeymap.events.feedback import Feedback
from journeymap.model.journey import Journey

STARS = {"column": "stars", "measure": "csat", "scale": {"low": 1, "high": 5}}
NPS = {"column": "recommend", "measure": "nps"}
AIRPORT = ("sfo_survey_2017", "2017_SFO_Customer_Survey_20250817.csv")


def counted(table, questions, *, by=None, **told):
    """Count the answers of a table of columns."""
    return answers(Feedback(pa.table(table), questions=questions, **told), by=by)


def recommended(detractors, passives, promoters):
    """Count answers with so many of each kind."""
    scores = [score for score, n in ((3, detractors), (8, passives), (10, promoters)) for _ in range(n)]
    return counted({"recommend": scores}, NPS)


def rated(*stars):
    """Count these answers on five points."""
    return counted({"stars": list(stars)}, STARS)


def carrying(found, **fields):
    """Put answers onto a small designed journey."""
    journey = Journey(
        name="Shop",
        touchpoints=[
            {"id": "ad", "stage": "discovery", "owner": "marketing", "channels": "web"},
            {
                "id": "pay",
                "stage": "purchase",
                "owner": "shop",
                "channels": ["web", "store"],
                "expectation": 1,
            },
            {"id": "phone", "service": True, "owner": "care", "channels": "phone"},
        ],
        **fields,
    )
    return journey.model_copy(update={"answers": found})
