"""What several groups of definitions share."""
