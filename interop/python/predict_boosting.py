"""Predicts with models that Fivefold wrote for XGBoost or LightGBM: library, path of a job in JSON."""

import json
import sys

import numpy as np

from boosting_cases import plain

library, path = sys.argv[1:3]
with open(path) as file:
    job = json.load(file)


def predict(model, rows):
    if library == "lightgbm":
        import lightgbm

        booster = lightgbm.Booster(model_file=model["file"])
        assert booster.feature_name() == model["names"], booster.feature_name()
        options = {"num_threads": 1, "validate_features": False}
        return booster.predict(rows, **options), booster.predict(rows, raw_score=True, **options)
    import xgboost

    booster = xgboost.Booster({"nthread": 1}, model_file=model["file"])
    assert booster.feature_names == model["names"], booster.feature_names
    types = ["c" if name in model["categorical"] else "float" for name in model["names"]]
    data = xgboost.DMatrix(
        rows, feature_names=model["names"], feature_types=types, enable_categorical=True, nthread=1
    )
    return booster.predict(data), booster.predict(data, output_margin=True)


answers = []
for model in job["models"]:
    rows = np.array(model["rows"], dtype=np.float32)
    predictions, scores = predict(model, rows)
    answers.append({"predictions": plain(predictions), "scores": plain(scores)})
print(json.dumps(answers))
