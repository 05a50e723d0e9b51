"""Google Cloud on this machine: servers that the real Google clients talk to."""
