"""Reports on drivers that try the figure: few, many, long-named, Chinese, on unlike scales, unknown."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from journeymap.analysis.drivers import find_drivers
from journeymap.events.feedback import Feedback

LONG = "How satisfied were you with the friendliness of the person who helped you on the phone"
CHINESE = "客服人员的态度与解决问题的速度"
STARS = {"low": 1, "high": 5}
SAMPLES = (
    "one",
    "five",
    "fifteen",
    "long names",
    "chinese",
    "unlike scales",
    "unknown",
    "nobody",
    "yes or no",
)


@cache
def some_drivers(sample):
    """A report by its name."""
    if sample == "unknown":
        return _surveyed(15, 20)
    if sample == "nobody":
        table = {"all": [4, 5], "food": [None, None]}
        asked = [{"column": name, "measure": "csat", "scale": STARS} for name in table]
        return find_drivers(Feedback(pa.table(table), questions=asked), outcome="all")
    if sample == "unlike scales":
        return _surveyed(3, 400, scales=({"low": 0, "high": 10}, {"low": 1, "high": 5, "better": "lower"}))
    if sample == "yes or no":
        return _surveyed(4, 400, yes_or_no=2)
    names = {"long names": LONG, "chinese": CHINESE}
    count = {"one": 1, "five": 5, "fifteen": 15}.get(sample, 4)
    return _surveyed(count, 400, name=names.get(sample), filters=sample == "five")


def _surveyed(count, n, *, name=None, scales=(), filters=False, yes_or_no=0):
    rng = np.random.default_rng(count)
    shared = 0.6 * rng.normal(size=(n, 1))
    rated = np.clip(np.round(3.6 + 0.9 * (shared + 0.8 * rng.normal(size=(n, count)))), 1, 5)
    rated[:, :yes_or_no] = np.where(rated[:, :yes_or_no] >= 4, 5, 1)
    slopes = np.linspace(0.6, 0, count) / max(1.0, count**0.5 / 1.4)
    whole = 3.5 + (rated - 3.6) @ slopes - 0.9 * (rated[:, 0] <= 2) + 0.7 * rng.normal(size=n)
    table = {"all": np.clip(np.round(whole), 1, 5), "plan": ["big"] * n}
    asked = [{"column": "all", "name": name or "Overall", "measure": "csat", "scale": STARS}]
    for k, column in enumerate(rated.T):
        table[f"d{k}"] = column
        asked.append(
            {
                "column": f"d{k}",
                "name": f"{name} {k}" if name else f"Driver {k}",
                "scale": scales[k] if k < len(scales) else STARS,
                "family": "service" if k % 3 == 1 else "experience",
            }
        )
    feedback = Feedback(pa.table(table), questions=asked)
    return find_drivers(feedback.where(plan="big") if filters else feedback, outcome="all")
