# The BigQuery datasets, one per domain and layer, and who may read or write which.

locals {
  layers = ["raw", "staging", "intermediate", "marts"]

  by_layer = merge([
    for domain in var.domains : {
      for layer in local.layers : "${domain}_${layer}" => { domain = domain, layer = layer }
    }
  ]...)

  datasets = merge(local.by_layer, {
    ops                      = { domain = "ops", layer = "marts" }
    "dbt_${var.environment}" = { domain = "ops", layer = "models" }
  })

  readable = [for name, of in local.datasets : name if of.layer == "marts"]
  raw      = [for name, of in local.datasets : name if of.layer == "raw"]
}

resource "google_bigquery_dataset" "layer" {
  #checkov:skip=CKV_GCP_81:Encrypted at rest with Google's keys; no rule asks for keys of one's own
  for_each = local.datasets

  project                    = var.project_id
  dataset_id                 = each.key
  location                   = var.location
  description                = "Domain ${each.value.domain}, layer ${each.value.layer}."
  delete_contents_on_destroy = var.delete_contents_on_destroy
  max_time_travel_hours      = tostring(var.time_travel_hours)
  labels                     = merge(var.labels, each.value)
}

# Trials by hand with the target ci: tables expire by themselves. Pull
# requests make datasets like it, each its own, and drop them.
resource "google_bigquery_dataset" "ci" {
  #checkov:skip=CKV_GCP_81:Encrypted at rest with Google's keys; no rule asks for keys of one's own
  count = var.ci_dataset == null ? 0 : 1

  project                     = var.project_id
  dataset_id                  = var.ci_dataset
  location                    = var.location
  description                 = "Trials; tables expire after ${var.ci_table_days} days."
  default_table_expiration_ms = var.ci_table_days * 86400000
  delete_contents_on_destroy  = var.delete_contents_on_destroy
  labels                      = merge(var.labels, { domain = "ops", layer = "ci" })
}

# Models built once more, to be compared with the real ones: emptied after every comparison, and by
# itself should one be killed.
resource "google_bigquery_dataset" "rebuild" {
  #checkov:skip=CKV_GCP_81:Encrypted at rest with Google's keys; no rule asks for keys of one's own
  project                     = var.project_id
  dataset_id                  = "ops_rebuild"
  location                    = var.location
  description                 = "Models built once more; tables expire after a day."
  default_table_expiration_ms = 86400000
  delete_contents_on_destroy  = var.delete_contents_on_destroy
  labels                      = merge(var.labels, { domain = "ops", layer = "rebuild" })
}

locals {
  grants = merge(
    {
      for pair in setproduct(keys(local.datasets), keys(var.writers)) :
      "${pair[0]} ${pair[1]} writes" => {
        dataset = pair[0], role = "roles/bigquery.dataEditor", member = var.writers[pair[1]]
      }
    },
    {
      for pair in setproduct(local.readable, keys(var.readers)) :
      "${pair[0]} ${pair[1]} reads" => {
        dataset = pair[0], role = "roles/bigquery.dataViewer", member = var.readers[pair[1]]
      }
    },
    {
      for pair in setproduct(keys(local.datasets), keys(var.ci_writers)) :
      "${pair[0]} ${pair[1]} reads" => {
        dataset = pair[0], role = "roles/bigquery.dataViewer", member = var.ci_writers[pair[1]]
      }
    },
    {
      for pair in setproduct(keys(local.datasets), keys(var.builders)) :
      "${pair[0]} ${pair[1]} builds" => {
        dataset = pair[0]
        role    = contains(local.raw, pair[0]) ? "roles/bigquery.dataViewer" : "roles/bigquery.dataEditor"
        member  = var.builders[pair[1]]
      }
    },
  )
}

resource "google_bigquery_dataset_iam_member" "layer" {
  for_each = local.grants

  project    = var.project_id
  dataset_id = google_bigquery_dataset.layer[each.value.dataset].dataset_id
  role       = each.value.role
  member     = each.value.member
}

resource "google_bigquery_dataset_iam_member" "rebuild" {
  for_each = var.writers

  project    = var.project_id
  dataset_id = google_bigquery_dataset.rebuild.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = each.value
}

resource "google_bigquery_dataset_iam_member" "ci" {
  for_each = var.ci_dataset == null ? {} : var.ci_writers

  project    = var.project_id
  dataset_id = google_bigquery_dataset.ci[0].dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = each.value
}
