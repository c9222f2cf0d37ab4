"""Run SQL somewhere and hand back Arrow; nothing here knows what a journey is."""
