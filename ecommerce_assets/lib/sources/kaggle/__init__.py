"""Data sets of Kaggle."""
