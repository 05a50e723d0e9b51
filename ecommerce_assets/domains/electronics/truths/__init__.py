"""The truths of the electronics purchases: figures as data, and the SQL that finds ours.

Belongs here: `published.yaml` and one query a file; its columns are the metrics. Stays out: what
the simulated store planted (`planted.py`), judging (`lib/truths.py`). Every query is over the
months from the first `?` to the second, the end excluded, and runs on every engine.
"""

from pathlib import Path

HERE = Path(__file__).parent
KAGGLE = "kaggle mkechinov/ecommerce-purchase-history-from-electronics-store"
