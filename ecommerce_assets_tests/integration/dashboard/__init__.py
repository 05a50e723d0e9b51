"""The dashboard's pages on a published copy with the real models of three small shops."""
