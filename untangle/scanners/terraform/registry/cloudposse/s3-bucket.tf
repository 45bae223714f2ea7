# A bucket.
# https://registry.terraform.io/modules/cloudposse/s3-bucket/aws/latest

variable "bucket_name" { default = null }

resource "aws_s3_bucket" "default" {
  count = local.is_enabled ? 1 : 0

  bucket = var.bucket_name == null || var.bucket_name == "" ? local.id : var.bucket_name
}

output "bucket_id" { value = try(aws_s3_bucket.default[0].id, "") }
output "bucket_arn" { value = try(aws_s3_bucket.default[0].arn, "") }
output "bucket_domain_name" { value = try(aws_s3_bucket.default[0].bucket_domain_name, "") }
output "bucket_regional_domain_name" { value = try(aws_s3_bucket.default[0].bucket_regional_domain_name, "") }
output "enabled" { value = local.is_enabled }
