# Names, made of their parts. It makes no resources.
# https://registry.terraform.io/modules/cloudposse/label/null/latest

output "id" { value = local.id }
output "id_full" { value = local.id }
output "enabled" { value = local.is_enabled }
output "namespace" { value = local.texts.namespace }
output "tenant" { value = local.texts.tenant }
output "environment" { value = local.texts.environment }
output "stage" { value = local.texts.stage }
output "name" { value = local.texts.name }
output "delimiter" { value = local.delimiter }
output "attributes" { value = local.given.attributes }
output "tags" { value = {} }
output "context" { value = local.given }
output "normalized_context" { value = local.given }
