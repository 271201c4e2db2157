"""MLflow's python_function over the bundle folder, from a pandas data frame: bundle, CSV, column names or ''."""

import json
import sys

import mlflow.pyfunc
import numpy as np

from tables import as_type, read_table

bundle, path, columns = sys.argv[1:4]
model = mlflow.pyfunc.load_model(bundle)
schema = model.metadata.get_input_schema()
frame = read_table(path, columns)
kinds = {spec.name: str(spec.type) for spec in schema.inputs}
data = frame[list(kinds)].copy()
for name, kind in kinds.items():
    data[name] = as_type(data[name], kind)
predicted = model.predict(data)
answer = {name: np.asarray(list(predicted[name])).reshape(-1).tolist() for name in predicted}
print(json.dumps({"inputs": kinds, "predictions": answer}))
