variable "project_id" {
  description = "Google Cloud project of the accounts."
  type        = string
}

variable "environment" {
  description = "dev or prod; pull requests build in dev, main builds in prod."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "github_repository" {
  description = "The one repository whose workflows may act here, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository is owner/name, without an address before it."
  }
}

variable "github_owner_id" {
  description = "Number of that owner: a name can be taken by somebody else after a rename, the number can not."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+$", var.github_owner_id))
    error_message = "github_owner_id is a number; `gh api users/OWNER --jq .id` tells it."
  }
}

variable "state_bucket" {
  description = "Bucket of Terraform's state, made by hand beforehand."
  type        = string
}
