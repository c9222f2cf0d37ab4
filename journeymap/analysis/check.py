"""Is a journey fit to be shown and measured, and what is still missing?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any, Literal

from journeymap.errors import nearest
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.tables import data_frame, html_table
from journeymap.model.touchpoints import STANDARD_CHANNELS, Touchpoint

__all__ = ["CheckReport", "Finding", "Severity", "check_journey"]

Severity = Literal["error", "warning", "note"]

_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}
_COLUMNS = ("severity", "place", "text", "hint")
_TOLERANCE = 1e-6
_SHORTEST = 4  # two channels of three letters differ by accident


class Finding(Frozen):
    """Something that a person should look at.

    Parameters
    ----------
    severity : {"error", "warning", "note"}
        Whether an analysis goes wrong with it, may mislead, or is merely poorer.
    place : str
        Where: ``goal``, ``stage loyalty``, ``touchpoint checkout``, ``channels``.
    text : str
        What is the matter, in a sentence.
    hint : str
        What to do.
    """

    severity: Severity
    place: str
    text: str
    hint: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self._said()} Hint: {self.hint}." if self.hint else self._said()

    def _said(self) -> str:
        return f"{self.severity}: {self.place}: {self.text}"


class CheckReport(Frozen):
    """Everything worth looking at in a journey, the gravest first.

    Parameters
    ----------
    journey : str
        The name of the journey.
    findings : tuple of Finding
        Errors first, then warnings, then notes; within them in the order of the journey. Empty when
        there is nothing to say.
    """

    journey: str
    findings: tuple[Finding, ...] = ()

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """Pick the findings of one severity.

        Parameters
        ----------
        severity : {"error", "warning", "note"}
            Which.

        Returns
        -------
        tuple of Finding
            In the order of the report; may be empty.
        """
        return tuple(finding for finding in self.findings if finding.severity == severity)

    @property
    def is_sound(self) -> bool:
        """Whether no finding is an error."""
        return not self.of("error")

    def __str__(self) -> str:
        """Say what was found, a line each."""
        if not self.findings:
            return f"{self.journey}: nothing to complain about."
        hints = ["", *(finding.hint for finding in self.findings)]
        lines = [  # a hint is not said twice in a row: a draft has many guesses
            finding._said() if finding.hint == before else str(finding)  # noqa: SLF001
            for finding, before in zip(self.findings, hints, strict=False)
        ]
        return "\n".join([f"{self.journey}: {self._counted()}.", *lines])

    def _counted(self) -> str:
        parts = []
        for severity in _ORDER:
            count = len(self.of(severity))
            if count:
                parts.append(f"{count} {severity}{'' if count == 1 else 's'}")
        return ", ".join(parts)

    def to_frame(self) -> Any:
        """Give one row per finding.

        Returns
        -------
        pandas.DataFrame
            Columns severity, place, text, hint, in the order of the report; no rows when there is
            nothing to say.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, (_cells(finding) for finding in self.findings))

    def _repr_html_(self) -> str:
        """Show the report as a table in a notebook."""
        caption = str(self).partition("\n")[0]
        return html_table(caption, _COLUMNS, (_cells(finding) for finding in self.findings))


def _cells(finding: Finding) -> tuple[str, str, str, str]:
    return finding.severity, finding.place, finding.text, finding.hint


def check_journey(journey: Journey) -> CheckReport:
    """Tell what a person should still look at before the journey is shown or measured.

    A journey that contradicts itself cannot be read at all; this looks at one that hangs together and
    asks what is missing, guessed or odd.

    Parameters
    ----------
    journey : Journey
        A designed or observed journey.

    Returns
    -------
    CheckReport
        The findings, the gravest first; empty when there is nothing to say.

    Notes
    -----
    Findings are no verdict: a map without service touchpoints may be right for a vending machine.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[{"id": "ad", "stage": "discovery"}])
    >>> print(check_journey(journey).findings[0])
    error: touchpoints: there is only one. Hint: a journey needs at least two.
    """
    found = [
        *_on_the_whole(journey),
        *_on_guesses(journey),
        *_on_transitions(journey),
        *_on_stages(journey),
        *_on_channels(journey),
        *_on_touchpoints(journey),
    ]
    found.sort(key=lambda finding: _ORDER[finding.severity])
    return CheckReport(journey=journey.name, findings=tuple(found))


def _finding(severity: Severity, place: str, text: str, hint: str = "") -> Finding:
    return Finding(severity=severity, place=place, text=text, hint=hint)


def _on_the_whole(journey: Journey) -> Iterator[Finding]:
    count = len(journey.touchpoints)
    if count < 2:  # noqa: PLR2004
        text = "there is only one." if count else "there is none."
        yield _finding("error", "touchpoints", text, "a journey needs at least two")
    if not journey.goal:
        yield _finding(
            "warning",
            "goal",
            "no goal is named, so no journey can be won or lost.",
            "name the touchpoint, or the stage, that wins the journey",
        )
    if not journey.personas and journey.origin == "designed":
        yield _finding("note", "personas", "nobody is named whom the journey is drawn for.")
    known = [touchpoint for touchpoint in journey.touchpoints if touchpoint.feeling is not None]
    if known and all(touchpoint.feeling_source == "assumed" for touchpoint in known):
        yield _finding(
            "note",
            "feelings",
            f"all {len(known)} feelings are assumed.",
            "ask customers, then set feeling_source to researched or measured",
        )


def _on_guesses(journey: Journey) -> Iterator[Finding]:
    for touchpoint in journey.touchpoints:
        if touchpoint.guessed:
            yield _finding(
                "warning",
                f"touchpoint {touchpoint.id}",
                f"{_listed(touchpoint.guessed)} guessed, and nobody has confirmed it yet.",
                "look at each guess, then remove it from 'guessed'",
            )


