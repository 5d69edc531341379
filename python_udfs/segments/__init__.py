"""Helps to find a mistake in the declarations of segments."""
