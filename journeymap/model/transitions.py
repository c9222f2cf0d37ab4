"""How customers get from one touchpoint to the next."""

from __future__ import annotations

from pydantic import Field

from journeymap.model.durations import Duration
from journeymap.model.frozen import Frozen

__all__ = ["Transition", "Wait"]


class Wait(Frozen):
    """The time between the end of one touchpoint and the start of the next.

    Parameters
    ----------
    median : timedelta, optional
        Half of the waits are no longer.
    mean : timedelta, optional
        The average wait.
    p90 : timedelta, optional
        Nine in ten waits are no longer.
    median_low, median_high : timedelta, optional
        The 95 % interval of the median.
    """

    median: Duration | None = None
    mean: Duration | None = None
    p90: Duration | None = None
    median_low: Duration | None = None
    median_high: Duration | None = None


class Transition(Frozen):
    """An edge of the graph: customers come from `source` to `target`.

    Parameters
    ----------
    source, target : str
        Ids of touchpoints; ``phone@purchase`` names a floating touchpoint at one stage.
    count : int, optional
        How often it was observed.
    customers : int, optional
        By how many distinct customers.
    share : float, optional
        Count / visits to the source, 0 to 1. What the shares out of a touchpoint lack to 1 ends there.
    share_low, share_high : float, optional
        The 95 % interval of the share.
    wait : Wait, optional
        The time in between.
    label : str
        What makes customers go this way, in a few words.
    """

    source: str
    target: str
    count: int | None = Field(default=None, ge=0)
    customers: int | None = Field(default=None, ge=0)
    share: float | None = Field(default=None, ge=0, le=1)
    share_low: float | None = None
    share_high: float | None = None
    wait: Wait | None = None
    label: str = ""
