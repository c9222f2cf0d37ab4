"""Journeys that try a figure: small, large, long-named, bare, Chinese, observed."""

from __future__ import annotations

from datetime import timedelta

from journeymap.model.journey import Journey

STAGES = ("discovery", "evaluation", "purchase", "post_purchase", "loyalty")
_CHANNELS = ("social", "web", "chat", "store", "email", "phone", "app")
_OWNERS = ("Marketing", "Sales", "Support", "Product")
_LONG = "Compares the monthly price of every plan with the neighbour's"
_CHINESE = (
    "看到广告",
    "比较各种套餐的价格与速度",
    "联系在线客服",
    "签订合同并付款",
    "安装路由器",
    "续约",
)


def broadband() -> Journey:
    """An authored map of nineteen touchpoints with everything on it."""

    def service(need, handler, **more):
        return {"need": need, "handler": handler, **more}

    rows = [
        ("see_ad", "See the ad", "discovery", "social", "Marketing", 1, "Sees an ad on the bus and on Instagram.", "Faster than mine?", [], []),
        ("ask_friends", "Ask friends", "discovery", "social", "Marketing", 1, "Asks two neighbours what they use.", "", [], ["Reward recommendations"]),
        ("check_coverage", "Check the address", "discovery", "web", "Product", 0, "Types the address into the coverage map.", "Do they reach my street?", [("The map says “maybe”", 3)], []),
        ("compare_plans", "Compare plans", "evaluation", "web", "Product", -1, "Compares three plans and two rivals in a spreadsheet.", "What does it cost after a year?", [("Price after 12 months is hidden", 4), ("Too many options", 2)], ["Show the two-year price"]),
        ("ask_chat", "Ask the chat", "evaluation", "chat", "Support", 1, "Asks which router comes with the plan.", "A real answer, good", [], []),
        ("read_reviews", "Read reviews", "evaluation", "web", "Marketing", 0, "Reads reviews on a comparison site.", "", [], []),
        ("order", "Order online", "purchase", "web", "Sales", 0, "Fills five pages; the card is declined once.", "Why my birthday twice?", [("Address asked twice", 2)], ["Keep what was typed"]),
        ("credit_check", "Credit check", "purchase", "web", "Sales", -1, "Waits for a decision without a date.", "Am I not good enough?", [("No reason given", 4)], []),
        ("confirmation", "Confirmation", "purchase", "email", "Sales", 1, "Gets an e-mail with the date.", "It is settled", [], []),
        ("router_arrives", "Router arrives", "post_purchase", "mail", "Logistics", 2, "Unpacks the router, two days early.", "Nice box!", [], []),
        ("install", "Technician installs", "post_purchase", "home", "Field service", -1, "Takes a day off; the technician comes four hours late.", "Nobody told me", [("Window of eight hours", 5), ("No call when late", 4)], ["Text message one hour ahead"]),
        ("self_help", "Search the help pages", "post_purchase", "web", "Support", -1, "Looks for the meaning of the red light.", "Which light?", [("Articles for old routers", 3)], []),
        ("call_help", "Call the help line", "post_purchase", "phone", "Support", -2, "Waits 22 minutes, explains the case three times to two agents, is promised a credit.", "Nobody knows me", [("22 minutes of waiting", 5), ("Repeats the story three times", 5), ("No case history", 3)], ["Carry the case over from chat"]),
        ("first_bill", "First bill", "post_purchase", "email", "Billing", -1, "Finds a fee that nobody mentioned.", "That was not agreed", [("Bill does not match the quote", 4)], []),
        ("complaint", "Complain about the bill", "post_purchase", "email", "Support", 0, "Writes twice; the second answer helps.", "At last", [], []),
        ("credit_note", "Credit paid", "post_purchase", "email", "Billing", 1, "Gets the credit and an apology.", "Fair enough", [], []),
        ("use_daily", "Everyday use", "loyalty", "app", "Product", 2, "Streams in every room.", "I forget that it is there", [], []),
        ("renew", "Renew the contract", "loyalty", "app", "Sales", 0, "Is offered less than new customers get.", "So loyalty costs extra", [("New customers pay less", 4)], ["Same price for old and new"]),
        ("recommend", "Recommend to a friend", "loyalty", "social", "Marketing", 1, "Sends a link.", "", [], []),
    ]  # fmt: skip
    helps = {
        "ask_chat": service("advice", "bot"),
        "install": service("transaction", "human", initiator="company"),
        "self_help": service("technical_support", "self_service"),
        "call_help": service("technical_support", "human", carries_context=False),
        "complaint": service("complaint", "ticket_queue"),
    }
    touchpoints = [
        {
            "id": key, "name": name, "stage": stage, "owner": owner, "feeling": feeling, "doing": doing,
            "channels": [channel, "store"] if key == "compare_plans" else [channel], "thinking": thinking,
            "pain_points": [{"text": text, "severity": severity} for text, severity in pains],
            "opportunities": ideas, "service": helps.get(key),
            "feeling_source": "assumed" if key in {"see_ad", "ask_friends", "recommend"} else "researched",
            "moment_of_truth": key in {"install", "order", "call_help"},
            "expectation": 1 if key in {"install", "call_help"} else None,
            "backstage": {"credit_check": ["Bureau query", "Manual review over 2,000 €"],
                          "install": ["Dispatch by region"], "call_help": ["Case opened by hand"]}.get(key, []),
            "systems": {"order": "CRM", "call_help": ["CRM", "telephony"], "first_bill": "Billing"}.get(key, []),
        }
        for key, name, stage, channel, owner, feeling, doing, thinking, pains, ideas in rows
    ]  # fmt: skip
    touchpoints.append({"id": "outage_line", "name": "Outage line", "channels": ["phone"], "service": {"handler": "ivr"},
                        "doing": "Hears a tape about known outages.", "feeling": -1, "owner": "Support"})  # fmt: skip
    return Journey(
        name="Getting and keeping home broadband",
        goal="confirmation",
        personas=[{"id": "maya", "name": "Maya", "description": "29, switches provider to save money"}],
        channels=[{"id": "home", "name": "At home"}],
        touchpoints=touchpoints,
    )


