variable "project_id" {
  description = "Google Cloud project of prod; dev and prod have one each."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id is the project's id (6 to 30 lower-case letters, digits, hyphens), not its name or number."
  }
}

variable "location" {
  description = "Location of lake and datasets (GCP_REGION): EU, US or a region. It can not be changed later."
  type        = string
  default     = "EU"
}

variable "region" {
  description = "Region of machine, database and images; near the location of the data."
  type        = string
  default     = "europe-west3"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region looks like europe-west3."
  }
}

variable "zone" {
  description = "Zone of the virtual machine, inside the region."
  type        = string
  default     = "europe-west3-a"
}

variable "state_bucket" {
  description = "Bucket of Terraform's state, as in -backend-config."
  type        = string
}

variable "github_repository" {
  description = "The one repository whose workflows may act here, as owner/name."
  type        = string
}

variable "github_owner_id" {
  description = "Number of that owner; `gh api users/OWNER --jq .id` tells it."
  type        = string
}

variable "alert_emails" {
  description = "Addresses that alerts go to; at least one."
  type        = set(string)
}

variable "billing_account" {
  description = "Billing account of the budget, XXXXXX-XXXXXX-XXXXXX."
  type        = string
}

variable "monthly_budget" {
  description = "Amount of the monthly budget, in the billing account's currency."
  type        = number
  default     = 200
}

variable "image_tag" {
  description = "Tag of the lakehouse's image to run; names one build, e.g. a commit."
  type        = string
}

variable "source_kind" {
  description = "Where monthly files come from (ECOMMERCE_SOURCE): files or kaggle."
  type        = string
  default     = "kaggle"

  validation {
    condition     = contains(["files", "kaggle"], var.source_kind)
    error_message = "source_kind is files or kaggle; the simulated shop stays out of prod."
  }
}

variable "extra_settings" {
  description = "More settings of the lakehouse, e.g. { ECOMMERCE_RETAIL_PRIMARY = \"postgres\" }; those made here win."
  type        = map(string)
  default     = {}
}

variable "operators" {
  description = "Members that may reach the machine through IAP, e.g. group:data@example.com."
  type        = set(string)
  default     = []
}

variable "readers" {
  description = "People or groups that read marts, by a name of your own, e.g. { analysts = \"group:analysts@example.com\" }."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for m in values(var.readers) : can(regex("^(user|group|serviceAccount):[^@ ]+@[^@ ]+$", m))])
    error_message = "A reader is user:, group: or serviceAccount: and an address; marts are never public."
  }
}
