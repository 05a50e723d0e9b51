variables {
  project_id   = "example-shop-prod"
  environment  = "prod"
  location     = "EU"
  lake_writers = { pipeline = "serviceAccount:pipeline@example.com" }
}

run "keeps_what_it_holds" {
  command = plan

  assert {
    condition     = google_storage_bucket.lake.force_destroy == false && google_storage_bucket.landing.force_destroy == false
    error_message = "A bucket of prod could be deleted with what it holds."
  }

  assert {
    condition     = google_storage_bucket.lake.versioning[0].enabled && google_storage_bucket.landing.versioning[0].enabled
    error_message = "A bucket keeps no old versions."
  }

  assert {
    condition     = google_storage_bucket.lake.soft_delete_policy[0].retention_duration_seconds == 604800
    error_message = "Deleted objects can not be restored for a week."
  }
}

run "is_never_public" {
  command = plan

  assert {
    condition = alltrue([
      for bucket in [google_storage_bucket.lake, google_storage_bucket.landing] :
      bucket.public_access_prevention == "enforced" && bucket.uniform_bucket_level_access
    ])
    error_message = "A bucket could become public."
  }
}

run "logs_who_read_and_wrote" {
  command = plan

  assert {
    condition     = toset(google_project_iam_audit_config.storage.audit_log_config[*].log_type) == toset(["DATA_READ", "DATA_WRITE"])
    error_message = "The audit log misses reads or writes of objects."
  }
}

run "deletes_current_objects_of_no_layer_by_age" {
  command = plan

  assert {
    condition = length([
      for rule in google_storage_bucket.lake.lifecycle_rule : rule
      if one(rule.action).type == "Delete" && one(rule.condition).days_since_noncurrent_time == null
      && !try(toset(one(rule.condition).matches_prefix) == toset([".staging/"]), false)
    ]) == 0
    error_message = "A rule deletes current objects of the lake by age."
  }

  assert {
    condition = length([
      for rule in google_storage_bucket.lake.lifecycle_rule : rule
      if one(rule.action).type == "SetStorageClass" && length(setsubtract(one(rule.condition).matches_prefix, ["files/", "quarantine/"])) > 0
    ]) == 0
    error_message = "A rule cools down objects that models read."
  }
}

run "deletes_quarantine_when_asked" {
  command = plan

  variables {
    quarantine_delete_after_days = 400
  }

  assert {
    condition = length([
      for rule in google_storage_bucket.lake.lifecycle_rule : rule
      if one(rule.action).type == "Delete" && one(rule.condition).age == 400 && toset(one(rule.condition).matches_prefix) == toset(["quarantine/"])
    ]) == 1
    error_message = "Quarantined rows are not deleted at the age that was set."
  }
}

run "gives_the_pipeline_objects_not_the_bucket" {
  command = plan

  assert {
    condition     = google_storage_bucket_iam_member.lake_writer["pipeline"].role == "roles/storage.objectUser"
    error_message = "The pipeline has another role on the lake than objectUser."
  }
}

run "refuses_force_destroy_in_prod" {
  command = plan

  variables {
    force_destroy = true
  }

  expect_failures = [var.force_destroy]
}

run "refuses_to_cool_down_twice_in_a_month" {
  command = plan

  variables {
    coldline_after_days = 70
  }

  expect_failures = [var.coldline_after_days]
}
