"""Local servers that answer real clients, for tests of any part of the project."""
