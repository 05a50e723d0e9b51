variables {
  project_id  = "example-shop-dev"
  environment = "dev"
  location    = "EU"
  ci_dataset  = "dbt_ci"
  writers     = { pipeline = "serviceAccount:pipeline@example.com" }
  readers     = { reader = "serviceAccount:reader@example.com" }
  ci_writers  = { dbt-ci = "serviceAccount:dbt-ci@example.com" }
}

run "has_a_dataset_a_layer" {
  command = plan

  assert {
    condition = toset(keys(google_bigquery_dataset.layer)) == toset([
      "cosmetics_raw", "cosmetics_staging", "cosmetics_intermediate", "cosmetics_marts",
      "electronics_raw", "electronics_staging", "electronics_intermediate", "electronics_marts",
      "retail_raw", "retail_staging", "retail_intermediate", "retail_marts", "ops", "dbt_dev",
    ])
    error_message = "The datasets are others than <domain>_<layer>, ops and dbt_dev."
  }

  assert {
    condition     = alltrue([for d in google_bigquery_dataset.layer : d.labels["layer"] != null && d.location == "EU"])
    error_message = "A dataset has no label of its layer, or another location."
  }
}

run "lets_tables_of_pull_requests_alone_expire" {
  command = plan

  variables {
    ci_table_days = 3
  }

  assert {
    condition     = google_bigquery_dataset.ci[0].default_table_expiration_ms == 259200000
    error_message = "Tables of pull requests do not expire after three days."
  }

  # Unset is null in the code, and known after apply in a plan: the number of datasets that set it.
  assert {
    condition     = length([for d in google_bigquery_dataset.layer : d if strcontains(d.description, "expire")]) == 0
    error_message = "A dataset of a layer expires."
  }
}

run "empties_the_rebuilt_models_and_lets_writers_alone_write_them" {
  command = plan

  assert {
    condition     = google_bigquery_dataset.rebuild.default_table_expiration_ms == 86400000
    error_message = "Rebuilt models do not expire after a day."
  }

  assert {
    condition = [for grant in google_bigquery_dataset_iam_member.rebuild : "${grant.role} ${grant.member}"] == [
      "roles/bigquery.dataEditor serviceAccount:pipeline@example.com"
    ]
    error_message = "Others than the pipeline write the rebuilt models."
  }
}

run "lets_readers_read_marts_and_ops_only" {
  command = plan

  assert {
    condition = toset([
      for grant in google_bigquery_dataset_iam_member.layer : "${grant.dataset_id} ${grant.role}"
      if grant.member == "serviceAccount:reader@example.com"
      ]) == toset([
      "cosmetics_marts roles/bigquery.dataViewer", "electronics_marts roles/bigquery.dataViewer",
      "retail_marts roles/bigquery.dataViewer", "ops roles/bigquery.dataViewer",
    ])
    error_message = "Readers have more or less than marts and ops."
  }
}

run "lets_pull_requests_write_their_dataset_only" {
  command = plan

  assert {
    condition = toset([
      for grant in google_bigquery_dataset_iam_member.layer : grant.role
      if grant.member == "serviceAccount:dbt-ci@example.com"
    ]) == toset(["roles/bigquery.dataViewer"])
    error_message = "Builds of pull requests write what they should only read."
  }

  assert {
    condition     = google_bigquery_dataset_iam_member.ci["dbt-ci"].role == "roles/bigquery.dataEditor"
    error_message = "Builds of pull requests can not write their dataset."
  }
}

run "lets_builders_write_all_but_raw_data" {
  command = plan

  variables {
    builders = { dbt = "serviceAccount:dbt@example.com" }
  }

  assert {
    condition = toset([
      for grant in google_bigquery_dataset_iam_member.layer : grant.dataset_id
      if grant.member == "serviceAccount:dbt@example.com" && grant.role == "roles/bigquery.dataEditor"
      ]) == toset([
      "cosmetics_staging", "cosmetics_intermediate", "cosmetics_marts", "electronics_staging",
      "electronics_intermediate", "electronics_marts", "retail_staging", "retail_intermediate",
      "retail_marts", "ops", "dbt_dev",
    ])
    error_message = "Builders write raw data, or not all of the models."
  }
}

run "takes_more_domains" {
  command = plan

  variables {
    domains = ["cosmetics", "electronics"]
  }

  assert {
    condition     = length(google_bigquery_dataset.layer) == 10
    error_message = "Two domains have other than eight datasets, ops and dbt_dev."
  }
}

run "refuses_pull_requests_in_prod" {
  command = plan

  variables {
    environment = "prod"
  }

  expect_failures = [var.ci_dataset]
}

run "refuses_delete_contents_in_prod" {
  command = plan

  variables {
    environment                = "prod"
    ci_dataset                 = null
    delete_contents_on_destroy = true
  }

  expect_failures = [var.delete_contents_on_destroy]
}
