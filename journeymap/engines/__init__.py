"""Run SQL somewhere and hand back Arrow; nothing here knows what a journey is."""

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.engines.protocol import Engine, Relation, Snippets

__all__ = ["DuckDBEngine", "Engine", "Relation", "Snippets"]
