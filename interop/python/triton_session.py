"""Talks to a server with Triton's clients over gRPC and HTTP; prints what they found as one JSON document.

Usage: triton_session.py <gRPC address> <HTTP address>
"""

import json
import queue
import sys

import numpy as np
import tritonclient.grpc as over_grpc
import tritonclient.http as over_http
from tritonclient.utils import InferenceServerException


def tensor(library, name, values, datatype):
    made = library.InferInput(name, list(values.shape), datatype)
    made.set_data_from_numpy(values)
    return made


def refused(call):
    """The status and the message of an error."""
    try:
        call()
    except InferenceServerException as error:
        return [error.status(), error.message()]
    return None


ECHO = {
    "ids": (np.array([[2**62 + 1, -1], [0, 7]], dtype=np.int64), "INT64"),
    "name": (np.array(["ä".encode(), b""], dtype=np.object_), "BYTES"),
    "ok": (np.array([True, False]), "BOOL"),
    "half": (np.array([0.5, -2.0], dtype=np.float16), "FP16"),
}


def as_json(values):
    if values.dtype == np.object_:
        return [text.decode() for text in values.ravel()]
    return values.tolist()


def echoed(library, client):
    inputs = [tensor(library, name, values, datatype) for name, (values, datatype) in ECHO.items()]
    answer = client.infer("mirror", inputs, request_id="7")
    response = answer.get_response()
    request_id = response["id"] if isinstance(response, dict) else response.id
    return {"id": request_id, **{name: as_json(answer.as_numpy("same_" + name)) for name in ECHO}}


def common(library, client):
    x = tensor(library, "x", np.array([1, 2, 5], dtype=np.float32), "FP32")
    wanted = [library.InferRequestedOutput("y")]
    wrong = tensor(library, "x", np.array([1.0]), "FP64")
    return {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "modelReady": client.is_model_ready("half_plus_two"),
        "y": client.infer("half_plus_two", [x], outputs=wanted).as_numpy("y").tolist(),
        "echo": echoed(library, client),
        "unknownModel": refused(lambda: client.infer("none", [x])),
        "wrongType": refused(lambda: client.infer("half_plus_two", [wrong])),
    }


def grpc_session(address):
    client = over_grpc.InferenceServerClient(address)
    found = common(over_grpc, client)
    found["notReady"] = client.is_model_ready("none")
    found["metadata"] = client.get_model_metadata("half_plus_two", as_json=True)
    found["server"] = client.get_server_metadata(as_json=True)["name"]
    found["index"] = [model["name"] for model in client.get_model_repository_index(as_json=True)["models"]]
    client.unload_model("mirror")
    found["unloaded"] = client.is_model_ready("mirror")
    client.load_model("mirror")
    found["loaded"] = client.is_model_ready("mirror")
    x = tensor(over_grpc, "x", np.zeros(1, dtype=np.float32), "FP32")
    answers = queue.Queue()
    for _ in range(50):
        client.async_infer("half_plus_two", [x], callback=lambda result, error: answers.put((result, error)))
    together = [answers.get(timeout=30) for _ in range(50)]
    found["together"] = sum(result.as_numpy("y").tolist() == [2] for result, error in together if error is None)
    client.close()
    return found


def http_session(address):
    with over_http.InferenceServerClient(address) as client:
        return common(over_http, client)


grpc_address, http_address = sys.argv[1:]
print(json.dumps({"grpc": grpc_session(grpc_address), "http": http_session(http_address)}))
