variable "project_id" {
  description = "Google Cloud project of the machine."
  type        = string
}

variable "environment" {
  description = "dev or prod; the database of prod is protected and can be restored to any second."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "region" {
  description = "Region of network, database and images."
  type        = string
}

variable "zone" {
  description = "Zone of the virtual machine, inside the region."
  type        = string

  validation {
    condition     = startswith(var.zone, "${var.region}-")
    error_message = "The zone lies inside the region, e.g. europe-west3-a in europe-west3."
  }
}

variable "machine_type" {
  description = "Machine type. A step may take 1.5 GB of memory (ECOMMERCE_MEMORY_LIMIT), Dagster takes another 1.5 GB."
  type        = string
  default     = "e2-standard-2"
}

variable "disk_gb" {
  description = "Boot disk in GB. Nothing on it outlives the machine: lake and history are elsewhere."
  type        = number
  default     = 30

  validation {
    condition     = var.disk_gb >= 20
    error_message = "disk_gb is at least 20: images and the largest month need it."
  }
}

variable "image_tag" {
  description = "Tag of the image `lakehouse` in this project's registry. Another tag replaces the machine."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]*$", var.image_tag)) && !contains(["latest", "main"], var.image_tag)
    error_message = "image_tag names one build, i.e. a commit; latest and main do not."
  }
}

variable "sql_proxy_version" {
  description = "Version of the Cloud SQL Auth Proxy."
  type        = string
  default     = "2.18.2"
}

variable "database_tier" {
  description = "Machine type of the database of Dagster's history."
  type        = string
  default     = "db-g1-small"
}

variable "deletion_protection" {
  description = "Whether the database refuses to be deleted. Always in prod."
  type        = bool
  default     = true

  validation {
    condition     = var.deletion_protection || var.environment != "prod"
    error_message = "deletion_protection stays true in prod: the history of all runs is in the database."
  }
}

variable "pipeline_email" {
  description = "E-mail address of the pipeline's service account, which the machine runs as."
  type        = string
}

variable "image_publisher" {
  description = "Member that pushes images."
  type        = string
}

variable "operators" {
  description = "Members that may reach the machine through IAP, e.g. group:data@example.com."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for m in var.operators : can(regex("^(user|group):[^@ ]+@[^@ ]+$", m))])
    error_message = "An operator is user:ADDRESS or group:ADDRESS."
  }
}

variable "settings" {
  description = "Settings of the lakehouse, as environment variables of its containers."
  type        = map(string)

  validation {
    condition     = length(setintersection(keys(var.settings), values(local.secrets))) == 0
    error_message = "Keys and addresses with passwords go into Secret Manager: `terraform output add_secrets` shows how."
  }

  validation {
    condition     = alltrue([for name, value in var.settings : can(regex("^[A-Z][A-Z0-9_]*$", name)) && !strcontains(value, "\n")])
    error_message = "A setting is a name in capitals and one line."
  }
}

variable "dagster_yaml" {
  description = "Text of the project's dagster.yaml; where Dagster keeps its history is added here."
  type        = string
}

variable "labels" {
  description = "Labels of every resource."
  type        = map(string)
  default     = {}
}
