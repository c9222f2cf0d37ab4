"""The example that ships with journeymap: an authored journey, and simulated events, answers and tickets."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import Literal

import numpy as np

from journeymap.datasets.simulated_answers import survey_of
from journeymap.datasets.simulated_tickets import tickets_of
from journeymap.datasets.visits import visited
from journeymap.events.feedback import Feedback
from journeymap.events.log import EventLog
from journeymap.events.simulate import simulate_events
from journeymap.events.tickets import Tickets
from journeymap.formats.files import read_journey
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey

__all__ = [
    "CUSTOMERS",
    "PLANTED",
    "SEED",
    "PlantedTruth",
    "example_feedback",
    "example_journey",
    "example_log",
    "example_tickets",
]

CUSTOMERS = 20_000
SEED = 2026
START = "2025-01-06"


class PlantedTruth(Frozen):
    """What is wrong in the example on purpose, and by how much.

    Parameters
    ----------
    touchpoint : str
        Where it is.
    signal : {"drop_off", "self_loop", "service"}
        How it shows: customers are lost there, repeat it at once, or turn to service next.
    truth : float
        The true rate in the model from which the log is drawn, 0 to 1.
    elsewhere : float
        The highest true rate of the same kind at the touchpoints it is judged against: for drop-off and
        self-loops the others of its stage that are no service; for service all others that are none.
    story : str
        What happens there, in a sentence.
    """

    touchpoint: str
    signal: Literal["drop_off", "self_loop", "service"]
    truth: float
    elsewhere: float
    story: str


PLANTED: tuple[PlantedTruth, ...] = (
    PlantedTruth(
        touchpoint="book_engineer",
        signal="drop_off",
        truth=0.225,
        elsewhere=0.054,
        story="The first engineer is nineteen days away, and customers leave instead of waiting.",
    ),
    PlantedTruth(
        touchpoint="check_address",
        signal="self_loop",
        truth=0.26,
        elsewhere=0.03,
        story="The address checker does not find flats and new builds, so customers try again.",
    ),
    PlantedTruth(
        touchpoint="first_bill",
        signal="service",
        truth=0.28,
        elsewhere=0.06,
        story="The first bill is higher than the advert said, and customers turn to service to ask why.",
    ),
)


@cache
def example_journey() -> Journey:
    """What does a complete designed journey look like?

    A home-broadband provider that does not exist: 22 touchpoints over the five standard stages, six of
    them service interactions, one of which (a help line) floats over stages, with three personas. Its
    transitions carry shares and waits, so that `example_log` can be drawn from it.

    Returns
    -------
    Journey
        The journey as it stands in ``journeymap/datasets/broadband.yaml``.

    Notes
    -----
    All texts, feelings and shares are made up. They show what a map can hold, not how broadband is.

    Examples
    --------
    >>> journey = example_journey()
    >>> len(journey.touchpoints), sum(touchpoint.is_service for touchpoint in journey.touchpoints)
    (22, 6)
    """
    with as_file(files("journeymap.datasets") / "broadband.yaml") as path:
        return read_journey(path)


def example_log(*, customers: int = CUSTOMERS, seed: int = SEED) -> EventLog:
    """What would the events of the example's customers look like?

    Parameters
    ----------
    customers : int
        How many customers to draw.
    seed : int
        The same seed gives the same log.

    Returns
    -------
    EventLog
        Events drawn from `example_journey`: a walk over its touchpoints with the shares and waits of its
        transitions. What was planted in it stands in `PLANTED`.

    Notes
    -----
    The walk has no memory: where customers go next depends on where they are, not on where they have
    been. Real customers have a memory; do not take the example for evidence about them.
    """
    return simulate_events(example_journey(), customers=customers, seed=seed, start=START)


def example_feedback(*, customers: int = CUSTOMERS, seed: int = SEED) -> Feedback:
    """What would the example's customers answer in a survey?

    Parameters
    ----------
    customers, seed : int
        Those of the log: the answers belong to the customers of ``example_log(customers=..., seed=...)``.

    Returns
    -------
    Feedback
        After some of the visits to eleven touchpoints, within four hours, one row a questionnaire with the
        touchpoint that it is about: recommendation (0 to 10; 99 is no opinion), satisfaction (1 to 5), at
        service touchpoints how easy it was (1 to 7, high is easy), and where a person served how friendly
        they were (1 to 5).

    Notes
    -----
    All answers are simulated. At a touchpoint they spread around the feeling that the design gives it, moved
    by a mood that each customer keeps. Whether somebody answers does not depend on what they would say; in
    real surveys it does.

    Examples
    --------
    >>> example_feedback(customers=500).source.num_rows
    291
    """
    seen = visited(example_log(customers=customers, seed=seed), example_journey())
    return survey_of(seen, np.random.default_rng([seed, 1]))


def example_tickets(*, customers: int = CUSTOMERS, seed: int = SEED) -> Tickets:
    """What would the service desk of the example write down?

    Parameters
    ----------
    customers, seed : int
        Those of the log: the tickets belong to the customers of ``example_log(customers=..., seed=...)``.

    Returns
    -------
    Tickets
        One row for each chat with the bot, call to the help line, complaint and call before the contract
        ends (which the company starts): when it came, was answered, by a person, solved and closed, and how.

    Notes
    -----
    All times are simulated: the bot answers in seconds, the help line after twenty-two minutes in the
    median, complaints after nine working days. What is not over when the log ends is open.

    Examples
    --------
    >>> example_tickets(customers=500).source.num_rows
    176
    """
    seen = visited(example_log(customers=customers, seed=seed), example_journey())
    return tickets_of(seen, np.random.default_rng([seed, 2]))
