"""The steps: one row an event, with its touchpoint, what comes next and how the journey ends."""

from __future__ import annotations

from dataclasses import dataclass

from journeymap.engines.protocol import Snippets

__all__ = [
    "GROUPS",
    "StepsPlan",
    "coded_sql",
    "customers_sql",
    "moments_sql",
    "segmented_sql",
    "step_rows",
    "steps_sql",
]


GROUPS = 64
_WON = 2**62  # added to a time; no time of the years 1 to 9999 comes near it


@dataclass(frozen=True)
class StepsPlan:
    """What the steps are made of; parts that a log does not need are left out of the query.

    Parameters
    ----------
    events, codes, customers : str
        The tables of events, of their touchpoints, and of customers with their keys and groups. Without a
        table of customers the key is made from the id, and all of them count.
    groups : int
        The number of customer groups; 1 where nothing is told apart by group.
    fixed, ranks : int
        How many states belong to touchpoints with a stage of their own (floating ones are numbered after
        them), and how many stages are in order.
    by_channel, has_goal, has_floating, has_ranks, has_end, has_fine, has_journey, has_feeling : bool
        What the log and the design have.
    has_agent : bool
        Whether the log says who dealt with the event.
    has_channel, has_times : bool
        Whether steps carry the channel of the event and its times; no count of discovery needs them.
    has_segment : bool
        Whether the table of customers, and so the steps, carry the ``segment`` of the customer.
    flags : tuple of str
        The columns of yes and no that the log has.
    has_last : bool
        Whether somebody reads the last times of journeys that are won.
    split_after : int or None
        The gap, in microseconds, that starts a new journey.
    """

    events: str
    codes: str
    customers: str
    groups: int
    fixed: int = 0
    ranks: int = 0
    by_channel: bool = False
    has_goal: bool = False
    has_floating: bool = False
    has_ranks: bool = False
    has_end: bool = False
    has_fine: bool = False
    has_journey: bool = False
    has_feeling: bool = False
    has_agent: bool = False
    has_channel: bool = False
    has_times: bool = False
    has_segment: bool = False
    has_last: bool = True
    flags: tuple[str, ...] = ()
    split_after: int | None = None

    @property
    def several_journeys(self) -> bool:
        """Whether a customer can have more than one journey."""
        return self.has_journey or self.split_after is not None

    @property
    def group(self) -> str:
        """The customer group as an expression of the customer's key."""
        if self.groups == 1:
            return "cast(0 as smallint)"
        return (
            "cast(customer as smallint)"
            if self.groups < GROUPS
            else f"cast(customer & {GROUPS - 1} as smallint)"
        )

    @property
    def session_key(self) -> str:
        """The column that names a journey before journeys are split at gaps."""
        return "session" if self.has_journey else "customer"

    @property
    def key_names(self) -> tuple[str, ...]:
        """The columns that name a journey."""
        return (self.session_key, "part") if self.split_after is not None else (self.session_key,)

    @property
    def journey_keys(self) -> str:
        """The same as text."""
        return ", ".join(self.key_names)

    @property
    def time_order(self) -> str:
        """The columns by which events of one customer are in order, as text."""
        return "t, fine, ord" if self.has_fine else "t, ord"


def customers_sql(events: str, *, groups: int | None, words: Snippets) -> str:
    """Give every customer a whole number, so that nothing later has to compare texts.

    Parameters
    ----------
    events : str
        The table or query of events.
    groups : int or None
        The number of groups to hash them into; None for one group a customer, in order of their ids.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query with the columns ``name``, ``customer`` and ``g``, to be kept.
    """
    distinct = f"select distinct customer as name from {events}"
    if groups is None:
        number = "cast(row_number() over (order by name) - 1 as bigint)"
        return f"select name, {number} as customer, cast({number} as smallint) as g from ({distinct})"
    key = words.customer_key("name")
    return f"select name, {key} as customer, cast({key} & {groups - 1} as smallint) as g from ({distinct})"


