"""What came before service, who answers for it, and what follows contacts that the company begins."""

from __future__ import annotations

from journeymap.events.queries.steps import StepsPlan

__all__ = [
    "NEXT",
    "NOTHING_BEFORE",
    "after_sql",
    "around_sql",
    "cause_totals_sql",
    "caused_sql",
    "causes_sql",
    "overall_sql",
    "owners_sql",
    "windows_sql",
]

NOTHING_BEFORE = -1
NEXT = ("goal", "reactive", "proactive", "other", "won", "lost", "open")


def caused_sql(plan: StepsPlan, steps: str, contacts: str, kinds: str) -> str:
    """Select one row a service contact, with what came before its episode, to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has; steps carry their times.
    steps, contacts : str
        The tables of steps, and of `journeymap.events.queries.episodes.contacts_sql`.
    kinds : str
        The table of states: ``state``, ``service`` and ``company`` (0 or 1).

    Returns
    -------
    str
        A query with ``customer``, ``g``, ``number`` (within the customer), ``state``, ``t``, ``us`` (from
        start to end), ``company`` (0 or 1: the company began it), ``begins`` (0 or 1: the first contact of
        its episode that the customer began), ``cause`` (the state of the last event outside service before
        that first contact, in the journey of it; `NOTHING_BEFORE` where there is none, or the customer began
        no contact of the episode) and, where the log has it, ``failure``.
    """
    own = ", ".join(f"s.{name}" for name in plan.key_names)
    failure = ["failure"] if "failure" in plan.flags else []
    told = "".join(f", s.{name}" for name in failure)
    placed = (
        f"select {own}, s.place, s.state, s.t, p.company{told}, "
        "max(case when p.service = 0 then s.place end) over ("
        f"partition by {own} order by s.place rows between unbounded preceding and current row) "
        f"as cause_place from steps_served s join {kinds} p on s.state = p.state"
    )
    served = f"select distinct {plan.journey_keys} from {contacts}"
    kept = f"select s.* from {steps} s join served v on {_same(plan, 's', 'v')}"
    begun = (
        f"select k.customer, k.episode, min(k.number) as number from {contacts} k join {kinds} p "
        "on k.state = p.state where p.company = 0 group by k.customer, k.episode"
    )
    origin = (
        "select k.customer, k.episode, k.number, c.state as cause "
        f"from {contacts} k join begun b on k.customer = b.customer and k.number = b.number "
        f"join placed f on {_same(plan, 'k', 'f')} and k.place = f.place "
        f"left join placed c on {_same(plan, 'f', 'c')} and f.cause_place = c.place"
    )
    return (
        f"with served as ({served}), steps_served as ({kept}), placed as ({placed}), begun as ({begun}), "
        f"origin as ({origin}) "
        f"select k.customer, k.g, k.number, k.state, p.t, k.ends - p.t as us, p.company, "
        f"case when k.number = o.number then 1 else 0 end as begins, "
        f"coalesce(o.cause, {NOTHING_BEFORE}) as cause{''.join(f', p.{name}' for name in failure)} "
        f"from {contacts} k left join origin o on k.customer = o.customer and k.episode = o.episode "
        f"join placed p on {_same(plan, 'k', 'p')} and k.place = p.place"
    )


def _same(plan: StepsPlan, one: str, other: str) -> str:
    return " and ".join(f"{one}.{name} = {other}.{name}" for name in plan.key_names)


def _counts(plan: StepsPlan, *, times: bool) -> str:
    counts = {
        "contacts": "count(*)",
        "episodes": "cast(sum(begins) as bigint)",
        "customers": "count(distinct customer)",
    }
    if times:
        counts["service_us"] = "cast(sum(us) as bigint)"
    if "failure" in plan.flags:
        counts["failures_known"] = "count(failure)"
        counts["failures"] = "count(*) filter (where failure = 1)"
    return ", ".join(f"{text} as {name}" for name, text in counts.items())


def causes_sql(plan: StepsPlan, caused: str) -> str:
    """For every touchpoint before and every service touchpoint, by customer group: contacts customers began.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    caused : str
        The table of `caused_sql`.

    Returns
    -------
    str
        A query with ``cause``, ``state``, ``g``, ``contacts``, ``episodes`` (that begin there),
        ``customers``, ``service_us`` and, where the log says so, ``failures_known`` and ``failures``.
    """
    return (
        f"select cause, state, g, {_counts(plan, times=True)} from {caused} where company = 0 "
        "group by cause, state, g order by cause, state, g"
    )


