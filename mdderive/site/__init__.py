"""Solutions on web pages: the Python-Markdown extension, the plugin for MkDocs, pages of rules and derivations."""
