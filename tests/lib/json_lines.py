"""Logs of one JSON value a line, read while somebody writes them."""
import json


def json_lines(path):
    """In one read, so that a line whose end is not there yet is left out and does not come as two."""
    with open(path) as f:
        return [json.loads(line) for line in f.read().split("\n")[:-1]]