def segmented_sql(plan: StepsPlan) -> str:
    """Select the customers with the segment that each of them is in, to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What there is; its events have a column ``value``.

    Returns
    -------
    str
        A query with the columns of `customers_sql` and ``segment``: the value at the customer's first event,
        whether it belongs to a touchpoint or not, and empty where that event has none.
    """
    # only the events at a customer's first time are put in order
    order = ", ".join(f"e.{name}" for name in plan.time_order.split(", "))
    earliest = f"select customer, min(t) as t from {plan.events} group by customer"
    first = (
        f"select e.customer, e.value, row_number() over (partition by e.customer order by {order}) as number "
        f"from {plan.events} e join ({earliest}) m on e.customer = m.customer and e.t = m.t"
    )
    return (
        f"select k.name, k.customer, k.g, coalesce(f.value, '') as segment from {plan.customers} k "
        f"join ({first}) f on k.name = f.customer where f.number = 1"
    )


def steps_sql(plan: StepsPlan, words: Snippets) -> str:
    """Put events in order: one row an event, with a number in place of the customer's id; to be kept.

    It holds no more than has to be told apart.

    Parameters
    ----------
    plan : StepsPlan
        What there is.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query; `step_rows` says what is in the table and what follows from it.
    """
    parts = [f"coded as ({_coded(plan, words)})"]
    if plan.split_after is not None:
        parts += [f"gaps as ({_gaps(plan)})", f"split as ({_split(plan)})"]
    parts.append(f"windowed as ({_windowed(plan, words)})")
    return f"with {', '.join(parts)} {_steps(plan)}"


def step_rows(plan: StepsPlan, table: str) -> str:
    """Select the steps, with all that follows from what is kept of them.

    Parameters
    ----------
    plan : StepsPlan
        What there is.
    table : str
        The table of `steps_sql`.

    Returns
    -------
    str
        A bracketed query with ``customer`` (its key, a number) and what names the journey
        (`StepsPlan.key_names`), ``g`` (the customer group), ``state``, ``next_state`` (null at the last
        event), ``wait`` and ``sojourn`` (microseconds), ``before`` (whether the journey is won neither before
        nor by it), ``won``, ``last_t`` (the time of the
        journey's last event; without `has_last` not of those that are won), ``place`` (the event's number
        in the journey), ``position`` (its place between the first, 0, and the last, 1 000 000), ``move`` and
        ``regression`` (0 or 1), ``stay`` (from the start of this event to the start of the next, where that
        is not the wait), ``feeling``.
        With ends: ``lasted`` (microseconds, null where the end is not known), ``busy`` (the part of it that
        no earlier event of the journey covers) and ``cycle`` (from the first start to the last end of the
        journey). With agents: ``handoff`` (0 or 1, null where either agent is not known or the stage
        changes) and ``redo`` (0 or 1: the same touchpoint again, with another agent). The flags, and where
        the plan says so ``channel``, ``segment`` (of the customer), and ``t``, ``ends``, ``fine`` and
        ``ord``.
    """
    columns = [f"{plan.group} as g"]
    if not plan.has_goal:
        columns += ["true as before", "false as won"]
    if not plan.has_end:
        columns.append("cast(0 as smallint) as sojourn")
    told = ("back is not null", "back = 1") if plan.has_ranks else ("false", "false")
    columns += [
        f"cast(case when {condition} then 1 else 0 end as smallint) as {name}"
        for name, condition in zip(("move", "regression"), told, strict=True)
    ]
    return f"(select *, {', '.join(columns)} from {table})"


def coded_sql(plan: StepsPlan, words: Snippets) -> str:
    """Select one row an event that belongs to a touchpoint, of the customers of the plan, to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What there is.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query with ``customer``, ``g``, ``t``, ``ord`` (and ``fine``), ``code``, ``rank``, ``base``,
        ``goal``, ``marks``, and ``t_end``, ``session`` and ``feeling`` as far as the log has them.
    """
    return _coded(plan, words)


