"""What `find_service_causes` answers: what sends customers to service, and who carries the load."""

from __future__ import annotations

from typing import Any

from journeymap.analysis.service_parts import ServiceTrigger
from journeymap.analysis.service_proactive_report import ProactiveEffect
from journeymap.analysis.wording import between, joined, number, percent, plural, spoken_time
from journeymap.model.durations import Duration, duration_text
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = [
    "BEGINS_HERE",
    "NO_OWNER",
    "START",
    "OwnerPair",
    "ServiceCause",
    "ServiceCauses",
]

BEGINS_HERE = "journey begins here"
NO_OWNER = "no owner named"
START = "@start"
_SHOWN = (
    "what came before", "stage", "owner", "contacts", "share", "episodes", "customers",
    "lift within the window", "lift, next event",
)  # fmt: skip
_SHOWN_OWNERS = ("team before", "team that carries", "contacts", "share", "customers")
_COLUMNS = (
    "touchpoint", "name", "stage", "owner", "contacts", "episodes", "customers",
    "share", "share_low", "share_high",
    "followed_within", "lift_within", "lift_within_low", "lift_within_high", "p_adjusted", "significant",
    "followed_next", "lift_next", "lift_next_low", "lift_next_high",
    "avoidable", "avoidable_low", "avoidable_high",
)  # fmt: skip
_OWNER_COLUMNS = (
    "cause_owner", "carrier_owner", "contacts", "episodes", "customers", "seconds", "share", "share_low",
    "share_high",
)  # fmt: skip
_MOST = 2
_FEW, _PART = 5, 0.05  # a pair of teams is named with so many contacts, and such a part of all
_HALF = 0.5
_HOUR = 3600.0


class ServiceCause(Frozen):
    """A touchpoint that customers came from when they turned to service, in contacts that they began.

    Parameters
    ----------
    touchpoint, name : str
        The node of the graph, and its name; ``@start`` where the journey begins with service.
    stage, stage_name : str
        Its stage; empty where the journey begins.
    owner : str
        The name of the team that answers for it; empty where none is named.
    contacts : int
        Service contacts of the episodes that began after it.
    episodes : int
        These episodes.
    customers : int
        Distinct customers with such a contact.
    share : Estimate
        contacts / all service contacts.
    triggers : ServiceTrigger, optional
        How often service follows a visit within the window, set against the other touchpoints; None where
        it follows none that was watched for so long, and where the journey begins.
    directly : ServiceTrigger, optional
        How often the very next event is such a contact; None where it never is.
    avoidable : Estimate, optional
        The contacts fewer if its visits led to service as seldom as those of the best touchpoint of its
        stage; None without another touchpoint there.
    failure_demand : Estimate, optional
        Of these contacts, the share caused by a failure; None where the log does not say.
    """

    touchpoint: str
    name: str
    stage: str = ""
    stage_name: str = ""
    owner: str = ""
    contacts: int
    episodes: int
    customers: int
    share: Estimate
    triggers: ServiceTrigger | None = None
    directly: ServiceTrigger | None = None
    avoidable: Estimate | None = None
    failure_demand: Estimate | None = None


class OwnerPair(Frozen):
    """Contacts that customers began, by the team whose touchpoint came before and the team that carries them.

    Parameters
    ----------
    cause : str
        The name of the team that answers for the touchpoint before the episode; ``no owner named``, or
        ``journey begins here``.
    carrier : str
        The name of the team that answers for the service touchpoint; ``no owner named``.
    contacts, episodes, customers : int
        Contacts there, the episodes that began there, and distinct customers.
    seconds : float
        Time spent in these contacts; 0 where the log has no ends of events.
    visits : int
        Visits outside service to the touchpoints of the team before; 0 where the journey begins with service.
    share : Estimate
        contacts / all service contacts.
    """

    cause: str
    carrier: str
    contacts: int
    episodes: int
    customers: int
    seconds: float
    visits: int = 0
    share: Estimate

    @property
    def per_visit(self) -> float:
        """Contacts for each visit to the touchpoints of the team before; 0 where there are none."""
        return self.contacts / self.visits if self.visits else 0.0

    @property
    def spent(self) -> str:
        """The time in words, at most in hours (a day of talk is no day); empty where not known."""
        if self.seconds < _HOUR:
            return spoken_time(self.seconds) if self.seconds else ""
        hours = number(round(self.seconds / _HOUR, 1))
        return f"{hours} hour{'' if hours == '1' else 's'}"


