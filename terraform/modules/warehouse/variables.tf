variable "project_id" {
  description = "Google Cloud project of the datasets."
  type        = string
}

variable "environment" {
  description = "dev or prod; names the dataset of models without a layer: dbt_dev or dbt_prod."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "location" {
  description = "Location of the datasets, GCP_REGION of the lakehouse. It can not be changed later."
  type        = string
}

variable "domains" {
  description = "Domains that have datasets: <domain>_raw, _staging, _intermediate and _marts."
  type        = set(string)
  default     = ["cosmetics", "electronics", "retail"]

  validation {
    condition     = alltrue([for d in var.domains : can(regex("^[a-z][a-z0-9]*$", d))])
    error_message = "A domain is a lower-case word, e.g. cosmetics."
  }
}

variable "ci_dataset" {
  description = "Dataset of trial builds with the target ci; null makes none. Not in prod."
  type        = string
  default     = null
  nullable    = true

  validation {
    condition     = var.ci_dataset == null || var.environment == "dev"
    error_message = "Pull requests build in the dev project; ci_dataset stays null in prod."
  }
}

variable "ci_table_days" {
  description = "Days after which tables of trial builds expire."
  type        = number
  default     = 3

  validation {
    condition     = var.ci_table_days >= 1
    error_message = "ci_table_days is at least 1."
  }
}

variable "delete_contents_on_destroy" {
  description = "Whether `terraform destroy` may delete datasets that still hold tables. Never in prod."
  type        = bool
  default     = false

  validation {
    condition     = !(var.delete_contents_on_destroy && var.environment == "prod")
    error_message = "delete_contents_on_destroy stays false in prod."
  }
}

variable "time_travel_hours" {
  description = "Hours for which a table can be read as it was: 48 to 168."
  type        = number
  default     = 168

  validation {
    condition     = contains([48, 72, 96, 120, 144, 168], var.time_travel_hours)
    error_message = "time_travel_hours is 48, 72, 96, 120, 144 or 168."
  }
}

variable "writers" {
  description = "Members that load and build: they write every dataset but the one of pull requests."
  type        = map(string)
  default     = {}
}

variable "readers" {
  description = "Members that read marts and ops, and nothing else."
  type        = map(string)
  default     = {}
}

variable "builders" {
  description = "Members that build models without loading: they read raw data and write the rest."
  type        = map(string)
  default     = {}
}

variable "ci_writers" {
  description = "Members that build pull requests: they write ci_dataset and read what they do not build."
  type        = map(string)
  default     = {}
}

variable "labels" {
  description = "Labels of every resource."
  type        = map(string)
  default     = {}
}
