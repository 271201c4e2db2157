"""Trains XGBoost or LightGBM once for each request, a line of JSON on stdin; answers with a line of JSON. See learners.mjs."""
import json
import pathlib
import sys
import time

import numpy as np


# Each library gets the matrix in the order that it is quicker with.
ORDERS = {"xgboost": "C", "lightgbm": "F"}


def read_data_set(folder, order):
    about = json.loads((folder / "about.json").read_text())
    return about, *(read_part(folder, name, about, order) for name in ("train", "test"))


def read_part(folder, name, about, order):
    rows = about["rows"][name]
    features = np.empty((rows, len(about["names"])), np.float32, order=order)
    # Column by column into place, so that reading adds next to nothing to the largest resident set.
    with open(folder / f"{name}.x", "rb") as file:
        for column in range(features.shape[1]):
            features[:, column] = np.fromfile(file, np.float32, rows)
    target = np.fromfile(folder / f"{name}.y", np.float64)
    queries = np.fromfile(folder / f"{name}.q", np.uint32) if about["kind"] == "ranking" else None
    return features, target, queries


def train_xgboost(xgboost, about, train, parameters, rounds, threads):
    features, target, queries = train
    types = ["c" if i in about["categorical"] else "q" for i in range(features.shape[1])]
    data = xgboost.QuantileDMatrix(
        features,
        label=target,
        group=queries,
        feature_types=types,
        enable_categorical=True,
        max_bin=parameters.get("max_bin"),
        nthread=threads,
    )
    classes = {"num_class": about["classCount"]} if about["kind"] == "classes" else {}
    booster = xgboost.train({**parameters, **classes, "nthread": threads}, data, rounds)
    return lambda rows: booster.inplace_predict(rows)


def train_lightgbm(lightgbm, about, train, parameters, rounds, threads):
    features, target, queries = train
    classes = {"num_class": about["classCount"]} if about["kind"] == "classes" else {}
    parameters = {**parameters, **classes, "num_threads": threads, "verbose": -1}
    data = lightgbm.Dataset(
        features, label=target, group=queries, categorical_feature=about["categorical"], params=parameters
    )
    booster = lightgbm.train(parameters, data, rounds)
    return lambda rows: booster.predict(rows, num_threads=threads)


def peak_bytes():
    status = pathlib.Path("/proc/self/status")
    if not status.exists():
        return None
    return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))


def answer(train_with, library, folder, data_set, request):
    about, train, test = data_set
    began = time.perf_counter()
    predict = train_with(library, about, train, request["parameters"], request["rounds"], request["threads"])
    trained = time.perf_counter()
    peak = peak_bytes()
    began_predicting = time.perf_counter()
    predictions = predict(test[0])
    predicted = time.perf_counter()
    np.asarray(predictions, np.float64).tofile(folder / "predictions")
    return {
        "trainSeconds": trained - began,
        "predictSeconds": predicted - began_predicting,
        "peakBytes": peak,
    }


def main(name):
    library = __import__(name)
    train_with = {"xgboost": train_xgboost, "lightgbm": train_lightgbm}[name]
    print(json.dumps({"version": library.__version__}), flush=True)
    folder = data_set = None
    for line in sys.stdin:
        request = json.loads(line)
        if folder != pathlib.Path(request["folder"]):
            data_set = None
            folder = pathlib.Path(request["folder"])
            data_set = read_data_set(folder, ORDERS[name])
        print(json.dumps(answer(train_with, library, folder, data_set, request)), flush=True)


main(sys.argv[1])
