variables {
  project_id        = "example-shop-dev"
  state_bucket      = "example-shop-dev-tfstate"
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
      "export ECOMMERCE_ENV=dev",
      "export ECOMMERCE_LAKE=gs://example-shop-dev-lake",
      "export ECOMMERCE_LANDING=gs://example-shop-dev-landing",
      "export ECOMMERCE_SOURCE=sample",
      "export ECOMMERCE_WAREHOUSE=bigquery://example-shop-dev",
      "export GCP_PROJECT_ID=example-shop-dev",
      "export GCP_REGION=EU",
    ])
    error_message = "The settings are others than those that the lakehouse reads."
  }
}

run "has_a_dataset_of_pull_requests" {
  command = plan

  assert {
    condition     = contains(output.datasets, "dbt_ci") && contains(output.datasets, "dbt_dev")
    error_message = "dev lacks the dataset of pull requests or of trials."
  }
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
    condition     = strcontains(output.settings, "export ECOMMERCE_RETAIL_PRIMARY=url\n") && strcontains(output.settings, "export ECOMMERCE_ENV=dev\n")
    error_message = "A setting is lost, or takes the place of one that is made here."
  }
}
