"""What do the panels of teams, of the gap and of the effect say, in sentences?"""

from __future__ import annotations

from collections.abc import Iterable

from journeymap.analysis.service_causes_report import ServiceCauses
from journeymap.analysis.service_effect_result import ServiceEffect, vanished_benefit
from journeymap.analysis.service_gap_report import IN_BETWEEN, ServiceGap
from journeymap.analysis.wording import between, number, percent, plural
from journeymap.model.measures import Estimate
from journeymap.render.map_feeling import feeling_text

__all__ = [
    "causes_finding",
    "causes_note",
    "describe_causes",
    "describe_effects",
    "describe_gap",
    "effect_finding",
    "feeling_reach",
    "gap_finding",
    "gap_note",
]


def causes_finding(causes: ServiceCauses) -> str:
    """What does the matrix of teams show first?

    Parameters
    ----------
    causes : ServiceCauses
        What `find_service_causes` found.

    Returns
    -------
    str
        How much of the load one team carries after touchpoints of another; where the teams that carry it have
        none outside service, whose touchpoints came before.
    """
    share = causes.caused_elsewhere
    if share.value is not None and causes.only_carry and causes.teams:
        return causes.who_carries().split(". ")[0].rstrip(".") + "."
    if share.value is None:
        return "Whether one team carries the contacts of another, only owners in the design tell."
    return (
        f"{percent(share.value)} of the contacts{_reach(share)} came after a touchpoint of another team than"
        f" the one that carries them (of {share.n:,} with both named)."
    )


def causes_note(causes: ServiceCauses) -> str:
    """What else is known of the contacts in the matrix?

    Parameters
    ----------
    causes : ServiceCauses
        What `find_service_causes` found.

    Returns
    -------
    str
        How many could be avoided, and how many a failure caused; empty where neither is known.
    """
    said = []
    few = causes.avoidable
    if few.value is not None and few.low is not None and few.low <= 0:
        said.append("Whether contacts could be avoided, these counts cannot tell.")
    elif few.value is not None:
        ends = f" ({between(few, 'number')})" if few.low is not None else ""
        said.append(
            f"About {number(few.value)} contacts fewer{ends} if every touchpoint led to service as seldom as"
            " the best of its stage, if what goes together is a cause."
        )
    share = causes.failure_demand
    if share.value is not None:
        said.append(f"{percent(share.value)} of the contacts{_reach(share)} were caused by a failure.")
    return " ".join(said)


def describe_causes(causes: ServiceCauses) -> Iterable[str]:
    """What does the matrix of teams say to a reader who does not see it?

    Parameters
    ----------
    causes : ServiceCauses
        What `find_service_causes` found.

    Yields
    ------
    str
        The finding, then a sentence for each pair of teams.
    """
    yield causes_finding(causes)
    for pair in causes.owners:
        contacts = plural(pair.contacts, "contact")
        share = f"{percent(pair.share.value or 0.0)} of all{_reach(pair.share)}"
        yield f"After {pair.cause}, carried by {pair.carrier}: {contacts}, {share}."
    if note := causes_note(causes):
        yield note


def feeling_reach(estimate: Estimate) -> str:
    """Between which feelings does an estimate lie?

    Parameters
    ----------
    estimate : Estimate
        A mean feeling, or a difference of two.

    Returns
    -------
    str
        ``−0.5 to +0.2``; empty without an interval.
    """
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{feeling_text(estimate.low)} to {feeling_text(estimate.high)}"


def gap_finding(gap: ServiceGap) -> str:
    """What does the quadrant of service and experience show first?

    Parameters
    ----------
    gap : ServiceGap
        What `compare_service_gap` found.

    Returns
    -------
    str
        Both means of the same customers and their difference, and whether it can be told from none.
    """
    service, experience = gap.service.value, gap.experience.value
    if service is None or experience is None:
        return "No customer said how they felt both in service and outside it."
    means = (
        f"{plural(gap.customers, 'customer')} felt {feeling_text(service)} in service and"
        f" {feeling_text(experience)} in all else"
    )
    low, high = gap.gap.low, gap.gap.high
    if gap.gap.value is None:
        return f"{means}."
    size = f"gap {feeling_text(gap.gap.value)}"
    if low is None or high is None:
        return f"{means}: {size}, without an interval."
    told = (
        "service is better" if low > 0 else "service is worse" if high < 0 else "cannot tell which is better"
    )
    small = ", small sample" if gap.gap.small_sample else ""
    return f"{means}: {told} ({size}, {feeling_reach(gap.gap)}{small})."


