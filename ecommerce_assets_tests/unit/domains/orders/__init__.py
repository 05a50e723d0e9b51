"""The simulated stream against what it says of itself."""
