# The lake and the landing bucket.
#
# Keys of the lake: files/<domain>/… (as delivered), <domain>/… (Parquet), quarantine/<domain>/…,
# ops/… (the ledger). Its own current objects are never deleted by age, quarantine apart.

locals {
  lake_name    = "${var.project_id}-lake"
  landing_name = "${var.project_id}-landing"
}

resource "google_storage_bucket" "lake" {
  #checkov:skip=CKV_GCP_62:Access is in the audit logs, see below; bucket logs would need a bucket of their own
  project                     = var.project_id
  name                        = local.lake_name
  location                    = var.location
  storage_class               = "STANDARD"
  force_destroy               = var.force_destroy
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = merge(var.labels, { layer = "lake" })

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * 86400
  }

  # A replaced month can be brought back for these days, then its old version goes.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = var.old_versions_days
      with_state                 = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
    condition {
      age                   = var.nearline_after_days
      matches_prefix        = ["files/", "quarantine/"]
      matches_storage_class = ["STANDARD"]
      with_state            = "LIVE"
    }
  }

  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "COLDLINE"
    }
    condition {
      age                   = var.coldline_after_days
      matches_prefix        = ["files/"]
      matches_storage_class = ["NEARLINE"]
      with_state            = "LIVE"
    }
  }

  dynamic "lifecycle_rule" {
    for_each = var.quarantine_delete_after_days == null ? [] : [var.quarantine_delete_after_days]
    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = ["quarantine/"]
        with_state     = "LIVE"
      }
    }
  }

  # What a killed process left half done: staged objects, and uploads in parts that never ended.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 3
      matches_prefix = [".staging/"]
      with_state     = "ANY"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 3
    }
  }
}

resource "google_storage_bucket" "landing" {
  #checkov:skip=CKV_GCP_62:Access is in the audit logs, see below; bucket logs would need a bucket of their own
  project                     = var.project_id
  name                        = local.landing_name
  location                    = var.location
  storage_class               = "STANDARD"
  force_destroy               = var.force_destroy
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = merge(var.labels, { layer = "landing" })

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * 86400
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = var.old_versions_days
      with_state                 = "ARCHIVED"
    }
  }

  # A delivered file has its copy in the lake once its month is loaded.
  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
    condition {
      age                   = var.nearline_after_days
      matches_storage_class = ["STANDARD"]
      with_state            = "LIVE"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 3
    }
  }
}

# Who read or wrote which object. The warehouse's log of it is always on, that of buckets is not.
resource "google_project_iam_audit_config" "storage" {
  project = var.project_id
  service = "storage.googleapis.com"

  audit_log_config {
    log_type = "DATA_READ"
  }

  audit_log_config {
    log_type = "DATA_WRITE"
  }
}

resource "google_storage_bucket_iam_member" "lake_writer" {
  for_each = var.lake_writers

  bucket = google_storage_bucket.lake.name
  role   = "roles/storage.objectUser"
  member = each.value
}

resource "google_storage_bucket_iam_member" "landing_reader" {
  for_each = var.landing_readers

  bucket = google_storage_bucket.landing.name
  role   = "roles/storage.objectViewer"
  member = each.value
}

resource "google_storage_bucket_iam_member" "landing_writer" {
  for_each = var.landing_writers

  bucket = google_storage_bucket.landing.name
  role   = "roles/storage.objectCreator"
  member = each.value
}
