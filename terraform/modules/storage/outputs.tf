output "lake_uri" {
  description = "The lake, as ECOMMERCE_LAKE takes it."
  value       = "gs://${google_storage_bucket.lake.name}"
}

output "landing_uri" {
  description = "The landing bucket, as ECOMMERCE_LANDING takes it."
  value       = "gs://${google_storage_bucket.landing.name}"
}
