variables {
  project_id        = "example-shop-prod"
  state_bucket      = "example-shop-prod-tfstate"
  github_repository = "example/ecommerce-lakehouse"
  github_owner_id   = "1234567"
  alert_emails      = ["data@example.com"]
  billing_account   = "0A1B2C-3D4E5F-6A7B8C"
  image_tag         = "0.1.0"
}

run "prints_the_settings_to_export" {
  command = plan

  assert {
    condition = toset(split("\n", output.settings)) == toset([
      "export ECOMMERCE_ENV=prod",
      "export ECOMMERCE_LAKE=gs://example-shop-prod-lake",
      "export ECOMMERCE_LANDING=gs://example-shop-prod-landing",
      "export ECOMMERCE_SOURCE=kaggle",
      "export ECOMMERCE_WAREHOUSE=bigquery://example-shop-prod",
      "export GCP_PROJECT_ID=example-shop-prod",
      "export GCP_REGION=EU",
    ])
    error_message = "The settings are others than those that the lakehouse reads."
  }
}

run "has_no_dataset_of_pull_requests" {
  command = plan

  assert {
    condition     = !contains(output.datasets, "dbt_ci") && contains(output.datasets, "dbt_prod")
    error_message = "Pull requests build in prod, or dbt_prod is missing."
  }
}

run "refuses_the_simulated_shop" {
  command = plan

  variables {
    source_kind = "sample"
  }

  expect_failures = [var.source_kind]
}

run "refuses_the_public_as_reader" {
  command = plan

  variables {
    readers = { everybody = "allAuthenticatedUsers" }
  }

  expect_failures = [var.readers]
}

run "hands_more_settings_on" {
  command = plan

  variables {
    extra_settings = { ECOMMERCE_RETAIL_PRIMARY = "url", ECOMMERCE_ENV = "local" }
  }

  assert {
    condition     = strcontains(output.settings, "export ECOMMERCE_RETAIL_PRIMARY=url\n") && strcontains(output.settings, "export ECOMMERCE_ENV=prod\n")
    error_message = "A setting is lost, or takes the place of one that is made here."
  }
}
