"""The language server: what a run says of a page, said to an editor while its author types."""
