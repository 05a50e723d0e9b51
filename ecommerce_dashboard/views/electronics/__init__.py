"""The pages of electronics."""
