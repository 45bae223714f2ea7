# A topic with its subscriptions.
# https://registry.terraform.io/modules/terraform-aws-modules/sns/aws/latest

variable "create" { default = true }
variable "create_subscription" { default = true }
variable "name" { default = null }
variable "use_name_prefix" { default = false }
variable "fifo_topic" { default = false }
variable "content_based_deduplication" { default = null }
variable "subscriptions" { default = {} }

locals {
  name = try(trimsuffix(var.name, ".fifo"), null)
}

resource "aws_sns_topic" "this" {
  count = var.create ? 1 : 0

  name                        = var.name == null || var.use_name_prefix ? null : try(var.fifo_topic ? "${local.name}.fifo" : local.name, local.name)
  name_prefix                 = var.name != null && var.use_name_prefix ? "${local.name}-" : null
  fifo_topic                  = var.fifo_topic
  content_based_deduplication = var.content_based_deduplication
}

resource "aws_sns_topic_subscription" "this" {
  for_each = { for k, v in var.subscriptions : k => v if var.create && var.create_subscription }

  topic_arn            = aws_sns_topic.this[0].arn
  protocol             = each.value.protocol
  endpoint             = each.value.endpoint
  filter_policy        = try(each.value.filter_policy, null)
  filter_policy_scope  = try(each.value.filter_policy_scope, null)
  raw_message_delivery = try(each.value.raw_message_delivery, null)
  redrive_policy       = try(each.value.redrive_policy, null)
}

output "topic_arn" { value = try(aws_sns_topic.this[0].arn, null) }
output "topic_id" { value = try(aws_sns_topic.this[0].id, null) }
output "topic_name" { value = try(aws_sns_topic.this[0].name, null) }
output "subscriptions" { value = aws_sns_topic_subscription.this }
# Versions before 5
output "sns_topic_arn" { value = try(aws_sns_topic.this[0].arn, null) }
output "sns_topic_id" { value = try(aws_sns_topic.this[0].id, null) }
output "sns_topic_name" { value = try(aws_sns_topic.this[0].name, null) }
output "this_sns_topic_arn" { value = try(aws_sns_topic.this[0].arn, null) }
