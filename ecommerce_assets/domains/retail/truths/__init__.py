"""The truths of the retail invoices: figures as data, and the SQL that finds ours.

Belongs here: `published.yaml` and one query a file; its columns are the metrics. Stays out: what
the simulated shop planted (`planted.py`), judging (`lib/truths.py`). Every query is over the months
from the first `?` to the second, the end excluded, and runs on every engine.
"""

from pathlib import Path

HERE = Path(__file__).parent
ONLINE_RETAIL = "kaggle carrie1/ecommerce-data"
