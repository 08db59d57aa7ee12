"""What a reader sees of an output, whatever the versions of pandas and altair that made it."""

from integrated_care.charts import MIME


def seen(output) -> object:
    """What a reader gets from an output, without what depends on the version of a plotting library."""
    data = dict(output.get("data") or {"text": output.get("text", "")})
    if MIME in data:
        spec = data.pop(MIME)
        return spec["description"], spec["usermeta"], spec.get("datasets", spec.get("data"))
    return data
