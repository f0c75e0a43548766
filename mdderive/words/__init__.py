"""Every sentence that a reader of a solution meets, one file a language."""
