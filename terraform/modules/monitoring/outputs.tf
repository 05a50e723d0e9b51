output "notification_channels" {
  description = "Names of the notification channels, for alerts made elsewhere."
  value       = local.channels
}
