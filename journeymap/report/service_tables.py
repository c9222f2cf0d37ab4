"""What is known of service as rows of text, the first row the head: for the terminal and for the page."""

from __future__ import annotations

from journeymap.analysis.service_desk import ServiceDesk
from journeymap.analysis.service_effect_result import ServiceEffect
from journeymap.analysis.service_gap_report import ServiceGap
from journeymap.analysis.service_place import ServicePlace
from journeymap.analysis.service_segments import ServiceBySegment
from journeymap.analysis.service_view import ServiceView
from journeymap.analysis.wording import percent
from journeymap.metrics.recovery import Recovery
from journeymap.model.measures import Estimate
from journeymap.report.tables import Rows, lift_and_interval, share_interval, share_text, value_and_interval

__all__ = [
    "after_table",
    "desk_table",
    "effect_table",
    "gap_table",
    "kinds_table",
    "parity_table",
    "place_table",
    "proactive_table",
    "quadrant_table",
    "recovery_table",
    "segments_table",
    "service_table",
    "trigger_table",
]

_INTERVAL = "95 % interval"
_MINUS = "−"
_ENDS = {
    "lost": "nothing: the journey ends, lost",
    "open": "nothing yet: the journey is open",
    "goal": "nothing: the journey ends, won",
}
_PERIODS = {"before": "before the purchase", "during": "during the purchase", "after": "after the purchase"}
_STATES = {
    "none": "no service contact",
    "recovered": "got on after every contact",
    "not_recovered": "did not get on after a contact",
}
_OUTCOMES = {"goal": "Goal", "retained": "Came back", "feeling": "Feeling"}
_MOST = 10
_NOT_STATED = "not stated"


def service_table(view: ServiceView) -> Rows:
    """List how much of every stage is service.

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.

    Returns
    -------
    list of tuple of str
        The head, then one row a stage. Of a designed journey, where nothing was counted, touchpoints only.
    """
    if not view.observed:
        return _designed_stages(view)
    rows: Rows = [("Stage", "Events", "Service events", "Journeys here", "With a service contact", _INTERVAL)]
    for stage in view.stages:
        rows.append(
            (
                stage.name,
                f"{stage.events:,}",
                f"{stage.service_events:,}",
                f"{stage.journeys:,}",
                share_text(stage.share),
                share_interval(stage.share),
            )
        )
    return rows


def _designed_stages(view: ServiceView) -> Rows:
    rows: Rows = [("Stage", "Touchpoints", "Of these service")]
    rows += [(s.name, f"{s.touchpoints:,}", f"{s.service_touchpoints:,}") for s in view.stages]
    floating = view.touchpoints - sum(stage.touchpoints for stage in view.stages)
    served = view.service_touchpoints - sum(stage.service_touchpoints for stage in view.stages)
    return [*rows, ("at any stage", f"{floating:,}", f"{served:,}")] if floating else rows


def place_table(view: ServiceView, place: ServicePlace) -> Rows:
    """List what every stage holds inside service and outside: friction, and what is decided there.

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.
    place : ServicePlace
        Its place.

    Returns
    -------
    list of tuple of str
        The head, then two rows a stage, and two for all of them.
    """
    names = {stage.stage: stage.name for stage in view.stages} | {"": "all stages"}
    rows: Rows = [("Stage", "Touchpoints", "Points of friction", "Of what decides the outcome", _INTERVAL)]
    for one in place.families:
        family = "service" if one.family == "service" else "all others"
        decided = one.decisiveness
        written = share_text(decided) if decided.value is not None else ""
        rows.append(
            (names.get(one.stage, one.stage), family, f"{one.friction:,}", written, share_interval(decided))
        )
    return rows


def kinds_table(view: ServiceView) -> Rows:
    """List who helps, what it is about, who begins it, in which channel, and when.

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.

    Returns
    -------
    list of tuple of str
        The head, then one row for each kind of service; contacts of an observed journey, touchpoints of a
        designed one.
    """
    counted = "Contacts" if view.observed else "Touchpoints"
    rows: Rows = [("Service by", "", counted, "Share")]
    kinds = [("who helps", view.by_handler), ("need", view.by_need), ("who begins", view.by_initiator)]
    if view.place is not None:
        kinds.append(("channel", _channels(view, view.place)))
        when = tuple((_PERIODS[one.period], one.contacts) for one in view.place.periods)
        kinds.append(("time", when))
    for name, kind in kinds:
        if {what for what, _ in kind} == {_NOT_STATED}:
            continue  # nothing is known of it
        total = sum(count for _, count in kind)
        for what, count in kind:
            rows.append((name, what.replace("_", " "), f"{count:,}", percent(count / total) if total else ""))
    return rows


