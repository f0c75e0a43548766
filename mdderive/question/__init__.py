"""What an author asked: clauses, shapes, properties, and the typed function."""
