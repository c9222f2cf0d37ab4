"""Results that try the panels of the service picture: teams, gap and effect."""

from __future__ import annotations

from datetime import timedelta

from journeymap.analysis.service_causes_report import BEGINS_HERE, NO_OWNER, OwnerPair, ServiceCauses
from journeymap.analysis.service_effect_result import ServiceEffect
from journeymap.analysis.service_gap_report import IN_BETWEEN, QUADRANTS, SegmentGap, ServiceGap, quadrant_of
from journeymap.model.measures import Estimate

UNKNOWN = Estimate(value=None)
LONG = "Department of customer communications and customer relations"
CELLS = {
    ("Billing", "Support"): 50,
    ("Sales", "Support"): 20,
    ("Support", "Support"): 10,
    ("Sales", "Shops"): 12,
    (BEGINS_HERE, "Support"): 5,
    (NO_OWNER, "Shops"): 3,
}


def around(value, half=0.1, customers=900):
    """An estimate with an interval of equal arms; without one where `half` is None."""
    ends = {} if half is None else {"low": value - half, "high": value + half}
    return Estimate(value=value, n=customers, customers=customers, **ends)


def causes(cells=None, *, elsewhere=0.82, half=0.02, avoidable=UNKNOWN, failures=UNKNOWN):
    """Contacts by team, from a dict of pairs to counts; every contact has its own customer."""
    cells = CELLS if cells is None else cells
    total = sum(cells.values())
    pairs = [
        OwnerPair(
            cause=cause, carrier=carrier, contacts=count, episodes=count, customers=count, seconds=0.0,
            share=around(count / total, half, count),
        )
        for (cause, carrier), count in sorted(cells.items(), key=lambda item: -item[1])
    ]  # fmt: skip
    return ServiceCauses(
        journey="Broadband",
        within=timedelta(days=7),
        contacts=total,
        customers=total,
        owners=tuple(pairs),
        caused_elsewhere=UNKNOWN if elsewhere is None else around(elsewhere, half, total),
        failure_demand=failures,
        avoidable=avoidable,
    )


def many_teams(count, name="Team"):
    """As many teams before as after, every pair with some contacts but those of one residue."""
    names = [f"{name} {place}" for place in range(count)]
    pairs = ((i, j, (i * 7 + j * 3) % 11 * 50) for i in range(count) for j in range(count))
    return causes({(names[i], names[j]): contacts or 9 for i, j, contacts in pairs})


def gap(segments=(), *, service=-0.3, experience=0.2, half=0.05, shares=True, **more):
    """The gap of all, and of segments given as (name, service, experience)."""
    parts = [
        SegmentGap(
            segment=name, customers=200 - place, service=around(s, half), experience=around(x, half),
            gap=around(s - x, half), quadrant=quadrant_of(around(s, half), around(x, half)),
        )
        for place, (name, s, x) in enumerate(segments)
    ]  # fmt: skip
    whole = around(service, half), around(experience, half)
    known = dict(zip([*QUADRANTS, IN_BETWEEN], (0.21, 0.08, 0.19, 0.14, 0.38), strict=True))
    return ServiceGap(
        journey="Broadband",
        by="region" if segments else "",
        customers=4301,
        service=whole[0],
        experience=whole[1],
        experience_without=around(0.35, half),
        gap=around(service - experience, half),
        good_above=0.5,
        poor_below=-0.5,
        quadrant=quadrant_of(*whole),
        shares={name: around(value, 0.01) for name, value in known.items()} if shares else {},
        segments=tuple(parts),
        parity=(),
        **more,
    )


def spread(count, name="Region", far=0.4):
    """Segments here and there around the middle."""
    return [
        (f"{name} {place}", (place * 7 % 11 / 5 - 1) * far, (place * 5 % 13 / 6 - 1) * far)
        for place in range(count)
    ]


def effect(outcome="goal", *, half=0.05, **more):
    """A crude benefit that vanishes at the same point and after the landmark."""
    told = {"goal": "reach the goal", "retained": "come back"}.get(outcome, "")
    values = {"crude": 0.17, "stratified": -0.01, "against_stayed": -0.06, "landmarked": -0.08}
    found = {name: around(value, half) for name, value in values.items()}
    whole = {"outcome": outcome, "told": told, "landmark": "Pays", "n_with": 7800, "n_without": 12_200}
    return ServiceEffect(journey="Broadband", **{**whole, **found, **more})