def _channels(view: ServiceView, place: ServicePlace) -> tuple[tuple[str, int], ...]:
    """Count contacts by channel: as the design names it, else as the log does where feelings were counted."""
    if any(name != _NOT_STATED for name, _ in place.by_channel) or view.gap is None:
        return place.by_channel
    values = [one for parity in view.gap.parity if parity.by == "channel" for one in parity.values]
    known = [(one.name, one.contacts) for one in values if one.contacts]
    rest = sum(stage.service_events for stage in view.stages) - sum(count for _, count in known)
    # of a channel without a feeling, contacts were not counted
    return (*known, (_NOT_STATED, rest)) if rest > 0 else tuple(known)


def proactive_table(place: ServicePlace) -> Rows:
    """List how much of the service the company begins itself, stage by stage.

    Parameters
    ----------
    place : ServicePlace
        Where service sits.

    Returns
    -------
    list of tuple of str
        The head, then one row a stage with service contacts; only the head where the company begins none.
    """
    rows: Rows = [("Stage", "Contacts", "The company began", "Share", _INTERVAL)]
    if any(one.proactive for one in place.proactive):
        rows += [
            (
                one.name,
                f"{one.contacts:,}",
                f"{one.proactive:,}",
                share_text(one.share),
                share_interval(one.share),
            )
            for one in place.proactive
        ]
    return rows


def trigger_table(view: ServiceView, *, most: int = _MOST) -> Rows:
    """List the touchpoints after which customers turn to service.

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.
    most : int
        How many at most.

    Returns
    -------
    list of tuple of str
        The head, then one row a touchpoint, the largest lift first.
    """
    rows: Rows = [
        ("Before a service contact", "Stage", "Visits", "Service next", "Share", "Times as often",
         _INTERVAL, "")
    ]  # fmt: skip
    names = {stage.stage: stage.name for stage in view.stages}
    for trigger in [trigger for trigger in view.triggers if trigger.followed][:most]:
        rows.append(
            (
                trigger.name,
                names.get(trigger.stage or "", ""),
                f"{trigger.visits:,}",
                f"{trigger.followed:,}",
                share_text(trigger.share),
                *lift_and_interval(trigger.lift),
                "clearly more often" if trigger.significant else "",
            )
        )
    return rows


def after_table(view: ServiceView, *, most: int = _MOST, goal: bool = True) -> Rows:
    """List where customers go after a service contact.

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.
    most : int
        How many at most.
    goal : bool
        Whether the journey has one; without a goal none is lost.

    Returns
    -------
    list of tuple of str
        The head, then one row a destination, the most frequent first.
    """
    rows: Rows = [("After a service contact", "Stage", "Times", "Share", _INTERVAL)]
    ends = _ENDS if goal else _ENDS | {"lost": "nothing: the journey ends"}
    for after in view.after[:most]:
        name = ends.get(after.target, after.name) if after.ends else after.name
        rows.append(
            (name, after.stage_name, f"{after.count:,}", share_text(after.share), share_interval(after.share))
        )
    return rows


def effect_table(effects: tuple[ServiceEffect, ...]) -> Rows:
    """List how outcomes differ after a contact, the crude comparison first and the fair ones below.

    Parameters
    ----------
    effects : tuple of ServiceEffect
        What was compared.

    Returns
    -------
    list of tuple of str
        The head, then up to four rows an outcome.
    """
    rows: Rows = [("Outcome", "Compared", "With a contact", "Without", "Difference", _INTERVAL)]
    for effect in effects:
        felt = effect.outcome == "feeling"
        none = Estimate(value=None)
        # who comes back is counted from different times
        clocks = (", from their beginning", ", from there on") if effect.outcome == "retained" else ("", "")
        compared = [
            (f"all journeys as they are{clocks[0]} (not fair)", effect.crude_with, effect.crude_without,
             effect.crude),
            (f"at the same point of the journey{clocks[1]}", effect.standardised_with,
             effect.standardised_without, effect.stratified),
            (f"only those who surely went on{clocks[1]}", none, none, effect.against_stayed),
            (f"contact after “{effect.landmark}” or not{clocks[1]}", effect.landmarked_with,
             effect.landmarked_without, effect.landmarked),
        ]  # fmt: skip
        for words, one, other, difference in compared:
            if difference.value is not None:
                sides = tuple(
                    "" if side.value is None else _feeling(side.value) if felt else percent(side.value)
                    for side in (one, other)
                )
                told = (
                    value_and_interval(difference, _feeling)
                    if felt
                    else value_and_interval(difference, _points, " points")
                )
                rows.append((_outcome(effect), words, *sides, *told))
    return rows


def _outcome(effect: ServiceEffect) -> str:
    name = _OUTCOMES[effect.outcome]
    return f"{name}, {effect.contact}" if effect.of else name