def _on_transitions(journey: Journey) -> Iterator[Finding]:
    if not journey.transitions:
        if len(journey.touchpoints) > 1:
            yield _finding("note", "transitions", "no touchpoint leads to another.", "add transitions")
        return
    yield from _on_shares(journey)
    floating = {touchpoint.id for touchpoint in journey.touchpoints if touchpoint.stage is None}
    reached = {transition.target for transition in journey.transitions}
    reached |= {name.partition("@")[0] for name in reached}
    begun = any(_entries(touchpoint) for touchpoint in journey.touchpoints)
    for number, touchpoint in enumerate(journey.touchpoints):
        # without entry shares the first touchpoint of the map is where journeys begin
        begins = _entries(touchpoint) if begun else number == 0
        if touchpoint.id not in reached and not begins and touchpoint.id not in floating:
            yield _finding(
                "warning",
                f"touchpoint {touchpoint.id}",
                "nothing leads here and no journey begins here.",
                "add a transition to it or an entry_share",
            )


def _entries(touchpoint: Touchpoint) -> bool:
    return bool(touchpoint.entry_share) or bool(touchpoint.visits and touchpoint.visits.entries)


def _on_shares(journey: Journey) -> Iterator[Finding]:
    out: defaultdict[str, list[float | None]] = defaultdict(list)
    for transition in journey.transitions:
        out[transition.source].append(transition.share)
    for source, shares in out.items():
        known = [share for share in shares if share is not None]
        if not known or journey.origin == "observed":
            continue
        if len(known) < len(shares):
            yield _finding(
                "warning",
                f"touchpoint {source}",
                f"{len(known)} of {len(shares)} transitions out of it have a share, the others have none.",
                "give all of them or none",
            )
        elif sum(known) < _TOLERANCE:
            yield _finding("warning", f"touchpoint {source}", "all shares out of it are 0.")
    entries = [touchpoint.entry_share for touchpoint in journey.touchpoints if touchpoint.entry_share]
    if entries and abs(sum(entries) - 1) > _TOLERANCE and journey.origin == "designed":
        yield _finding(
            "warning",
            "touchpoints",
            f"the entry shares sum to {sum(entries):.4g}, so some journeys begin nowhere.",
            "let them sum to 1",
        )


def _on_stages(journey: Journey) -> Iterator[Finding]:
    for stage in journey.stages:
        here = [touchpoint for touchpoint in journey.touchpoints if touchpoint.stage == stage.id]
        place = f"stage {stage.id}"
        if not here:
            yield _finding("warning", place, "it has no touchpoints.", "add some, or leave the stage out")
        elif not any(touchpoint.owner for touchpoint in here):
            yield _finding("note", place, "nobody owns any of its touchpoints.")
    fixed = {touchpoint.stage for touchpoint in journey.touchpoints if touchpoint.is_service}
    if not fixed:
        yield _finding(
            "warning",
            "service",
            "no touchpoint is a service interaction.",
            "mark those where customers are helped with 'service: true'",
        )
    elif None not in fixed:
        bare = [stage.id for stage in journey.stages if stage.id not in fixed]
        if bare:
            yield _finding("note", "service", f"no help is offered at: {', '.join(bare)}.")


def _on_channels(journey: Journey) -> Iterator[Finding]:
    used: dict[str, int] = defaultdict(int)
    for touchpoint in journey.touchpoints:
        for channel in touchpoint.channels:
            used[channel] += 1
    known = {channel.id for channel in (*STANDARD_CHANNELS, *journey.channels)}
    for first, second in combinations(sorted(used), 2):
        if _alike(first, second) and not {first, second} <= known:
            rare, often = sorted((first, second), key=lambda name: (name in known, used[name]))
            yield _finding(
                "warning",
                "channels",
                f"{rare!r} and {often!r} look like the same channel.",
                f"write {often!r} in both places, or describe both under 'channels'",
            )


def _alike(first: str, second: str) -> bool:
    plain = [name.lower().replace("-", "").replace("_", "").replace(" ", "") for name in (first, second)]
    if plain[0] == plain[1] or plain[0].rstrip("s") == plain[1].rstrip("s"):
        return True
    long_enough = min(map(len, plain)) >= _SHORTEST and abs(len(plain[0]) - len(plain[1])) <= 1
    return long_enough and nearest(plain[0], [plain[1]]) is not None and _one_slip(*plain)


def _one_slip(first: str, second: str) -> bool:
    """Whether one letter was left out, put in, replaced or swapped with its neighbour."""
    start = next((n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None)
    if start is None:
        return True
    a, b = first[start:], second[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _on_touchpoints(journey: Journey) -> Iterator[Finding]:
    fields = {
        "channels": "no channel",
        "owner": "no owner",
        "feeling": "no feeling",
    }
    for field, missing in fields.items():
        without = [touchpoint.id for touchpoint in journey.touchpoints if _is_missing(touchpoint, field)]
        if without:
            count = f"{len(without)} of {len(journey.touchpoints)} touchpoints have {missing}"
            yield _finding("note", "touchpoints", f"{count}: {', '.join(without)}.")


def _is_missing(touchpoint: Touchpoint, field: str) -> bool:
    if field == "feeling":
        return touchpoint.feeling is None and touchpoint.measured_feeling is None
    return not getattr(touchpoint, field)


def _listed(words: tuple[str, ...]) -> str:
    if len(words) == 1:
        return f"{words[0]} is"
    return f"{', '.join(words[:-1])} and {words[-1]} are"
