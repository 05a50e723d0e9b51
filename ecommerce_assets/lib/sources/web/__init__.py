"""Files and pages from web servers."""
