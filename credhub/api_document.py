"""The OpenAPI document, finished: what is a file, which answers are problems, and an example of everything."""

from typing import Any

from ninja.openapi.schema import OpenAPISchema

PROBLEM = "application/problem+json"
FILE = {"*/*": {"schema": {"type": "string", "format": "binary"}}}


def finished(document: OpenAPISchema) -> OpenAPISchema:
    schemas = document["components"]["schemas"]
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    parameter["description"] = "Its `id`, as lists tell it."
                if examples := parameter.pop("examples", None):  # a list in a schema, and no list here
                    parameter["example"] = examples[0]
            for status, answer in operation["responses"].items():
                _finish(answer, int(status), schemas)
            if 304 in operation["responses"]:
                operation["responses"][200]["headers"] = {"ETag": {"schema": {"type": "string"}}}
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["example"] = example_of(content["schema"], schemas)
    return document


def _finish(answer: dict[str, Any], status: int, schemas: dict[str, Any]) -> None:
    content = answer.get("content", {}).pop("application/json", None)
    if content is None:
        return
    if content["schema"].get("format") == "binary":
        answer["content"] = FILE
        return
    answer["content"] = {PROBLEM if status >= 400 else "application/json": content}
    if status < 400:
        content["example"] = example_of(content["schema"], schemas)


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Put together from the examples of its fields; every field without one has a default or a type."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    for several in ("anyOf", "allOf"):
        if several in schema:
            return example_of(schema[several][0], schemas)
    if "properties" in schema:
        return {name: example_of(each, schemas) for name, each in schema["properties"].items()}
    if "default" in schema:
        return schema["default"]
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    return {"string": "", "boolean": False, "integer": 0, "null": None}.get(str(schema.get("type")), {})
