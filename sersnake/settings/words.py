"""The allowed values of a setting in words, from its type."""

from __future__ import annotations

from typing import Any

import msgspec

RANGES = {
    "minimum": "of at least {:g}",
    "exclusiveMinimum": "above {:g}",
    "maximum": "of at most {:g}",
    "exclusiveMaximum": "below {:g}",
}
KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "object": "keys with values",
    "null": "null",
}


def allowed(kind: Any) -> str:
    """The values of a type, such as "a whole number of at least 1 or null"."""
    schema = msgspec.json.schema(kind)
    return _words(schema, schema.get("$defs", {}))


def _words(schema: dict[str, Any], models: dict[str, Any]) -> str:
    if "$ref" in schema:
        model = models[schema["$ref"].rpartition("/")[2]]
        return f"keys of {', '.join(model['properties'])}"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_words(part, models) for part in schema["anyOf"]))
    if "enum" in schema:
        names = [str(name) for name in schema["enum"] if name != ""]
        return f"one of {', '.join(names)}" if len(names) > 1 else names[0]
    if schema.get("type") == "array":
        return f"a list, each {_words(schema.get('items', {}), models)}"
    words = KINDS.get(schema.get("type", ""), "anything")
    ranges = " and ".join(text.format(schema[key]) for key, text in RANGES.items() if key in schema)
    pattern = f" like `{schema['pattern']}`" if "pattern" in schema else ""
    return " ".join(filter(None, [words, ranges])) + pattern