def cause_totals_sql(plan: StepsPlan, caused: str) -> str:
    """For every touchpoint before, by customer group: contacts customers began, whatever the service.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    caused : str
        The table of `caused_sql`.

    Returns
    -------
    str
        A query with ``cause``, ``g`` and the counts of `causes_sql`; customers count once.
    """
    counts = _counts(plan, times=False)
    return f"select cause, g, {counts} from {caused} where company = 0 group by cause, g order by cause, g"


def owners_sql(plan: StepsPlan, caused: str, kinds: str) -> str:
    """For every team before and every team that carries contacts, by customer group: contacts of customers.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    caused : str
        The table of `caused_sql`.
    kinds : str
        The table of states: ``state`` (`NOTHING_BEFORE` among them) and ``owner`` (the team's number).

    Returns
    -------
    str
        A query with ``before_owner`` and ``carrier`` (numbers of teams), ``g`` and the counts of
        `causes_sql`.
    """
    joined = (
        f"select c.*, b.owner as before_owner, k.owner as carrier from {caused} c "
        f"join {kinds} b on c.cause = b.state join {kinds} k on c.state = k.state where c.company = 0"
    )
    return (
        f"select before_owner, carrier, g, {_counts(plan, times=True)} from ({joined}) "
        "group by before_owner, carrier, g order by before_owner, carrier, g"
    )


def overall_sql(plan: StepsPlan, caused: str, kinds: str) -> str:
    """For every customer group: contacts, and those of which both teams, and whether it failed, are known.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    caused, kinds : str
        The tables of `caused_sql` and of states, see `owners_sql`; team 0 is none at all, 1 has no name.

    Returns
    -------
    str
        A query with ``g``; ``all_contacts`` and ``all_customers``, whoever began them; and of the contacts
        that customers began ``contacts``, ``customers``, ``owners_known``, ``elsewhere`` (the teams differ),
        ``owners_customers`` and, where the log says so, ``failures_known``, ``failures`` and
        ``failures_customers`` (of those known).
    """
    joined = (
        "select c.*, 1 - c.company as asked, "
        "case when b.owner > 1 and k.owner > 1 then 1 else 0 end as known, "
        f"case when b.owner <> k.owner then 1 else 0 end as differ from {caused} c "
        f"join {kinds} b on c.cause = b.state join {kinds} k on c.state = k.state"
    )
    counts = {
        "all_contacts": "count(*)",
        "all_customers": "count(distinct customer)",
        "contacts": "cast(sum(asked) as bigint)",
        "customers": "count(distinct case when asked = 1 then customer end)",
        "owners_known": "cast(sum(asked * known) as bigint)",
        "elsewhere": "cast(sum(asked * known * differ) as bigint)",
        "owners_customers": "count(distinct case when asked * known = 1 then customer end)",
    }
    if "failure" in plan.flags:
        counts["failures_known"] = "count(failure) filter (where asked = 1)"
        counts["failures"] = "count(*) filter (where asked * failure = 1)"
        counts["failures_customers"] = (
            "count(distinct case when asked = 1 and failure is not null then customer end)"
        )
    columns = ", ".join(f"{text} as {name}" for name, text in counts.items())
    return f"select g, {columns} from ({joined}) group by g order by g"


def windows_sql(plan: StepsPlan, steps: str, kinds: str, *, within: int, until: int) -> str:
    """For every touchpoint outside service and customer group: visits, and those that a contact follows.

    Parameters
    ----------
    plan : StepsPlan
        What the log has; steps carry their times.
    steps, kinds : str
        The tables of steps and of states, see `caused_sql`.
    within : int
        How long after the end of a visit a contact may begin, in microseconds.
    until : int
        The end of the observation.

    Returns
    -------
    str
        A query with ``state``, ``g``, ``visits_watched`` (that end at least `within` before the end),
        ``followed`` (the next contact that the customer began does so in time, in whatever journey), and the
        distinct customers of both, ``customers`` and ``followed_customers``.
    """
    # backwards, so that the frame begins at the edge: engines add such a frame up in one go
    order = ", ".join(f"s.{name} desc" for name in plan.time_order.split(", "))
    ahead = (
        "select s.customer, s.g, s.state, s.ends, p.service, "
        "min(case when p.service = 1 and p.company = 0 then s.t end) over ("
        f"partition by s.customer order by {order} rows between unbounded preceding and 1 preceding) "
        f"as next_t from {steps} s join {kinds} p on s.state = p.state"
    )
    followed = f"next_t is not null and greatest(next_t - ends, 0) <= {within}"
    return (
        "select state, g, count(*) as visits_watched, "
        f"count(*) filter (where {followed}) as followed, count(distinct customer) as customers, "
        f"count(distinct case when {followed} then customer end) as followed_customers from ({ahead}) "
        f"where service = 0 and ends <= {until - within} group by state, g order by state, g"
    )


