"""Puts runs straight into the database of an MLflow server. Arguments: database URL, number of runs. Prints the experiment's id."""

import sys
import tempfile

from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlMetric, SqlParam, SqlRun, SqlTag
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy import insert

PARAMS = 10
METRICS = 5
AT_ONCE = 1000


def run_row(i, experiment):
    return dict(run_uuid=run_id(i), name=f"run {i}", experiment_id=int(experiment), status="RUNNING", user_id="bench",
                lifecycle_stage="active", start_time=1_000_000 + i, artifact_uri="x", source_type="LOCAL",
                source_name="", entry_point_name="", source_version="")


def run_id(i):
    return f"{i:032x}"


def tag_rows(i):
    yield dict(run_uuid=run_id(i), key="mlflow.runName", value=f"run {i}")
    yield dict(run_uuid=run_id(i), key="owner", value=f"person {i % 50}")


def param_rows(i):
    return (dict(run_uuid=run_id(i), key=f"p{k}", value=str((i * 7 + k) % 100)) for k in range(PARAMS))


def metric_rows(i):
    for k in range(METRICS):
        value = ((i * (7919 + 1040 * k)) % 10_007) / 10_007
        yield dict(run_uuid=run_id(i), key=f"m{k}", value=value, timestamp=1, step=0, is_nan=False)


url, count = sys.argv[1], int(sys.argv[2])
store = SqlAlchemyStore(url, tempfile.gettempdir())
experiment = store.create_experiment("bench")
with store.ManagedSessionMaker() as session:
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        metrics = [row for i in numbers for row in metric_rows(i)]
        session.execute(insert(SqlRun), [run_row(i, experiment) for i in numbers])
        session.execute(insert(SqlTag), [row for i in numbers for row in tag_rows(i)])
        session.execute(insert(SqlParam), [row for i in numbers for row in param_rows(i)])
        session.execute(insert(SqlMetric), metrics)
        session.execute(insert(SqlLatestMetric), metrics)
        session.commit()
print(experiment)