def tiny() -> Journey:
    return Journey(
        name="Smallest journey",
        touchpoints=[
            {"id": "ask", "stage": "discovery", "channels": "web", "feeling": 1, "doing": "Asks."},
            {"id": "buy", "stage": "purchase", "channels": "phone", "feeling": -1, "service": {}},
        ],
    )


def large(count: int = 40) -> Journey:
    return Journey(
        name=f"A journey of {count} touchpoints",
        touchpoints=[
            {
                "id": f"t{n}", "name": f"Touchpoint number {n}", "stage": STAGES[n * 5 // count],
                "channels": _CHANNELS[n % 7], "owner": _OWNERS[n // 3 % 4], "feeling": (n * 7 % 5) - 2,
                "feeling_source": "measured", "doing": f"Does the thing number {n} in some words.",
                "service": {} if n % 6 == 4 else None, "moment_of_truth": n % 9 == 5,
                "pain_points": ["Takes too long"] * (n % 3),
            }
            for n in range(count)
        ],
    )  # fmt: skip


def long_names() -> Journey:
    return Journey(
        name="A journey whose title and whose touchpoints have names of about sixty characters, to see what breaks",
        stages=[{"id": s, "name": f"{s.replace('_', ' ').capitalize()} of a very long stage name", "period": "during"} for s in STAGES],
        touchpoints=[
            {
                "id": f"t{n}", "name": _LONG if n % 2 else "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
                "stage": STAGES[n // 2], "channels": ["a_channel_with_a_long_name", "web"], "owner": "Department of customer communications and relations",
                "feeling": n % 5 - 2, "doing": f"{_LONG}, {_LONG}, and {_LONG}; then {_LONG} " * 2, "thinking": _LONG + " and pays $5 or $6",
                "service": {} if n % 3 == 0 else None, "moment_of_truth": n % 4 == 0,
                "pain_points": [{"text": _LONG, "severity": 5}] * 6, "opportunities": [_LONG] * 2, "backstage": [_LONG] * 2,
            }
            for n in range(10)
        ],
    )  # fmt: skip


def chinese() -> Journey:
    return Journey(
        name="家庭宽带的客户旅程",
        stages=[{"id": s, "name": n, "period": "during"} for s, n in zip(STAGES, ("发现", "评估", "购买", "售后", "忠诚"), strict=True)],
        touchpoints=[
            {"id": f"t{n}", "name": name, "stage": STAGES[min(n, 4)], "feeling": (n * 3 % 5) - 2, "channels": "网站",
             "doing": "顾客比较多个套餐,确认「月费」与合同期限,然后向朋友询问意见。", "thinking": "このプランで大丈夫?", "owner": "市场部",
             "pain_points": "等待时间太长,没有人回答问题", "service": {} if n == 2 else None}
            for n, name in enumerate(_CHINESE)
        ],
    )  # fmt: skip


def bare(count: int = 5) -> Journey:
    return Journey(
        name="Nothing but names", touchpoints=[{"id": f"t{n}", "stage": STAGES[n % 5]} for n in range(count)]
    )


def observed(count: int = 40) -> Journey:
    """An observed journey with decimals for feelings and more touchpoints than a map holds."""

    def estimate(value):
        return {"value": value, "low": value - 0.25, "high": min(2, value + 0.25), "n": 200, "customers": 150}

    touchpoints = [
        {
            "id": f"event_number_{n}", "stage": STAGES[n * 5 // count], "channels": _CHANNELS[n % 5],
            "visits": {"count": 9000 - 211 * n, "customers": 5000 - 110 * n, "journeys": 5000 - 110 * n,
                       "share": (5000 - 110 * n) / 6000, "lost": 40 * (n % 4)},
            "measured_feeling": estimate(round(1.7 - n * 0.77 % 3.4, 2)) if n % 7 else None,
            "service": {} if n % 8 == 3 else None,
        }
        for n in range(count)
    ]  # fmt: skip
    return Journey(
        name="Web shop, observed",
        origin="observed",
        touchpoints=touchpoints,
        observation={
            "customers": 5300, "journeys": 6000, "events": 90000, "won": 2000, "lost": 3500, "open": 500, "groups": 64,
            "start": "2024-05-01", "end": "2024-05-31", "observed_until": "2024-06-01",
            "lost_after": timedelta(days=14), "lost_after_source": "data",
        },
    )  # fmt: skip


def _asked(place: int) -> list[dict]:
    """What a touchpoint was given for scores: of every unit, on long and short scales, of few and of many."""
    few, many = {"n": 12, "customers": 12}, {"n": 12_345, "customers": 9_876}
    five, seven = {"low": 1, "high": 5}, {"low": 1, "high": 7, "better": "lower"}
    return [
        {"question": "nps", "name": "Would recommend us", "scale": {"low": 0, "high": 10}, "unit": "net_promoter",
         "estimate": {"value": 0.9 - 0.15 * (place % 12), "low": 0.87 - 0.15 * (place % 12),
                      "high": 0.96 - 0.15 * (place % 12), **many}},
        {"question": f"own_{place}", "name": f"{_LONG}, quality number {place}", "scale": five,
         "estimate": {"value": 1 + place % 9 / 2, "low": 1 + place % 9 / 2.2, "high": 1.2 + place % 9 / 2, **few}},
        {"question": "effort", "name": f"How hard was it? {_LONG}", "scale": seven,
         "estimate": {"value": 2.5, "low": 2.497, "high": 2.503, **(many if place % 2 else few)}},
        {"question": "blank", "name": "Answered by nobody", "scale": five, "estimate": {"value": None}},
        {"question": "points", "name": "总体满意度", "scale": {"low": -100, "high": 100}, "estimate": {"value": -37.2, **many}},
        {"question": "first_response", "name": "First response", "unit": "seconds", "source": "tickets",
         "estimate": {"value": 8_100.0, "low": 7_000.0, "high": 12_345.0, **many}},
        {"question": "fcr", "name": "Resolved at first contact", "unit": "share", "source": "tickets",
         "scale": {"low": 0, "high": 1}, "estimate": {"value": 0.004, "low": 0.0, "high": 0.02, **many}},
    ]  # fmt: skip


def answered(journey: Journey) -> Journey:
    """The same journey with scores at all but every third touchpoint; the last two questions at fewer."""
    touchpoints = [
        {**touchpoint.model_dump(), "scores": _asked(place)[: 7 if place % 2 else 5] if place % 3 else ()}
        for place, touchpoint in enumerate(journey.touchpoints, 1)
    ]
    survey = {"source": "survey.csv", "rows": 9_876, "customers": 9_876,
              "questions": [{"column": "nps", "measure": "nps"}]}  # fmt: skip
    return Journey.model_validate(
        {**journey.model_dump(exclude={"touchpoints"}), "touchpoints": touchpoints, "answers": survey}
    )


SAMPLES = {
    "broadband": broadband, "tiny": tiny, "large": large, "long_names": long_names, "bare": bare,
    "observed": observed, "observed_few": lambda: observed(9),
}  # fmt: skip
