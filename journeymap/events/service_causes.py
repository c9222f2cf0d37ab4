"""Which touchpoints do customers come from when they turn to service, and which teams answer for them?"""

from __future__ import annotations

from journeymap.events.queries import service_causes as queries
from journeymap.events.queries.episodes import EpisodeRules
from journeymap.events.reading import StepsReading
from journeymap.events.tables import keyed_evidence
from journeymap.model.evidence import EvidenceTable

__all__ = ["START", "cause_tables"]

START = "@start"
_KINDS = {
    "state": "integer",
    "owner": "integer",
    "service": "integer",
    "company": "integer",
    "goal": "integer",
}
_INITIATORS = ("customer", "company")


def cause_tables(
    reading: StepsReading,
    contacts: str,
    rules: EpisodeRules,
    *,
    triggered_within: int | None = None,
) -> list[EvidenceTable]:
    """Count what came before service contacts, who answers for it, and what follows proactive contacts.

    Contacts that the company began are no turning to service: unless said otherwise, contacts here are those
    that customers began. The *cause* of an episode is the last event outside service before the first of its
    contacts that the customer began, in the journey of that contact; later ones keep it. The word says what
    came before, not what was at fault.

    Parameters
    ----------
    reading : StepsReading
        The steps, with their times.
    contacts : str
        The table of `journeymap.events.queries.episodes.contacts_sql`.
    rules : EpisodeRules
        What belongs together.
    triggered_within : int, optional
        How long after the end of a visit a contact may begin to count as following it, in microseconds;
        ``rules.within`` when left out.

    Returns
    -------
    list of EvidenceTable
        ``causes`` (cause, touchpoint): ``contacts``, ``episodes`` that begin there, ``customers``,
        ``service_us`` (from start to end of the contacts) and, where the log says so, ``failures_known`` and
        ``failures``; the cause is ``@start`` where the journey begins with service.

        ``cause_totals`` (cause): the same whatever service follows, so that customers count once.

        ``cause_owners`` (cause, carrier): the same by the ids of the teams that answer for both; empty where
        none is named.

        ``cause_overall`` (no key): ``contacts`` and ``customers``; ``all_contacts`` and ``all_customers``,
        whoever began them; ``owners_known``, contacts with both teams named, ``elsewhere``, those where they
        differ, and ``owners_customers``; where the log says so ``failures_known``, ``failures`` and
        ``failures_customers``.

        ``trigger_windows`` (touchpoint): visits outside service that are watched long enough,
        ``visits_watched``, those ``followed`` by a contact of the same customer in time, and the
        ``customers`` and ``followed_customers`` behind them.

        ``around_proactive`` (no key): ``customers`` with a contact that the company began, ``compared``
        (seen for some time before and after the first of these), and of the latter ``contacts_before``,
        ``us_before``, ``contacts_after``, ``us_after``: contacts that the customer began between the
        customer's first event and the contact, and between it and the last event, and these times.

        ``after_proactive`` (initiator, next): ``contacts`` and ``customers`` by who began the contact and
        what comes next in the journey.

        ``cause_rules`` (rule): the ``value`` of ``triggered_within``.
    """
    engine, plan, groups = reading.engine, reading.plan, reading.plan.groups
    within = rules.within if triggered_within is None else triggered_within
    owners, rows = _kinds(reading)
    kinds = engine.add_rows(_KINDS, rows)
    kept = [kinds]
    try:
        caused = engine.materialise(queries.caused_sql(plan, reading.table, contacts, kinds))
        kept.append(caused)
        causes = engine.run(queries.causes_sql(plan, caused), "causes")
        totals = engine.run(queries.cause_totals_sql(plan, caused), "cause_totals")
        teams = engine.run(queries.owners_sql(plan, caused, kinds), "owners")
        overall = engine.run(queries.overall_sql(plan, caused, kinds), "overall")
        windows = engine.run(
            queries.windows_sql(plan, reading.table, kinds, within=within, until=rules.until), "windows"
        )
        around = engine.run(queries.around_sql(reading.table, caused), "around")
        after = engine.run(queries.after_sql(reading.table, kinds, rules.cut), "after")
    finally:
        for name in kept:
            engine.drop(name)
    node = [*reading.nodes, START].__getitem__  # what comes before the first is the last: −1
    return [
        keyed_evidence("causes", causes, groups, {"cause": ("cause", node), "touchpoint": ("state", node)}),
        keyed_evidence("cause_totals", totals, groups, {"cause": ("cause", node)}),
        keyed_evidence("cause_owners", teams, groups, {
            "cause": ("before_owner", owners.__getitem__), "carrier": ("carrier", owners.__getitem__)}),
        keyed_evidence("cause_overall", overall, groups, {}),
        keyed_evidence("trigger_windows", windows, groups, {"touchpoint": ("state", node)}),
        keyed_evidence("around_proactive", around, groups, {}),
        keyed_evidence("after_proactive", after, groups, {
            "initiator": ("company", _INITIATORS.__getitem__),
            "next": ("upcoming", queries.NEXT.__getitem__)}),
        _rule("triggered_within", within),
    ]  # fmt: skip


def _kinds(reading: StepsReading) -> tuple[list[str], list[tuple[int, ...]]]:
    """Say of every state whose it is, whether it is service, who begins it, and whether it is the goal."""
    numbers = {START: 0, "": 1}
    rows: list[tuple[int, ...]] = [(queries.NOTHING_BEFORE, 0, 0, 0, 0)]
    for number, state in enumerate(reading.catalogue.states):
        service = state.touchpoint.service
        owner = numbers.setdefault(state.touchpoint.owner or "", len(numbers))
        company = service is not None and service.initiator == "company"
        rows.append((number, owner, int(service is not None), int(company), int(state.is_goal)))
    return list(numbers), rows


def _rule(name: str, value: int) -> EvidenceTable:
    return EvidenceTable(
        name="cause_rules", groups=1, key_columns=("rule",), keys=((name,),), row=(0,), group=(0,),
        measures={"value": (value,)},
    )  # fmt: skip
