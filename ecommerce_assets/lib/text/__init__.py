"""Texts for people: the terminal, tables, and values shown as the text that they are."""
