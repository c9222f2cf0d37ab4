"""Do journeys go better after a service contact than without one, compared fairly?"""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from journeymap.analysis.service_effect_numbers import FROM_START, Arrivals, feelings, shares
from journeymap.analysis.service_effect_result import EffectVerdict, Outcome, ServiceEffect, first_of
from journeymap.analysis.wording import percent, plural
from journeymap.errors import MissingEvidenceError, UnknownNameError, nearest, require
from journeymap.metrics.counts import counts_by_group, evidence_table, refuse_graph_alone
from journeymap.model.durations import duration_text
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.touchpoints import Handler, Initiator

__all__ = ["ServiceEffect", "check_service_effect", "retained_after"]

_STAGE = "stage:"
_TABLES = ("service_points", "landmarks", "point_rules")
_WORDS = {
    "company": "a service contact that the company began",
    "customer": "a service contact that the customer began",
    "human": "a service contact with a person",
    "bot": "a service contact with a bot",
    "ivr": "a service contact with an IVR",
    "self_service": "a service contact by self-service",
    "ticket_queue": "a service contact by a ticket queue",
}
_LEAST = {"goal": 0.02, "retained": 0.02, "feeling": 0.1}
# what holds the outcome, of which trials, and of which of them the journey surely went on
_COUNTED = {"goal": "closed", "retained": "watched", "feeling": "felt"}
_MEASURES = {"goal": ("won", "closed", "went_on"), "retained": ("retained", "watched", "watched_on")}


