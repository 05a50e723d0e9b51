variables {
  project_id      = "example-shop-prod"
  project_number  = "123456789"
  environment     = "prod"
  alert_emails    = ["data@example.com", "shop@example.com"]
  billing_account = "0A1B2C-3D4E5F-6A7B8C"
  monthly_budget  = 200
  heartbeat       = "ecommerce-heartbeat"
}

run "tells_everybody_named" {
  command = plan

  assert {
    condition     = toset([for c in google_monitoring_notification_channel.email : c.labels["email_address"]]) == var.alert_emails
    error_message = "An address has no channel."
  }
}

run "alerts_on_failed_runs_and_on_silence" {
  command = plan

  assert {
    condition     = strcontains(google_logging_metric.failed_runs.filter, "RUN_FAILURE") && strcontains(google_logging_metric.failed_runs.filter, "projects/example-shop-prod/logs/")
    error_message = "Failed runs are not counted from the project's log."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.failed_runs.conditions[0].condition_threshold[0].filter, "user/ecommerce/failed_runs")
    error_message = "The alert watches something else than failed runs."
  }

  assert {
    condition     = google_monitoring_alert_policy.silence.conditions[0].condition_absent[0].duration == "1800s" && strcontains(google_logging_metric.heartbeat.filter, "\"ecommerce-heartbeat\"")
    error_message = "Silence goes unnoticed for longer than half an hour."
  }
}

run "warns_before_the_budget_is_gone" {
  command = plan

  assert {
    condition     = google_billing_budget.monthly[0].amount[0].specified_amount[0].units == "200" && google_billing_budget.monthly[0].budget_filter[0].projects == toset(["projects/123456789"])
    error_message = "The budget is another, or of another project."
  }

  assert {
    condition     = length([for rule in google_billing_budget.monthly[0].threshold_rules : rule if rule.spend_basis == "FORECASTED_SPEND"]) == 1
    error_message = "Nobody is told before the budget is spent."
  }
}

run "needs_no_billing_account" {
  command = plan

  variables {
    billing_account = null
  }

  assert {
    condition     = length(google_billing_budget.monthly) == 0
    error_message = "There is a budget without a billing account."
  }
}

run "refuses_alerts_to_nobody" {
  command = plan

  variables {
    alert_emails = []
  }

  expect_failures = [var.alert_emails]
}
