"""What was measured, as it stands in the file of results (bench/detection/result_lines.py)."""

import result_lines
from cells import Cell


def key_of(record):
    return (record["part"], Cell(record["bug"], record["window"], record["scenario"]), record["number"])


def checked(record):
    key_of(record)  # a KeyError, if it has none
    return record


def read(path):
    """Sessions, and records in the order in which they were measured."""
    return result_lines.read(path, checked)