def check_service_effect(
    journey: Journey,
    *,
    outcome: Outcome = "goal",
    of: str | None = None,
    landmark: str | None = None,
    min_difference: float | None = None,
    level: float = 0.95,
) -> ServiceEffect:
    """Do journeys go better after a service contact than without one, compared fairly?

    Every visit outside service before the goal and before the first contact is a point at which the journey
    may turn to service. In stratum k (same touchpoint, about as many visits so far, trouble so far or not,
    same segment, a contact came next after about this time) ``p₁ₖ`` is the share with the outcome of those
    ``n₁ₖ`` points, and ``p₀ₖ`` that of the ``n₀ₖ`` others after which nothing had happened by then.
    `stratified` is ``Σ w_k (p₁ₖ − p₀ₖ) / Σ w_k`` with
    ``w_k = n₁ₖ n₀ₖ / (n₁ₖ + n₀ₖ)``; `against_stayed` the same with only those others whose journey goes on.

    Parameters
    ----------
    journey : Journey
        An observed journey with the tables ``service_points`` and ``landmarks``.
    outcome : {"goal", "retained", "feeling"}
        Reaching the goal; an event outside service between R and 2 R later; the mean feeling outside service
        later in the journey. Who comes back is counted from the journey's first event in `crude`, from the
        point in `stratified` and `against_stayed`, and from the landmark in `landmarked`: these shares cannot
        be set beside each other.
    of : str, optional
        Which contacts: those that the ``company`` or the ``customer`` began, those of a handler, or those at
        a service touchpoint. Only journeys whose *first* contact (after the landmark: the first one after it)
        is of that kind count, beside those without any contact. Journeys with another contact first stand on
        neither side, even if one of that kind came later.
    landmark : str, optional
        One of the landmarks counted; the first of them when left out.
    min_difference : float, optional
        How large the difference at the same point has to be to be claimed: 0.02, two points, of shares and
        0.1 of feelings when left out. What the strata leave over is small, and a million events would make it
        significant.
    level : float
        The confidence level.

    Returns
    -------
    ServiceEffect
        Differences of shares are −1 to 1, of feelings −4 to 4; without value where nothing can be compared.

    Raises
    ------
    MissingEvidenceError
        The journey carries no such tables, has no goal to reach, or no feelings are known.
    UnknownNameError
        `outcome`, `of` or `landmark` names nothing that there is.

    Notes
    -----
    Why others that had waited as long. Who comes rarely has more time to ask between two visits than who
    comes often, and may be less likely to win whatever service does. A contact two weeks after a visit is
    therefore compared only with journeys that had not gone on within two weeks either (to a factor of two).
    In simulated lives of unequal pace where service does nothing, the comparison without this claims an
    effect in up to 94 of 100 logs, with it in 1.

    Why two differences. A log does not say when a silent customer left. Where others left *before* they could
    have had a contact, the contact proves that somebody was still there: all others then do worse whatever
    service does, and `stratified` lies too high. Those who went on later have survived until then, which need
    not be so for those who turned to service: `against_stayed` lies too low. Each is exact under one of the
    extremes (a contact is a detour that takes nobody's chance to leave; a contact happens only to those who
    would have stayed), so that without other differences the truth lies between both. ``more`` is claimed
    only where both intervals lie above 0. `against_stayed` is never the larger one in any stratum, so
    ``fewer`` needs `stratified` alone.

    What the interval covers. The mean difference, over points weighted by w, between a contact now and none
    *yet*. Many of the others turn to service later (`later`); where that does them good as well, the
    difference is smaller than that of a contact against none ever. One journey stands at several points, and
    one customer may have several journeys: the interval comes from leaving out groups of customers, not from
    the number of points. Points of one kind that few customers share are compared by touchpoint alone.

    What stays open. Who turns to service differs in ways that no log shows; see the E-value. Journeys that
    begin with service have nothing to be compared with. Landmarks compare journeys after a point that all
    have reached; a contact after it still takes time that those who leave at once do not have.

    Feelings are compared at equal feelings before: ``(ȳ₁ − ȳ₀) − b (x̄₁ − x̄₀)`` within strata, x the mean up
    to the point, y the mean after it, b the common slope within strata and sides. Customers turn to service
    when they feel bad, and would feel better later anyway; a plain change would credit that to service.

    References
    ----------
    Greenland, S., Robins, J. M. (1985). Estimation of a common effect parameter from sparse follow-up
    data. Biometrics 41, 55–68.
    VanderWeele, T. J., Ding, P. (2017). Sensitivity analysis in observational research: introducing the
    E-value. Annals of Internal Medicine 167, 268–274.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.log import EventLog
    >>> from journeymap.events.reading import read_steps, with_evidence
    >>> from journeymap.events.service_points import point_tables
    >>> design = Journey(name="Shop", goal="pay", lost_after="0 s", touchpoints=[
    ...     {"id": "cart", "stage": "purchase"}, {"id": "pay", "stage": "purchase"},
    ...     {"id": "phone", "service": {"need": "advice"}}])
    >>> days = [f"2024-05-0{n}" for n in range(1, 7)]
    >>> table = pa.table({"who": ["a", "a", "a", "b", "b", "c"], "when": days,
    ...                   "what": ["cart", "phone", "pay", "cart", "pay", "cart"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> journey = discover_journey(log, design)
    >>> with read_steps(journey, log, "example", with_times=True) as reading:
    ...     journey = with_evidence(journey, *point_tables(reading))
    >>> found = check_service_effect(journey)
    >>> found.stratified.value, found.against_stayed.value, found.verdict
    (0.5, 0.0, 'cannot tell')
    """
    require(journey, Journey, "check_service_effect", hint="discover it first: discover_journey(log, design)")
    _refuse_missing(journey, outcome)
    chosen, contact = _chosen(journey, of)
    mark = _landmark(journey, landmark)
    told = _told(journey, outcome)
    least = _LEAST[outcome] if min_difference is None else min_difference
    first = "with a contact" if of is None else first_of(contact)
    weak: tuple[float | None, float | None] = (None, None)
    if outcome == "feeling":
        found, compared = feelings(journey, chosen, mark, contact=contact, first=first, level=level)
    else:
        found, weak, compared = shares(
            journey, chosen, mark, measures=_MEASURES[outcome], what=f"share that {told}", contact=contact,
            first=first, level=level,
        )  # fmt: skip
    if of is not None:
        unknown = "contacts before the landmark are not told apart by kind"
        found["landmarked_before"] = Estimate(value=None, level=level, definition=unknown)
    arrivals = Arrivals.of(journey, chosen)
    every = arrivals.everyone("journeys")
    verdict = _verdict(found["stratified"], found["against_stayed"], least)
    return ServiceEffect(
        journey=journey.name,
        outcome=outcome,
        of=of,
        contact=contact,
        told=told,
        landmark=_landmark_name(journey, mark),
        e_value=weak[0],
        e_value_limit=weak[1],
        n_with=found["crude_with"].n,
        n_without=found["crude_without"].n,
        n_other=0 if of is None else arrivals.others(_COUNTED[outcome]),
        journeys=every,
        undecided=every - arrivals.everyone("closed"),
        compared=compared,
        verdict=verdict,
        assumptions=(
            *_assumptions(journey, outcome, found, contact if of else "", found["crude_with"].n - compared),
            *_said_unknown(verdict, weak, told, contact),
        ),
        **found,
    )


