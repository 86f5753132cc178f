"""Prints the document without its recursion: one level of queries in queries and of aggregations
in aggregations, with one kind of each inside. The coverage phase tries every wrong value of every
place, and the places of queries in queries in queries have no end."""

import json
import sys

INNER = {"Query": "term", "Aggregation": "avg"}


def refer(node):
    """References to the recursive schemas become references to their inner ones."""
    if isinstance(node, list):
        for item in node:
            refer(item)
    if isinstance(node, dict):
        name = str(node.get("$ref", "")).rpartition("/")[2]
        if name in INNER:
            node["$ref"] = f"#/components/schemas/Inner{name}"
        for value in node.values():
            refer(value)


api = json.load(sys.stdin)
schemas = api["components"]["schemas"]
for name, kind in INNER.items():
    schemas[f"Inner{name}"] = dict(schemas[name], properties={kind: schemas[name]["properties"][kind]})
for name in ("Query", "Aggregation", "Sort"):
    refer(schemas[name])
for name, value in schemas["SearchBody"]["properties"].items():
    if name not in ("query", "aggs"):  # where the whole schema stands, once each
        refer(value)
api["paths"]["/v1/{collection}/search"]["post"]["operationId"] = "searchByShallowBody"
json.dump(api, sys.stdout)