def gap_note(gap: ServiceGap, *, shown: int) -> str:
    """What else is known of the customers in the quadrant?

    Parameters
    ----------
    gap : ServiceGap
        What `compare_service_gap` found.
    shown : int
        How many segments stand on the figure.

    Returns
    -------
    str
        What the shares count, customers without a contact, whether service is alike for all.
    """
    said = []
    if any(share.value is not None for share in gap.shares.values()):
        good, poor = feeling_text(gap.good_above), feeling_text(gap.poor_below)
        text = f"Shares of customers by their own means: great above {good}, poor below {poor} (shaded)"
        between_them = gap.shares.get(IN_BETWEEN)
        value = None if between_them is None else between_them.value
        said.append(f"{text}; {percent(value)} in between." if value is not None else f"{text}.")
    if gap.experience_without.value is not None:
        said.append(f"Customers without a contact: {_felt(gap.experience_without)} outside service.")
    said += [str(parity) for parity in gap.parity if parity.p_adjusted is not None]
    more = len(gap.segments) - shown
    if more > 0:
        verb = "is" if more == 1 else "are"
        said.append(f"{plural(more, 'smaller segment')} {verb} not shown.")
    return " ".join(said)


def effect_finding(effect: ServiceEffect) -> str:
    """What may be said of the effect of service contacts, in a sentence or two?

    Parameters
    ----------
    effect : ServiceEffect
        What `check_service_effect` found.

    Returns
    -------
    str
        The verdict, and what it does not mean.
    """
    if not effect.n_with:
        return effect.story()
    vanished = vanished_benefit(effect)
    vanished = f"{vanished[:1].upper()}{vanished[1:]} " if vanished else ""
    feels = effect.outcome == "feeling"
    told = "come back" if effect.outcome == "retained" else effect.told
    if effect.verdict == "cannot tell":
        what = "customers feel better or worse" if feels else f"more or fewer {told}"
        few = ", small sample" if effect.stratified.small_sample else ""
        return f"{vanished}Whether {what} after {effect.contact}: cannot tell{few}."
    what = f"{effect.verdict} {told}"
    if feels:
        what = f"customers feel {'better' if effect.verdict == 'more' else 'worse'}"
    claim = f"After {effect.contact} {what} than at the same point without"
    return f"{vanished}{claim}; that need not be because of it."


def describe_gap(gap: ServiceGap) -> Iterable[str]:
    """What does the quadrant say to a reader who does not see it?

    Parameters
    ----------
    gap : ServiceGap
        What `compare_service_gap` found.

    Yields
    ------
    str
        The finding, the shares of customers, then a sentence for each segment.
    """
    yield gap_finding(gap)
    shares = [
        f"{name} {percent(share.value)}" for name, share in gap.shares.items() if share.value is not None
    ]
    if shares:
        yield f"Of these customers: {', '.join(shares)}."
    if gap.experience_without.value is not None:
        yield f"Customers without a contact felt {_felt(gap.experience_without)}."
    for one in gap.segments:
        yield (
            f"{one.name} ({plural(one.customers, 'customer')}): service {_felt(one.service)}, experience"
            f" {_felt(one.experience)}, gap {_felt(one.gap)}; {one.quadrant}."
        )


def describe_effects(effects: Iterable[ServiceEffect]) -> Iterable[str]:
    """What do the comparisons say to a reader who does not see them?

    Parameters
    ----------
    effects : iterable of ServiceEffect
        What `check_service_effect` found.

    Yields
    ------
    str
        The story of each, then what has to hold.
    """
    for effect in effects:
        yield effect.story()
        yield from effect.assumptions


def _felt(estimate: Estimate) -> str:
    if estimate.value is None:
        return "not known"
    reach = feeling_reach(estimate)
    return f"{feeling_text(estimate.value)} ({reach})" if reach else feeling_text(estimate.value)


def _reach(share: Estimate) -> str:
    small = ", small sample" if share.small_sample else ""
    return f" ({between(share)}{small})" if share.low is not None else ""
