"""What two or more domains share: mechanism only; never imports `defs`, `domains` or `simulation`."""