def moments_sql(plan: StepsPlan, coded: str) -> str:
    """Select where customers were, and when: one row an event.

    Parameters
    ----------
    plan : StepsPlan
        What there is.
    coded : str
        A table, or a bracketed query, with rows of `coded_sql`, all of a customer's or none.

    Returns
    -------
    str
        A query with ``customer``, ``g``, ``j0`` and ``j1`` (what names the journey), ``t``, ``fine`` and
        ``ord`` (the order of events), ``base`` (null where the touchpoint does not float), ``state`` and,
        where the log has it, ``feeling``.
    """
    parts = [f"coded as (select * from {coded})"]
    if plan.split_after is not None:
        parts += [f"gaps as ({_gaps(plan)})", f"split as ({_split(plan)})"]
    source = "split" if plan.split_after is not None else "coded"
    part = "part" if plan.split_after is not None else "0"
    state = "code"
    if plan.has_floating:
        order = f"partition by {plan.journey_keys} order by {plan.time_order}"
        reached = f"coalesce(max(rank) over ({order} rows between unbounded preceding and current row), 0)"
        state = f"case when base is null then code else base + ({reached}) end"
    columns = ["customer", "g", f"{plan.session_key} as j0", f"{part} as j1", "t",
               "fine" if plan.has_fine else "0 as fine", "ord", "base", f"{state} as state"]  # fmt: skip
    columns += ["feeling"] if plan.has_feeling else []
    return f"with {', '.join(parts)} select {', '.join(columns)} from {source}"


def _coded(plan: StepsPlan, words: Snippets) -> str:
    on = "e.event = c.event" + (" and coalesce(e.channel, '') = c.channel" if plan.by_channel else "")
    source = f"{plan.events} e join {plan.codes} c on {on}"
    if plan.customers:
        columns = ["k.customer", "k.g"]
        source += f" join {plan.customers} k on e.customer = k.name"
    else:
        key = words.customer_key("e.customer")
        columns = [f"{key} as customer", f"cast({key} & {plan.groups - 1} as smallint) as g"]
    columns += ["e.t", "e.ord", "c.code", "c.rank", "c.base", "c.goal", "c.marks"]
    columns += ["e.t_end"] if plan.has_end else []
    columns += ["e.fine"] if plan.has_fine else []
    if plan.has_journey:
        # two customers never share a journey: the length of the first text tells where the second begins
        both = "concat(cast(length(e.customer) as string), ':', e.customer, e.journey)"
        columns.append(f"{words.customer_key(both)} as session")
    columns += ["e.feeling"] if plan.has_feeling else []
    columns += ["e.agent"] if plan.has_agent else []
    columns += ["e.channel"] if plan.has_channel else []
    columns += ["k.segment"] if plan.has_segment else []
    columns += [f"e.{flag}" for flag in plan.flags]
    return f"select {', '.join(columns)} from {source}"


def _end(plan: StepsPlan) -> str:
    return "coalesce(t_end, t)" if plan.has_end else "t"


def _gaps(plan: StepsPlan) -> str:
    before = f"lag({_end(plan)}) over (partition by {plan.session_key} order by {plan.time_order})"
    return f"select *, case when t - ({before}) > {plan.split_after} then 1 else 0 end as begins from coded"


def _split(plan: StepsPlan) -> str:
    number = (
        f"sum(begins) over (partition by {plan.session_key} order by {plan.time_order} "
        "rows between unbounded preceding and current row)"
    )
    return f"select *, cast({number} as integer) as part from gaps"


def _windowed(plan: StepsPlan, words: Snippets) -> str:
    # a window carries all its columns along: only what is needed later
    columns = [
        *_carried(plan),
        "lead(code) over w as next_code",
        "lead(t) over w as next_t",
        "cast(row_number() over w as integer) as place",
        # its rank among the journey's events, 0 to 1: quicker than counting how many there are
        "cast(round(percent_rank() over w * 1e6) as integer) as position",
    ]
    if plan.has_goal or plan.has_floating:
        # one running value for goal and stages: each further one would cost as much again
        columns.append("bit_or(marks) over so_far as marked")
    if not plan.has_goal:
        columns.append("max(t) over whole as last_t")
    elif plan.has_last:
        columns += ["max(t) over whole as last_t", "max(goal) over whole as won"]
    else:
        columns.append(f"max(t + cast(goal as bigint) * {_WON}) over whole as ended")
    if plan.has_ranks:
        lead = words.lead_skipping_nulls("rank", "w") if plan.has_floating else "lead(rank) over w"
        columns.append(f"{lead} as next_rank")
    if plan.has_end:
        columns += [f"min(t) over whole as first_t, max({_end(plan)}) over whole as last_end",
                    f"max({_end(plan)}) over earlier as covered"]  # fmt: skip
    if plan.has_agent:
        columns += ["lead(agent) over w as next_agent", "lead(rank) over w as following_rank"]
    order = f"partition by {plan.journey_keys} order by {plan.time_order}"
    windows = [
        f"w as ({order})",
        f"whole as ({order} rows between unbounded preceding and unbounded following)",
        f"so_far as ({order} rows between unbounded preceding and current row)",
        f"earlier as ({order} rows between unbounded preceding and 1 preceding)",
    ]
    source = "split" if plan.split_after is not None else "coded"
    return f"select {', '.join(columns)} from {source} window {', '.join(windows)}"


