"""Keys of assets that several modules name.

Belongs here: keys of assets over all domains. Stays out: the assets (`defs/ops/`), and keys that
one module alone names.
"""

import dagster as dg

#: The verdicts on the truths (`defs/ops/truths.py`).
TRUTHS = dg.AssetKey(["ops", "marts", "truths"])
#: The warehouse's copy for readers (`defs/ops/readers_copy.py`).
COPY = dg.AssetKey(["ops", "marts", "published_copy"])
