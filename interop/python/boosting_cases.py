"""Models that XGBoost, LightGBM and CatBoost train on the small tables, one for each thing that their files can say."""

import json
import os
import tempfile

import numpy as np

from boosting_tables import CATEGORICAL, NAMES, features, target

ROWS = 400
GROUP = 20


def xgboost_cases():
    import xgboost as xgb

    common = {"max_depth": 3, "eta": 0.3, "nthread": 1, "seed": 1}
    cases = {
        "binary": ("binary", {"objective": "binary:logistic"}),
        "binary, raw scores": ("binary", {"objective": "binary:logitraw"}),
        "logistic regression of a share": ("binary", {"objective": "reg:logistic", "base_score": 0.2}),
        "classes": ("classes", {"objective": "multi:softprob", "num_class": 3}),
        "regression": ("number", {"objective": "reg:squarederror"}),
        "absolute error": ("number", {"objective": "reg:absoluteerror"}),
        "pseudo-Huber": ("positive", {"objective": "reg:pseudohubererror"}),
        "quantile": ("number", {"objective": "reg:quantileerror", "quantile_alpha": 0.7}),
        "poisson": ("count", {"objective": "count:poisson"}),
        "gamma": ("positive", {"objective": "reg:gamma"}),
        "tweedie": ("count", {"objective": "reg:tweedie"}),
        "ranking": ("rank", {"objective": "rank:ndcg"}),
        "dart": ("number", {"objective": "reg:squarederror", "booster": "dart", "rate_drop": 0.5}),
        "forest": ("binary", {"objective": "binary:logistic", "num_parallel_tree": 3, "subsample": 0.6}),
        "one category against the others": ("binary", {"objective": "binary:logistic", "max_cat_to_onehot": 100}),
        "by leaf": ("binary", {"objective": "binary:logistic", "grow_policy": "lossguide", "max_depth": 0, "max_leaves": 9}),
    }
    for name, (kind, params) in cases.items():
        x = features(ROWS, 1)
        types = ["c" if i in CATEGORICAL else "float" for i in range(len(NAMES))]
        data = xgb.DMatrix(
            x, target(kind, x, 2), feature_names=NAMES, feature_types=types, enable_categorical=True, nthread=1
        )
        if kind == "rank":
            data.set_group([GROUP] * (ROWS // GROUP))
        booster = xgb.train({"tree_method": "hist", "max_cat_to_onehot": 4, **common, **params}, data, 4)

        def predict(rows, booster=booster, types=types):
            matrix = xgb.DMatrix(rows, feature_names=NAMES, feature_types=types, enable_categorical=True, nthread=1)
            return booster.predict(matrix), booster.predict(matrix, output_margin=True)

        files = {"json": bytes(booster.save_raw("json")), "ubj": bytes(booster.save_raw("ubj"))}
        yield name, params, files, predict


def lightgbm_cases():
    import lightgbm as lgb

    common = {"num_leaves": 7, "learning_rate": 0.3, "min_data_in_leaf": 5, "num_threads": 1, "seed": 1, "verbose": -1}
    common |= {"deterministic": True, "force_row_wise": True, "min_data_per_group": 5}
    cases = {
        "binary": ("binary", {"objective": "binary"}),
        "binary, sigmoid 2": ("binary", {"objective": "binary", "sigmoid": 2.0}),
        "cross-entropy": ("binary", {"objective": "cross_entropy"}),
        "classes": ("classes", {"objective": "multiclass", "num_class": 3}),
        "regression": ("number", {"objective": "regression"}),
        "absolute error": ("number", {"objective": "regression_l1"}),
        "Huber": ("number", {"objective": "huber"}),
        "fair": ("number", {"objective": "fair"}),
        "quantile": ("number", {"objective": "quantile", "alpha": 0.7}),
        "mape": ("number", {"objective": "mape"}),
        "poisson": ("count", {"objective": "poisson"}),
        "gamma": ("positive", {"objective": "gamma"}),
        "tweedie": ("count", {"objective": "tweedie"}),
        "lambdarank": ("rank", {"objective": "lambdarank"}),
        "rank_xendcg": ("rank", {"objective": "rank_xendcg"}),
        "dart": ("number", {"objective": "regression", "boosting": "dart", "drop_rate": 0.5}),
        "forest": ("number", {"objective": "regression", "boosting": "rf", "bagging_fraction": 0.6, "bagging_freq": 1}),
        "missing values as zero": ("binary", {"objective": "binary", "use_missing": False}),
        "zero as missing": ("binary", {"objective": "binary", "zero_as_missing": True}),
    }
    for name, (kind, params) in cases.items():
        x = features(ROWS, 1)
        data = lgb.Dataset(x, target(kind, x, 2), feature_name=NAMES, categorical_feature=CATEGORICAL)
        if kind == "rank":
            data.set_group([GROUP] * (ROWS // GROUP))
        booster = lgb.train({**common, **params}, data, 4)

        def predict(rows, booster=booster):
            return booster.predict(rows, num_threads=1), booster.predict(rows, num_threads=1, raw_score=True)

        yield name, params, {"txt": booster.model_to_string().encode()}, predict


def catboost_cases():
    import catboost

    common = {"iterations": 4, "learning_rate": 0.5, "depth": 3, "thread_count": 1, "random_seed": 1, "verbose": False}
    common |= {"allow_writing_files": False}
    one_hot = {"one_hot_max_size": 100, "cat_features": [2]}
    cases = {
        "binary": ("binary", {"loss_function": "Logloss"}),
        "cross-entropy": ("binary", {"loss_function": "CrossEntropy"}),
        "classes": ("classes", {"loss_function": "MultiClass"}),
        "regression": ("number", {"loss_function": "RMSE"}),
        "absolute error": ("number", {"loss_function": "MAE"}),
        "quantile": ("number", {"loss_function": "Quantile:alpha=0.7"}),
        "Huber": ("positive", {"loss_function": "Huber:delta=1"}),
        "poisson": ("count", {"loss_function": "Poisson"}),
        "tweedie": ("count", {"loss_function": "Tweedie:variance_power=1.5"}),
        "ranking": ("rank", {"loss_function": "YetiRank"}),
        "missing values above all": ("number", {"loss_function": "RMSE", "nan_mode": "Max"}),
        "by depth": ("number", {"loss_function": "RMSE", "grow_policy": "Depthwise"}),
        "by leaf": ("binary", {"loss_function": "Logloss", "grow_policy": "Lossguide", "max_leaves": 9}),
        "one-hot": ("binary", {"loss_function": "Logloss", **one_hot}),
        "one-hot by leaf": ("number", {"loss_function": "RMSE", "grow_policy": "Lossguide", "max_leaves": 9, **one_hot}),
    }

    def table(rows, params):
        if "cat_features" not in params:
            return rows
        import pandas as pd

        frame = pd.DataFrame(rows, columns=NAMES)
        frame[NAMES[2]] = frame[NAMES[2]].fillna(-1).astype(int)
        return frame

    for name, (kind, params) in cases.items():
        x = features(ROWS, 1)
        groups = {"group_id": np.arange(ROWS) // GROUP} if kind == "rank" else {}
        pool = catboost.Pool(
            table(x, params), target(kind, x, 2), feature_names=NAMES, cat_features=params.get("cat_features"), **groups
        )
        settings = {k: v for k, v in params.items() if k != "cat_features"}
        model = catboost.CatBoost({**common, **settings}).fit(pool)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.json")
            model.save_model(path, format="json", pool=pool)
            with open(path, "rb") as file:
                content = file.read()

        def predict(rows, model=model, params=params, kind=kind):
            data = catboost.Pool(table(rows, params), feature_names=NAMES, cat_features=params.get("cat_features"))
            loss = params["loss_function"].split(":")[0]
            kinds = {"Logloss": "Probability", "CrossEntropy": "Probability", "MultiClass": "Probability"}
            kinds |= {"Poisson": "Exponent", "Tweedie": "Exponent"}
            output = model.predict(data, prediction_type=kinds.get(loss, "RawFormulaVal"), thread_count=1)
            return output, model.predict(data, prediction_type="RawFormulaVal", thread_count=1)

        yield name, params, {"json": content}, predict


CASES = {"xgboost": xgboost_cases, "lightgbm": lightgbm_cases, "catboost": catboost_cases}


def plain(values):
    """Nested lists; missing values as None, since JSON has no NaN."""
    array = np.asarray(values, dtype=np.float64)
    return json.loads(json.dumps(array.tolist()).replace("NaN", "null"))
