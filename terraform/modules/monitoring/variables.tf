variable "project_id" {
  description = "Google Cloud project that is watched."
  type        = string
}

variable "project_number" {
  description = "Number of that project: budgets name it so."
  type        = string
}

variable "environment" {
  description = "dev or prod, in the alerts' titles."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "alert_emails" {
  description = "Addresses that alerts go to."
  type        = set(string)

  validation {
    condition     = length(var.alert_emails) > 0 && alltrue([for a in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", a))])
    error_message = "alert_emails has at least one e-mail address: an alert that nobody gets is none."
  }
}

variable "billing_account" {
  description = "Billing account of the budget, XXXXXX-XXXXXX-XXXXXX; null makes no budget."
  type        = string
  default     = null
  nullable    = true

  validation {
    condition     = var.billing_account == null ? true : can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "billing_account looks like 0A1B2C-3D4E5F-6A7B8C; `gcloud billing accounts list` tells it."
  }
}

variable "monthly_budget" {
  description = "Amount of the monthly budget, in the billing account's currency."
  type        = number
  default     = 100

  validation {
    condition     = var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "monthly_budget is a whole number of at least 1."
  }
}

variable "heartbeat" {
  description = "Line that the virtual machine logs every five minutes while everything runs."
  type        = string
}

variable "labels" {
  description = "Labels of every resource."
  type        = map(string)
  default     = {}
}
