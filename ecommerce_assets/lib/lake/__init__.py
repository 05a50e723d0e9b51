"""The lake: files, what is published of a month, the ledger, the quarantine."""
