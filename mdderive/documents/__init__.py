"""Markers in documents: found, solved by whoever is asked, spliced in and taken out again.

Nothing is imported here: `settled` and `folders` run on every start.
"""
