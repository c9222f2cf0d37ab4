"""Estimators and intervals: plain numbers in, plain numbers out."""
