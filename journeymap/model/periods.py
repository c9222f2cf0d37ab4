"""Into which periods does the time of a log fall, and which of them were observed as a whole?"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import model_validator

from journeymap.model.frozen import Frozen

__all__ = ["Period", "Timeline"]


class Period(Frozen):
    """A stretch of time with a name.

    Parameters
    ----------
    name : str
        ``2024-05`` for a calendar month, else the day (and hour) on which it begins.
    start, end : datetime
        The end is not part of it.
    """

    name: str
    start: datetime
    end: datetime

    @model_validator(mode="after")
    def _runs_forward(self) -> Period:
        if not self.start < self.end:
            raise ValueError(f"period {self.name!r} ends before it starts")
        return self


class Timeline(Frozen):
    """The periods of a log, in order and without gaps.

    Parameters
    ----------
    unit : str
        How long a period is: ``month`` (a calendar month), ``week`` (from Monday), ``day``, or a span such
        as ``14 days``.
    periods : tuple of Period
        Those that ended before the observation did, from the one with the first event on.
    unfinished : Period, optional
        The one in which the observation ended; nothing is said of it. None where it ended with a period.
    observed_from, observed_until : datetime
        When the observation began and ended.
    time_zone : {"UTC", "none"}
        Whether times are instants, put into periods by their time in UTC, or were taken as written.
    """

    unit: str
    periods: tuple[Period, ...] = ()
    unfinished: Period | None = None
    observed_from: datetime
    observed_until: datetime
    time_zone: Literal["UTC", "none"] = "none"

    @property
    def begins_late(self) -> bool:
        """Did the observation begin when the first period was already running?"""
        return bool(self.periods) and self.observed_from > self.periods[0].start

    @property
    def longer_than_a_day(self) -> bool:
        """Can a customer be active on several days of a period?"""
        first = self.periods[0] if self.periods else self.unfinished
        return first is not None and (first.end - first.start).days > 1

    def in_words(self) -> tuple[str, ...]:
        """Say what was left out because it was not observed as a whole.

        Returns
        -------
        tuple of str
            One sentence each; empty where nothing was left out.
        """
        if self.unfinished is None:
            return ()
        until = f"{self.observed_until:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
        return (f"{self.unfinished.name} is left out: the observation ended on {until}, before it did.",)
