"""The reader of a shop's public catalogue pages."""
