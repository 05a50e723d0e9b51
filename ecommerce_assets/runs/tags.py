"""The tags of runs that this project and Dagster agree on.

Belongs here: their names. Stays out: what is read from them (`processes.py`, `defs/`).
"""

#: Names the process that makes a run.
PROCESS_TAG = "ecommerce/process"
#: The run that started this one, where a job of the UI did.
STARTED_BY_TAG = "ecommerce/started_by"
MAX_RETRIES_TAG = "dagster/max_retries"
PARTITION_TAG = "dagster/partition"
RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"
