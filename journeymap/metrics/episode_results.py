"""What `service_episodes` answers: episodes of service contacts, in numbers and in sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from journeymap.events.episode_tables import UNKNOWN
from journeymap.events.queries.episode_chains import CHAINS
from journeymap.metrics.chain_words import percent, plain, spoken_range, spoken_seconds
from journeymap.metrics.episode_parts import EpisodeChain, EpisodeLength, HandlerChain, SelfServiceSessions
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.model.touchpoints import SELF_SERVICE

__all__ = ["ServiceEpisodes"]

_FEW = 20
_HANDLERS = {
    UNKNOWN: "a handler not known",
    "human": "people",
    "bot": "bots",
    "ivr": "IVRs",
    "self_service": "self-service",
    "ticket_queue": "ticket queues",
}
_LISTED = (
    ("resolved", "resolved"),
    ("abandoned", "abandoned"),
    ("open", "still open"),
    ("single_contact_resolved", "resolved with a single contact"),
    ("escalated", "escalated"),
    ("repeated", "repeated"),
    ("contacts_per_episode", "contacts per episode"),
    ("time_to_resolve", "time to resolve, median"),
    ("time_to_resolve_p90", "time to resolve, nine tenths"),
    ("continuity", "continuity"),
    ("continuity_best", "continuity at best"),
    ("restarts_per_episode", "restarts per episode"),
    ("hand_overs_per_resolved", "hand-overs per resolved episode"),
)


class ServiceEpisodes(Frozen):
    """What episodes of service contacts come to.

    Parameters
    ----------
    journey : str
        The name of the journey.
    within : str
        W, the longest gap within an episode, in words.
    episodes, customers : int
        Episodes, and distinct customers who had one.
    resolved, abandoned : Estimate
        Of the decided episodes, the share after which the journey goes on, and does not.
    abandoned_after_goal : int
        Abandoned episodes that end after the goal was reached: nothing had to follow.
    open : Estimate
        Of all episodes, the share that is not decided yet.
    single_contact_resolved, escalated, repeated : Estimate
        Of the decided episodes, the share resolved with one contact; with a contact at another touchpoint or
        in another channel than the one before; with the same one twice in a row.
    lengths : tuple of EpisodeLength
        Decided episodes by their contacts, the fewest first.
    contacts_per_episode : Estimate
        The mean over decided episodes.
    time_to_resolve, time_to_resolve_p90 : Estimate
        Seconds from the start of the first contact to the progress after the last, of resolved episodes: by
        when half of them are resolved, and nine tenths.
    by_handler : tuple of HandlerChain
        What becomes of contacts with each handler, the most contacts first.
    chains_by_handler, chains_by_channel, chains_by_touchpoint : tuple of EpisodeChain
        The most frequent first, what few customers took last; empty where none is known.
    continuity, continuity_best : Estimate
        Of the contacts that follow another one in their episode, the share where the customer need not begin
        again; where neither log nor design tells, the first takes it that they do, the second that they
        need not.
    restarts_per_episode : Estimate
        Follow-up contacts where the customer is known to begin again / episodes.
    restarts_unknown : int
        Follow-up contacts of which that is not known.
    hand_overs_per_resolved : Estimate
        Contacts at another touchpoint or in another channel than the one before, per resolved episode.
    self_service : SelfServiceSessions, optional
        What becomes of sessions of bots, IVRs and self-service; None where the journey has none.
    """

    journey: str
    within: str
    episodes: int
    customers: int
    resolved: Estimate
    abandoned: Estimate
    abandoned_after_goal: int
    open: Estimate
    single_contact_resolved: Estimate
    escalated: Estimate
    repeated: Estimate
    lengths: tuple[EpisodeLength, ...]
    contacts_per_episode: Estimate
    time_to_resolve: Estimate
    time_to_resolve_p90: Estimate
    by_handler: tuple[HandlerChain, ...]
    chains_by_handler: tuple[EpisodeChain, ...]
    chains_by_channel: tuple[EpisodeChain, ...]
    chains_by_touchpoint: tuple[EpisodeChain, ...]
    continuity: Estimate
    continuity_best: Estimate
    restarts_per_episode: Estimate
    restarts_unknown: int
    hand_overs_per_resolved: Estimate
    self_service: SelfServiceSessions | None = None

    def headline(self) -> str:
        """Say in a sentence or two how episodes end, and whether customers had to begin again.

        Returns
        -------
        str
            With intervals; empty where there are no episodes.
        """
        if not self.episodes or self.resolved.value is None:
            return ""
        many = _plural(self.episodes, "episode")
        first = (
            f"Of {many} of contacts (gaps of at most {self.within}) "
            f"{spoken_range(self.resolved, percent)} are followed by progress, "
            f"{percent(self.single_contact_resolved.value or 0.0)} after one contact."
        )
        # where nothing could have told, that nothing was told is no finding
        tells = self.restarts_unknown or (self.restarts_per_episode.value or 0.0) > 0
        return f"{first} {self._said_twice() if tells else ''}".strip()

    def story(self) -> tuple[str, ...]:
        """Say what becomes of episodes, in a few sentences.

        Returns
        -------
        tuple of str
            One sentence each.
        """
        if not self.episodes:
            return ("No customer had a service contact.",)
        found = (
            self._how_many(),
            self._how_they_end(),
            self._how_long(),
            self._in_whose_hands(),
            self._said_twice(),
            self._alone(),
            f"Small sample of {_plural(self.customers, 'customer')}: these numbers are rough."
            if self.customers < _FEW
            else "",
        )
        return tuple(sentence for sentence in found if sentence)

    def _how_many(self) -> str:
        customers, episodes = _plural(self.customers, "customer"), _plural(self.episodes, "episode")
        mean = self.contacts_per_episode
        per = f", {spoken_range(mean)} contacts each" if mean.value is not None else ""
        return f"{customers} had {episodes} of service contacts (gaps of at most {self.within}){per}."

    def _how_they_end(self) -> str:
        if self.resolved.value is None:
            return "None of them is decided yet."
        once, after = self.single_contact_resolved, self.abandoned_after_goal
        later = f" ({after:,} of them end after the goal was reached)" if after else ""
        still = f" {self.resolved.censored:,} are not decided yet." if self.resolved.censored else ""
        return (
            f"After {spoken_range(self.resolved, percent)} of the decided ones the journey goes on, after "
            f"{spoken_range(once, percent)} with a single contact; "
            f"after {percent(self.abandoned.value or 0.0)} it does not{later}.{still}"
        )

    def _how_long(self) -> str:
        half, most = self.time_to_resolve, self.time_to_resolve_p90
        if half.value is None or most.value is None:
            return ""
        return (
            "From the first contact until the journey goes on it takes up to about "
            f"{spoken_range(half, spoken_seconds)} in half of the resolved ones, up to "
            f"{spoken_seconds(most.value)} in nine tenths."
        )

    def _in_whose_hands(self) -> str:
        told = [
            f"{percent(own.escalates.value)} of contacts with {_handler(own.handler)}"
            for own in self.by_handler
            if own.escalates.value is not None and len(self.by_handler) > 1
        ]
        start = (
            f"{spoken_range(self.escalated, percent)} of the episodes move to another touchpoint or channel"
        )
        return f"{start}{': ' if told else ''}{', '.join(told)}." if self.escalated.value is not None else ""

    def _said_twice(self) -> str:
        worst, best = self.continuity, self.continuity_best
        if worst.value is None or best.value is None:
            return ""
        of = _plural(worst.n, "follow-up contact")
        if not self.restarts_unknown:
            if worst.value >= 1:
                return f"In none of {of} anything says that customers had to begin again."
            again = spoken_range(_complement(worst), percent)
            return f"In {again} of {of} customers had to begin again."
        return (
            "Whether customers must repeat themselves cannot be told for "
            f"{self.restarts_unknown:,} of {of}: between {percent(worst.value)} and "
            f"{percent(best.value)} go on where they were."
        )

    def _alone(self) -> str:
        own = self.self_service
        if own is None or own.deflection.value is None or own.containment.value is None:
            return ""
        one = own.deflection.n == 1
        write, hidden = _written(own.deflection.value, own.containment.value)
        return (
            f"Of {_plural(own.deflection.n, 'self-service session')} "
            f"{spoken_range(own.deflection, write)} {'is' if one else 'are'} not handed on within "
            f"{self.within}, and after {spoken_range(own.containment, write)} the journey goes on; the "
            f"difference, {hidden}, is hidden failures."
        )

    def standing_out(self) -> tuple[str, ...]:
        """Say of which handlers contacts surely go another way than of all the others.

        Returns
        -------
        tuple of str
            A sentence for each handler whose interval lies beyond those of all others: more, or fewer,
            contacts handed on, or more or fewer after which the journey goes on in the end. Of two handlers
            only the one with more handed on; none where nothing can be told.
        """
        known = [own for own in self.by_handler if own.handler != UNKNOWN]
        told: list[str] = []
        for own in known:
            others = [other for other in known if other is not own]
            on = _beyond(own.escalates, [other.escalates for other in others])
            end = _beyond(own.resolved, [other.resolved for other in others])
            if len(known) == 2 and (told or on == "fewer" or (not on and end == "more")):  # noqa: PLR2004
                continue
            if on or end:
                told.append(self._of_handler(own, on, end))
        return tuple(told)

    def _of_handler(self, own: HandlerChain, on: str, end: str) -> str:
        """Say how many contacts with one handler are handed on, and after how many the journey goes on."""
        who, than, goes_on = _handler(own.handler), "than with any other handler", ""
        if end or own.resolved.value is not None:
            how = f", {end} {than}" if end else ""
            goes_on = f"after {spoken_range(own.resolved, percent)} the journey goes on in the end{how}"
            if own.escalates.value and (contained := self._contained(own.handler)):
                goes_on = f"after {contained} the journey goes on without another contact, {goes_on}"
        if not on:
            return f"Of contacts with {who}, {goes_on}."
        told = f"{spoken_range(own.escalates, percent)} of contacts with {who} are handed on, {on} {than}"
        return f"{told}; {goes_on}." if goes_on else f"{told}."

    def _contained(self, handler: str) -> str:
        """Say how many sessions are contained, where they are those of one handler alone."""
        alike = [own.handler for own in self.by_handler if own.handler in SELF_SERVICE]
        if self.self_service is None or alike != [handler] or self.self_service.containment.value is None:
            return ""
        return spoken_range(self.self_service.containment, percent)

    def __str__(self) -> str:
        """Write the story, a sentence a line."""
        return "\n".join(self.story())

    def to_frame(self) -> Any:
        """Give every number as a row of a pandas data frame: ``measure``, ``of``, ``value``, ``low``, ….

        Returns
        -------
        pandas.DataFrame
            Times in seconds, shares 0 to 1.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        rows = [(name, "", getattr(self, name)) for name, _ in _LISTED]
        rows += [("length", length.contacts, length.share) for length in self.lengths]
        for own in self.by_handler:
            rows += [(name, own.handler, getattr(own, name)) for name in
                     ("escalates", "resolved", "contacts_to_end")]  # fmt: skip
        for by in CHAINS:
            chains: tuple[EpisodeChain, ...] = getattr(self, f"chains_by_{by}")
            rows += [(f"chain by {by}", chain.chain, chain.share) for chain in chains]
        if self.self_service is not None:
            rows += [(name, "self-service", getattr(self.self_service, name))
                     for name in type(self.self_service).model_fields]  # fmt: skip
        columns = ("measure", "of", *Estimate.model_fields)
        return data_frame(columns, [(name, of, *found.model_dump().values()) for name, of, found in rows])

    def _repr_html_(self) -> str:
        """Show the numbers as a table in a notebook, with the story below."""
        rows = []
        for name, words in _LISTED:
            found: Estimate = getattr(self, name)
            times, counts = name.startswith("time"), "per" in name.split("_")
            write = spoken_seconds if times else plain if counts else percent
            told = "not known" if found.value is None else spoken_range(found, write)
            rows.append((words, told, f"{found.n:,}"))
        return html_table(
            f"Service episodes of {self.journey}", ("measure", "value", "n"), rows, notes=self.story()
        )


