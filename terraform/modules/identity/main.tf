# One service account a job, each with the least roles, and no keys: workflows come in through
# workload identity federation, the virtual machine has its account attached, people use their own.

locals {
  # Roles on the whole project; what is granted on one bucket, dataset, secret or repository stands
  # with that resource.
  accounts = merge({
    pipeline = {
      purpose = "Loads files into the lake and builds the models; runs on the virtual machine."
      roles = [
        "roles/artifactregistry.reader",
        "roles/bigquery.jobUser",
        "roles/bigquery.readSessionUser",
        "roles/bigquery.resourceViewer", # lists the jobs of a run, for what they cost
        "roles/cloudsql.client",
        "roles/cloudsql.instanceUser",
        "roles/logging.logWriter",
        "roles/monitoring.metricWriter",
      ]
    }
    reader = {
      purpose = "Dashboard and API: reads marts."
      roles = [
        "roles/bigquery.jobUser",
        "roles/bigquery.readSessionUser",
      ]
    }
    terraform-plan = {
      purpose = "Compares the code with what is there; reads settings, no data and no secrets."
      roles = [
        "roles/artifactregistry.reader",
        "roles/bigquery.metadataViewer",
        "roles/cloudsql.viewer",
        "roles/compute.viewer",
        "roles/iam.securityReviewer",
        "roles/iam.workloadIdentityPoolViewer",
        "roles/logging.viewer",
        "roles/monitoring.viewer",
        "roles/secretmanager.viewer",
        "roles/serviceusage.serviceUsageConsumer",
        "roles/storage.bucketViewer",
      ]
    }
    terraform-apply = {
      purpose = "Creates and changes what the code says."
      roles = [
        "roles/artifactregistry.admin",
        "roles/bigquery.dataOwner",
        "roles/cloudsql.admin",
        "roles/compute.instanceAdmin.v1",
        "roles/compute.networkAdmin",
        "roles/compute.securityAdmin",
        "roles/iam.serviceAccountAdmin",
        "roles/iam.workloadIdentityPoolAdmin",
        "roles/iap.admin",
        "roles/logging.configWriter",
        "roles/monitoring.alertPolicyEditor",
        "roles/monitoring.notificationChannelEditor",
        "roles/secretmanager.admin",
        "roles/serviceusage.serviceUsageAdmin",
        "roles/storage.admin",
      ]
    }
    image-publisher = {
      purpose = "Pushes the images of main."
      roles   = []
    }
    }, {
    dev = {
      dbt-ci = {
        purpose = "Builds each pull request into a dataset of its own, which it makes and owns."
        roles   = ["roles/bigquery.user"]
      }
    }
    prod = {
      dbt-prod = {
        purpose = "Builds the models that main has changed."
        roles   = ["roles/bigquery.jobUser", "roles/bigquery.readSessionUser"]
      }
    }
  }[var.environment])

  project_roles = merge([
    for name, account in local.accounts : {
      for role in account.roles : "${name} ${role}" => { account = name, role = role }
    }
  ]...)

  # Where a workflow's token comes from. The names of the pools are the jobs of the workflows.
  repository = "assertion.repository == '${var.github_repository}' && assertion.repository_owner_id == '${var.github_owner_id}'"
  pools = {
    checks = {
      purpose   = "Workflows on pull requests and on main, which change nothing."
      condition = "${local.repository} && (assertion.event_name == 'pull_request' || assertion.ref == 'refs/heads/main')"
      accounts  = setintersection(keys(local.accounts), ["dbt-ci", "terraform-plan"])
    }
    deploy = {
      purpose   = "Workflows on main in the environment ${var.environment}, which apply and build."
      condition = "${local.repository} && assertion.ref == 'refs/heads/main' && assertion.environment == '${var.environment}'"
      accounts  = setintersection(keys(local.accounts), ["dbt-prod", "terraform-apply"])
    }
    images = {
      purpose   = "Workflows on main in the environment images, which push images."
      condition = "${local.repository} && assertion.ref == 'refs/heads/main' && assertion.environment == 'images'"
      accounts  = toset(["image-publisher"])
    }
  }

  federated = merge([
    for name, pool in local.pools : {
      for account in pool.accounts : account => name
    }
  ]...)
}

resource "google_service_account" "job" {
  for_each = local.accounts

  project      = var.project_id
  account_id   = "ecommerce-${each.key}"
  display_name = "ecommerce ${each.key}"
  description  = each.value.purpose
}

# Known before the accounts are there, so that a plan shows who gets what.
locals {
  emails = {
    for name, account in google_service_account.job :
    name => "${account.account_id}@${account.project}.iam.gserviceaccount.com"
  }
  members = { for name, email in local.emails : name => "serviceAccount:${email}" }
}

resource "google_project_iam_member" "job" {
  for_each = local.project_roles

  project = var.project_id
  role    = each.value.role
  member  = local.members[each.value.account]
}

# Whoever grants roles could grant itself all of them: this account grants those listed above only.
resource "google_project_iam_member" "grants" {
  project = var.project_id
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = local.members["terraform-apply"]

  condition {
    title       = "known_roles_only"
    description = "Grants and takes away the roles that the code names, not this one."
    expression = format(
      "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly([%s])",
      join(", ", [for role in distinct([for grant in local.project_roles : grant.role]) : "'${role}'"])
    )
  }
}

# To attach the pipeline's account to the virtual machine, and no other.
resource "google_service_account_iam_member" "attach" {
  service_account_id = "projects/${var.project_id}/serviceAccounts/${local.emails["pipeline"]}"
  role               = "roles/iam.serviceAccountUser"
  member             = local.members["terraform-apply"]
}

resource "google_iam_workload_identity_pool" "github" {
  for_each = local.pools

  project                   = var.project_id
  workload_identity_pool_id = "github-${each.key}"
  display_name              = "GitHub ${each.key}"
  description               = each.value.purpose
}

resource "google_iam_workload_identity_pool_provider" "github" {
  #checkov:skip=CKV_GCP_125:The check reads assertion.sub only; the condition names repository, owner's number, branch and environment
  for_each = local.pools

  project                            = var.project_id
  workload_identity_pool_id          = google_iam_workload_identity_pool.github[each.key].workload_identity_pool_id
  workload_identity_pool_provider_id = "actions"
  display_name                       = "GitHub Actions"
  attribute_condition                = each.value.condition

  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "federated" {
  for_each = local.federated

  service_account_id = "projects/${var.project_id}/serviceAccounts/${local.emails[each.key]}"
  role               = "roles/iam.workloadIdentityUser"
  member = format(
    "principalSet://iam.googleapis.com/%s/attribute.repository/%s",
    google_iam_workload_identity_pool.github[each.value].name,
    var.github_repository,
  )
}

# The state: a plan reads it, an apply writes it. It holds no secret.
resource "google_storage_bucket_iam_member" "state" {
  for_each = {
    terraform-plan  = "roles/storage.objectViewer"
    terraform-apply = "roles/storage.objectUser"
  }

  bucket = var.state_bucket
  role   = each.value
  member = local.members[each.key]
}
