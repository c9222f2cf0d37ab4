"""Figures are drawn without a screen, and none outlives its test."""

from __future__ import annotations

import pytest
from matplotlib import pyplot as plt

plt.switch_backend("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")
