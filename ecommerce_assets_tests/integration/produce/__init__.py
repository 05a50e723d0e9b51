"""Made-up records at a real broker."""
