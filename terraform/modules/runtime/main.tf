# The machine that runs Dagster: disposable, without a public address, and the same after every
# boot. What it must not lose is in the lake, the warehouse and the database.

locals {
  # The containers' user; folders on the machine are made for it.
  user = 10001
  port = 3000

  registry = "${var.region}-docker.pkg.dev"
  image    = "${local.registry}/${var.project_id}/${google_artifact_registry_repository.images.repository_id}/lakehouse:${var.image_tag}"

  heartbeat = "ecommerce-heartbeat"

  # Known before the database is there, so that a plan shows the whole of the machine's start.
  sql_connection = join(":", [var.project_id, var.region, google_sql_database_instance.dagster.name])

  # Name of the setting, by name of the secret that holds its value.
  secrets = {
    ecommerce-kaggle-username        = "KAGGLE_USERNAME"
    ecommerce-kaggle-key             = "KAGGLE_KEY"
    ecommerce-kaggle-api-token       = "KAGGLE_API_TOKEN"
    ecommerce-alert-urls             = "ECOMMERCE_ALERT_URLS"
    ecommerce-retail-url             = "ECOMMERCE_RETAIL_URL"
    ecommerce-retail-postgres        = "ECOMMERCE_RETAIL_POSTGRES"
    ecommerce-retail-target-postgres = "ECOMMERCE_RETAIL_TARGET_POSTGRES"
  }

  # SQLAlchemy takes plain `postgresql` for another driver than the one in the image.
  dagster_yaml = yamlencode(merge(yamldecode(var.dagster_yaml), {
    storage = {
      postgres = {
        postgres_url = "postgresql+psycopg2://${urlencode(google_sql_user.pipeline.name)}@127.0.0.1:5432/${google_sql_database.dagster.name}"
      }
    }
  }))

  user_data = templatefile("${path.module}/files/cloud-init.yaml", {
    registry          = local.registry
    image             = local.image
    port              = local.port
    user              = local.user
    heartbeat         = local.heartbeat
    sql_connection    = local.sql_connection
    sql_proxy_version = var.sql_proxy_version
    dagster_yaml      = local.dagster_yaml
    settings          = join("\n", [for name, value in var.settings : "${name}=${value}"])
    secrets_script    = file("${path.module}/files/secrets.py")
    secrets           = join(" ", [for secret, setting in local.secrets : "${setting}=projects/${var.project_id}/secrets/${secret}"])
  })
}

resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84:Encrypted at rest with Google's keys; no rule asks for keys of one's own
  project       = var.project_id
  repository_id = "ecommerce"
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the lakehouse."
  labels        = var.labels

  # The tag main moves on with every build; the machine names a commit.
  docker_config {
    immutable_tags = false
  }

  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"

    most_recent_versions {
      keep_count = 20
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"

    condition {
      older_than = "7776000s"
    }
  }
}

resource "google_artifact_registry_repository_iam_member" "publisher" {
  project    = var.project_id
  location   = var.region
  repository = google_artifact_registry_repository.images.repository_id
  role       = "roles/artifactregistry.writer"
  member     = var.image_publisher
}

# Names only: `gcloud secrets versions add` puts the values in, so that no state file has them.
resource "google_secret_manager_secret" "setting" {
  for_each = local.secrets

  project   = var.project_id
  secret_id = each.key
  labels    = var.labels

  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_iam_member" "pipeline" {
  for_each = google_secret_manager_secret.setting

  project   = var.project_id
  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${var.pipeline_email}"
}

resource "terraform_data" "boot" {
  input = sha256(local.user_data)
}

resource "google_compute_instance" "dagster" {
  #checkov:skip=CKV_GCP_38:Encrypted at rest with Google's keys; the disk holds nothing that lasts
  project                   = var.project_id
  name                      = "ecommerce-dagster"
  zone                      = var.zone
  machine_type              = var.machine_type
  allow_stopping_for_update = true
  can_ip_forward            = false
  labels                    = var.labels

  boot_disk {
    initialize_params {
      image = "projects/cos-cloud/global/images/family/cos-stable"
      size  = var.disk_gb
      type  = "pd-balanced"
    }
  }

  # No access_config: no public address.
  network_interface {
    subnetwork = google_compute_subnetwork.lakehouse.id
    stack_type = "IPV4_ONLY"
  }

  # What the account may do is said by its roles alone.
  service_account {
    email  = var.pipeline_email
    scopes = ["cloud-platform"]
  }

  shielded_instance_config {
    enable_secure_boot          = true
    enable_vtpm                 = true
    enable_integrity_monitoring = true
  }

  metadata = {
    user-data              = local.user_data
    enable-oslogin         = "TRUE"
    block-project-ssh-keys = "TRUE"
    serial-port-enable     = "FALSE"
  }

  # An image family moves on by itself; the machine does so when it is replaced anyway.
  lifecycle {
    ignore_changes       = [boot_disk[0].initialize_params[0].image]
    replace_triggered_by = [terraform_data.boot]
  }

  depends_on = [
    google_compute_router_nat.lakehouse,
    google_secret_manager_secret_iam_member.pipeline,
  ]
}

# People come in through IAP and sign in with their own account.
resource "google_iap_tunnel_instance_iam_member" "operator" {
  for_each = var.operators

  project  = var.project_id
  zone     = var.zone
  instance = google_compute_instance.dagster.name
  role     = "roles/iap.tunnelResourceAccessor"
  member   = each.value
}

resource "google_compute_instance_iam_member" "operator" {
  for_each = var.operators

  project       = var.project_id
  zone          = var.zone
  instance_name = google_compute_instance.dagster.name
  role          = "roles/compute.osAdminLogin"
  member        = each.value
}

# OS Login asks for it on machines that run as a service account.
resource "google_service_account_iam_member" "operator" {
  for_each = var.operators

  service_account_id = "projects/${var.project_id}/serviceAccounts/${var.pipeline_email}"
  role               = "roles/iam.serviceAccountUser"
  member             = each.value
}
