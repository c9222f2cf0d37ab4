"""Judgements: frozen results with their evidence."""
