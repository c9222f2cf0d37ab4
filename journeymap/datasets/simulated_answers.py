"""What would the example's customers answer in a survey?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeymap.datasets.visits import Visited, later
from journeymap.events.feedback import Feedback
from journeymap.model.answers import Question

__all__ = ["survey_of"]

ASKED = (
    "check_address", "chatbot", "shop_adviser", "place_order", "book_engineer", "engineer_visit",
    "first_bill", "everyday_use", "complaint", "help_line", "renew",
)  # fmt: skip
_RESPONSE = 0.15  # of all visits there
_NO_OPINION, _NO_OPINION_SHARE = 99, 0.05
_MOOD, _NOISE = 0.5, 0.9  # standard deviations: of a customer for good, and of each answer
_FRIENDLIER = 1.0  # people are kinder than what they can do for you
_FIRST, _LAST = 10.0, 240.0  # minutes from the visit to the answer

_Floats = npt.NDArray[np.float64]


def survey_of(visited: Visited, rng: np.random.Generator) -> Feedback:
    """Draw a survey from visits.

    Parameters
    ----------
    visited : Visited
        Who came where, when.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    Feedback
        One row a questionnaire.
    """
    mood = rng.normal(0, _MOOD, visited.customers)
    rows = np.flatnonzero(visited.is_at(ASKED) & (rng.random(len(visited.at)) < _RESPONSE))
    felt = visited.feeling[rows] + mood[visited.who[rows]]
    return Feedback(
        pa.table({
            "customer": visited.ids.take(pa.array(visited.who[rows])),
            "answered_on": later(visited.when[rows], 60 * rng.uniform(_FIRST, _LAST, len(rows))),
            "about": visited.touchpoints(rows),
            "recommend": _recommend(felt, rng),
            "stars": _answer(felt, 1, 5, 1.0, rng),
            "easy": _answer(felt, 1, 7, 1.3, rng, asked=visited.is_service[rows]),
            "friendly": _answer(felt + _FRIENDLIER, 1, 5, 1.0, rng, asked=visited.is_human[rows]),
        }),
        customer_col="customer",
        time_col="answered_on",
        touchpoint_col="about",
        questions=[
            Question(column="recommend", name="Would recommend us", measure="nps", blank=_NO_OPINION),
            Question(column="stars", name="Satisfied with this", measure="csat", scale={"low": 1, "high": 5}),
            Question(column="easy", name="Made it easy", measure="ces", version="2.0", family="service"),
            Question(column="friendly", name="Friendly and helpful", scale={"low": 1, "high": 5},
                     family="service", element="human"),
        ],
    )  # fmt: skip


def _answer(
    felt: _Floats,
    low: int,
    high: int,
    per_feeling: float,
    rng: np.random.Generator,
    *,
    asked: npt.NDArray[np.bool_] | None = None,
) -> pa.Array[Any]:
    """Turn feelings into answers around the middle of a scale; empty where nobody asked."""
    drawn = (low + high) / 2 + per_feeling * (felt + rng.normal(0, _NOISE, len(felt)))
    whole = np.clip(np.rint(drawn), low, high).astype(np.int64)
    return pa.array(whole, mask=None if asked is None else ~asked)


def _recommend(felt: _Floats, rng: np.random.Generator) -> pa.Array[Any]:
    """One visit is not the whole relationship: a recommendation follows its feeling less."""
    drawn = 7.4 + 0.9 * felt + rng.normal(0, 1.6, len(felt))
    whole = np.clip(np.rint(drawn), 0, 10).astype(np.int64)
    return pa.array(np.where(rng.random(len(felt)) < _NO_OPINION_SHARE, _NO_OPINION, whole))
