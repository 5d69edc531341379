"""Hands the activation tables over: as files and to Postgres, changes only."""