def around_sql(steps: str, caused: str) -> str:
    """For every customer group: contacts that customers began, before and after the company's first one.

    Parameters
    ----------
    steps : str
        The table of steps, which carry their times.
    caused : str
        The table of `caused_sql`.

    Returns
    -------
    str
        A query with ``g``, ``customers`` (with a contact that the company began), ``compared`` (those seen
        for some time on either side), and of the latter ``contacts_before`` and ``us_before`` (since the
        first event), ``contacts_after`` and ``us_after`` (to the last event), both without that event.
    """
    opening = f"select customer, min(number) as number from {caused} where company = 1 group by customer"
    turned = (
        f"select f.customer, f.number, c.t from opening f join {caused} c "
        "on f.customer = c.customer and f.number = c.number"
    )
    seen = (
        "select s.customer, min(s.g) as g, min(s.t) as first_t, max(u.t) as turn_t, max(s.t) as last_t "
        f"from {steps} s join turned u on s.customer = u.customer group by s.customer"
    )
    # the first and the last event bound the time: counted, they would be contacts in no time
    asked = (
        "select c.customer, "
        "count(*) filter (where c.company = 0 and c.number < u.number and c.t > e.first_t) as asked_before, "
        "count(*) filter (where c.company = 0 and c.number > u.number and c.t < e.last_t) as asked_after "
        f"from {caused} c join turned u on c.customer = u.customer join seen e on c.customer = e.customer "
        "group by c.customer"
    )
    both = "e.turn_t > e.first_t and e.last_t > e.turn_t"
    sums = {
        "contacts_before": "a.asked_before",
        "us_before": "e.turn_t - e.first_t",
        "contacts_after": "a.asked_after",
        "us_after": "e.last_t - e.turn_t",
    }
    columns = ", ".join(
        f"cast(coalesce(sum(case when {both} then {text} end), 0) as bigint) as {name}"
        for name, text in sums.items()
    )
    return (
        f"with opening as ({opening}), turned as ({turned}), seen as ({seen}), "
        f"asked as ({asked}) select e.g, count(*) as customers, count(*) filter (where {both}) as compared, "
        f"{columns} from seen e join asked a on e.customer = a.customer group by e.g order by e.g"
    )


def after_sql(steps: str, kinds: str, cut: int) -> str:
    """For contacts that the company and that customers begin, by customer group: what comes next.

    Parameters
    ----------
    steps : str
        The table of steps.
    kinds : str
        The table of states: ``state``, ``service``, ``company`` and ``goal`` (0 or 1).
    cut : int
        A journey without goal whose last event is not after this time is lost.

    Returns
    -------
    str
        A query with ``company`` (0 or 1), ``upcoming`` (a place in `NEXT`), ``g``, ``count`` and
        ``customers``.
    """
    ends = f"case when s.won then 4 when s.last_t <= {cut} then 5 else 6 end"
    upcoming = (
        f"case when s.next_state is null then {ends} when n.goal = 1 then 0 "
        "when n.service = 1 and n.company = 0 then 1 when n.service = 1 then 2 else 3 end"
    )
    each = (
        f"select s.customer, s.g, k.company, {upcoming} as upcoming from {steps} s "
        f"join {kinds} k on s.state = k.state left join {kinds} n on s.next_state = n.state "
        "where k.service = 1"
    )
    return (
        f"select company, upcoming, g, count(*) as contacts, count(distinct customer) as customers "
        f"from ({each}) group by company, upcoming, g order by company, upcoming, g"
    )
