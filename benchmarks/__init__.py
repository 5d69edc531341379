"""Measurements of the project: each is a command that prints its figures."""
