"""Tickets counted in plain Python, one by one, to compare the engine with."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

TIMES = ("opened", "first", "human", "solved_first", "solved", "closed", "queued", "answered", "gone")
START = datetime(2024, 5, 1)  # noqa: DTZ001 - naive on purpose


def random_tickets(rng, count, *, customers=12):
    """Ticket rows with ties, fractions of a second, missing values and impossible records."""
    rows = []
    for number in range(count):
        opened = START + timedelta(
            seconds=rng.choice([3600, 7200, 86_400]) * rng.randrange(40),
            microseconds=rng.choice([0, 0, 1, 250_000]),
        )

        def later(chance, base=opened):
            if rng.random() > chance:
                return None
            span = rng.choice([0, 60, 3600, 90_000, 400_000, -60 if rng.random() < 0.1 else 60])
            return base + timedelta(seconds=span, microseconds=rng.choice([0, 1]))

        first, solved = later(0.8), later(0.7)
        first_solved = None if solved is None else later(1, opened) if rng.random() < 0.3 else solved
        rows.append({
            "customer": f"c{rng.randrange(customers)}", "ticket": f"t{number}", "opened": opened, "first": first,
            "human": first if rng.random() < 0.6 else None, "solved_first": first_solved, "solved": solved,
            "closed": later(0.4), "queued": opened if rng.random() < 0.7 else None,
            "answered": None, "gone": None, "channel": rng.choice(["phone", "email", "chat", None]),
            "handler": rng.choice(["human", "bot", None]), "segment": rng.choice(["new", "old"]),
            "reason": rng.choice(["bill", "fault", None]), "starter": rng.choice(["customer"] * 5 + ["company"]),
            "reopened": rng.choice([0, 0, 1, 2, None]), "escalated": rng.choice([True, False, None]),
            "replies": rng.choice([0, 1, 3, None]), "unresolvable": rng.choice(["yes", "no", ""]),
        })  # fmt: skip
        row = rows[-1]
        if row["queued"] is not None:
            row["answered"], row["gone"] = rng.choice(
                [(later(1, opened), None), (None, later(1, opened)), (None, None)]
            )
    return rows


def is_possible(row):
    """Whether a ticket can be true."""
    orders = [("first", "opened"), ("human", "opened"), ("human", "first"), ("solved", "opened"),
              ("solved_first", "opened"), ("solved", "first"), ("solved", "solved_first"), ("closed", "opened"),
              ("answered", "queued"), ("gone", "queued")]  # fmt: skip
    early = any(row[a] is not None and row[b] is not None and row[a] < row[b] for a, b in orders)
    return not early and not (row["answered"] is not None and row["gone"] is not None)


def everyone(_):
    return True


def micro(span):
    return span // timedelta(microseconds=1)


class Oracle:
    """The same counts as `contacts`, by loops."""

    def __init__(self, rows, *, window, short):
        self.rows = [row for row in rows if is_possible(row)]
        self.impossible = len(rows) - len(self.rows)
        self.until = max(row[name] for row in self.rows for name in TIMES if row[name] is not None)
        self.own = [row for row in self.rows if row["starter"] != "company"]
        self.window, self.short = window, short
        chains = defaultdict(list)
        for row in self.own:
            chains[row["customer"], row["reason"] or ""].append(row)
        for chain in chains.values():
            chain.sort(key=lambda row: row["opened"])  # stable: ties keep the order of the table
            for before, row, after in zip([None, *chain[:-1]], chain, [*chain[1:], None], strict=True):
                row["is_first"] = before is None or row["opened"] - before["opened"] > window
                row["again"] = after is not None and after["opened"] - row["opened"] <= window
                row["soon"] = after is not None and after["opened"] - row["opened"] <= short
                row["judged"] = row["opened"] <= self.until - window
                row["session"] = row["opened"] <= self.until - short

    def counts(self, chosen=everyone):
        own = [row for row in self.own if chosen(row)]
        first = [r for r in own if r["judged"] and r["is_first"]]
        at_first = [
            r for r in first if not r["again"] and r["solved"] and not r["escalated"] and not r["reopened"]
        ]
        once = [r for r in own if r["solved"] or r["solved_first"] or r["reopened"]]
        sessions = [r for r in own if r["session"]]
        kept = [r for r in sessions if not r["escalated"]]
        return {
            "contacts": len(own),
            "customers": len({r["customer"] for r in own}),
            "judged": sum(r["judged"] for r in own),
            "repeats": sum(r["judged"] and r["again"] for r in own),
            "first_contacts": len(first),
            "first_repeats": sum(r["again"] for r in first),
            "resolved": sum(r["solved"] is not None for r in own),
            "ended": sum(r["solved"] is None and r["closed"] is not None for r in own),
            "resolved_at_first": len(at_first),
            "resolvable": sum(r["judged"] and r["unresolvable"] != "yes" for r in own),
            "resolvable_at_first": sum(r["unresolvable"] != "yes" for r in at_first),
            "unresolvable": sum(r["unresolvable"] == "yes" for r in own),
            "resolved_once": len(once),
            "reopened": sum(bool(r["reopened"]) for r in once),
            "resolved_silently": sum(r["solved"] is not None and not r["replies"] for r in own),
            "escalated": sum(bool(r["escalated"]) for r in own),
            "queued": sum(r["queued"] is not None for r in own),
            "abandoned": sum(r["queued"] is not None and r["gone"] is not None for r in own),
            "answered": sum(r["queued"] is not None and r["answered"] is not None for r in own),
            "sessions": len(sessions),
            "deflected": len(kept),
            "contained": sum(not r["soon"] for r in kept),
            "hidden": sum(r["soon"] for r in kept),
            "contained_resolved": sum(r["solved"] is not None for r in kept),
            "proactive": sum(chosen(r) for r in self.rows if r["starter"] == "company"),
        }

    def spans(self, clock, chosen=everyone, length=lambda start, end: micro(end - start)):  # noqa: C901 - one rule a clock
        """Every time that a clock ran, as (outcome, microseconds), sorted."""
        found = []
        for row in self.own:
            if not chosen(row):
                continue
            start, outcome, end = row["opened"], "open", self.until
            if clock in {"any", "human"}:
                time = row["first" if clock == "any" else "human"]
                if time is not None:
                    outcome, end = "event", time
            elif clock in {"first", "full"}:
                time = row["solved_first" if clock == "first" else "solved"]
                if time is not None:
                    outcome, end = "event", time
                elif row["solved"] is None and row["closed"] is not None:
                    outcome, end = "other", row["closed"]
            else:
                if row["queued"] is None:
                    continue
                start = row["queued"]
                if row["gone"] is not None:
                    outcome, end = "event", row["gone"]
                elif row["answered"] is not None:
                    outcome, end = "other", row["answered"]
            found.append((outcome, length(start, end)))
        return sorted(found)
