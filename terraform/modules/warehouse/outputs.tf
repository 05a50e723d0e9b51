output "dataset_ids" {
  description = "Names of all datasets."
  value = sort(concat(
    [for dataset in google_bigquery_dataset.layer : dataset.dataset_id],
    [for dataset in google_bigquery_dataset.ci : dataset.dataset_id],
    [google_bigquery_dataset.rebuild.dataset_id],
  ))
}

output "warehouse_uri" {
  description = "The warehouse, as ECOMMERCE_WAREHOUSE takes it."
  value       = "bigquery://${var.project_id}"
}

output "location" {
  description = "Location of the datasets, as GCP_REGION takes it."
  value       = var.location
}
