"""Contracts: what a table promises, and the rules that its values are judged by."""
