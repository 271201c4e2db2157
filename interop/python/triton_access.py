"""Calls a server over TLS with Triton's clients, with and without a token; prints what they found as one JSON document.

Usage: triton_access.py <gRPC address> <HTTP address> <CA file> <token> <token that may only observe>
"""

import gevent.ssl
import json
import sys

import numpy as np
import tritonclient.grpc as over_grpc
import tritonclient.http as over_http
from tritonclient.utils import InferenceServerException

grpc_address, http_address, authority, token, observer = sys.argv[1:]


def refused(call):
    """The status of an error; OK without one."""
    try:
        call()
    except InferenceServerException as error:
        return error.status()
    return "OK"


def asked(library, client):
    x = library.InferInput("x", [3], "FP32")
    x.set_data_from_numpy(np.array([1, 2, 5], dtype=np.float32))

    def infer(**headers):
        return client.infer("half_plus_two", [x], headers=headers)

    bearer = {"authorization": f"Bearer {token}"}
    return {
        "live": client.is_server_live(),
        "y": infer(**bearer).as_numpy("y").tolist(),
        "withoutToken": refused(infer),
        "wrongToken": refused(lambda: infer(authorization="Bearer nobody")),
        "wrongScope": refused(lambda: infer(authorization=f"Bearer {observer}")),
        "unload": refused(lambda: client.unload_model("half_plus_two", headers=bearer)),
    }


def grpc_session():
    client = over_grpc.InferenceServerClient(grpc_address, ssl=True, root_certificates=authority)
    try:
        return asked(over_grpc, client)
    finally:
        client.close()


def http_session():
    context = lambda **_: gevent.ssl.create_default_context(cafile=authority)
    with over_http.InferenceServerClient(http_address, ssl=True, ssl_context_factory=context) as client:
        return asked(over_http, client)


print(json.dumps({"grpc": grpc_session(), "http": http_session()}))
