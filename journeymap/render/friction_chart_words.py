"""What does the picture of a friction report say to a reader who does not see it?"""

from __future__ import annotations

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport
from journeymap.analysis.friction_words import words_of
from journeymap.analysis.wording import joined, number

__all__ = ["describe_friction"]

_WORSE = {
    "target": " (worse than its target)",
    "neighbours": " (worse than around it)",
    "threshold": " (worse than the threshold)",
}


def describe_friction(report: FrictionReport) -> str:
    """What does the picture of a friction report say, in sentences?

    Parameters
    ----------
    report : FrictionReport
        What `find_friction` found.

    Returns
    -------
    str
        The findings, then every number of every row.
    """
    lines = [str(report)]
    if report.filters:
        lines.append(f"The log was filtered: {'; '.join(report.filters)}.")
    lines += [_measured(point) for point in report.points]
    rest = [point for point in report.points if not point.is_friction]
    if rest and report.friction:
        lines.append(f"No friction was found at {joined([point.name for point in rest])}.")
    return "\n".join(line for line in lines if line)


def _measured(point: FrictionPoint) -> str:
    """Say every number of a row."""
    parts = []
    if point.gain is not None and point.gain.value is not None:
        more = "" if point.gain_journeys is None else f", {_signed(point.gain_journeys)} journeys"
        parts.append(f"expected gain {_signed(100 * point.gain.value)} points of conversion{more}")
    parts += [
        f"{words_of(signal.kind).head} {signal.say(signal.estimate.value)}"
        f"{_WORSE.get(signal.baseline_source or '', ' (worse than its peers)') if signal.significant else ''}"
        for signal in point.signals
        if signal.estimate.value is not None
    ]
    if not parts:
        return ""
    where = f" ({point.stage_name})" if point.stage_name else ""
    service = ", service" if point.is_service else ""
    return f"{point.name}{where}{service}: {'; '.join(parts)}."


def _signed(value: float) -> str:
    text = number(abs(round(value, 1)))
    return f"−{text}" if value < 0 and text != "0" else text
