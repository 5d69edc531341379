"""Looking at raw files: which there are, whether they can be read, what they hold."""
