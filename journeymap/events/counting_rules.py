"""By which rules journeys are counted, and from how many events on not every wait is put in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

__all__ = ["CountingRules", "exact_waits"]

EXACT = 30_000_000  # steps; quantiles of more waits would need more memory than many machines have
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class CountingRules:
    """What the call, else the design, says.

    Parameters
    ----------
    goal : tuple of str
        Touchpoint ids, or one stage id.
    lost_after : timedelta or None
        The silence after which a journey is lost; None until the log has told it.
    lost_after_source : {"call", "design", "data"}
        Who said so.
    observed_until : int or None
        The end of the observation, in microseconds; None until the log has told it.
    new_journey_after : timedelta or None
        The gap that starts a new journey.
    unmapped : {"error", "ignore", "keep"}
        What becomes of raw events without a touchpoint.
    evidence : bool
        Whether everything is counted by customer group.
    """

    goal: tuple[str, ...]
    lost_after: timedelta | None
    lost_after_source: Literal["call", "design", "data"]
    observed_until: int | None
    new_journey_after: timedelta | None
    unmapped: Literal["error", "ignore", "keep"]
    evidence: bool = True

    @property
    def silence(self) -> timedelta:
        """The silence after which a journey is lost, none at all where nobody knows one."""
        return self.lost_after or timedelta(0)

    @property
    def cut(self) -> int:
        """A journey without goal whose last event is not after this time (microseconds) is lost."""
        return (self.observed_until or 0) - self.silence // _MICROSECOND


def exact_waits(events: int) -> bool:
    """Tell whether the waits between so many events are all put in order; else they go into bins."""
    return events <= EXACT