def _verdict(stratified: Estimate, against_stayed: Estimate, least: float) -> EffectVerdict:
    if stratified.value is None or abs(stratified.value) < least:
        return "cannot tell"
    if stratified.high is not None and stratified.high < 0:
        return "fewer"
    if all(one.low is not None and one.low > 0 for one in (stratified, against_stayed)):
        return "more"
    return "cannot tell"


def _refuse_missing(journey: Journey, outcome: str) -> None:
    if outcome not in get_args(Outcome):
        raise UnknownNameError.because(
            f"outcome: there is no outcome {outcome!r}.",
            expected=f"Expected one of: {', '.join(get_args(Outcome))}.",
        )
    carried = {table.name for table in journey.evidence}
    if not carried.issuperset(_TABLES):
        refuse_graph_alone(journey)
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} does not know at which points it could have turned to service.",
            expected="Expected the tables service_points and landmarks.",
            hint="count them from the log: with_service(journey, log)",
        )
    if outcome == "goal" and not journey.goal:
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} has no goal, so nothing is won or lost.",
            expected="Expected a goal, or another outcome.",
            hint="name a goal in the design, or choose outcome='retained'",
        )
    if outcome == "feeling" and not counts_by_group(journey, "landmarks", "felt").sum():
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} was counted from events without feelings.",
            expected="Expected feelings outside service.",
            hint="name their column with EventLog(..., feeling_col=...)",
        )


def _chosen(journey: Journey, of: str | None) -> tuple[frozenset[str], str]:
    """Name the touchpoints of the contacts that are meant, and the contacts in words."""
    served = {t.id: t for t in journey.touchpoints if t.service is not None}
    if of is None:
        return frozenset(served), "a service contact"
    kinds = {*get_args(Initiator), *get_args(Handler)}
    if of in kinds:
        told = {name: t.service for name, t in served.items() if t.service is not None}
        found = {name for name, service in told.items() if of in {service.initiator, service.handler}}
        return frozenset(found), _WORDS[of]
    found = {name for name, touchpoint in served.items() if of in {name, touchpoint.floats_as}}
    if not found:
        known = sorted({t.floats_as or t.id for t in served.values()})
        close = nearest(str(of), [*known, *kinds])
        raise UnknownNameError.because(
            f"of: no service touchpoint, handler or initiator {of!r}.",
            expected=f"Expected one of: {', '.join([*known, *_WORDS])}.",
            hint=f"did you mean {close!r}?" if close else None,
        )
    return frozenset(found), f"a contact at {served[min(found)].name}"


