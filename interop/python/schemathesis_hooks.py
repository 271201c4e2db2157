"""Bodies that schemathesis does not write by itself: whatever it makes up goes as it is."""

import schemathesis


@schemathesis.serializer(
    "application/jsonlines",
    "application/vnd.apache.arrow.stream",
    "application/vnd.apache.arrow.file",
    "application/vnd.apache.parquet",
)
def as_it_is(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()
