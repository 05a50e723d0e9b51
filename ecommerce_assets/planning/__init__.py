"""What a backfill would do, what it costs, and how things stand; nothing runs here."""
