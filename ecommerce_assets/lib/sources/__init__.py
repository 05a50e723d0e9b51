"""Where the shop's data comes from: one adapter per kind of source.

Belongs here: fetching files as they are, whole and verified, and telling one version from another.
Stays out: what a file means (contracts) and where it goes (lake). Adapters are imported by their
module name, so that starting the project does not load clients that it does not use.
"""
