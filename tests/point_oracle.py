"""An independent oracle: the points at which journeys could turn to service, found one journey at a time.

Nothing here shares code with the library's queries; the definitions are those of `point_tables`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor, log2

from tests.oracle import Counts, Row, Walk, totals, walks


def points_from_events(
    rows: Sequence[Row],
    *,
    stages: Sequence[str],
    landmarks: Mapping[str, str],
    retained_after: int,
    min_customers: int,
    feelings: Mapping[int, int],
    segments: Mapping[str, str],
    lost_after_us: int = 0,
) -> dict[str, dict]:
    """The tables of `point_tables` for one group of customers, as `tests.oracle.totals` gives them.

    landmarks: the touchpoint, or the stage, of each; feelings: by the number of the row.
    """
    until = max(row.time_us for row in rows)
    found = walks(rows, stages=stages, lost_after_us=lost_after_us)
    by_customer = defaultdict(list)
    for row in rows:
        by_customer[row.customer].append(row)
    looks = []
    reached = Counts(lambda _: 0)
    for walk in found:
        contacts = [p for p in range(walk.before) if walk.events[p].is_service]
        first = contacts[0] if contacts else len(walk.events) + 1
        for place in range(walk.before):
            event = walk.events[place]
            fate = _fate(walk, place, by_customer[walk.customer], retained_after, until)
            past, future = (
                _felt(part, feelings) for part in (walk.events[: place + 1], walk.events[place + 1 :])
            )
            segment = segments.get(walk.customer, "")
            if place == 0 and event.is_service:
                looks.append(
                    (("@start", "1", "0", segment), "0", walk.customer, event.node, fate, None, None)
                )
            elif place < first and not event.is_service:
                so_far = [e.node for e in walk.events[: place + 1]]
                trouble = len(set(so_far)) < len(so_far) or (past is not None and past < 0)
                kind = (event.node, _tenure(place + 1), str(int(trouble)), segment)
                contact = walk.events[first].node if place + 1 == first else ""
                fate = fate | {"later": int(fate["closed"] and not contact and bool(contacts))}
                looks.append((kind, _waited(walk, place), walk.customer, contact, fate, past, future))
        for landmark, at in _reached(walk, stages, landmarks):
            fate = _fate(walk, max(at, 0), by_customer[walk.customer], retained_after, until)
            _look(walk, landmark, at, contacts, fate, _felt(walk.events[at + 1 :], feelings), reached)
    measures = ("journeys", "closed", "won", "watched", "retained", "felt", "felt_m", "customers")
    return {
        "service_points": _merged(looks, min_customers),
        "landmarks": totals(reached.table("landmarks", ("landmark", "before", "contact"), measures, 1)),
    }


def _fate(walk: Walk, place: int, own: Sequence[Row], span: int, until: int) -> dict[str, int]:
    row = walk.events[place].row
    closed = walk.outcome != "open"
    watched = row.time_us + 2 * span <= until
    stays = any((r.time_us, r.number) > (row.time_us, row.number) for r in own)
    back = any(not r.is_service and span < r.time_us - row.time_us <= 2 * span for r in own)
    return {
        "closed": int(closed), "won": int(walk.outcome == "goal"),
        "went_on": int(closed and place + 1 < len(walk.events)), "later": 0, "watched": int(watched),
        "watched_on": int(watched and stays), "retained": int(watched and back),
    }  # fmt: skip


def _felt(events: Sequence, feelings: Mapping[int, int]) -> int | None:
    """The mean feeling outside service in thousandths, halves rounded away from nought."""
    felt = [feelings[e.row.number] for e in events if not e.is_service and e.row.number in feelings]
    if not felt:
        return None
    mean = Fraction(1000 * sum(felt), len(felt))
    return floor(mean + Fraction(1, 2)) if mean >= 0 else -floor(-mean + Fraction(1, 2))


def _waited(walk: Walk, place: int) -> str:
    if place + 1 == len(walk.events):
        return ""
    wait = max(walk.events[place + 1].start - walk.events[place].end, 0)
    return str(floor(log2(wait / 1_000_000 + 1)))


def _tenure(visits: int) -> str:
    return "1" if visits == 1 else "2-3" if visits < 4 else "4-7" if visits < 8 else "8+"


def _merged(looks: list, min_customers: int) -> dict:
    who, served = defaultdict(set), set()
    for kind, _, customer, *_ in looks:
        who[kind].add(customer)

    def shown(kind):
        return (kind[0], "*", "*", "*") if len(who[kind]) < min_customers else kind

    for kind, _, _, contact, *_ in looks:
        if contact:
            served.add(shown(kind))
    counts = Counts(lambda _: 0)
    for kind, waited, customer, contact, fate, past, future in looks:
        if shown(kind) not in served:
            continue
        key = (*shown(kind), waited, contact)
        counts.add(key, customer, points=1, **fate)
        counts.once(key, customer, "customers")
        if past is not None and future is not None:
            counts.add(key, customer, felt=1, felt_before_m=past, felt_after_m=future)
            counts.add(key, customer, felt_before_before_u=past * past, felt_before_after_u=past * future)
    measures = (
        "points", "closed", "won", "went_on", "later", "watched", "watched_on", "retained", "felt",
        "felt_before_m", "felt_after_m", "felt_before_before_u", "felt_before_after_u", "customers",
    )  # fmt: skip
    columns = ("touchpoint", "tenure", "struggled", "segment", "waited", "contact")
    return totals(counts.table("service_points", columns, measures, 1))


def _reached(walk: Walk, stages: Sequence[str], landmarks: Mapping[str, str]) -> list[tuple[str, int]]:
    found = [("@start", -1)]
    for name, what in landmarks.items():
        for place, event in enumerate(walk.events[: walk.before]):
            here = what in {event.node, event.row.touchpoint}
            if name.startswith("stage:"):
                here = stages.index(event.stage) >= stages.index(what)
            if here and not event.is_service:
                found.append((name, place))
                break
    return found


def _look(walk: Walk, landmark: str, at: int, contacts: Sequence[int], fate: Mapping[str, int],
          felt: int | None, reached: Counts) -> None:  # fmt: skip
    after = [p for p in contacts if p > at]
    before = str(int(any(p < at for p in contacts)))
    key = (landmark, before, walk.events[after[0]].node if after else "")
    reached.add(key, walk.customer, journeys=1, felt=int(felt is not None), felt_m=felt or 0,
                **{name: fate[name] for name in ("closed", "won", "watched", "retained")})  # fmt: skip
    reached.once(key, walk.customer, "customers")
