"""How does every figure look: one frozen value with colours, sizes and words; it draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from journeymap.render.scene import Dash, Shape

__all__ = ["DARK_THEME", "DEFAULT_THEME", "LARGE_THEME", "PRINT_THEME", "Theme", "contrast", "luminance"]

_READABLE = 4.5  # the contrast that WCAG 2 asks of small text


def luminance(colour: str) -> float:
    """How bright is a colour to the eye?

    Parameters
    ----------
    colour : str
        ``#rrggbb``.

    Returns
    -------
    float
        Relative luminance after WCAG 2, 0 (black) to 1 (white).

    Examples
    --------
    >>> luminance("#ffffff")
    1.0
    """
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return round(0.2126 * red + 0.7152 * green + 0.0722 * blue, 10)


def contrast(one: str, other: str) -> float:
    """How well do two colours stand apart as text and ground?

    Parameters
    ----------
    one, other : str
        ``#rrggbb``.

    Returns
    -------
    float
        Contrast ratio after WCAG 2, 1 (equal) to 21 (black on white); small text needs 4.5.

    Examples
    --------
    >>> round(contrast("#333333", "#ffffff"), 1)
    12.6
    """
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colours by role, sizes in points and the words on figures.

    Parameters
    ----------
    family : str
        The font; what it lacks is taken from other installed fonts.
    title_size, subtitle_size, stage_size, touchpoint_size, body_size, small_size, tick_size : float
        Text sizes in points; nothing is set smaller than 6.5.
    line_height : float
        Distance of two lines of text as a multiple of the size.
    scale : float
        How much larger every text, line and box is drawn; a figure holds less in the same width.
    ink, muted, rule, grid, paper : str
        Text, quiet text, lane lines, thinner lines, the ground.
    stage_header, any_stage_header : str
        The chevrons of stages, and of touchpoints that belong to no stage.
    stage_tints : tuple of str
        Two grounds that take turns from stage to stage.
    touchpoint_edge, link, curve, interval, marker_edge, edge, neutral : str
        Outlines of touchpoint boxes, the line of channels, the feeling curve, its interval and the edge of
        its markers, arrows, the zero line.
    feeling : tuple of str
        Five colours for −2, −1, 0, +1, +2; told apart by position and number as well.
    service, service_tint, service_hatch : str
        The accent of service interactions (always with ◆), its ground, and a hatch for print.
    pain, pain_tint, opportunity, opportunity_tint : str
        Chips of pain points (and all friction, exits and losses) and of opportunities.
    loss_text : str
        Words about what is lowest or lost.
    customer_tint, frontstage_tint, backstage_tint, support_tint : str
        Boxes of a service blueprint by lane.
    pain_hatch, opportunity_hatch : str
        Hatches that stand in for colours in print.
    categories : tuple of str
        For channels, personas and paths, always together with `category_markers` and `category_dashes`.
    category_markers : tuple of str
        A shape for each of the categories, as of `Marker`.
    category_dashes : tuple of str
        A dash for each of them.
    category_hatches : tuple of str
        A hatch for each of them, where their colours alone do not tell them apart; empty: none.
    sequential : tuple of str
        The light and the dark end of counts and friction.
    words : mapping of str to str
        Translations of the fixed words on figures, from the English word.

    Examples
    --------
    >>> DEFAULT_THEME.feeling_colour(-2)
    '#A63A00'
    >>> DEFAULT_THEME.text_on("#0B559F")
    '#FFFFFF'
    """

    family: str = "DejaVu Sans"
    title_size: float = 15.0
    subtitle_size: float = 8.5
    stage_size: float = 9.5
    touchpoint_size: float = 8.5
    body_size: float = 8.0
    small_size: float = 7.5
    tick_size: float = 7.0
    line_height: float = 1.32
    scale: float = 1.0

    ink: str = "#333333"
    muted: str = "#595959"
    rule: str = "#D0D0D0"
    grid: str = "#E0E0E0"
    paper: str = "#FFFFFF"
    stage_header: str = "#2F4858"
    any_stage_header: str = "#5B6B76"
    stage_tints: tuple[str, str] = ("#E8EEF4", "#F4F4F4")
    touchpoint_edge: str = "#9AA5AE"
    link: str = "#7F8C96"
    curve: str = "#4A5A66"
    interval: str = "#C3CCD4"
    marker_edge: str = "#FFFFFF"
    edge: str = "#8A97A1"
    neutral: str = "#8A8A8A"
    feeling: tuple[str, str, str, str, str] = ("#A63A00", "#E58A4E", "#9A9A9A", "#6BAED6", "#0B559F")
    service: str = "#882255"
    service_tint: str = "#F6ECF1"
    service_hatch: str = ""
    pain: str = "#D55E00"
    pain_tint: str = "#FBEDE4"
    opportunity: str = "#009E73"
    opportunity_tint: str = "#E6F4EF"
    loss_text: str = "#A63A00"
    customer_tint: str = "#E8F1FA"
    frontstage_tint: str = "#FFF6E0"
    backstage_tint: str = "#F4F4F4"
    support_tint: str = "#ECECEC"
    pain_hatch: str = ""
    opportunity_hatch: str = ""
    categories: tuple[str, ...] = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
    category_markers: tuple[Shape, ...] = ("circle", "square", "triangle", "diamond", "down", "plus")
    category_dashes: tuple[Dash, ...] = ("solid", "dashed", "dashdot", "dotted", "dashed", "dashdot")
    category_hatches: tuple[str, ...] = ("", "", "", "", "", "")
    sequential: tuple[str, str] = ("#FFF5EB", "#7F2704")
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def feeling_colour(self, value: float) -> str:
        """Which colour has a feeling?

        Parameters
        ----------
        value : float
            −2 to +2; the nearest whole step counts, halves go away from zero.

        Returns
        -------
        str
            ``#rrggbb``.
        """
        step = int(abs(value) + 0.5) * (1 if value >= 0 else -1)
        return self.feeling[max(-2, min(2, step)) + 2]

    def text_on(self, colour: str) -> str:
        """Which text colour can be read on this ground?

        Parameters
        ----------
        colour : str
            The ground, ``#rrggbb``.

        Returns
        -------
        str
            White where its contrast suffices for small text, else nearly black.
        """
        return "#FFFFFF" if contrast("#FFFFFF", colour) >= _READABLE else "#222222"

    def shade(self, share: float) -> str:
        """Which sequential colour stands for a share of the largest value?

        Parameters
        ----------
        share : float
            0 (light) to 1 (dark).

        Returns
        -------
        str
            ``#rrggbb``.
        """
        part = min(1.0, max(0.0, share))
        light, dark = self.sequential
        mixed = (
            round(int(light[at : at + 2], 16) * (1 - part) + int(dark[at : at + 2], 16) * part)
            for at in (1, 3, 5)
        )
        return "#" + "".join(f"{value:02X}" for value in mixed)

    def word(self, english: str) -> str:
        """Which word stands on figures for this English one?

        Parameters
        ----------
        english : str
            The word as the library knows it.

        Returns
        -------
        str
            Its translation, itself where there is none.
        """
        return self.words.get(english, english)