def _carried(plan: StepsPlan) -> list[str]:
    columns = ["customer", *(name for name in plan.key_names if name != "customer"), "t", "code"]
    columns += ["rank"] if plan.has_ranks or plan.has_agent else []
    columns += ["t_end"] if plan.has_end else []
    columns += ["agent"] if plan.has_agent else []
    columns += ["channel"] if plan.has_channel else []
    columns += ["segment"] if plan.has_segment else []
    columns += ["ord", *(["fine"] if plan.has_fine else [])] if plan.has_times else []
    columns += ["feeling"] if plan.has_feeling else []
    return [*columns, *plan.flags]


def _steps(plan: StepsPlan) -> str:
    state, next_state = "code", "next_code"
    if plan.has_floating:
        state = f"case when code < {plan.fixed} then code else code + reached end"
        next_state = f"case when next_code < {plan.fixed} then next_code else next_code + reached end"
    columns = [
        *dict.fromkeys(("customer", *plan.key_names)),
        f"{state} as state",
        f"{next_state} as next_state",
        f"case when next_t is not null then greatest(next_t - ({_end(plan)}), 0) end as wait",
        "place",
        "position",
        "last_t" if plan.has_last or not plan.has_goal else "ended as last_t",
    ]
    columns += [f"{_end(plan)} - t as sojourn"] if plan.has_end else []
    if plan.has_goal:
        columns += [
            "(marked & 1) = 0 as before",
            "won = 1 as won" if plan.has_last else f"ended > {_WON // 2} as won",
        ]
    if plan.has_ranks:
        back = "case when next_rank < rank then 1 when next_rank >= rank then 0 end"
        columns.append(f"cast({back} as smallint) as back")
    if plan.has_end:
        columns += ["next_t - t as stay", "t_end - t as lasted", "last_end - first_t as cycle",
                    f"greatest({_end(plan)} - greatest(t, coalesce(covered, t)), 0) as busy"]  # fmt: skip
    if plan.has_agent:
        columns += _handoffs(plan, state, next_state)
    columns += plan.flags
    columns += ["channel"] if plan.has_channel else []
    columns += ["segment"] if plan.has_segment else []
    if plan.has_times:
        columns += ["t", f"{_end(plan)} as ends", "ord", *(["fine"] if plan.has_fine else [])]
    if plan.has_feeling:
        columns.append("feeling")
    source = "windowed"
    if plan.has_floating:
        source = f"(select *, cast({_reached(plan.ranks)} as smallint) as reached from windowed)"
    return f"select {', '.join(columns)} from {source}"


def _reached(ranks: int) -> str:
    """Read the highest stage off the marks: the goal is the lowest bit, then the stages from the first on."""
    highest = " ".join(f"when marked >= {2 << rank} then {rank}" for rank in range(ranks - 1, 0, -1))
    return f"case {highest} else 0 end" if highest else "0"


def _handoffs(plan: StepsPlan, state: str, next_state: str) -> list[str]:
    """Tell where the next event is in other hands while the customer stays at the same stage."""
    both = "agent is not null and next_agent is not null"
    stage, following = "coalesce(rank, -1)", "coalesce(following_rank, -1)"
    if plan.has_floating:
        stage = f"case when code < {plan.fixed} then {stage} else reached end"
        following = f"case when next_code < {plan.fixed} then {following} else reached end"
    other = "case when agent <> next_agent then 1 else 0 end"
    return [
        f"case when {both} and {stage} = {following} then {other} end as handoff",
        f"case when {both} and {state} = {next_state} then {other} else 0 end as redo",
    ]
