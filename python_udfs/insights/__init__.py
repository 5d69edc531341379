"""Statistical models behind the insight marts: purchases to come, sales to come."""
