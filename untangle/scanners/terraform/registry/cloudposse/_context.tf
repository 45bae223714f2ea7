# What every module of this publisher takes: a context, from which names are made.
# https://registry.terraform.io/modules/cloudposse/label/null/latest

variable "context" { default = {} }
variable "enabled" { default = null }
variable "namespace" { default = null }
variable "tenant" { default = null }
variable "environment" { default = null }
variable "stage" { default = null }
variable "name" { default = null }
variable "delimiter" { default = null }
variable "attributes" { default = [] }
variable "label_order" { default = null }
variable "label_value_case" { default = null }
variable "regex_replace_chars" { default = null }

locals {
  given = {
    enabled             = var.enabled == null ? try(var.context.enabled, null) : var.enabled
    namespace           = var.namespace == null ? try(var.context.namespace, null) : var.namespace
    tenant              = var.tenant == null ? try(var.context.tenant, null) : var.tenant
    environment         = var.environment == null ? try(var.context.environment, null) : var.environment
    stage               = var.stage == null ? try(var.context.stage, null) : var.stage
    name                = var.name == null ? try(var.context.name, null) : var.name
    delimiter           = var.delimiter == null ? try(var.context.delimiter, null) : var.delimiter
    label_order         = var.label_order == null ? try(var.context.label_order, null) : var.label_order
    label_value_case    = var.label_value_case == null ? try(var.context.label_value_case, null) : var.label_value_case
    regex_replace_chars = var.regex_replace_chars == null ? try(var.context.regex_replace_chars, null) : var.regex_replace_chars
    attributes          = concat(try(tolist(var.context.attributes), []), try(tolist(var.attributes), []))
  }
  is_enabled = local.given.enabled == null ? true : local.given.enabled
  delimiter  = local.given.delimiter == null ? "-" : local.given.delimiter
  dropped    = local.given.regex_replace_chars == null ? "/[^-a-zA-Z0-9]/" : local.given.regex_replace_chars
  cased      = local.given.label_value_case == null ? "lower" : local.given.label_value_case

  texts = {
    for k, v in { for name in ["namespace", "tenant", "environment", "stage", "name"] : name => local.given[name] } :
    k => v == null ? "" : local.cased == "lower" ? lower(replace(v, local.dropped, "")) : replace(v, local.dropped, "")
  }
  parts = {
    for k, v in merge(local.texts, {
      attributes = join(local.delimiter, [for v in compact(local.given.attributes) : lower(replace(v, local.dropped, ""))])
    }) : k => v
  }
  order = local.given.label_order == null ? ["namespace", "environment", "stage", "name", "attributes"] : local.given.label_order
  id    = join(local.delimiter, compact([for part in local.order : try(local.parts[part], "")]))
}
