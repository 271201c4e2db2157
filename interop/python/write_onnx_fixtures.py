"""Golden ONNX models of the tests of importing: `python interop/python/write_onnx_fixtures.py FOLDER`.

Needs scikit-learn, skl2onnx and onnxmltools, with the libraries of requirements.txt."""

import base64
import json
import sys
from importlib.metadata import version

import numpy as np
import onnxruntime
from lightgbm import LGBMClassifier, LGBMRegressor
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from xgboost import XGBClassifier, XGBRegressor

from boosting_cases import plain
from boosting_tables import features, target

rows = features(30, 9)
gaps = features(300, 1)
full, rows_full = np.nan_to_num(gaps, nan=-7.0), np.nan_to_num(rows, nan=-7.0)
grown = {"n_estimators": 4, "max_depth": 3, "random_state": 1}
histogram = {"max_iter": 4, "max_leaf_nodes": 6, "random_state": 1}
kinds = {"binary": "binary", "classes": "classes", "regression": "number"}


def sklearn(model, x, y):
    return to_onnx(model.fit(x, y), x[:1], options={"zipmap": False} if hasattr(model, "classes_") else None)


def tools(convert):
    def converted(model, x, y):
        types = [("input", FloatTensorType([None, x.shape[1]]))]
        return convert(model.fit(x, y), initial_types=types, target_opset=15)

    return converted


cases = [
    ("scikit-learn, binary", sklearn, GradientBoostingClassifier(**grown), "binary", False),
    ("scikit-learn, classes", sklearn, GradientBoostingClassifier(**grown), "classes", False),
    ("scikit-learn, regression", sklearn, GradientBoostingRegressor(**grown), "number", False),
    ("scikit-learn, histogram, binary", sklearn, HistGradientBoostingClassifier(**histogram), "binary", True),
    ("scikit-learn, histogram, regression", sklearn, HistGradientBoostingRegressor(**histogram), "number", True),
    ("scikit-learn, averaged trees", sklearn, ExtraTreesRegressor(**grown), "number", False),
    ("XGBoost, binary", tools(convert_xgboost), XGBClassifier(**grown), "binary", True),
    ("XGBoost, classes", tools(convert_xgboost), XGBClassifier(**grown), "classes", True),
    ("XGBoost, regression", tools(convert_xgboost), XGBRegressor(**grown), "number", True),
    ("LightGBM, binary", tools(convert_lightgbm), LGBMClassifier(verbose=-1, **grown), "binary", True),
    ("LightGBM, classes", tools(convert_lightgbm), LGBMClassifier(verbose=-1, **grown), "classes", True),
    ("LightGBM, regression", tools(convert_lightgbm), LGBMRegressor(verbose=-1, **grown), "number", True),
]
written = []
for name, convert, model, kind, missing in cases:
    x = gaps if missing else full
    try:
        content = convert(model, x, target(kind, x, 2)).SerializeToString()
    except Exception as error:  # a converter that does not know this version of the library
        print(f"{name}: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
        continue
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    output = session.run(None, {session.get_inputs()[0].name: rows if missing else rows_full})[-1]
    if isinstance(output, list):
        output = [[row[key] for key in sorted(row)] for row in output]
    model64 = base64.b64encode(content).decode()
    written.append({"name": name, "missing": missing, "model": model64, "predictions": plain(np.asarray(output))})
packages = ("skl2onnx", "onnxmltools", "scikit-learn", "xgboost", "lightgbm", "onnxruntime")
fixture = {
    "writtenBy": ", ".join(f"{package} {version(package)}" for package in packages),
    "rows": plain(rows),
    "cases": written,
}
with open(f"{sys.argv[1]}/onnx.json", "w") as file:
    json.dump(fixture, file, separators=(",", ":"))
    file.write("\n")
