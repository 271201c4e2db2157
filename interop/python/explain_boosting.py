"""SHAP values of trees given as JSON, by the shap package (in float64) and by XGBoost: path of a job in JSON."""

import json
import sys

import numpy as np
import shap
import xgboost

with open(sys.argv[1]) as file:
    job = json.load(file)
rows = np.array(job["rows"], dtype=np.float64)
background = np.array(job["background"], dtype=np.float64)


def shap_tree(tree):
    """The shap package's own form of a tree; scores of other outputs are 0 in its leaves."""
    values = np.zeros((len(tree["values"]), job["outputs"]))
    values[:, tree["output"]] = tree["values"]
    arrays = {key: np.array(tree[key]) for key in ("children_left", "children_right", "children_default", "features")}
    floats = {key: np.array(tree[key], dtype=np.float64) for key in ("thresholds", "node_sample_weight")}
    return {**arrays, **floats, "values": values}


def by_output(values):
    """[rows, outputs, ...] in place of [rows, ..., outputs]; of one output shap leaves the axis away."""
    values = np.asarray(values)
    return values[:, None] if job["outputs"] == 1 and values.shape[-1] != 1 else np.moveaxis(values, -1, 1)


def by_xgboost():
    booster = xgboost.Booster({"nthread": 1}, model_file=job["xgboost"])
    data = xgboost.DMatrix(rows.astype(np.float32), feature_names=booster.feature_names, nthread=1)
    contributions = booster.predict(data, pred_contribs=True, strict_shape=True)
    interactions = booster.predict(data, pred_interactions=True, strict_shape=True)
    return {
        "values": contributions[:, :, :-1].ravel().tolist(),
        "base": contributions[0, :, -1].tolist(),
        "interactions": interactions[:, :, :-1, :-1].ravel().tolist(),
    }


model = {"trees": [shap_tree(tree) for tree in job["trees"]], "base_offset": np.array(job["base"])}
by_covers = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
by_background = shap.TreeExplainer(model, data=background, feature_perturbation="interventional")
print(
    json.dumps(
        {
            "versions": {"shap": shap.__version__, "xgboost": xgboost.__version__},
            "covers": by_output(by_covers.shap_values(rows, check_additivity=False)).ravel().tolist(),
            "background": by_output(by_background.shap_values(rows, check_additivity=False)).ravel().tolist(),
            "interactions": by_output(by_covers.shap_interaction_values(rows)).ravel().tolist(),
            "xgboost": by_xgboost(),
        }
    )
)
