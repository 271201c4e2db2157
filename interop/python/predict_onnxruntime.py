"""Stock ONNX Runtime over model.onnx, from raw columns: bundle, CSV, column names or ''."""

import json
import sys

import numpy as np
import onnxruntime

from tables import as_type, read_table

bundle, path, columns = sys.argv[1:4]
session = onnxruntime.InferenceSession(f"{bundle}/model.onnx", providers=["CPUExecutionProvider"])
frame = read_table(path, columns)
feeds = {}
for node in session.get_inputs():
    feeds[node.name] = as_type(frame[node.name], node.type).to_numpy().reshape(-1, 1)
names = [node.name for node in session.get_outputs()]
outputs = dict(zip(names, session.run(names, feeds)))
print(json.dumps({name: np.asarray(values).reshape(-1).tolist() for name, values in outputs.items()}))
