"""Sums that leave an engine as whole numbers."""

from __future__ import annotations

__all__ = ["MILLIONTHS"]

# the order in which an engine adds changes the last digits: rounded away first, lest halves fall either way
MILLIONTHS = "cast(round(round(sum({}), 9) * 1e6) as bigint)"
