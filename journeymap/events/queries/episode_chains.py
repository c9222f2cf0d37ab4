"""The episodes, one by one: from contact to contact, in whose hands, how long, and what was said twice."""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.engines.protocol import Snippets
from journeymap.events.queries.counts import BUCKET
from journeymap.events.queries.episodes import EpisodeRules

__all__ = [
    "CHAINS",
    "ENDS",
    "LONGER",
    "MERGED",
    "MOST",
    "PARTS",
    "POOLED",
    "channels_sql",
    "contact_moves_sql",
    "continuity_sql",
    "episode_times_sql",
    "episode_totals_sql",
    "handlers_sql",
    "named_channels_sql",
    "rows_sql",
    "texts_sql",
]

# where an episode goes that no contact follows: in the place of a state's number −1, −2 and −3
ENDS = ("@resolved", "@abandoned", "@open")
CHAINS = ("handler", "channel", "touchpoint")
MOST = 6
MERGED = "*"
LONGER = "+"
# in the place of a handler's number: all that are self-service
POOLED = -2
# which episodes, with the condition on a row of `rows_sql`
PARTS = {
    "all": "true",
    "decided": "outcome < 2",
    "recovered": "outcome = 0",
    "not_recovered": "outcome = 1",
    "open": "outcome = 2",
    "several": "size > 1",
}


def channels_sql(contacts: str) -> str:
    """Number the channels of contacts, to be kept: ``channel`` and ``code``."""
    return (
        "select channel, cast(row_number() over (order by channel) - 1 as integer) as code "
        f"from (select distinct channel from {contacts} where channel is not null)"
    )


def named_channels_sql(contacts: str, channels: str, min_customers: int) -> str:
    """Which channels did enough customers use, and which numbers have they?"""
    return (
        f"select k.code, k.channel from {contacts} c join {channels} k on c.channel = k.channel "
        f"group by k.code, k.channel having count(distinct c.customer) >= {min_customers} order by k.code"
    )


def rows_sql(contacts: str, channels: str, words: Snippets) -> str:
    """Select one row an episode, to be kept.

    Parameters
    ----------
    contacts : str
        The table of `journeymap.events.queries.episodes.contacts_sql`.
    channels : str
        The table of `channels_sql`.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query with ``customer``, ``episode``, ``g``, ``size`` (contacts), ``outcome`` (0 resolved, 1
        abandoned, 2 open), ``after_goal`` (0 or 1: its last contact is), ``moved`` (contacts at another
        touchpoint or in another channel than the one before), ``restarts`` and ``not_known`` (follow-up
        contacts where the customer had to begin again, and where that is not known), ``took`` (microseconds
        from the start of its first contact to the progress after the last, or to the end of the last), and
        ``handler``, ``channel`` and ``touchpoint``: their numbers in the first `MOST` contacts, joined by
        blanks, −1 where not known.
    """
    numbers = {
        "handler": "coalesce(handler, -1)",
        "channel": "coalesce(code, -1)",
        "touchpoint": "touchpoint",
    }
    outcome = "case when recovered = 1 then 0 when undecided = 1 then 2 else 1 end"
    done = "case when recovered = 1 then progress_t else ends end"
    later = "case when before then 0 else 1 end"
    joined = f"(select c.*, k.code from {contacts} c left join {channels} k on c.channel = k.channel)"
    # most episodes are a single contact: nothing has to be put in order for these
    single = "nth = 1 and follows = 0"
    own = ", ".join(f"cast({column} as string) as {name}" for name, column in numbers.items())
    texts = ", ".join(
        f"{words.ordered_text(column, 'number', f'nth <= {MOST}')} as {name}"
        for name, column in numbers.items()
    )
    return (
        f"select customer, episode, g, 1 as size, {outcome} as outcome, {later} as after_goal, 0 as moved, "
        f"0 as restarts, 0 as not_known, greatest({done} - t, 0) as took, {own} from {joined} where {single} "
        "union all select customer, episode, min(g) as g, cast(count(*) as integer) as size, "
        f"max(case when follows = 0 then {outcome} end) as outcome, "
        f"max(case when follows = 0 then {later} end) as after_goal, "
        "cast(sum(other) as integer) as moved, cast(sum(coalesce(restart, 0)) as integer) as restarts, "
        "cast(count(*) - count(restart) as integer) as not_known, "
        f"greatest(max(case when follows = 0 then {done} end) - min(t), 0) as took, {texts} "
        f"from {joined} where not ({single}) group by customer, episode"
    )


def episode_totals_sql(rows: str) -> str:
    """For every kind of episodes and customer group: what they come to.

    Parameters
    ----------
    rows : str
        The table of `rows_sql`.

    Returns
    -------
    str
        A query with ``part`` (a place in `PARTS`), ``g``, ``episodes``, ``contacts``, ``hand_overs``,
        ``restarts``, ``unknown``, ``after_goal`` (episodes) and ``customers``.
    """
    sums = {"contacts": "size", "hand_overs": "moved", "restarts": "restarts", "unknown": "not_known",
            "after_goal": "after_goal"}  # fmt: skip
    columns = ", ".join(f"cast(sum({column}) as bigint) as {name}" for name, column in sums.items())
    parts = (
        f"select {number} as part, g, count(*) as episodes, {columns}, "
        f"count(distinct customer) as customers from {rows} where {condition} group by g"
        for number, condition in enumerate(PARTS.values())
    )
    return f"select * from ({' union all '.join(parts)}) order by part, g"


