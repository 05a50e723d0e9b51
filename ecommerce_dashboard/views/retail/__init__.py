"""The pages of retail."""