class ServiceCauses(Frozen):
    """What sends customers to service, which team answers for it, and which team carries the contacts.

    Parameters
    ----------
    journey : str
        The name of the journey.
    within : timedelta
        The window in which a contact counts as following a visit.
    contacts, customers : int
        Service contacts that customers began, and these customers.
    proactive_contacts : int
        Service contacts that the company began, which count nowhere else here but in `proactive`.
    causes : tuple of ServiceCause
        The touchpoints that episodes of service began after, those with most contacts first.
    owners : tuple of OwnerPair
        Contacts by the team before and the team that carries them, the most first; pairs without contacts
        are left out.
    teams : tuple of (str, Estimate)
        The share of contacts by the team whose touchpoint came before, whoever carries them, the most first.
    only_carry : tuple of str
        The teams that carry contacts, where none of them has a visited touchpoint outside service: then
        `caused_elsewhere` is 1 whatever customers do.
    caused_elsewhere : Estimate
        Contacts that another team carries than answers for the touchpoint before / contacts with both teams
        named.
    failure_demand : Estimate
        Contacts caused by a failure / contacts of which the log says; without value where it does not.
    avoidable : Estimate
        Contacts fewer if the visits of every touchpoint led to service as seldom as those of the best of its
        stage.
    windows : tuple of ServiceTrigger
        After which touchpoints service follows within the window: the significant ones first.
    proactive : ProactiveEffect, optional
        Around contacts that the company began; None where there are none.
    """

    journey: str
    within: Duration
    contacts: int
    customers: int
    proactive_contacts: int = 0
    causes: tuple[ServiceCause, ...] = ()
    owners: tuple[OwnerPair, ...] = ()
    teams: tuple[tuple[str, Estimate], ...] = ()
    only_carry: tuple[str, ...] = ()
    caused_elsewhere: Estimate
    failure_demand: Estimate
    avoidable: Estimate
    windows: tuple[ServiceTrigger, ...] = ()
    proactive: ProactiveEffect | None = None

    def matrix(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[int, ...], ...]]:
        """How many contacts does each team cause, and which team carries them?

        Returns
        -------
        tuple
            The teams before (rows), the teams that carry (columns), each the one with most contacts first
            and those without a name last, and the contacts row by row.
        """
        rows, columns = (_ranked(self.owners, side) for side in ("cause", "carrier"))
        cells = {(pair.cause, pair.carrier): pair.contacts for pair in self.owners}
        return rows, columns, tuple(tuple(cells.get((r, c), 0) for c in columns) for r in rows)

    def headline(self) -> str:
        """Say after what most contacts came, and whose touchpoint it was.

        Returns
        -------
        str
            A sentence or two.
        """
        teams = self.who_carries() if self.caused_elsewhere.value is not None else ""
        return f"{self._before()} {teams}".strip()

    def story(self) -> str:
        """Say in a few sentences what sends customers to service and who carries it.

        Returns
        -------
        str
            Sentences that say "cannot tell" where the intervals do.
        """
        parts = [self._before()]
        if self.contacts:
            parts += [self._leads(), self._later(), self.who_carries(), self._failures(), self._fewer()]
        if self.proactive is not None:
            parts.append(self.proactive.before_after())
        return "\n".join(part for part in parts if part)

    def _before(self) -> str:
        if not self.proactive_contacts:
            return self._asked() if self.contacts else "No customer had a service contact."
        by_company = f"{self.proactive_contacts:,} {_were(self.proactive_contacts)} begun by the company"
        if not self.contacts:
            return f"No customer began a service contact; {by_company}."
        return f"{self._asked()} A further {by_company}."

    def _asked(self) -> str:
        """Say after what the contacts came that customers began."""
        named = [cause for cause in self.causes if cause.touchpoint != START]
        begin = sum(cause.contacts for cause in self.causes if cause.touchpoint == START)
        whole, only, nothing = (
            f"{plural(self.contacts, 'service contact')} of {plural(self.customers, 'customer')}",
            "The only service contact",
            "began the journey",
        )
        if self.proactive_contacts:
            whole = (
                f"{plural(self.contacts, 'service contact')} that {plural(self.customers, 'customer')} began"
            )
            only = f"{only} that a customer began"
            nothing = "came before any touchpoint outside service"
        if not named and self.contacts == 1 and self.proactive_contacts:
            return f"{only} comes before any touchpoint outside service."
        if not named and self.contacts == 1:
            return f"{only} begins its journey: nothing came before."
        if not named and self.proactive_contacts:
            return f"All {whole} come before any touchpoint outside service."
        if not named:
            return f"All {whole} belong to journeys that begin with service: nothing came before."
        most = [_came_after(cause) for cause in named[:_MOST]]
        text = f"Of {whole}, {joined(most)}"
        return f"{text}; {percent(begin / self.contacts)} {nothing}." if begin else f"{text}."

    def _leads(self) -> str:
        span = duration_text(self.within)
        found = [trigger for trigger in self.windows if trigger.significant]
        if not self.windows:
            return f"No visit outside service was watched for {span} and followed by a contact."
        if not found:
            return (
                f"After which touchpoint customers turn to service within {span} more often than after"
                " others, these counts cannot tell."
            )
        first = found[0]
        ends = f" ({between(first.lift, 'number')})" if first.lift.low is not None else ""
        also = [f"“{trigger.name}”" for trigger in found[1 : _MOST + 1]]
        more = f"; {joined(also)} stand{'' if len(also) > 1 else 's'} out, too" if also else ""
        return (
            f"Within {span} after “{first.name}” customers turn to service"
            f" {percent(first.share.value or 0.0)} of the time, {number(first.lift.value or 0.0)} times as"
            f" often as after a touchpoint on average{ends}{more}."
        )

    def _later(self) -> str:
        """Say where most of the contacts after a touchpoint begin beyond the window."""
        late = [
            f"“{cause.name}”"
            for cause in [cause for cause in self.causes if cause.touchpoint != START][:_MOST]
            if cause.triggers is not None and cause.triggers.followed < cause.episodes * _HALF
        ]
        if not late:
            return ""
        span = duration_text(self.within)
        return (
            f"Most contacts after {joined(late)} begin later than {span}: a longer window would count them."
        )

    def who_carries(self) -> str:
        """Say which teams' touchpoints came before the contacts, and which team carries them.

        Returns
        -------
        str
            A sentence or two; empty where all contacts begin their journeys.
        """
        share = self.caused_elsewhere
        if share.value is None and all(pair.cause == BEGINS_HERE for pair in self.owners):
            return ""
        if share.value is None:
            return "Which team's touchpoints send customers to another team, only owners in the design tell."
        if self.only_carry and self.teams:
            return self._teams_before()
        text = (
            f"{percent(share.value)} of the contacts{_reach(share)} came after a touchpoint of another team"
            " than the one that carries them"
        )
        named = [p for p in self.owners if p.cause != p.carrier and not {p.cause, p.carrier} & _NAMELESS]
        if not named:
            return f"{text}."
        most = named[0]
        dense = self._densest(named)
        told = f"{text}; most of these after {most.cause}, carried by {most.carrier} ({_carried(most)})"
        if dense is None or dense is most or not most.visits:
            return f"{told}."
        densest = f"after {dense.cause}, carried by {dense.carrier} ({_carried(dense)})"
        return f"{told}; most for each visit {densest}."

    def _teams_before(self) -> str:
        """Say whose touchpoints came before, where those who carry the contacts have none of their own."""
        (first, share), *more = self.teams[:_MOST]
        text = (
            f"{percent(share.value or 0.0)} of the contacts{_reach(share)} came after touchpoints of {first}"
        )
        also = [f"{percent(of.value or 0.0)}{_reach(of)} of {team}" for team, of in more]
        carry = "carries" if len(self.only_carry) == 1 else "carry"
        has = "has" if len(self.only_carry) == 1 else "have"
        told = (
            f"{', '.join([text, *also])}; {joined(self.only_carry)}, which {carry} them, {has} none outside"
            " service."
        )
        named = [p for p in self.owners if not {p.cause, p.carrier} & _NAMELESS]
        dense = self._densest(named)
        if len(self.teams) == 1 or dense is None or not dense.visits:
            return told
        too = ", too," if dense.cause == first else ""
        return f"{told} Most for each visit{too} came after those of {dense.cause} ({_carried(dense)})."

    def _densest(self, pairs: list[OwnerPair]) -> OwnerPair | None:
        """Find the pair with most contacts for each visit: many visits alone make many contacts."""
        many = max(_FEW, self.contacts * _PART)
        most = pairs[0] if pairs else None
        return max((p for p in pairs if p.contacts >= many), key=lambda p: p.per_visit, default=most)

    def _failures(self) -> str:
        share = self.failure_demand
        if share.value is None:
            return ""
        return f"{percent(share.value)} of the contacts{_reach(share)} were caused by a failure."

    def _fewer(self) -> str:
        few = self.avoidable
        if few.value is None:
            return ""
        if few.low is None or few.low <= 0:
            return "Whether contacts could be avoided, these counts cannot tell."
        return (
            "If every touchpoint led to service as seldom as the best of its stage, there would be about"
            f" {number(few.value)} contacts fewer ({between(few, 'number')}): implied by these counts, and"
            " only if what goes together is a cause."
        )

    def __str__(self) -> str:
        """Write the story under the name of the journey."""
        return f"{self.journey}: {self.story()}"

    def _repr_html_(self) -> str:
        """Show the causes as a table in a notebook, with the story below."""
        rows = [
            (
                cause.name, cause.stage_name, cause.owner, f"{cause.contacts:,}", _shown(cause.share),
                f"{cause.episodes:,}", f"{cause.customers:,}",
                *(None if of is None else str(of.lift) for of in (cause.triggers, cause.directly)),
            )
            for cause in self.causes
        ]  # fmt: skip
        teams = [
            (pair.cause, pair.carrier, f"{pair.contacts:,}", _shown(pair.share), f"{pair.customers:,}")
            for pair in self.owners
        ]
        found = html_table(f"What leads to service in {self.journey}", _SHOWN, rows, notes=[self.story()])
        return found + html_table("Who answers for it, and who carries it", _SHOWN_OWNERS, teams)

    def to_frame(self) -> Any:
        """Put the causes, one row each, into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            The touchpoint before with its contacts, those with most first. `followed_within` and
            `lift_within` are of contacts within the window, as are `p_adjusted` and `significant`;
            `followed_next` and `lift_next` of the very next event.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, [_row(cause) for cause in self.causes])

    def owners_frame(self) -> Any:
        """Put the pairs of teams, one row each, into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Who answers for what came before, who carries the contacts, how many and for how long.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        rows = [
            (
                pair.cause, pair.carrier, pair.contacts, pair.episodes, pair.customers, pair.seconds,
                pair.share.value, pair.share.low, pair.share.high,
            )
            for pair in self.owners
        ]  # fmt: skip
        return data_frame(_OWNER_COLUMNS, rows)


