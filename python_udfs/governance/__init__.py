"""Governance: which columns hold personal data, for which purposes, and what the public is told about it."""
