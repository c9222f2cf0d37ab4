"""The command line: parse, call, print."""

from __future__ import annotations

from journeymap.cli.commands import app, main

__all__ = ["app", "main"]
