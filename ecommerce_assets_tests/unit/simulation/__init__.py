"""The simulated sources, without the sources of one domain."""
