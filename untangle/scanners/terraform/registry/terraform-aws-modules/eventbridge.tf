# A bus with rules and their targets, pipes and schedules.
# https://registry.terraform.io/modules/terraform-aws-modules/eventbridge/aws/latest

variable "create" { default = true }
variable "create_bus" { default = true }
variable "create_rules" { default = true }
variable "create_targets" { default = true }
variable "create_schedules" { default = true }
variable "create_pipes" { default = true }
variable "bus_name" { default = "default" }
variable "rules" { default = {} }
variable "targets" { default = {} }
variable "schedules" { default = {} }
variable "pipes" { default = {} }
variable "append_rule_postfix" { default = true }
variable "append_schedule_postfix" { default = true }
variable "append_pipe_postfix" { default = true }

locals {
  bus     = var.create && var.create_bus ? aws_cloudwatch_event_bus.this[0].name : var.bus_name
  targets = flatten([for rule, listed in var.targets : [for target in listed : merge(target, { of = rule })]])
}

resource "aws_cloudwatch_event_bus" "this" {
  count = var.create && var.create_bus ? 1 : 0

  name = var.bus_name
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = { for k, v in var.rules : k => v if var.create && var.create_rules }

  name                = var.append_rule_postfix ? "${replace(each.key, "_", "-")}-rule" : each.key
  event_bus_name      = local.bus
  event_pattern       = try(each.value.event_pattern, null)
  schedule_expression = try(each.value.schedule_expression, null)
  state = try(
    each.value.enabled ? "ENABLED" : "DISABLED",
    tobool(each.value.state) ? "ENABLED" : "DISABLED",
    upper(each.value.state),
    null,
  )
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = { for target in local.targets : target.name => target if var.create && var.create_targets }

  event_bus_name    = local.bus
  rule              = try(aws_cloudwatch_event_rule.this[each.value.of].name, each.value.of)
  arn               = try(each.value.arn, null)
  input             = try(each.value.input, null)
  input_path        = try(each.value.input_path, null)
  input_transformer = try([each.value.input_transformer], [])
  dead_letter_config = try([{ arn = each.value.dead_letter_arn }], [])
  retry_policy      = try([each.value.retry_policy], [])
  ecs_target        = try([each.value.ecs_target], [])
  sqs_target        = try([{ message_group_id = each.value.message_group_id }], [])
}

resource "aws_scheduler_schedule" "this" {
  for_each = { for k, v in var.schedules : k => v if var.create && var.create_schedules }

  name                         = var.append_schedule_postfix ? "${replace(each.key, "_", "-")}-schedule" : each.key
  schedule_expression          = each.value.schedule_expression
  schedule_expression_timezone = try(each.value.timezone, null)
  state                        = try(each.value.state ? "ENABLED" : "DISABLED", null)
  target = [{
    arn                = each.value.arn
    input              = try(each.value.input, null)
    dead_letter_config = try([{ arn = each.value.dead_letter_arn }], [])
    retry_policy       = try([each.value.retry_policy], [])
    ecs_parameters     = try([each.value.ecs_parameters], [])
    sqs_parameters     = try([{ message_group_id = each.value.message_group_id }], [])
  }]
}

resource "aws_pipes_pipe" "this" {
  for_each = { for k, v in var.pipes : k => v if var.create && var.create_pipes }

  name          = var.append_pipe_postfix ? "${replace(each.key, "_", "-")}-pipe" : each.key
  source        = each.value.source
  target        = each.value.target
  enrichment    = try(each.value.enrichment, null)
  desired_state = try(each.value.desired_state, null)
  source_parameters = try([merge(
    each.value.source_parameters,
    { filter_criteria = try([{ filter = [for filter in each.value.source_parameters.filter_criteria : filter] }], []) },
  )], [])
  target_parameters = try([each.value.target_parameters], [])
}

output "eventbridge_bus_name" { value = local.bus }
output "eventbridge_bus_arn" { value = try(aws_cloudwatch_event_bus.this[0].arn, "") }
output "eventbridge_bus" { value = aws_cloudwatch_event_bus.this }
output "eventbridge_rule_ids" { value = { for k, v in aws_cloudwatch_event_rule.this : k => v.id } }
output "eventbridge_rule_arns" { value = { for k, v in aws_cloudwatch_event_rule.this : k => v.arn } }
output "eventbridge_rules" { value = aws_cloudwatch_event_rule.this }
output "eventbridge_schedule_ids" { value = { for k, v in aws_scheduler_schedule.this : k => v.id } }
output "eventbridge_schedule_arns" { value = { for k, v in aws_scheduler_schedule.this : k => v.arn } }
output "eventbridge_pipe_ids" { value = { for k, v in aws_pipes_pipe.this : k => v.id } }
output "eventbridge_pipe_arns" { value = { for k, v in aws_pipes_pipe.this : k => v.arn } }
