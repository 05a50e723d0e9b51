"""The pages of cosmetics."""
