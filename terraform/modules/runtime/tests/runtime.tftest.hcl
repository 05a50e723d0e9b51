variables {
  project_id      = "example-shop-prod"
  environment     = "prod"
  region          = "europe-west3"
  zone            = "europe-west3-a"
  image_tag       = "0.1.0"
  pipeline_email  = "ecommerce-pipeline@example-shop-prod.iam.gserviceaccount.com"
  image_publisher = "serviceAccount:publisher@example.com"
  operators       = ["group:data@example.com"]
  settings        = { ECOMMERCE_ENV = "prod", ECOMMERCE_LAKE = "gs://example-shop-prod-lake" }
  dagster_yaml    = "telemetry: {enabled: false}\nrun_retries: {enabled: true, max_retries: 2}"
}

run "has_no_public_address" {
  command = plan

  assert {
    condition     = alltrue([for i in google_compute_instance.dagster.network_interface : length(i.access_config) == 0 && length(i.ipv6_access_config) == 0])
    error_message = "The machine has an access_config, a public address."
  }

  assert {
    condition     = google_sql_database_instance.dagster.settings[0].ip_configuration[0].ipv4_enabled == false
    error_message = "The database has a public address."
  }

  assert {
    condition     = google_compute_firewall.ssh_through_iap.source_ranges == toset(["35.235.240.0/20"]) && one(google_compute_firewall.ssh_through_iap.allow).ports == tolist(["22"])
    error_message = "Something else than SSH through IAP gets in."
  }

  assert {
    condition     = google_compute_subnetwork.lakehouse.private_ip_google_access
    error_message = "The machine can not reach Google's services without NAT."
  }
}

run "starts_a_machine_that_can_be_trusted" {
  command = plan

  assert {
    condition = (
      google_compute_instance.dagster.shielded_instance_config[0].enable_secure_boot
      && google_compute_instance.dagster.metadata["enable-oslogin"] == "TRUE"
      && google_compute_instance.dagster.metadata["block-project-ssh-keys"] == "TRUE"
    )
    error_message = "The machine is not shielded, or takes keys besides OS Login."
  }
}

run "starts_dagster_by_cloud_init" {
  command = plan

  # The text is YAML, and what it carries is, too.
  assert {
    condition = yamldecode([
      for file in yamldecode(google_compute_instance.dagster.metadata["user-data"]).write_files :
      file.content if file.path == "/etc/ecommerce/dagster.yaml"
      ][0]) == {
      telemetry   = { enabled = false }
      run_retries = { enabled = true, max_retries = 2 }
      storage     = { postgres = { postgres_url = "postgresql+psycopg2://ecommerce-pipeline%40example-shop-prod.iam@127.0.0.1:5432/dagster" } }
    }
    error_message = "The machine's dagster.yaml is not the project's with the database added."
  }

  assert {
    condition = alltrue([
      for name in ["prepare", "sql-proxy", "daemon", "webserver", "heartbeat"] :
      contains(
        yamldecode(google_compute_instance.dagster.metadata["user-data"]).write_files[*].path,
        "/etc/systemd/system/ecommerce-${name}.service",
      )
    ])
    error_message = "A service is missing on the machine."
  }

  assert {
    condition     = strcontains(google_compute_instance.dagster.metadata["user-data"], "dagster-webserver -h 127.0.0.1 -p 3000")
    error_message = "The web server listens beyond the machine itself."
  }

  assert {
    condition     = strcontains(google_compute_instance.dagster.metadata["user-data"], "ECOMMERCE_LAKE=gs://example-shop-prod-lake\n")
    error_message = "The settings do not reach the containers."
  }

  assert {
    condition     = strcontains(google_compute_instance.dagster.metadata["user-data"], "europe-west3-docker.pkg.dev/example-shop-prod/ecommerce/lakehouse:0.1.0 dagster-daemon")
    error_message = "The machine runs another image than the tag says."
  }
}

run "can_restore_the_history" {
  command = plan

  assert {
    condition = (
      google_sql_database_instance.dagster.deletion_protection
      && google_sql_database_instance.dagster.settings[0].deletion_protection_enabled
      && google_sql_database_instance.dagster.settings[0].backup_configuration[0].point_in_time_recovery_enabled
      && google_sql_database_instance.dagster.settings[0].backup_configuration[0].backup_retention_settings[0].retained_backups == 30
    )
    error_message = "The database of prod can be deleted, or not be restored."
  }

  assert {
    condition     = google_sql_user.pipeline.type == "CLOUD_IAM_SERVICE_ACCOUNT" && google_sql_user.pipeline.name == "ecommerce-pipeline@example-shop-prod.iam"
    error_message = "The pipeline signs in to the database other than by its account."
  }
}

run "names_secrets_without_values" {
  command = plan

  assert {
    condition = toset(keys(google_secret_manager_secret.setting)) == toset([
      "ecommerce-kaggle-username", "ecommerce-kaggle-key", "ecommerce-kaggle-api-token", "ecommerce-alert-urls",
      "ecommerce-retail-url", "ecommerce-retail-postgres", "ecommerce-retail-target-postgres",
    ])
    error_message = "The secrets are others than Kaggle's, the alerts' and the retail shop's addresses."
  }

  assert {
    condition     = alltrue([for grant in google_secret_manager_secret_iam_member.pipeline : grant.role == "roles/secretmanager.secretAccessor"])
    error_message = "The pipeline may do more with secrets than read them."
  }
}

run "lets_one_account_push_images" {
  command = plan

  assert {
    condition     = google_artifact_registry_repository_iam_member.publisher.role == "roles/artifactregistry.writer" && google_artifact_registry_repository_iam_member.publisher.member == "serviceAccount:publisher@example.com"
    error_message = "Images are pushed by somebody else."
  }
}

run "lets_operators_in_through_iap" {
  command = plan

  assert {
    condition     = google_iap_tunnel_instance_iam_member.operator["group:data@example.com"].role == "roles/iap.tunnelResourceAccessor"
    error_message = "Operators do not come through IAP."
  }
}

run "refuses_an_unprotected_database_in_prod" {
  command = plan

  variables {
    deletion_protection = false
  }

  expect_failures = [var.deletion_protection]
}

run "refuses_the_tag_latest" {
  command = plan

  variables {
    image_tag = "latest"
  }

  expect_failures = [var.image_tag]
}

run "refuses_the_public_as_operator" {
  command = plan

  variables {
    operators = ["allUsers"]
  }

  expect_failures = [var.operators]
}

run "refuses_an_address_with_a_password_as_a_setting" {
  command = plan

  variables {
    settings = { ECOMMERCE_RETAIL_POSTGRES = "postgresql://shop:secret@host/shop" }
  }

  expect_failures = [var.settings]
}

run "refuses_a_setting_of_two_lines" {
  command = plan

  variables {
    settings = { ECOMMERCE_RETAIL_PRIMARY = "url\nKAGGLE_KEY=x" }
  }

  expect_failures = [var.settings]
}
