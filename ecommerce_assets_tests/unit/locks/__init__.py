"""The locked requirements against the metadata of the packages that they name."""
