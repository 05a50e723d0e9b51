"""The pages of this machine as attackers and users ask for them."""
