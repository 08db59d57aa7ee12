"""What a reader sees of an output, whatever the versions of pandas and altair that made it."""

from integrated_care.charts import MIME


def seen(output) -> object:
    """What a reader gets from an output, without what depends on the version of a plotting library."""
    data = dict(output.get("data") or {"text": output.get("text", "")})
    if MIME in data:
        spec = data.pop(MIME)
        return spec["description"], spec["usermeta"], _without_nulls(spec.get("datasets", spec.get("data")))
    return data


def _without_nulls(value: object) -> object:
    """A value that is missing is null outside and absent in the browser; a chart draws neither."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
