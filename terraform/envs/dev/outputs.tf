output "settings" {
  description = "Settings to export: `terraform output -raw settings` prints the lines."
  value       = join("\n", [for name, value in local.settings : "export ${name}=${value}"])
}

output "ci_settings" {
  description = "Settings of trials with dbt's target ci."
  value = join("\n", [
    "export ECOMMERCE_ENV=dev",
    "export ECOMMERCE_DBT_CI_DATASET=dbt_ci",
    "export GCP_PROJECT_ID=${var.project_id}",
    "export GCP_REGION=${module.warehouse.location}",
  ])
}

output "landing_uri" {
  description = "Where delivered files go: <this>/<domain>/<file>."
  value       = module.storage.landing_uri
}

output "datasets" {
  description = "Names of the BigQuery datasets."
  value       = module.warehouse.dataset_ids
}

output "image_repository" {
  description = "Where images are pushed to."
  value       = module.runtime.image_repository
}

output "open_ui" {
  description = "Command that opens the Dagster UI at http://127.0.0.1:3000."
  value       = module.runtime.open_ui
}

output "add_secrets" {
  description = "Commands that put the secrets' values in."
  value       = module.runtime.add_secrets
}

output "database" {
  description = "Connection name and user of the database, for the one grant by hand."
  value       = module.runtime.database
}

output "workflow_sign_in" {
  description = "What the workflows sign in with: provider by pool, account by job."
  value = {
    providers = module.identity.workload_identity_providers
    accounts  = module.identity.emails
  }
}
