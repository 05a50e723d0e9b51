variables {
  project_id        = "example-shop-prod"
  environment       = "prod"
  github_repository = "example/ecommerce-lakehouse"
  github_owner_id   = "1234567"
  state_bucket      = "example-tfstate"
}

run "gives_each_account_its_roles" {
  command = plan

  assert {
    condition = toset(output.project_roles["pipeline"]) == toset([
      "roles/artifactregistry.reader", "roles/bigquery.jobUser", "roles/bigquery.readSessionUser",
      "roles/bigquery.resourceViewer",
      "roles/cloudsql.client", "roles/cloudsql.instanceUser", "roles/logging.logWriter",
      "roles/monitoring.metricWriter",
    ])
    error_message = "The pipeline has other roles on the project."
  }

  assert {
    condition     = toset(output.project_roles["reader"]) == toset(["roles/bigquery.jobUser", "roles/bigquery.readSessionUser"])
    error_message = "The reader has other roles on the project."
  }

  assert {
    condition = alltrue([
      for role in output.project_roles["terraform-plan"] :
      can(regex("(viewer|Viewer|reader|Reviewer|Consumer)$", role))
    ])
    error_message = "The account that plans has a role that changes something."
  }

  assert {
    condition = alltrue([
      for grant in google_project_iam_member.job : !contains(["roles/owner", "roles/editor", "roles/viewer"], grant.role)
    ])
    error_message = "An account has a basic role."
  }

  assert {
    condition     = length(google_project_iam_member.job) == length(flatten(values(output.project_roles)))
    error_message = "Roles are granted that no account lists, or the other way round."
  }
}

run "has_pull_requests_in_dev_only" {
  command = plan

  assert {
    condition     = !contains(keys(google_service_account.job), "dbt-ci")
    error_message = "Pull requests build in prod."
  }
}

run "lets_pull_requests_build_in_dev" {
  command = plan

  variables {
    environment = "dev"
  }

  assert {
    condition     = toset(output.project_roles["dbt-ci"]) == toset(["roles/bigquery.user"])
    error_message = "Builds of pull requests have more on the project than jobs and datasets of their own."
  }
}

run "federates_one_repository" {
  command = plan

  assert {
    condition = alltrue([
      for provider in google_iam_workload_identity_pool_provider.github :
      strcontains(provider.attribute_condition, "assertion.repository == 'example/ecommerce-lakehouse' && assertion.repository_owner_id == '1234567'")
    ])
    error_message = "A provider takes tokens of other repositories."
  }

  assert {
    condition     = strcontains(google_iam_workload_identity_pool_provider.github["deploy"].attribute_condition, "assertion.ref == 'refs/heads/main' && assertion.environment == 'prod'")
    error_message = "Something else than main in the environment prod may apply."
  }

  assert {
    condition     = toset([for account, pool in local.federated : account if pool == "deploy"]) == toset(["terraform-apply", "dbt-prod"])
    error_message = "Deployments act as somebody else than the accounts that apply and build."
  }

  assert {
    condition     = toset([for account, pool in local.federated : account if pool == "checks"]) == toset(["terraform-plan"])
    error_message = "Checks of prod may do more than plan."
  }

  assert {
    condition     = toset([for account, pool in local.federated : account if pool == "images"]) == toset(["image-publisher"]) && length(output.project_roles["image-publisher"]) == 0
    error_message = "Who pushes images may do more than that."
  }

  assert {
    condition     = length(setintersection(keys(google_service_account_iam_member.federated), ["pipeline", "reader"])) == 0
    error_message = "Workflows may act as the pipeline or the reader."
  }
}

run "limits_what_apply_may_grant" {
  command = plan

  assert {
    condition     = !strcontains(google_project_iam_member.grants.condition[0].expression, "projectIamAdmin") && !strcontains(google_project_iam_member.grants.condition[0].expression, "owner")
    error_message = "The account that applies could grant itself everything."
  }

  assert {
    condition     = google_storage_bucket_iam_member.state["terraform-plan"].role == "roles/storage.objectViewer"
    error_message = "The account that plans may write the state."
  }
}

run "refuses_an_address_as_repository" {
  command = plan

  variables {
    github_repository = "https://github.com/example/ecommerce-lakehouse"
  }

  expect_failures = [var.github_repository]
}
