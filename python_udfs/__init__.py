"""The Python behind the Python models, the demo data and the commands of Kindred."""
