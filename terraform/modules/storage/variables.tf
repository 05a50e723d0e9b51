variable "project_id" {
  description = "Google Cloud project of the buckets."
  type        = string
}

variable "environment" {
  description = "dev or prod; prod never deletes a bucket that holds something."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "location" {
  description = "Location of the buckets: the one of the BigQuery datasets, or loads will not find them."
  type        = string
}

variable "force_destroy" {
  description = "Whether `terraform destroy` may delete buckets that still hold objects. Never in prod."
  type        = bool
  default     = false

  validation {
    condition     = !(var.force_destroy && var.environment == "prod")
    error_message = "force_destroy stays false in prod: the lake is the only copy of raw rows."
  }
}

variable "nearline_after_days" {
  description = "Age at which source files and quarantined rows move to NEARLINE: they are read when their month is loaded, hardly later."
  type        = number
  default     = 60

  validation {
    condition     = var.nearline_after_days >= 1
    error_message = "nearline_after_days is at least 1."
  }
}

variable "coldline_after_days" {
  description = "Age at which source files move on to COLDLINE; at least 30 days after NEARLINE, whose minimum is billed anyway."
  type        = number
  default     = 365

  validation {
    condition     = var.coldline_after_days >= var.nearline_after_days + 30
    error_message = "coldline_after_days is at least nearline_after_days + 30."
  }
}

variable "quarantine_delete_after_days" {
  description = "Age at which quarantined rows are deleted; null keeps them. `ecommerce quarantine replay` needs them."
  type        = number
  default     = null
  nullable    = true

  validation {
    condition     = var.quarantine_delete_after_days == null ? true : var.quarantine_delete_after_days >= 90
    error_message = "quarantine_delete_after_days is at least 90, or null."
  }
}

variable "old_versions_days" {
  description = "Days for which a replaced or deleted object can be brought back as an old version."
  type        = number
  default     = 30

  validation {
    condition     = var.old_versions_days >= 7
    error_message = "old_versions_days is at least 7: a week to notice a mistake."
  }
}

variable "soft_delete_days" {
  description = "Days for which a deleted object can be restored after its last version went: 0, or 7 to 90."
  type        = number
  default     = 7

  validation {
    condition     = var.soft_delete_days == 0 || (var.soft_delete_days >= 7 && var.soft_delete_days <= 90)
    error_message = "soft_delete_days is 0 or between 7 and 90."
  }
}

variable "lake_writers" {
  description = "Members that read, write and replace objects of the lake."
  type        = map(string)
  default     = {}
}

variable "landing_readers" {
  description = "Members that read the landing bucket."
  type        = map(string)
  default     = {}
}

variable "landing_writers" {
  description = "Members that deliver files into the landing bucket; they can neither read nor replace what is there."
  type        = map(string)
  default     = {}
}

variable "labels" {
  description = "Labels of every resource."
  type        = map(string)
  default     = {}
}
