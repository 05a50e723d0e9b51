output "image_repository" {
  description = "Where images are pushed to."
  value       = "${local.registry}/${var.project_id}/${google_artifact_registry_repository.images.repository_id}/lakehouse"
}

output "open_ui" {
  description = "Command that opens the Dagster UI at http://127.0.0.1:3000 through IAP."
  value = join(" ", [
    "gcloud compute ssh", google_compute_instance.dagster.name,
    "--project", var.project_id, "--zone", var.zone, "--tunnel-through-iap",
    "-- -N -L ${local.port}:127.0.0.1:${local.port}",
  ])
}

output "add_secrets" {
  description = "Commands that put the secrets' values in; each reads the value from standard input."
  value = [
    for secret in google_secret_manager_secret.setting :
    "gcloud secrets versions add ${secret.secret_id} --project ${var.project_id} --data-file=-"
  ]
}

output "database" {
  description = "Connection name of the database, and its user for the pipeline."
  value = {
    connection = local.sql_connection
    user       = google_sql_user.pipeline.name
  }
}

output "heartbeat" {
  description = "Line that the machine logs every five minutes while everything runs."
  value       = local.heartbeat
}
