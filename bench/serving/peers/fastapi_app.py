"""The server that a FastAPI user writes: a model at start, rows in, scores out. JSON through Pydantic, binary as it comes."""

import os

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

options = ort.SessionOptions()
options.intra_op_num_threads = 1
session = ort.InferenceSession(os.environ["MODEL"], options)
app = FastAPI()


class Rows(BaseModel):
    rows: list[list[float]]


@app.post("/predict")
async def predict(body: Rows):
    features = np.asarray(body.rows, dtype=np.float32)
    return {"scores": session.run(None, {"features": features})[0].tolist()}


@app.post("/predict-binary")
async def predict_binary(request: Request):
    features = np.frombuffer(await request.body(), dtype=np.float32).reshape(-1, 30)
    return Response(session.run(None, {"features": features})[0].tobytes(), media_type="application/octet-stream")
