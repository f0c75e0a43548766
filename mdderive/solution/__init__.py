"""From a question to a checked, worked solution."""
