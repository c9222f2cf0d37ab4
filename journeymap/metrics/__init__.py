"""Measured numbers of a journey."""