DEFAULT_THEME = Theme()

PRINT_THEME = Theme(
    stage_header="#333333",
    any_stage_header="#5F5F5F",
    stage_tints=("#EFEFEF", "#FAFAFA"),
    touchpoint_edge="#8A8A8A",
    link="#7A7A7A",
    curve="#333333",
    interval="#CFCFCF",
    marker_edge="#333333",
    edge="#8A8A8A",
    feeling=("#3A3A3A", "#BDBDBD", "#FFFFFF", "#BDBDBD", "#3A3A3A"),
    service="#111111",
    service_tint="#E4E4E4",
    service_hatch="///",
    pain="#222222",
    pain_tint="#FFFFFF",
    opportunity="#8A8A8A",
    opportunity_tint="#FFFFFF",
    categories=("#111111", "#666666", "#999999", "#333333", "#7F7F7F", "#B0B0B0"),
    sequential=("#FAFAFA", "#222222"),
    loss_text="#222222",
    customer_tint="#FFFFFF",
    frontstage_tint="#F4F4F4",
    backstage_tint="#ECECEC",
    support_tint="#E2E2E2",
    pain_hatch="xxx",
    opportunity_hatch="...",
    category_hatches=("", "///", "...", "xxx", "|||", "---"),
)

LARGE_THEME = Theme(scale=1.4)

DARK_THEME = Theme(
    ink="#ECEFF1",
    muted="#B4BEC6",
    rule="#4A545C",
    grid="#3A434A",
    paper="#1C2227",
    stage_header="#A9C1D3",
    any_stage_header="#8C9AA5",
    stage_tints=("#252D34", "#20272D"),
    touchpoint_edge="#6C7984",
    link="#8796A2",
    curve="#C3CFD8",
    interval="#4C5A66",
    marker_edge="#1C2227",
    edge="#8796A2",
    neutral="#8A949C",
    feeling=("#D95F0E", "#F0A36B", "#9A9A9A", "#7FB8DD", "#2F7FCC"),
    service="#E58AB5",
    service_tint="#3A2833",
    pain="#F28E3C",
    pain_tint="#3A2C22",
    opportunity="#35C79B",
    opportunity_tint="#1F362F",
    loss_text="#F5A067",
    customer_tint="#22313F",
    frontstage_tint="#38331F",
    backstage_tint="#2A3138",
    support_tint="#333B43",
    categories=("#56A8E0", "#F28E3C", "#35C79B", "#E08BC0", "#9BD3F5", "#F0C24B"),
    sequential=("#2A2320", "#FFB36B"),
)
