"""Generator of the demo data: one population seen by many systems, with the truth beside it."""
