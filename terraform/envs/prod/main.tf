# The environment that people rely on: nothing in it is deleted with what it holds.

locals {
  environment = "prod"

  labels = {
    app         = "ecommerce"
    environment = local.environment
    managed_by  = "terraform"
  }

  services = [
    "artifactregistry.googleapis.com",
    "bigquery.googleapis.com",
    "bigquerystorage.googleapis.com",
    "billingbudgets.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "compute.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "iap.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "oslogin.googleapis.com",
    "secretmanager.googleapis.com",
    "servicenetworking.googleapis.com",
    "sqladmin.googleapis.com",
    "storage.googleapis.com",
    "sts.googleapis.com",
  ]

  # What the containers and everybody's shell need; see outputs.tf.
  settings = merge(var.extra_settings, {
    ECOMMERCE_ENV       = local.environment
    ECOMMERCE_LAKE      = module.storage.lake_uri
    ECOMMERCE_LANDING   = module.storage.landing_uri
    ECOMMERCE_WAREHOUSE = module.warehouse.warehouse_uri
    ECOMMERCE_SOURCE    = var.source_kind
    GCP_PROJECT_ID      = var.project_id
    GCP_REGION          = module.warehouse.location
  })
}

data "google_project" "this" {
  project_id = var.project_id
}

resource "google_project_service" "used" {
  for_each = toset(local.services)

  project            = var.project_id
  service            = each.value
  disable_on_destroy = false
}

module "identity" {
  source = "../../modules/identity"

  project_id        = var.project_id
  environment       = local.environment
  github_repository = var.github_repository
  github_owner_id   = var.github_owner_id
  state_bucket      = var.state_bucket

  depends_on = [google_project_service.used]
}

module "storage" {
  source = "../../modules/storage"

  project_id      = var.project_id
  environment     = local.environment
  location        = var.location
  lake_writers    = { pipeline = module.identity.members["pipeline"] }
  landing_readers = { pipeline = module.identity.members["pipeline"] }
  labels          = local.labels

  depends_on = [google_project_service.used]
}

module "warehouse" {
  source = "../../modules/warehouse"

  project_id  = var.project_id
  environment = local.environment
  location    = var.location
  writers     = { pipeline = module.identity.members["pipeline"] }
  builders    = { dbt-prod = module.identity.members["dbt-prod"] }
  readers     = merge(var.readers, { reader = module.identity.members["reader"] })
  labels      = local.labels

  depends_on = [google_project_service.used]
}

module "runtime" {
  source = "../../modules/runtime"

  project_id          = var.project_id
  environment         = local.environment
  region              = var.region
  zone                = var.zone
  machine_type        = "e2-standard-2"
  database_tier       = "db-g1-small"
  deletion_protection = true
  image_tag           = var.image_tag
  pipeline_email      = module.identity.emails["pipeline"]
  image_publisher     = module.identity.members["image-publisher"]
  operators           = var.operators
  settings            = local.settings
  dagster_yaml        = file("${path.root}/../../../dagster.yaml")
  labels              = local.labels

  depends_on = [google_project_service.used]
}

module "monitoring" {
  source = "../../modules/monitoring"

  project_id      = var.project_id
  project_number  = data.google_project.this.number
  environment     = local.environment
  alert_emails    = var.alert_emails
  billing_account = var.billing_account
  monthly_budget  = var.monthly_budget
  heartbeat       = module.runtime.heartbeat
  labels          = local.labels

  depends_on = [google_project_service.used]
}