def _complement(share: Estimate) -> Estimate:
    """Turn a share into that of all the others."""
    ends = {
        name: None if (end := getattr(share, name)) is None else 1 - end for name in ("value", "low", "high")
    }
    return share.model_copy(update={"value": ends["value"], "low": ends["high"], "high": ends["low"]})


def _beyond(own: Estimate, others: Sequence[Estimate]) -> str:
    """Whether an interval lies above those of all others ("more"), below ("fewer"), or neither."""
    lows, highs = ([getattr(other, end) for other in others] for end in ("low", "high"))
    if not others or own.low is None or own.high is None or None in lows or None in highs:
        return ""
    return "more" if own.low > max(highs) else "fewer" if own.high < min(lows) else ""


def _written(whole: float, part: float) -> tuple[Callable[[float], str], str]:
    """Choose how to write two shares, and write their difference so that the three add up."""
    for digits in (0, 1):
        shown = [round(share * 100, digits) for share in (whole, part)]
        rest = round((whole - part) * 100, digits)
        if abs(shown[0] - shown[1] - rest) < 10**-6 or digits:
            break

    def write(share: float) -> str:
        return f"{share * 100:.{digits}f} %"

    return write, f"{shown[0] - shown[1]:.{digits}f} %"


def _plural(count: int, one: str) -> str:
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def _handler(name: str) -> str:
    return _HANDLERS.get(name, name)