def _landmark(journey: Journey, landmark: str | None) -> str:
    """Choose a landmark that journeys reach: the first touchpoint, else the first stage after purchase."""
    reached = list(dict.fromkeys(key[0] for key in evidence_table(journey, "landmarks").keys))
    reached = [name for name in reached if name != FROM_START]
    if landmark is None:
        after = {f"{_STAGE}{stage.id}" for stage in journey.stages if stage.period == "after"}
        usual = [name for name in reached if not name.startswith(_STAGE)]
        usual += [name for name in reached if name in after]
        return usual[0] if usual else ""
    for name in (landmark, f"{_STAGE}{landmark}"):
        if name in reached:
            return name
    close = nearest(landmark, reached)
    raise UnknownNameError.because(
        f"landmark: {landmark!r} was not counted, or no journey reaches it.",
        expected=f"Expected one of: {', '.join(reached)}.",
        hint=f"did you mean {close!r}?"
        if close
        else f"count it: with_service(..., landmarks=[{landmark!r}])",
    )


def _landmark_name(journey: Journey, mark: str) -> str:
    names = {f"{_STAGE}{stage.id}": stage.name for stage in journey.stages}
    names |= {t.floats_as: t.name for t in journey.touchpoints if t.floats_as}
    names |= {t.id: t.name for t in journey.touchpoints}
    return names.get(mark, mark)


def retained_after(journey: Journey) -> timedelta:
    """After how long does a customer who is seen again count as retained?

    Parameters
    ----------
    journey : Journey
        A journey with the table ``point_rules``.

    Returns
    -------
    timedelta
        R: who comes back more than R, and at most 2 R, later is retained.
    """
    rules = dict(zip((name for (name,) in evidence_table(journey, "point_rules").keys),
                     counts_by_group(journey, "point_rules", "value").sum(axis=1), strict=True))  # fmt: skip
    return timedelta(microseconds=int(rules["retained_after"]))


def _told(journey: Journey, outcome: str) -> str:
    if outcome == "goal":
        return "reach the goal"
    if outcome == "feeling":
        return "feel outside service"
    span = retained_after(journey)
    return f"come back outside service {duration_text(span)} to {duration_text(2 * span)} later"


def _said_unknown(
    verdict: EffectVerdict, weak: tuple[float | None, float | None], told: str, contact: str
) -> tuple[str, ...]:
    """Say how strong something unknown would have to be to explain away what is claimed."""
    value, limit = weak
    if verdict == "cannot tell" or value is None or limit is None:
        return ()
    less = "likely" if verdict == "more" else "unlikely"
    said = (
        f"To explain away that {verdict} {told} after {contact}, something we cannot see would have to make "
        f"the contact {value:.1f} times as likely, and also make it {value:.1f} times as {less} that "
        f"customers {told}; {limit:.1f} times each would be enough to leave it open."
    )
    return (said,)


def _assumptions(
    journey: Journey, outcome: str, found: dict[str, Estimate], only: str, alone: int
) -> tuple[str, ...]:
    """Say what has to hold for the difference to be an effect, and what it is an effect of."""
    parts = evidence_table(journey, "service_points").keys
    segment = ", in the same segment" if any(key[3] not in {"", "*"} for key in parts) else ""
    said = [
        (
            "A point is a touchpoint outside service, after about as many visits, with or without trouble so "
            f"far{segment}, and as long a wait for what comes next. Who turns to service there is taken to "
            "be chance; what else differs is not taken out."
        ),
    ]
    if outcome == "feeling":
        said.append(
            "Customers are compared at equal feelings before, by a straight line; only journeys that felt "
            "something before and after count."
        )
    else:
        said.append(
            "When silent customers left, no log tells. Against all others service looks too good where they "
            "left before they could have had a contact; against those who surely went on it looks too bad. "
            "Only where both say the same is it claimed."
        )
    later = found["later"].value
    if later:
        said.append(
            f"Of the others, {percent(later)} turned to service later: the difference is that of "
            f"{only or 'a contact'} now against one later or never."
        )
    if alone > 0:
        what = f" ({only})" if only else ""
        said.append(f"Left out of it: {plural(alone, 'contact')}{what} with no others at the same point.")
    return tuple(said)
