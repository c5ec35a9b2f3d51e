"""Definitions of every document and table, read at run time: Table Schema for tables, JSON Schema for documents."""
