"""How do steps become the tables of service episodes?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import pyarrow as pa

from journeymap.events.queries import episode_chains as chains
from journeymap.events.queries import episodes as queries
from journeymap.events.queries.episodes import EpisodeRules
from journeymap.events.reading import StepsReading
from journeymap.events.service_causes import cause_tables
from journeymap.events.tables import keyed_evidence
from journeymap.model.evidence import EvidenceTable
from journeymap.model.touchpoints import SELF_SERVICE

__all__ = ["SELF_SERVICE_KEY", "UNKNOWN", "episode_tables"]

SELF_SERVICE_KEY = "@self_service"
UNKNOWN = "unknown"

_SPOTS = {
    "state": "integer",
    "touchpoint": "integer",
    "service": "integer",
    "rank": "integer",
    "channel": "string",
    "handler": "integer",
    "owner": "integer",
    "carries": "integer",
}


def episode_tables(
    reading: StepsReading, rules: EpisodeRules, *, min_customers: int = 5
) -> list[EvidenceTable]:
    """Which service contacts belong together, in steps that are read already?

    Parameters
    ----------
    reading : StepsReading
        The steps, with their times.
    rules : EpisodeRules
        What belongs together, of `episode_rules`; the end of the observation is that of the reading.
    min_customers : int
        Chains of fewer customers are counted together.

    Returns
    -------
    list of EvidenceTable
        The tables of `with_episodes`.
    """
    rules = replace(rules, cut=reading.cut, until=reading.until)
    engine, plan = reading.engine, reading.plan
    numbers = _Numbers.of(reading)
    spots = engine.add_rows(_SPOTS, _spots(reading, numbers))
    kept = [spots]
    try:
        ranks = sorted({-1 if s.rank is None else s.rank for s in reading.catalogue.states
                        if s.touchpoint.is_service})  # fmt: skip
        contacts = engine.materialise(queries.contacts_sql(plan, reading.table, spots, rules, ranks))
        kept.append(contacts)
        rage = engine.materialise(queries.rage_sql(plan, reading.table, spots, rules))
        kept.append(rage)
        channels = engine.materialise(chains.channels_sql(contacts))
        kept.append(channels)
        rows = engine.materialise(chains.rows_sql(contacts, channels, engine.snippets))
        kept.append(rows)
        named = engine.run(chains.named_channels_sql(contacts, channels, min_customers), "named_channels")
        return [
            *_contact_tables(reading, contacts, rage, rules, numbers),
            *_row_tables(reading, rows, numbers, named, min_customers),
            *cause_tables(reading, contacts, rules, triggered_within=rules.triggered_within),
            _rules_table(rules),
        ]
    finally:
        for name in kept:
            engine.drop(name)


class _Numbers(NamedTuple):
    """The touchpoints, handlers and owners of states; their places are their numbers in the engine."""

    touchpoints: list[str]
    handlers: list[str]
    owners: list[str]

    @classmethod
    def of(cls, reading: StepsReading) -> _Numbers:
        touchpoints = [state.touchpoint for state in reading.catalogue.states]
        handlers = [t.service.handler for t in touchpoints if t.service and t.service.handler]
        return cls(
            list(dict.fromkeys(t.id for t in touchpoints)),
            list(dict.fromkeys(handlers)),
            list(dict.fromkeys(t.owner for t in touchpoints if t.owner)),
        )

    @property
    def self_service(self) -> list[int]:
        return [number for number, handler in enumerate(self.handlers) if handler in SELF_SERVICE]


def _spots(reading: StepsReading, numbers: _Numbers) -> list[tuple[int | str | None, ...]]:
    """Say of every state which touchpoint it is, how high its stage, and in whose hands."""
    rows: list[tuple[int | str | None, ...]] = []
    for number, state in enumerate(reading.catalogue.states):
        touchpoint, service = state.touchpoint, state.touchpoint.service
        carries = None if service is None or service.carries_context is None else int(service.carries_context)
        rows.append(
            (
                number,
                numbers.touchpoints.index(touchpoint.id),
                int(touchpoint.is_service),
                -1 if state.rank is None else state.rank,
                touchpoint.channels[0] if len(touchpoint.channels) == 1 else None,
                numbers.handlers.index(service.handler) if service and service.handler else None,
                numbers.owners.index(touchpoint.owner) if touchpoint.owner else None,
                carries,
            )
        )
    return rows


def _contact_tables(
    reading: StepsReading, contacts: str, rage: str, rules: EpisodeRules, numbers: _Numbers
) -> list[EvidenceTable]:
    engine, plan, nodes = reading.engine, reading.plan, reading.nodes
    groups = plan.groups

    def after(number: int) -> str:
        return nodes[number] if number >= 0 else chains.ENDS[-1 - number]

    here = {"touchpoint": ("state", nodes.__getitem__)}
    handler = dict(enumerate(numbers.handlers)) | {-1: UNKNOWN, chains.POOLED: SELF_SERVICE_KEY}
    episodes = engine.run(queries.episodes_sql(plan, contacts, rage, rules), "episodes")
    recovery = engine.run(queries.recovery_sql(plan, reading.table, contacts, rules), "recovery")
    shapes = engine.run(queries.shapes_sql(contacts), "shapes")
    moves = engine.run(chains.contact_moves_sql(contacts, rules), "contact_moves")
    handlers = engine.run(chains.handlers_sql(contacts, rules, numbers.self_service), "handlers")
    return [
        keyed_evidence("episodes", episodes, groups, here),
        keyed_evidence("recovery", recovery, groups, {
            "failures": ("failures", queries.FAILURES.__getitem__),
            "state": ("outcome", queries.STATES.__getitem__)}),
        keyed_evidence("episode_shapes", shapes, groups, {
            "contacts": ("size", lambda n: f"{n}+" if n == queries.LONGEST else str(n)),
            "outcome": ("outcome", queries.OUTCOMES.__getitem__)}),
        keyed_evidence("episode_moves", moves, groups, {
            "source": ("state", nodes.__getitem__), "target": ("target", after)}),
        keyed_evidence("episode_handlers", handlers, groups, {"handler": ("handler", handler.__getitem__)}),
        keyed_evidence("continuity", engine.run(chains.continuity_sql(contacts), "continuity"), groups, here),
    ]  # fmt: skip


def _row_tables(
    reading: StepsReading, rows: str, numbers: _Numbers, channels: pa.Table, min_customers: int
) -> list[EvidenceTable]:
    engine, groups = reading.engine, reading.plan.groups

    @cache
    def names() -> tuple[dict[int, str], ...]:  # nobody looks at the channels before all is asked
        named = {row["code"]: row["channel"] for row in channels.to_pylist()}
        return dict(enumerate(numbers.handlers)), named, dict(enumerate(numbers.touchpoints))

    def chain(text: str) -> str:
        kind, *parts = text.split()
        other = {chains.MERGED: chains.MERGED, chains.LONGER: "…"}
        return " > ".join(other.get(part) or names()[int(kind)].get(int(part), UNKNOWN) for part in parts)

    totals = engine.run(chains.episode_totals_sql(rows), "episode_totals")
    times = engine.run(chains.episode_times_sql(rows), "episode_times")
    texts = engine.run(chains.texts_sql(rows, min_customers, engine.snippets), "texts")
    return [
        keyed_evidence("episode_totals", totals, groups, {
            "episodes": ("part", list(chains.PARTS).__getitem__)}),
        keyed_evidence("episode_times", times, groups, {
            "outcome": ("outcome", queries.OUTCOMES.__getitem__), "bucket": ("bucket", str)}),
        keyed_evidence("episode_chains", texts, groups, {
            "by": ("chain", lambda text: chains.CHAINS[int(text[0])]), "chain": ("chain", chain)}),
    ]  # fmt: skip


def _rules_table(rules: EpisodeRules) -> EvidenceTable:
    given = {
        name: value
        for name in ("rage_visits", "within", "rage_within", "recovered_within")
        if (value := getattr(rules, name)) is not None
    }
    return EvidenceTable(
        name="episode_rules",
        groups=1,
        key_columns=("rule",),
        keys=tuple((name,) for name in given),
        row=tuple(range(len(given))),
        group=(0,) * len(given),
        measures={"value": tuple(given.values())},
    )