def contact_moves_sql(contacts: str, rules: EpisodeRules) -> str:
    """For every contact's touchpoint, what comes after it in the episode, and customer group: how often.

    Parameters
    ----------
    contacts : str
        The table of `journeymap.events.queries.episodes.contacts_sql`.
    rules : EpisodeRules
        What belongs together.

    Returns
    -------
    str
        A query with ``state``, ``target`` (a state, or −1, −2, −3 for `ENDS`), ``g``, ``moves``, ``watched``
        (after contacts that end early enough to be followed), ``elsewhere`` (of these, to another touchpoint
        or channel) and ``customers``.
    """
    watched = f"ends <= {rules.until - rules.within}"
    target = (
        "case when follows = 1 then next_state when recovered = 1 then -1 "
        "when undecided = 1 then -3 else -2 end"
    )
    return (
        f"select state, {target} as target, g, count(*) as moves, "
        f"count(*) filter (where {watched}) as watched, "
        f"count(*) filter (where {watched} and other = 1) as elsewhere, "
        f"count(distinct customer) as customers from {contacts} group by 1, 2, 3 order by 1, 2, 3"
    )


def handlers_sql(contacts: str, rules: EpisodeRules, pooled: Sequence[int]) -> str:
    """For every handler and customer group: contacts and those who had them.

    Parameters
    ----------
    contacts : str
        The table of `journeymap.events.queries.episodes.contacts_sql`.
    rules : EpisodeRules
        What belongs together.
    pooled : sequence of int
        The numbers of handlers that are self-service; together they are counted as `POOLED`.

    Returns
    -------
    str
        A query with ``handler`` (−1 where not known), ``g``, ``contacts``, ``contacts_watched`` and
        ``customers`` (of watched contacts).
    """
    watched = f"ends <= {rules.until - rules.within}"
    counts = (
        f"count(*) as contacts, count(*) filter (where {watched}) as contacts_watched, "
        f"count(distinct case when {watched} then customer end) as customers from {contacts}"
    )
    each = f"select coalesce(handler, -1) as handler, g, {counts} group by 1, 2"
    if pooled:
        numbers = ", ".join(map(str, pooled))
        each += f" union all select {POOLED} as handler, g, {counts} where handler in ({numbers}) group by 2"
    return f"select * from ({each}) order by handler, g"


def texts_sql(rows: str, min_customers: int, words: Snippets) -> str:
    """For every chain of handlers, of channels and of touchpoints, and customer group: episodes.

    Parameters
    ----------
    rows : str
        The table of `rows_sql`.
    min_customers : int
        Chains of fewer customers count together, as `MERGED`.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query with ``chain`` (a place in `CHAINS`, then the numbers, or `MERGED`, then `LONGER` where more
        contacts follow; joined by blanks), ``g``, ``episodes``, ``resolved``, ``abandoned`` and
        ``customers``.
    """
    longer = f"case when size > {MOST} then {words.literal(f' {LONGER}')} else '' end"
    listed = " union all ".join(
        f"select concat('{number} ', {column}, {longer}) as chain, '{number} ' as kind, g, customer, outcome "
        f"from {rows}"
        for number, column in enumerate(CHAINS)
    )
    return (
        f"with listed as ({listed}), known as (select chain as kept from listed group by chain "
        f"having count(distinct customer) >= {min_customers}), named as (select case when kept is null "
        f"then concat(kind, {words.literal(MERGED)}) else chain end as chain, g, customer, outcome "
        "from listed left join known on chain = kept) "
        "select chain, g, count(*) as episodes, "
        "count(*) filter (where outcome = 0) as resolved, count(*) filter (where outcome = 1) as abandoned, "
        "count(distinct customer) as customers from named group by chain, g order by chain, g"
    )


def episode_times_sql(rows: str) -> str:
    """For every outcome, bucket of the time that episodes took, and customer group: episodes."""
    return (
        f"select outcome, {BUCKET.format('took')} as bucket, g, count(*) as episodes from {rows} "
        "group by 1, 2, 3 order by 1, 2, 3"
    )


def continuity_sql(contacts: str) -> str:
    """For every touchpoint that customers came on to in an episode, and customer group: who began again.

    Parameters
    ----------
    contacts : str
        The table of `journeymap.events.queries.episodes.contacts_sql`.

    Returns
    -------
    str
        A query with ``state``, ``g``, ``follow_ups``, ``changed``, ``restarts``, ``unknown`` and
        ``customers``.
    """
    return (
        "select state, g, count(*) as follow_ups, count(*) filter (where changed = 1) as changed, "
        "count(*) filter (where restart = 1) as restarts, count(*) - count(restart) as unknown, "
        f"count(distinct customer) as customers from {contacts} where nth > 1 "
        "group by state, g order by state, g"
    )
