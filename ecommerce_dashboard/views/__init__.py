"""One file a page; `navigation.py` finds those of the domains."""
