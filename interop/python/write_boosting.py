"""Trains models with a boosting library: library, folder. Writes one file a format and case, and tells what they predict."""

import json
import sys
from importlib.metadata import version

from boosting_cases import CASES, plain
from boosting_tables import NAMES, features

library, folder = sys.argv[1:3]
rows = features(500, 11, unseen=library != "catboost")
cases = []
for number, (name, params, files, predict) in enumerate(CASES[library]()):
    paths = {}
    for extension, content in files.items():
        paths[extension] = f"{folder}/{number}.{extension}"
        with open(paths[extension], "wb") as file:
            file.write(content)
    predictions, scores = predict(rows)
    cases.append({"name": name, "files": paths, "predictions": plain(predictions), "scores": plain(scores)})
print(json.dumps({"version": version(library), "names": NAMES, "rows": plain(rows), "cases": cases}))
