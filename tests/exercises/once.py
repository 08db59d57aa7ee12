"""What nbgrader and its libraries do again for each gradebook and each cell, done once a process.

A test opens many gradebooks, each with an engine of its own. That costs more than what a test is about, and is not tested:
SQLAlchemy writes the SQL of the same statements again for each engine, jsonschema examines the one schema of nbgrader's
metadata again before it holds a cell against it, and nbgrader asks alembic for the version of its tables.
"""

import functools
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match
from nbgrader import api
from nbgrader.nbgraderformat import common
from sqlalchemy.dialects.sqlite.pysqlite import dialect


@functools.cache
def once() -> None:
    """From here on, in this process; to call it again does nothing."""
    api.get_alembic_version = functools.cache(api.get_alembic_version)
    # SQL is kept by statement and dialect; every engine makes a dialect, and those of SQLite are all alike.
    dialect.__eq__ = lambda self, other: type(self) is type(other)
    dialect.__hash__ = lambda self: hash(type(self))
    api.create_engine = functools.partial(api.create_engine, execution_options={"compiled_cache": {}})
    common.jsonschema = SimpleNamespace(validate=validate)


def validate(instance: object, schema: Mapping[str, Any]) -> None:
    """As ``jsonschema.validate``, which examines the schema each time."""
    if error := best_match(_validator(json.dumps(schema)).iter_errors(instance)):
        raise error


@functools.cache
def _validator(text: str) -> Any:
    schema = json.loads(text)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)
