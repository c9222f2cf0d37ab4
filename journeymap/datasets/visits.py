"""Who came where in the example's log, and when?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeymap.events.log import EventLog
from journeymap.model.journey import Journey

__all__ = ["Visited", "later", "visited"]

_SECOND = 1_000_000  # microseconds

_Floats = npt.NDArray[np.float64]
_Wholes = npt.NDArray[np.int64]
_Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Visited:
    """The visits of a simulated log, as arrays of one length.

    Parameters
    ----------
    journey : Journey
        Its touchpoints.
    ids : pyarrow.Array
        The customers, each once.
    who, at, when : array of int
        The number of the customer, that of the touchpoint, and the time in microseconds since 1970.
    """

    journey: Journey
    ids: pa.Array[Any]
    who: _Wholes
    at: _Wholes
    when: _Wholes

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return len(self.ids)

    def is_at(self, touchpoints: Iterable[str]) -> _Truths:
        """Tell the visits to these touchpoints from the others."""
        wanted = set(touchpoints)
        return self._each([touchpoint.id in wanted for touchpoint in self.journey.touchpoints])

    @property
    def is_service(self) -> _Truths:
        """Tell visits to service touchpoints from the others."""
        return self._each([touchpoint.is_service for touchpoint in self.journey.touchpoints])

    @property
    def is_human(self) -> _Truths:
        """Tell visits at which a person serves from the others."""
        services = [touchpoint.service for touchpoint in self.journey.touchpoints]
        return self._each([service is not None and service.handler == "human" for service in services])

    @property
    def feeling(self) -> _Floats:
        """Give the feeling that the design assumes at each visit."""
        feelings = [touchpoint.feeling or 0.0 for touchpoint in self.journey.touchpoints]
        return np.array(feelings, dtype=np.float64)[self.at]

    def touchpoints(self, rows: _Wholes) -> pa.Array[Any]:
        """Name the touchpoints of some visits."""
        names = pa.array([touchpoint.id for touchpoint in self.journey.touchpoints])
        return names.take(pa.array(self.at[rows]))

    def _each(self, known: list[bool]) -> _Truths:
        return np.array(known, dtype=np.bool_)[self.at]


def visited(log: EventLog, journey: Journey) -> Visited:
    """Who came where, and when?

    Parameters
    ----------
    log : EventLog
        As `journeymap.simulate_events` draws it.
    journey : Journey
        From which it was drawn.

    Returns
    -------
    Visited
        In the log's order.
    """
    table = log.source.combine_chunks()
    numbers = {
        raw.event: number
        for number, touchpoint in enumerate(journey.touchpoints)
        for raw in touchpoint.raw_events
    }
    customers = table["customer_id"].combine_chunks().dictionary_encode()
    events = table["event"].combine_chunks().dictionary_encode()
    place = np.array([numbers[event] for event in events.dictionary.to_pylist()], dtype=np.int64)
    return Visited(
        journey=journey,
        ids=customers.dictionary,
        who=customers.indices.to_numpy().astype(np.int64),
        at=place[events.indices.to_numpy()],
        when=table["timestamp"].cast(pa.int64()).to_numpy(),
    )


def later(when: _Wholes, seconds: _Floats, *, known: _Truths | None = None) -> pa.Array[Any]:
    """When is it so many seconds later?

    Parameters
    ----------
    when : array of int
        Microseconds since 1970.
    seconds : array of float
        As many.
    known : array of bool, optional
        Where not, the cell is empty.

    Returns
    -------
    pyarrow.Array
        Times, to the second that has begun.
    """
    # rounded up, because a ticket is opened after the call begins, not before
    moments = -(-when // _SECOND) * _SECOND + np.rint(seconds).astype(np.int64) * _SECOND
    mask = None if known is None else ~known
    return pa.array(moments, pa.int64(), mask=mask).cast(pa.timestamp("us"))
