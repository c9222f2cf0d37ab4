"""One self-contained HTML page with the figures, the tables and the small print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from journeymap.report.page import report_html, write_report
    from journeymap.report.service_page import service_html, write_service_page

__all__ = ["report_html", "service_html", "write_report", "write_service_page"]
_SERVICE = ("service_html", "write_service_page")


def __getattr__(name: str) -> Any:
    # the page needs matplotlib, the sentences beside it do not: the terminal prints them without
    if name in __all__:
        from journeymap.report import page, service_page  # noqa: PLC0415

        return getattr(service_page if name in _SERVICE else page, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
