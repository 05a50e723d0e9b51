# Who is told when runs fail, when the lakehouse falls silent, and when it costs too much.
#
# It has no public address that an uptime check could ask; the virtual machine therefore logs a
# heartbeat, and its absence is the alert.

locals {
  containers = "logName=\"projects/${var.project_id}/logs/gcplogs-docker-driver\""
  channels   = [for channel in google_monitoring_notification_channel.email : channel.name]
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  project      = var.project_id
  display_name = "ecommerce ${var.environment}: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }
  user_labels  = var.labels
}

resource "google_logging_metric" "failed_runs" {
  project     = var.project_id
  name        = "ecommerce/failed_runs"
  description = "Runs that Dagster declared failed."
  filter      = "${local.containers} AND jsonPayload.message:\"RUN_FAILURE\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }
}

resource "google_logging_metric" "heartbeat" {
  project     = var.project_id
  name        = "ecommerce/heartbeat"
  description = "Heartbeats: the web server answered and the daemon was alive."
  filter      = "${local.containers} AND jsonPayload.message=\"${var.heartbeat}\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }
}

resource "google_monitoring_alert_policy" "failed_runs" {
  project               = var.project_id
  display_name          = "ecommerce ${var.environment}: a run failed"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.channels
  user_labels           = var.labels

  conditions {
    display_name = "a failed run in the last ten minutes"

    condition_threshold {
      filter          = "resource.type = \"gce_instance\" AND metric.type = \"logging.googleapis.com/user/${google_logging_metric.failed_runs.name}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period   = "600s"
        per_series_aligner = "ALIGN_SUM"
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    mime_type = "text/markdown"
    content   = "Open the run in the Dagster UI: its failure says what to do. A run again of the failed month is safe."
  }
}

resource "google_monitoring_alert_policy" "silence" {
  project               = var.project_id
  display_name          = "ecommerce ${var.environment}: no heartbeat"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels
  user_labels           = var.labels

  conditions {
    display_name = "no heartbeat for half an hour"

    condition_absent {
      filter   = "resource.type = \"gce_instance\" AND metric.type = \"logging.googleapis.com/user/${google_logging_metric.heartbeat.name}\""
      duration = "1800s"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "The web server, the daemon, the database or the virtual machine is down. Go there through IAP and ask `systemctl status 'ecommerce-*'`."
  }
}

resource "google_billing_budget" "monthly" {
  count = var.billing_account == null ? 0 : 1

  billing_account = var.billing_account
  display_name    = "ecommerce ${var.environment}"

  budget_filter {
    projects = ["projects/${var.project_number}"]
  }

  amount {
    specified_amount {
      units = tostring(var.monthly_budget)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1]
    content {
      threshold_percent = threshold_rules.value
    }
  }

  # Before the money is gone.
  threshold_rules {
    threshold_percent = 1
    spend_basis       = "FORECASTED_SPEND"
  }

  all_updates_rule {
    monitoring_notification_channels = slice(local.channels, 0, min(5, length(local.channels)))
    disable_default_iam_recipients   = false
  }
}
