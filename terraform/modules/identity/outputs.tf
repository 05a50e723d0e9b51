output "members" {
  description = "Member string of every account, by job, for grants on single resources."
  value       = local.members
}

output "emails" {
  description = "E-mail address of every account, by job."
  value       = local.emails
}

output "workload_identity_providers" {
  description = "Full name of the providers for the workflows' sign-in, by pool: checks, deploy and images."
  value       = { for name, provider in google_iam_workload_identity_pool_provider.github : name => provider.name }
}

output "project_roles" {
  description = "Roles on the whole project, by job."
  value       = { for name, account in local.accounts : name => account.roles }
}
