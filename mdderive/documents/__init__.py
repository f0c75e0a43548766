"""Markers in documents: found, solved by whoever is asked, spliced in and taken out again.

Nothing is imported here: `settled`, `folders` and `formats` run on every start.
"""