def recovery_table(recovery: Recovery) -> Rows:
    """List how often journeys reach the goal when service got customers on, and when it did not.

    Parameters
    ----------
    recovery : Recovery
        What `recovery` measured.

    Returns
    -------
    list of tuple of str
        The head, then one row a state.
    """
    rows: Rows = [("Journeys whose customers", "Decided journeys", "Reach the goal", _INTERVAL)]
    rows += [
        (_STATES[state], f"{rate.n:,}", share_text(rate), share_interval(rate))
        for state, rate in recovery.goal_rate.items()
        if rate.value is not None
    ]
    return rows


def desk_table(desk: ServiceDesk) -> Rows:
    """List what the tickets say of every handler.

    Parameters
    ----------
    desk : ServiceDesk
        What the tickets say.

    Returns
    -------
    list of tuple of str
        The head, then one row a handler.
    """
    rows: Rows = [
        ("Handler", "Handed to a higher level", _INTERVAL, "Not handed on and settled", _INTERVAL,
         "Customer came back", _INTERVAL)
    ]  # fmt: skip
    for one in desk.handlers:
        own = [
            ("", "") if share is None else (share_text(share), share_interval(share))
            for share in (one.escalated, one.containment, one.hidden_failures)
        ]
        rows.append((one.handler.replace("_", " "), *(cell for pair in own for cell in pair)))
    return rows


def gap_table(gap: ServiceGap) -> Rows:
    """List how service and the rest feel, to all customers and to every segment.

    Parameters
    ----------
    gap : ServiceGap
        What `compare_service_gap` found.

    Returns
    -------
    list of tuple of str
        The head, then one row for all customers, and one a segment.
    """
    rows: Rows = [
        ("Customers", "How many", "In service", _INTERVAL, "Outside service", _INTERVAL, "Difference",
         _INTERVAL, "Where they stand")
    ]  # fmt: skip
    whole = ("all with both", gap.customers, gap.service, gap.experience, gap.gap, gap.quadrant)
    segments = [(s.name, s.customers, s.service, s.experience, s.gap, s.quadrant) for s in gap.segments]
    for name, customers, service, experience, difference, quadrant in [whole, *segments]:
        if service.value is not None:
            felt = [value_and_interval(one, _feeling) for one in (service, experience, difference)]
            rows.append((name, f"{customers:,}", *(cell for pair in felt for cell in pair), quadrant))
    return rows


def quadrant_table(gap: ServiceGap) -> Rows:
    """List how many customers had great or poor service within a great or poor experience.

    Parameters
    ----------
    gap : ServiceGap
        What `compare_service_gap` found.

    Returns
    -------
    list of tuple of str
        The head, then one row a quadrant.
    """
    rows: Rows = [("Customers by their own means", "Share", _INTERVAL)]
    rows += [
        (name, share_text(share), share_interval(share))
        for name, share in gap.shares.items()
        if share.value is not None
    ]
    return rows


def parity_table(gap: ServiceGap) -> Rows:
    """List how service feels by channel and by segment.

    Parameters
    ----------
    gap : ServiceGap
        What `compare_service_gap` found.

    Returns
    -------
    list of tuple of str
        The head, then one row a channel or segment.
    """
    rows: Rows = [("Service by", "", "Contacts", "Feels", _INTERVAL, "Than the others", _INTERVAL, "")]
    for parity in gap.parity:
        for one in parity.values:
            apart = value_and_interval(one.difference, _feeling)
            told = "differs" if one.differs else ""
            rows.append(
                (
                    parity.by,
                    one.name,
                    f"{one.contacts:,}",
                    *value_and_interval(one.feeling, _feeling),
                    *apart,
                    told,
                )
            )
    return rows


def _points(difference: float) -> str:
    whole = f"{difference * 100:+.0f}"
    # what is not 0 is not written as 0: an interval that leaves it out has to look like it
    return _signed(whole if float(whole) else f"{difference * 100:+.1f}")


def _feeling(value: float) -> str:
    return _signed(f"{value:+.1f}")


def _signed(text: str) -> str:
    return "0" if not float(text) else text.replace("-", _MINUS)


def segments_table(found: ServiceBySegment) -> Rows:
    """List the segments with who seeks help there, and after what most often.

    Parameters
    ----------
    found : ServiceBySegment
        What `compare_service_segments` found.

    Returns
    -------
    list of tuple of str
        A head, and one row a segment.
    """
    rows: Rows = [
        ("Segment", "Customers", "Seek help", _INTERVAL, "Most often after", "Of its visits", _INTERVAL)
    ]
    for one in found.segments:
        rows.append(
            (
                one.name,
                f"{one.customers:,}",
                share_text(one.asking),
                share_interval(one.asking),
                one.leads,
                share_text(one.after),
                share_interval(one.after),
            )
        )
    return rows
