"""Reads a table as a data scientist would, in the types that a model's inputs have."""

import pandas as pd

MISSING = ["", "?", "NA", "N/A", "NaN", "null", "NULL", "None"]


def read_table(path, columns):
    names = columns.split(",") if columns else None
    return pd.read_csv(
        path,
        header=None if names else 0,
        names=names,
        na_values=MISSING,
        keep_default_na=False,
        skipinitialspace=True,
    )


def as_type(series, kind):
    """kind: double, int64, bool or string, as ONNX and MLflow name them (MLflow: numpy's, <U0 for text)."""
    if "str" in kind or "object" in kind or kind.startswith(("<U", ">U")):
        return series.map(lambda value: "" if pd.isna(value) else str(value)).astype(object)
    if "bool" in kind:
        return series.map(lambda value: str(value).lower() in ("1", "true", "t", "yes")).astype(bool)
    if "int64" in kind:
        return series.astype("int64")
    return pd.to_numeric(series, errors="coerce").astype("float64")
