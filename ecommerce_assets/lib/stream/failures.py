"""The failures of a topic that people have to decide on.

Belongs here: the types. Stays out: wording, which the place that finds the fault knows.
"""

from ecommerce_assets.lib.failures import PermanentFailure


class RetentionLoss(PermanentFailure):
    """The topic no longer has messages that were never read."""


class TopicReplaced(PermanentFailure):
    """The topic is not the one that was read before: its offsets mean other messages."""
