"""What does a service blueprint say to a reader who does not see it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from journeymap.analysis.wording import joined, percent, plural, spoken_time
from journeymap.model.journey import Journey
from journeymap.render.blueprint_content import BEHIND, ROLES, SEVERE, Blueprint, blueprint_of, texts_of

__all__ = ["describe_blueprint", "words_of"]

_MOST_SYSTEMS = 5


def describe_blueprint(
    journey: Journey, *, path: Sequence[str] | None = None, lanes: Iterable[str] | None = None
) -> str:
    """What does the blueprint of a journey say, in sentences?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    path : sequence of str, optional
        The touchpoints that it shows instead of all.
    lanes : iterable of str, optional
        The lanes that it shows; all when left out.

    Returns
    -------
    str
        The whole in a few sentences, then one line a touchpoint with its texts uncut.

    Raises
    ------
    UnknownNameError
        No such lane, or the path names an unknown touchpoint.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[
    ...     {"id": "pay", "stage": "purchase", "frontstage": "Till", "systems": "Payment provider"}])
    >>> print(describe_blueprint(journey).splitlines()[0])
    Shop: a service blueprint of 1 touchpoint in 1 stage: Purchase (1).
    """
    return words_of(blueprint_of(journey, path=path, lanes=lanes))


def words_of(content: Blueprint) -> str:
    """What does this blueprint say, in sentences?

    Parameters
    ----------
    content : Blueprint
        What is drawn.

    Returns
    -------
    str
        As of `describe_blueprint`.
    """
    lines = [_opening(content), *_lines(content), *_shared(content), *_moments(content)]
    lines += [*_fails(content), *_waits(content)]
    if content.left_out:
        lines.append(f"It leaves out {plural(content.left_out, 'touchpoint')} that few customers visit.")
    return "\n".join([*lines, *(_in_words(content, place) for place in range(len(content.columns)))])


def _opening(content: Blueprint) -> str:
    stages = Counter(column.stage_name for column in content.columns if column.stage)
    floating = sum(not column.stage for column in content.columns)
    text = f"{content.journey.name}: a service blueprint of {plural(len(content.columns), 'touchpoint')}"
    if not content.columns:
        return f"{text}. There is nothing to draw yet, because the journey has no touchpoints."
    if stages:
        where = ", ".join(f"{name} ({count})" for name, count in stages.items())
        text += f" in {plural(len(stages), 'stage')}: {where}"
    return f"{text}; {floating} at any stage." if floating else f"{text}."


def _lines(content: Blueprint) -> list[str]:
    """Say which lanes lie behind which line."""
    if not content.columns:
        return []
    if not content.has_roles:
        missing = "no touchpoint names its evidence, frontstage, backstage or systems"
        return [f"Only the customers' actions are known: {missing}."]
    found = []
    for role, line in BEHIND.items():
        if role not in content.lanes:
            continue
        count = sum(bool(texts_of(column.touchpoint, role)) for column in content.columns)
        found.append(f"behind the {line}, {role} is named at {count}")
    if not found:
        return []
    text = joined(found)
    return [f"{text[0].upper()}{text[1:]} of the {plural(len(content.columns), 'touchpoint')}."]


def _shared(content: Blueprint) -> list[str]:
    if "systems" not in content.lanes:
        return []
    counts = Counter(text for column in content.columns for text in texts_of(column.touchpoint, "systems"))
    several = [(name, count) for name, count in counts.most_common(_MOST_SYSTEMS) if count > 1]
    if not several:
        return []
    named = joined([f"{name} ({count})" for name, count in several])
    return [f"The systems behind most touchpoints: {named}."]


def _names(content: Blueprint, places: Iterable[int]) -> str:
    return joined(list(dict.fromkeys(content.columns[place].touchpoint.name for place in places)))


def _moments(content: Blueprint) -> list[str]:
    places = [place for place, column in enumerate(content.columns) if column.touchpoint.moment_of_truth]
    return [f"Moments of truth: {_names(content, places)}."] if places else []


def _fails(content: Blueprint) -> list[str]:
    if not content.failing:
        return []
    names = _names(content, sorted(content.failing))
    return [f"Fail points (a pain point of severity {SEVERE} or 5): {names}."]


def _waits(content: Blueprint) -> list[str]:
    if "wait" not in content.lanes:
        return []
    longest = spoken_time(content.longest_wait.total_seconds())
    text = f"The longest median wait before a touchpoint is {longest}"
    if not content.waiting:
        return [f"{text}."]
    return [f"{text}; waiting points are {_names(content, sorted(content.waiting))}."]


def _in_words(content: Blueprint, place: int) -> str:
    """Say everything that a column shows, uncut."""
    column = content.columns[place]
    touchpoint = column.touchpoint
    facts = ["service"] if touchpoint.is_service else []
    wait, lost, visits = content.waits[place], content.lost[place], touchpoint.visits
    if wait is not None and "wait" in content.lanes:
        facts.append(_wait(content, place, spoken_time(wait.total_seconds())))
    if visits is not None and "journeys" in content.lanes:
        facts.append(f"{plural(visits.journeys, 'journey')} ({percent(visits.share)}) come here")
    if lost is not None and lost.value is not None and "drop-off" in content.lanes:
        facts.append(
            f"drop-off {percent(lost.value)}{' (small sample)' if place in content.few_lost else ''}"
        )
    head = f"{column.stage_name}, {touchpoint.name}{': ' + ', '.join(facts) if facts else ''}."
    parts = [("Doing", touchpoint.doing)]
    parts += [
        (role.capitalize(), "; ".join(texts_of(touchpoint, role))) for role in ROLES if role in content.lanes
    ]
    return " ".join([head, *(f"{name}: {_sentence(text)}" for name, text in parts if text.strip())])


def _wait(content: Blueprint, place: int, time: str) -> str:
    few = " (small sample)" if place in content.few_waits else ""
    source = content.comes_after(place)
    after = f", after {source}" if source else ""
    on = f" {content.way_in}" if content.way_in else ""
    return f"after a median wait of {time}{few}{on}{after}"


def _sentence(text: str) -> str:
    words = " ".join(text.split())
    return words if words.endswith((".", "?", "!", "。", "？", "！", "…")) else f"{words}."
