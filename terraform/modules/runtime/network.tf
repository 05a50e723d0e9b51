# A network of its own: nothing in it has a public address, and nothing gets in but SSH through IAP.

resource "google_compute_network" "lakehouse" {
  project                 = var.project_id
  name                    = "ecommerce"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "lakehouse" {
  project                  = var.project_id
  name                     = "ecommerce"
  region                   = var.region
  network                  = google_compute_network.lakehouse.id
  ip_cidr_range            = "10.10.0.0/24"
  stack_type               = "IPV4_ONLY"
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

# The way out, for Kaggle and alerts. Google's own services are reached without it.
resource "google_compute_router" "lakehouse" {
  project = var.project_id
  name    = "ecommerce"
  region  = var.region
  network = google_compute_network.lakehouse.id
}

resource "google_compute_router_nat" "lakehouse" {
  project                            = var.project_id
  name                               = "ecommerce"
  region                             = var.region
  router                             = google_compute_router.lakehouse.name
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  subnetwork {
    name                    = google_compute_subnetwork.lakehouse.id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }

  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}

# 35.235.240.0/20 is where IAP forwards from; everything else is refused by default.
resource "google_compute_firewall" "ssh_through_iap" {
  project                 = var.project_id
  name                    = "ecommerce-ssh-through-iap"
  network                 = google_compute_network.lakehouse.id
  direction               = "INGRESS"
  source_ranges           = ["35.235.240.0/20"]
  target_service_accounts = [var.pipeline_email]

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }

  log_config {
    metadata = "INCLUDE_ALL_METADATA"
  }
}

# Addresses for Google's side of the network, where the database lives.
resource "google_compute_global_address" "services" {
  project       = var.project_id
  name          = "ecommerce-services"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
  network       = google_compute_network.lakehouse.id
}

resource "google_service_networking_connection" "services" {
  network                 = google_compute_network.lakehouse.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.services.name]
}
