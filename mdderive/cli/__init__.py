"""The command line. Nothing is imported here: it runs on every start."""
