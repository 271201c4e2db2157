"""Puts runs straight into the database of an MLflow server. Arguments: database URL, number of runs. Prints the experiment's id."""

import random
import sys
import tempfile

from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlMetric, SqlParam, SqlRun, SqlTag
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

url, count = sys.argv[1], int(sys.argv[2])
store = SqlAlchemyStore(url, tempfile.gettempdir())
experiment = store.create_experiment("bench")
random.seed(7)
AT_ONCE = 1000
with store.ManagedSessionMaker() as session:
    for start in range(0, count, AT_ONCE):
        runs, params, tags, metrics, latest = [], [], [], [], []
        for i in range(start, min(start + AT_ONCE, count)):
            id = f"{i:032x}"
            runs.append(
                dict(run_uuid=id, name=f"run {i}", experiment_id=int(experiment), status="FINISHED", user_id="bench",
                     lifecycle_stage="active", start_time=1_000_000 + i, end_time=2_000_000 + i, artifact_uri="x",
                     source_type="LOCAL", source_name="", entry_point_name="", source_version="")
            )
            tags.append(dict(run_uuid=id, key="mlflow.runName", value=f"run {i}"))
            tags.append(dict(run_uuid=id, key="owner", value=f"person {i % 50}"))
            params += [dict(run_uuid=id, key=f"p{k}", value=str((i * 7 + k) % 100)) for k in range(10)]
            for k in range(5):
                row = dict(run_uuid=id, key=f"m{k}", value=random.random(), timestamp=1, step=0, is_nan=False)
                metrics.append(row)
                latest.append(dict(row))
        for model, rows in ((SqlRun, runs), (SqlParam, params), (SqlTag, tags), (SqlMetric, metrics), (SqlLatestMetric, latest)):
            session.bulk_insert_mappings(model, rows)
        session.commit()
print(experiment)
