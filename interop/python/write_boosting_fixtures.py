"""Writes the golden models of the tests of importing: `python interop/python/write_boosting_fixtures.py FOLDER`."""

import base64
import json
import sys
from importlib.metadata import version

from boosting_cases import CASES, plain
from boosting_tables import CATEGORICAL, NAMES, features

TEST_ROWS = 40

for library, cases in CASES.items():
    rows = features(TEST_ROWS, 9, unseen=library != "catboost")
    written = []
    for name, params, files, predict in cases():
        predictions, scores = predict(rows)
        case = {"name": name, "params": params, "predictions": plain(predictions), "scores": plain(scores)}
        if library == "lightgbm":
            text = files["txt"].decode()
            keep = ("[learning_rate", "[num_leaves", "[max_depth", "[lambda_l2", "parameters", "end of")
            head, tail = text.split("\nparameters:\n")
            lines = [line for line in tail.split("\n") if not line.startswith("[") or line.startswith(keep)]
            case["text"] = "\n".join([head, "parameters:", *lines])
        else:
            case["json"] = json.loads(files["json"])
            # Settings of the training that nobody reads.
            info = case["json"].get("model_info")
            if info:
                params = {key: info["params"][key] for key in ("loss_function", "boosting_options", "tree_learner_options")}
                case["json"]["model_info"] = {"class_params": info.get("class_params"), "params": params}
        if name == "binary" and "ubj" in files:
            case["ubjBase64"] = base64.b64encode(files["ubj"]).decode()
        written.append(case)
    fixture = {
        "writtenBy": f"{library} {version(library)}",
        "features": NAMES,
        "categorical": CATEGORICAL,
        "rows": plain(rows),
        "cases": written,
    }
    with open(f"{sys.argv[1]}/{library}.json", "w") as file:
        json.dump(fixture, file, separators=(",", ":"))
        file.write("\n")
