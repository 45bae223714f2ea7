# A container image, built from a folder of the tree.
# https://registry.terraform.io/modules/terraform-aws-modules/lambda/aws/latest/submodules/docker-build

variable "source_path" { default = null }
variable "docker_file_path" { default = "Dockerfile" }

resource "docker_image" "this" {
  name  = "image"
  build = [{ context = var.source_path, dockerfile = var.docker_file_path }]
}

output "image_uri" { value = docker_image.this.name }
