"""What would conversion and time be, if something in the journey were mended?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.fix_places import Places, refuse_contradictions
from journeymap.analysis.fix_rows import Rows, mended, observed_rows
from journeymap.analysis.fix_text import read_fix
from journeymap.analysis.fixes import CutWait, Fix, LowerExit, Remove, Reroute
from journeymap.analysis.what_if_result import MODEL_IMPLIED, AffectedTouchpoint, WhatIf, WhatIfStep
from journeymap.errors import UnreachableEndError, WrongKindError, require
from journeymap.metrics.chain import chain_counts
from journeymap.metrics.counts import counts_by_group
from journeymap.metrics.flow import share_estimate
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.chain_algebra import absorbing_chain
from journeymap.stats.chain_changes import changed_values, changed_visits
from journeymap.stats.jackknife import group_jackknife

__all__ = ["what_if"]

Floats = NDArray[np.float64]
_NEAR = 1e-9
_ROUNDING, _ENDLESS = 1e-6, 1e9


def what_if(journey: Journey, fixes: Fix | str | Iterable[Fix | str], *, level: float = 0.95) -> WhatIf:
    """What would conversion and time be, if something in the journey were mended?

    In the Markov chain of the journey the rows of the mended touchpoints change from p to p + δ:
    ``Δb = N_·v (δ · [b; 1; 0]) / (1 − δ_Q · N_·v)``, with N the expected visits, b the probability of the
    goal, and δ over touchpoints, goal and lost; several rows together after Woodbury. Expected time follows
    in the same way from the mean times at and after each touchpoint.

    Parameters
    ----------
    journey : Journey
        An observed journey with a goal.
    fixes : LowerExit, CutWait, Reroute, Remove, or several of them
        Also as short texts, see `read_fix`: ``payment: exit -50%``.
    level : float
        The confidence level.

    Returns
    -------
    WhatIf
        Every fix by itself and all together, with intervals from the group jackknife of the whole
        computation; the levels of peers are taken anew without each group.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, has no goal, or none of its journeys is decided yet.
    UnknownNameError
        A fix names a touchpoint that does not exist.
    JourneyMapError
        A fix is impossible here, or two of them contradict each other.
    UnreachableEndError
        With the fixes some journeys would never end.

    Notes
    -----
    Model-implied, if the association is causal: customers who left may differ from those who stayed, and
    the chain forgets where they came from. A fix that keeps customers makes journeys longer on average,
    because those who left early had short ones.
    """
    require(journey, Journey, "what_if", hint="discover it from the log first: discover_journey(log, design)")
    asked = _several(fixes)
    counts = chain_counts(journey)
    places = Places(journey, counts.states)
    refuse_contradictions(asked, places)
    before = _Solved.of(observed_rows(journey, counts))
    changes = [before.changed(mended(before.rows, [fix], journey, places), places) for fix in asked]
    together = before.changed(mended(before.rows, asked, journey, places), places)
    won, lost = (counts_by_group(journey, "journeys", name).sum(axis=0) for name in ("won", "lost"))
    customers = int(counts_by_group(journey, "journeys", "customers").sum())
    write = _Writer(int((won + lost).sum()), customers, level)
    names = _names(journey)
    seen = journey.observation
    return WhatIf(
        journey=journey.name,
        steps=_steps(journey, asked, changes, names, write),
        before=share_estimate(
            won, won + lost, customers=customers, definition="won journeys / won and lost journeys",
            level=level,
        ),
        **_totals(before, changes, together, write),
        touchpoints=_affected(before, together, counts.states, asked, places, names),
        journeys=write.journeys,
        customers=customers,
        filters=seen.filters if seen else (),
        period=(seen.start, seen.end) if seen else None,
    )  # fmt: skip


def _steps(
    journey: Journey,
    fixes: Sequence[Fix],
    changes: Sequence[_Change],
    names: Mapping[str, str],
    write: _Writer,
) -> tuple[WhatIfStep, ...]:
    return tuple(
        WhatIfStep(
            fix=fix,
            words=fix.words(names),
            is_service=_at_service(journey, fix),
            gain=write.share(change.gain, "conversion with this fix alone − conversion"),
            time_gain=write.seconds(change.time_gain, "expected time − the same with this fix alone"),
        )
        for fix, change in zip(fixes, changes, strict=True)
    )


def _totals(
    before: _Solved, changes: Sequence[_Change], together: _Change, write: _Writer
) -> dict[str, Estimate]:
    """Put what all fixes bring together into estimates, by the fields of the answer."""
    gain, time = together.gain, together.time_gain
    gains, times = (np.sum([getattr(one, name) for one in changes], axis=0) for name in ("gain", "time_gain"))
    return {
        "after": _within(write.share(before.goal + gain, "conversion with all fixes")),
        "gain": write.share(gain, "conversion with all fixes − conversion"),
        "gain_journeys": write.share(gain * write.journeys, "more journeys won in the observed period"),
        "interaction": write.share(gain - gains, "gain together − sum of the gains alone"),
        "time_before": write.seconds(before.time, "expected time to the goal or the end"),
        "time_after": write.seconds(before.time - time, "expected time with all fixes"),
        "time_gain": write.seconds(time, "expected time − expected time with all fixes"),
        "time_interaction": write.seconds(time - times, "time saved together − sum of the times saved alone"),
    }


def _several(fixes: Fix | str | Iterable[Fix | str]) -> tuple[Fix, ...]:
    one = isinstance(fixes, str | LowerExit | CutWait | Reroute | Remove)
    if not one and not isinstance(fixes, Iterable):
        raise _no_fix(fixes)
    given = (fixes,) if one else tuple(fixes)
    read = [read_fix(fix) if isinstance(fix, str) else fix for fix in given]
    for fix in read:
        if not isinstance(fix, LowerExit | CutWait | Reroute | Remove):
            raise _no_fix(fix)
    return tuple(read)  # type: ignore[arg-type]


def _no_fix(value: object) -> WrongKindError:
    return WrongKindError.because(
        f"cannot take a value of kind {type(value).__name__}.",
        expected="Expected LowerExit, CutWait, Reroute, Remove, a text, or several of them.",
        hint="what_if(journey, LowerExit('payment', by=0.5))",
        where="what_if",
    )


class _Change(NamedTuple):
    """What a set of fixes brings in every replicate, and how customers go on then."""

    rows: Rows
    visits: Floats
    gain: Floats
    time_gain: Floats


class _Solved(NamedTuple):
    """The chain of today, solved in every replicate."""

    rows: Rows
    visits: Floats
    goals: Floats
    times: Floats

    @classmethod
    def of(cls, rows: Rows) -> _Solved:
        visits: Floats = np.linalg.inv(np.eye(rows.inner.shape[-1]) - rows.inner).astype(np.float64)
        goals, times = (np.squeeze(visits @ part[..., np.newaxis], -1) for part in (rows.goal, rows.held))
        return cls(rows, visits, goals, times)

    @property
    def goal(self) -> Floats:
        """Conversion in every replicate."""
        return self.goals[:, 0]

    @property
    def time(self) -> Floats:
        """Expected seconds of a journey in every replicate."""
        return self.times[:, 0]

    def changed(self, new: Rows, places: Places) -> _Change:
        _refuse_endless(new, places)
        other = (new.ways != self.rows.ways).any(axis=(0, 2)) | (new.held != self.rows.held).any(axis=0)
        at = np.flatnonzero(other)
        if not at.size:
            nothing = np.zeros_like(self.goal)
            return _Change(new, self.visits[0, 0], nothing, nothing)
        inner = (new.inner - self.rows.inner)[:, at]
        reward = (new.goal - self.rows.goal)[:, at], (new.held - self.rows.held)[:, at]
        gain = changed_values(self.visits, self.goals, at, inner, reward[0])[:, 0]
        longer = changed_values(self.visits, self.times, at, inner, reward[1])[:, 0]
        # without one group of customers the changed chain may never end: that replicate tells nothing
        told = np.abs(self.goal + gain - 0.5) <= 0.5 + _ROUNDING
        told &= (self.time + longer >= -_ROUNDING * self.time) & (longer < _ENDLESS * (1 + self.time))
        gain, longer = (np.where(told, part, np.nan) for part in (gain, longer))
        return _Change(new, changed_visits(self.visits[0], at, inner[0])[0], gain, -longer)


def _refuse_endless(rows: Rows, places: Places) -> None:
    """Refuse fixes after which some customers would go in a circle for ever."""
    try:
        absorbing_chain(rows.inner[0], rows.ways[0, :, -2:])
    except UnreachableEndError as error:
        ending: NDArray[np.bool_] = np.asarray(rows.ways[0, :, -2:].any(axis=-1))
        for _ in range(len(ending)):
            ending = ending | (rows.inner[0] > 0)[:, ending].any(axis=-1)
        stuck = ", ".join(places.name(int(place)) for place in np.flatnonzero(~ending))
        raise UnreachableEndError.because(
            f"with these fixes journeys would never end from: {stuck}.",
            hint="leave some exits, or send customers elsewhere",
        ) from error


class _Writer(NamedTuple):
    """Puts the numbers of all replicates into estimates."""

    journeys: int
    customers: int
    level: float

    def share(self, values: Floats, definition: str) -> Estimate:
        return self._estimate(values, definition)

    def seconds(self, values: Floats, definition: str) -> Estimate:
        return self._estimate(values, f"seconds, {definition}")

    def _estimate(self, values: Floats, definition: str) -> Estimate:
        found = group_jackknife(float(values[0]), values[1:], level=self.level)
        return Estimate(
            value=found.value,
            low=found.low,
            high=found.high,
            n=self.journeys,
            customers=self.customers,
            level=self.level,
            method="group jackknife",
            definition=f"{definition}, {MODEL_IMPLIED}",
        )


def _within(share: Estimate) -> Estimate:
    """Keep the ends of an interval between 0 and 1."""
    ends = {end: None if value is None else min(1.0, max(0.0, value))
            for end, value in (("low", share.low), ("high", share.high))}  # fmt: skip
    return share.model_copy(update=ends)


def _names(journey: Journey) -> Mapping[str, str]:
    """Give what touchpoints are called in sentences; of two with one name the stage tells them apart."""
    called: dict[str, str] = {}
    every = [t.name for t in journey.touchpoints]
    for touchpoint in journey.touchpoints:
        stage = journey.stage(touchpoint.stage).name if touchpoint.stage else ""
        double = stage and every.count(touchpoint.name) > 1
        called[touchpoint.id] = f"“{touchpoint.name} ({stage})”" if double else f"“{touchpoint.name}”"
        if touchpoint.floats_as:
            called.setdefault(touchpoint.floats_as, f"“{touchpoint.name}”")
    return {"goal": "the goal", "lost": "lost"} | called


def _at_service(journey: Journey, fix: Fix) -> bool:
    name = fix.source if isinstance(fix, Reroute) else fix.touchpoint
    return any(t.is_service for t in journey.touchpoints if name in {t.id, t.floats_as})


def _affected(
    before: _Solved, after: _Change, states: Sequence[str], fixes: Sequence[Fix], places: Places,
    names: Mapping[str, str],
) -> tuple[AffectedTouchpoint, ...]:  # fmt: skip
    gone = {place for fix in fixes if isinstance(fix, Remove) for place in places.states(fix.touchpoint)}
    found = []
    for place, name in enumerate(states, 1):
        old, new = before.rows, after.rows
        one = AffectedTouchpoint(
            touchpoint=name,
            name=names[name].strip("“”"),
            visits_before=float(before.visits[0, 0, place]),
            visits_after=0.0 if place in gone else max(0.0, float(after.visits[place])),
            exit_before=float(old.lost[0, place]),
            exit_after=0.0 if place in gone else float(new.lost[0, place]),
            wait_before=float(old.waits[0, place]),
            wait_after=float(new.waits[0, place]),
        )
        pairs = (
            (one.visits_before, one.visits_after), (one.exit_before, one.exit_after),
            (one.wait_before, one.wait_after),
        )  # fmt: skip
        if any(abs(earlier - later) > _NEAR for earlier, later in pairs):
            found.append(one)
    return tuple(found)
