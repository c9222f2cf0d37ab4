"""How does every figure look: one frozen value with colours, sizes and words; it draws nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from types import MappingProxyType

from journeymap.errors import JourneyMapError, UnknownNameError, nearest
from journeymap.render.scene import Dash, Shape

__all__ = [
    "DARK_THEME",
    "DEFAULT_THEME",
    "LARGE_THEME",
    "PRINT_THEME",
    "THEMES",
    "Theme",
    "contrast",
    "luminance",
    "theme_named",
]

_READABLE = 4.5  # the contrast that WCAG 2 asks of small text
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


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


@dataclass(frozen=True, kw_only=True, repr=False)
class Theme:
    """Colours by role, sizes in points and the words on figures.

    The colours of a house come in by a few roles, as in ``dataclasses.replace(DEFAULT_THEME,
    stage_header="#5B2A86", service="#00788A")``; all else stays. Text on coloured grounds turns white or
    dark by itself.

    Parameters
    ----------
    family : str
        The font; what it lacks is taken from other installed fonts. Name the one of your language where
        languages share characters and draw them differently, such as ``Noto Sans CJK TC``.
    title_size, subtitle_size, stage_size, touchpoint_size, body_size, small_size, tick_size : float
        Text sizes in points; nothing is set smaller than 6.5.
    line_height : float
        Distance of two lines of text as a multiple of the size.
    scale : float
        How much larger every text, line and box is drawn; a figure holds less in the same width. Above 0.
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
        Five colours for −2, −1, 0, +1, +2; told apart by position or number as well, because both ends
        are equally dark, and because the middle three are pale.
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
        Only the first four stand out from the ground by three to one.
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

    Raises
    ------
    JourneyMapError
        A colour is not written as ``#rrggbb``, or `scale` is not positive.

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
    link: str = "#74818B"
    curve: str = "#4A5A66"
    interval: str = "#C3CCD4"
    marker_edge: str = "#FFFFFF"
    edge: str = "#788590"
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

    def __repr__(self) -> str:
        """Name what differs from the default."""
        own = (
            f"{role.name}={getattr(self, role.name)!r}"
            for role in fields(self)
            if role.default is MISSING or getattr(self, role.name) != role.default
            if role.name != "words" or self.words
        )
        return f"Theme({', '.join(own)})"

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        for role in fields(self):
            if role.name in _NO_COLOURS:
                continue
            value = getattr(self, role.name)
            for colour in value if isinstance(value, tuple) else (value,):
                if not _COLOUR.fullmatch(str(colour)):
                    raise JourneyMapError.because(
                        f"{colour!r} is no colour of a theme.",
                        expected="Expected six digits as in '#2F4858'.",
                        hint="matplotlib.colors.to_hex gives them for any name of a colour",
                        where=f"Theme, {role.name}",
                    )
        if not self.scale > 0:
            raise JourneyMapError.because(
                f"{self.scale} is no size.", expected="Expected a number above 0.", where="Theme, scale"
            )

    def feeling_colour(self, value: float) -> str:
        """Which colour has a feeling?

        Parameters
        ----------
        value : float
            −2 to +2; the nearest whole step of the number as it is written, with one decimal, counts, and
            halves go away from zero.

        Returns
        -------
        str
            ``#rrggbb``.
        """
        written = round(value, 1)
        step = int(abs(written) + 0.5) * (1 if written >= 0 else -1)
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
            White where its contrast suffices for small text, else nearly black, and black on the few
            grounds between that need it.

        Examples
        --------
        >>> [DEFAULT_THEME.text_on(ground) for ground in ("#0B559F", "#6BAED6", "#D55E00")]
        ['#FFFFFF', '#222222', '#000000']
        """
        return next(text for text in ("#FFFFFF", "#222222", "#000000") if contrast(text, colour) >= _READABLE)

    def as_text(self, colour: str, ground: str | None = None) -> str:
        """Which colour has a text that wants to be of this colour?

        Parameters
        ----------
        colour : str
            An accent, ``#rrggbb``.
        ground : str, optional
            What the text stands on; the paper when left out.

        Returns
        -------
        str
            The accent where it can be read; else ink, as with a yellow house colour on white.
        """
        return colour if contrast(colour, ground or self.paper) >= _READABLE else self.ink

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


_NO_COLOURS = frozenset({
    "family", "scale", "line_height", "words", "service_hatch", "pain_hatch", "opportunity_hatch",
    "category_markers", "category_dashes", "category_hatches",
    *(role.name for role in fields(Theme) if role.name.endswith("_size")),
})  # fmt: skip

DEFAULT_THEME = Theme()

# Grey alone: feelings are told by position and number, service by ◆ and hatch, chips by their hatch,
# categories by marker, dash and hatch.
PRINT_THEME = Theme(
    stage_header="#333333",
    any_stage_header="#5F5F5F",
    stage_tints=("#EFEFEF", "#FAFAFA"),
    touchpoint_edge="#868686",
    link="#7A7A7A",
    curve="#333333",
    interval="#CFCFCF",
    marker_edge="#333333",
    edge="#868686",
    neutral="#868686",
    feeling=("#3A3A3A", "#BDBDBD", "#FFFFFF", "#BDBDBD", "#3A3A3A"),
    service="#111111",
    service_tint="#E4E4E4",
    service_hatch="///",
    pain="#222222",
    pain_tint="#FFFFFF",
    opportunity="#868686",
    opportunity_tint="#FFFFFF",
    categories=("#111111", "#666666", "#8C8C8C", "#333333", "#7A7A7A", "#B0B0B0"),
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

# The ends of the scale of feelings are the brightest here, as they are the darkest on white paper.
DARK_THEME = Theme(
    ink="#ECEFF1",
    muted="#B4BEC6",
    rule="#4A545C",
    grid="#3A434A",
    paper="#1C2227",
    stage_header="#A9C1D3",
    any_stage_header="#8C9AA5",
    stage_tints=("#28323B", "#1F262C"),
    touchpoint_edge="#75838E",
    link="#8796A2",
    curve="#C3CFD8",
    interval="#4C5A66",
    marker_edge="#1C2227",
    edge="#8796A2",
    neutral="#8A949C",
    feeling=("#F26A35", "#C6A088", "#7F878E", "#3F7FBF", "#62B2FA"),
    service="#F79ACB",
    service_tint="#3B2634",
    pain="#E8722E",
    pain_tint="#3B2A20",
    opportunity="#3FCB9F",
    opportunity_tint="#1D3730",
    loss_text="#F5A067",
    customer_tint="#22313F",
    frontstage_tint="#36311E",
    backstage_tint="#2A3138",
    support_tint="#333B43",
    categories=("#4FA3E0", "#F2893A", "#37C596", "#E79AC9", "#A6DBFA", "#F2CC5C"),
    sequential=("#2A2320", "#FFB36B"),
)

THEMES: Mapping[str, Theme] = MappingProxyType(
    {
        "default": DEFAULT_THEME,
        "print": PRINT_THEME,
        "dark": DARK_THEME,
        "large": LARGE_THEME,
    }
)


def theme_named(name: str) -> Theme:
    """Which theme has this name?

    Parameters
    ----------
    name : str
        default, print, dark or large; small and capital letters are the same.

    Returns
    -------
    Theme
        One of `THEMES`.

    Raises
    ------
    UnknownNameError
        No theme has this name.

    Examples
    --------
    >>> theme_named("large").scale
    1.4
    """
    found = THEMES.get(name.strip().lower())
    if found is None:
        close = nearest(name, THEMES)
        raise UnknownNameError.because(
            f"no theme {name!r}.",
            expected=f"Expected one of: {', '.join(THEMES)}.",
            hint=f"did you mean {close!r}?" if close else None,
        )
    return found
