"""From tables of events to a journey."""
