# A bucket, with whom it notifies.
# https://registry.terraform.io/modules/cloudposse/s3-bucket/aws/latest

variable "bucket_name" { default = null }
variable "event_notification_details" { default = { enabled = false } }

locals {
  notified = { for kind in ["lambda_list", "queue_list", "topic_list"] : kind => try(var.event_notification_details[kind], null) }
}

resource "aws_s3_bucket" "default" {
  count = local.is_enabled ? 1 : 0

  bucket = var.bucket_name == null || var.bucket_name == "" ? local.id : var.bucket_name
}

resource "aws_s3_bucket_notification" "bucket_notification" {
  count = try(var.event_notification_details.enabled, false) ? 1 : 0

  bucket      = try(aws_s3_bucket.default[0].id, "")
  eventbridge = try(var.event_notification_details.eventbridge, false)

  lambda_function = [for one in coalesce(local.notified.lambda_list, []) : {
    lambda_function_arn = one.lambda_function_arn
    events              = try(one.events, ["s3:ObjectCreated:*"])
    filter_prefix       = try(one.filter_prefix, null)
    filter_suffix       = try(one.filter_suffix, null)
  }]
  queue = [for one in coalesce(local.notified.queue_list, []) : {
    queue_arn     = one.queue_arn
    events        = try(one.events, ["s3:ObjectCreated:*"])
    filter_prefix = try(one.filter_prefix, null)
    filter_suffix = try(one.filter_suffix, null)
  }]
  topic = [for one in coalesce(local.notified.topic_list, []) : {
    topic_arn     = one.topic_arn
    events        = try(one.events, ["s3:ObjectCreated:*"])
    filter_prefix = try(one.filter_prefix, null)
    filter_suffix = try(one.filter_suffix, null)
  }]
}

output "bucket_id" { value = try(aws_s3_bucket.default[0].id, "") }
output "bucket_arn" { value = try(aws_s3_bucket.default[0].arn, "") }
output "bucket_domain_name" { value = try(aws_s3_bucket.default[0].bucket_domain_name, "") }
output "bucket_regional_domain_name" { value = try(aws_s3_bucket.default[0].bucket_regional_domain_name, "") }
output "enabled" { value = local.is_enabled }
