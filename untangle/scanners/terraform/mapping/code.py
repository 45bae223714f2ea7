"""Where a function's code lies: what its archive is made of, as far as the configuration says so.

`filename` names an archive that `archive_file` builds, or an upload that `aws_s3_object` made: both are followed back to the
folder or file that goes in. An archive that something else builds stays a path; the tree is searched by it later.
"""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import Concat, Either, Ref, Value
from untangle.scanners.terraform.block import TerraformResource
from untangle.scanners.terraform.mapping.references import References

MAX_DEPTH = 8
_OBJECTS = ("aws_s3_object", "aws_s3_bucket_object")
_IMAGES = ("docker_image", "docker_registry_image")


class Archives:
    """The archives, uploads and images of all roots, by what names them."""

    def __init__(self, resources: Mapping[str, TerraformResource], references: References) -> None:
        self._references = references
        self._written: dict[tuple[str, Value], TerraformResource] = {}
        for id, resource in resources.items():
            named = {"archive_file": "output_path", **dict.fromkeys(_OBJECTS, "key")}.get(resource.type)
            path = references.value(resource.attributes.get(named)) if named else None
            if isinstance(path, str | Concat):
                self._written.setdefault((_root(id, resource), path), resource)

    def code(self, root: str, attributes: Mapping[str, Value]) -> Value:
        """`Code` of a function or layer: a local path, inline text, or the place of the artefact; None without any."""
        file = attributes.get("filename")
        if file not in (None, ""):
            return self._local(root, file, 0)
        key = attributes.get("s3_key")
        if key not in (None, ""):
            local = self._local(root, key, 0, only_built=True)
            return local or self._references.value({"S3Bucket": attributes.get("s3_bucket"), "S3Key": key})
        image = attributes.get("image_uri")
        return {"ImageUri": self._references.value(image)} if image not in (None, "") else None

    def image(self, value: Value) -> Mapping[str, Value]:
        """The folder and file that an image is built from, as build hints; nothing where the configuration does not build it."""
        for _ in range(MAX_DEPTH):
            resource = self._references.find(value) if isinstance(value, Ref) else None
            if resource is None or resource.type not in _IMAGES:
                return {}
            build = resource.attributes.get("build")
            block = build[0] if isinstance(build, tuple) and build else build
            if isinstance(block, Mapping):
                found = {"DockerContext": block.get("context"), "Dockerfile": block.get("dockerfile")}
                return {key: text for key, text in found.items() if isinstance(text, str)}
            value = resource.attributes.get("name")
        return {}

    def _local(self, root: str, value: Value, depth: int, *, only_built: bool = False) -> Value:
        """What a path or key leads back to; the path itself (or None, where only what is built counts)."""
        if isinstance(value, Either):
            return Either(
                tuple(self._local(root, option, depth + 1, only_built=only_built) for option in value.options), value.conditions
            )
        resource = self._references.find(value) if isinstance(value, Ref) else None
        plain = self._references.value(value)
        if resource is None and isinstance(plain, str | Concat):
            resource = self._written.get((root, plain))
        if resource is None or depth > MAX_DEPTH:
            return None if only_built else plain
        if resource.type == "archive_file":
            return self._archived(resource)
        if resource.type in _OBJECTS:
            source = resource.attributes.get("source")
            return None if source is None else self._local(root, source, depth + 1)
        return None if only_built else plain

    def _archived(self, archive: TerraformResource) -> Value:
        """What goes into an archive: a folder, a file, or texts that the configuration holds itself."""
        for name in ("source_dir", "source_file"):
            path = archive.attributes.get(name)
            if path not in (None, ""):
                return self._references.value(path)
        listed = archive.attributes.get("source")
        for block in listed if isinstance(listed, tuple) else ():
            text = block.get("content") if isinstance(block, Mapping) else None
            if isinstance(text, str):
                return {"ZipFile": text}
        content = archive.attributes.get("source_content")
        if isinstance(content, str):
            return {"ZipFile": content}
        return self._references.value(archive.attributes.get("output_path"))


def _root(id: str, resource: TerraformResource) -> str:
    return id[: len(id) - len(resource.address) - 1]
