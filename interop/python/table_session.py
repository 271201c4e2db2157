"""Sends rows to a server as pyarrow writes them, and reads answers as pyarrow reads them. Prints JSON."""

import datetime
import io
import json
import sys
import urllib.request

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shap

URL = sys.argv[1]
STREAM = "application/vnd.apache.arrow.stream"
FILE = "application/vnd.apache.arrow.file"
PARQUET = "application/vnd.apache.parquet"


def post(path, body, sent, accepted):
    headers = {"content-type": sent, "accept": accepted}
    with urllib.request.urlopen(urllib.request.Request(URL + path, body, headers)) as answer:
        return answer.read()


def ipc(table, new):
    body = io.BytesIO()
    with new(body, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return body.getvalue()


def parquet(table, **options):
    body = io.BytesIO()
    pq.write_table(table, body, **options)
    return body.getvalue()


ROOMS = [1, 2, None, 4, 5]
DISTRICTS = ["north", "south", None, "süd", "north"]
BUILT = [datetime.datetime(2000, 1, 1), datetime.datetime(1970, 1, 1, 12), None, datetime.datetime(1950, 6, 1), None]


def tables():
    """The same rows in the types that writers choose."""
    plain = {"rooms": pa.array(ROOMS, pa.float64()), "district": pa.array(DISTRICTS), "built": pa.array(BUILT, pa.timestamp("us"))}
    yield "plain", pa.table(plain)
    yield "integers", pa.table({**plain, "rooms": pa.array(ROOMS, pa.int64())})
    yield "unsigned", pa.table({**plain, "rooms": pa.array(ROOMS, pa.uint8())})
    yield "half", pa.table({**plain, "rooms": pa.array(np.array([x or np.nan for x in ROOMS], np.float16))})
    yield "decimal", pa.table({**plain, "rooms": pa.array(ROOMS, pa.decimal128(10, 2))})
    yield "dictionary", pa.table({**plain, "district": pa.array(DISTRICTS).dictionary_encode()})
    yield "large", pa.table({**plain, "district": pa.array(DISTRICTS, pa.large_string())})
    yield "nanoseconds", pa.table({**plain, "built": pa.array(BUILT, pa.timestamp("ns", tz="UTC"))})
    yield "pandas", pa.Table.from_pandas(pa.table(plain).to_pandas().astype({"district": "category"}))


def answers():
    for name, table in tables():
        bodies = {"stream": (ipc(table, pa.ipc.new_stream), STREAM), "file": (ipc(table, pa.ipc.new_file), FILE)}
        if name != "half":
            bodies["parquet"] = (parquet(table), PARQUET)
            bodies["zstd"] = (parquet(table, compression="zstd", use_dictionary=False), PARQUET)
        for form, (body, sent) in bodies.items():
            yield f"{name} {form}", json.loads(post("/predict", body, sent, "application/json"))["predictions"]
    views = pa.table({"rooms": ROOMS, "district": pa.array(DISTRICTS, pa.string_view()), "built": BUILT})
    yield "views stream", json.loads(post("/predict", ipc(views, pa.ipc.new_stream), STREAM, "application/json"))["predictions"]


def read_answers():
    rows = json.dumps([{"rooms": x} for x in [1, 2, 3]]).encode()
    streamed = post("/predict", rows, "application/json", STREAM)
    filed = post("/predict", rows, "application/json", FILE)
    columns = post("/predict", rows, "application/json", PARQUET)
    csv = post("/predict", rows, "application/json", "text/csv")
    return {
        "stream": pa.ipc.open_stream(streamed).read_all().to_pydict(),
        "file": pa.ipc.open_file(filed).read_all().to_pydict(),
        "parquet": pq.read_table(io.BytesIO(columns)).to_pydict(),
        "csv": pd.read_csv(io.BytesIO(csv)).to_dict("list"),
    }


def explanations(background):
    """The shap package explains the server's answers with the same background, by enumerating coalitions."""
    names = list(background.columns)

    def score(rows):
        body = pd.DataFrame(rows, columns=names).to_csv(index=False).encode()
        answer = post("/models/crossed/predict", body, "text/csv", "text/csv")
        return pd.read_csv(io.BytesIO(answer))["prediction"].to_numpy()

    explained = background.to_numpy()[:5]
    exact = shap.explainers.ExactExplainer(score, shap.maskers.Independent(background.to_numpy(), max_samples=1000))
    found = exact(explained)
    return {"values": found.values.tolist(), "base": np.broadcast_to(found.base_values, 5).tolist()}


print(
    json.dumps(
        {
            "answers": dict(answers()),
            "read": read_answers(),
            "explanations": explanations(pd.read_csv(sys.argv[2])),
        }
    )
)
