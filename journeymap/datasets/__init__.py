"""The example that ships with journeymap: an authored journey and a log whose truth is known."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import Literal

from journeymap.events.log import EventLog
from journeymap.events.simulate import simulate_events
from journeymap.formats.files import read_journey
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey

__all__ = ["CUSTOMERS", "PLANTED", "SEED", "PlantedTruth", "example_journey", "example_log"]

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
