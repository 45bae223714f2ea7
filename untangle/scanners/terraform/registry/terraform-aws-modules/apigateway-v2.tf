# An HTTP or WebSocket API with its routes and what they call.
# https://registry.terraform.io/modules/terraform-aws-modules/apigateway-v2/aws/latest

variable "create" { default = true }
variable "create_api_gateway" { default = true }
variable "create_routes_and_integrations" { default = true }
variable "name" { default = "" }
variable "protocol_type" { default = "HTTP" }
variable "body" { default = null }
variable "routes" { default = {} }
# Versions before 5
variable "integrations" { default = {} }
variable "authorizers" { default = {} }

locals {
  is_made = var.create && var.create_api_gateway
  routes = merge(
    { for k, v in var.routes : k => try(v.integration, {}) },
    { for k, v in var.integrations : k => v },
  )
}

resource "aws_apigatewayv2_api" "this" {
  count = local.is_made ? 1 : 0

  name          = var.name
  protocol_type = var.protocol_type
  body          = var.body
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = { for k, v in local.routes : k => v if local.is_made && var.create_routes_and_integrations }

  api_id              = aws_apigatewayv2_api.this[0].id
  integration_type    = try(each.value.type, each.value.integration_type, null)
  integration_subtype = try(each.value.subtype, each.value.integration_subtype, null)
  integration_uri     = try(each.value.uri, each.value.lambda_arn, each.value.integration_uri, null)
  integration_method  = try(each.value.method, each.value.integration_method, null)
  request_parameters  = try(each.value.request_parameters, null)
}

resource "aws_apigatewayv2_route" "this" {
  for_each = { for k, v in local.routes : k => v if local.is_made && var.create_routes_and_integrations }

  api_id    = aws_apigatewayv2_api.this[0].id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.this[each.key].id}"
}

resource "aws_apigatewayv2_authorizer" "this" {
  for_each = { for k, v in var.authorizers : k => v if local.is_made }

  api_id          = aws_apigatewayv2_api.this[0].id
  name            = try(each.value.name, each.key)
  authorizer_type = try(each.value.authorizer_type, null)
  authorizer_uri  = try(each.value.authorizer_uri, null)
}

output "api_id" { value = try(aws_apigatewayv2_api.this[0].id, "") }
output "api_arn" { value = try(aws_apigatewayv2_api.this[0].arn, "") }
output "api_endpoint" { value = try(aws_apigatewayv2_api.this[0].api_endpoint, "") }
output "api_execution_arn" { value = try(aws_apigatewayv2_api.this[0].execution_arn, "") }
output "apigatewayv2_api_id" { value = try(aws_apigatewayv2_api.this[0].id, "") }
output "apigatewayv2_api_execution_arn" { value = try(aws_apigatewayv2_api.this[0].execution_arn, "") }
output "apigatewayv2_api_api_endpoint" { value = try(aws_apigatewayv2_api.this[0].api_endpoint, "") }