_NAMELESS = {BEGINS_HERE, NO_OWNER}


def _carried(pair: OwnerPair) -> str:
    visits = f" after {plural(pair.visits, 'visit')}" if pair.visits else ""
    spent = f", {pair.spent} in all" if pair.seconds else ""
    return f"{plural(pair.contacts, 'contact')}{visits}{spent}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _came_after(cause: ServiceCause) -> str:
    return f"{percent(cause.share.value or 0.0)}{_reach(cause.share)} came after “{cause.name}”"


def _reach(share: Estimate) -> str:
    small = ", small sample" if share.small_sample else ""
    return f" ({between(share)}{small})" if share.low is not None else ""


def _shown(share: Estimate) -> str | None:
    return None if share.value is None else f"{percent(share.value)}{_reach(share)}"


def _ranked(pairs: tuple[OwnerPair, ...], side: str) -> tuple[str, ...]:
    sums: dict[str, int] = {}
    for pair in pairs:
        name = getattr(pair, side)
        sums[name] = sums.get(name, 0) + pair.contacts
    return tuple(sorted(sums, key=lambda name: (name == BEGINS_HERE, name == NO_OWNER, -sums[name], name)))


def _row(cause: ServiceCause) -> tuple[Any, ...]:
    trigger, few = cause.triggers, cause.avoidable
    return (
        cause.touchpoint, cause.name, cause.stage_name, cause.owner, cause.contacts, cause.episodes,
        cause.customers, cause.share.value, cause.share.low, cause.share.high,
        *_followed(trigger),
        None if trigger is None else trigger.p_adjusted,
        None if trigger is None else trigger.significant,
        *_followed(cause.directly),
        *((None, None, None) if few is None else (few.value, few.low, few.high)),
    )  # fmt: skip


def _followed(trigger: ServiceTrigger | None) -> tuple[float | None, ...]:
    if trigger is None:
        return (None,) * 4
    return (trigger.share.value, trigger.lift.value, trigger.lift.low, trigger.lift.high)
