"""The lakehouse on Google Cloud: the real clients against emulators, or against a real project."""
