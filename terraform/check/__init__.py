"""The offline check of the Terraform code: `make terraform-check`, or `python -m terraform.check`.

Belongs here: the real Terraform (as a library) run against the provider's published schema, rules
over the plans it makes, and the report. Stays out: what is right for one resource only, which the
`*.tftest.hcl` files beside the modules assert.
"""
