"""Questions for teaching systems, made of the markers of a page."""
