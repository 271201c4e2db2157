"""Fills a tracking server with the same runs each time, and prints which of them each search finds. Argument: server."""

import json
import os
import random
import sys

os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

client = MlflowClient(sys.argv[1])
random.seed(7)
experiment = client.create_experiment("filters")
models = ["tree", "Forest", "linear", "boost_50%", "o'neil"]
for i in range(40):
    run = client.create_run(experiment, start_time=1_000_000 + i, run_name=f"run {i:02d}")
    id = run.info.run_id
    metrics = [Metric("loss", round(random.random(), 2), 1, step) for step in range(3)]
    if i % 3 == 0:
        metrics.append(Metric("val/auc", round(random.random(), 2), 1, 0))
    if i % 10 == 4:
        metrics.append(Metric("odd", float("nan"), 1, 0))
    if i % 10 == 5:
        metrics.append(Metric("odd", float("inf"), 1, 0))
    if i % 10 == 6:
        metrics.append(Metric("odd", -1.5, 1, 0))
    params = [Param("model", models[i % 5]), Param("depth", str(i % 7))]
    if i % 4 == 0:
        params.append(Param("a b", "x"))
    tags = [RunTag("owner", "ada" if i % 2 else "Bob")] if i % 5 else []
    client.log_batch(id, metrics, params, tags)
    if i % 6 == 0:
        data = Dataset(f"data{i % 4}", f"d{i % 5}", "local", "{}")
        client._tracking_client.store.log_inputs(
            id, [DatasetInput(data, [InputTag("mlflow.data.context", "train" if i % 12 else "test")])]
        )
    if i % 3 == 1:
        client.set_terminated(id, "FINISHED" if i % 2 else "FAILED", end_time=2_000_000 + i)
    if i % 13 == 12:
        client.delete_run(id)

FILTERS = [
    "",
    "metrics.loss < 0.5",
    "metrics.loss <= 0.5 and metrics.loss > 0.2",
    "metric.loss != 0.37",
    "metrics.`val/auc` > 0.5",
    'metrics."val/auc" >= 0.3',
    "metrics.odd > 0",
    "metrics.odd != 3",
    "metrics.odd <= 0",
    "metrics.missing > 0",
    "params.model = 'tree'",
    "params.model != 'tree'",
    "param.model LIKE '%re%'",
    "params.model LIKE 'f%'",
    "params.model ILIKE 'f%'",
    "parameters.model LIKE 'boost_50%'",
    'params.model = "o\'neil"',
    "params.`a b` = 'x'",
    "params.depth > '3'",
    "params.missing = 'x'",
    "tags.owner = 'ada'",
    "tag.owner ILIKE 'B%' and params.depth = '2'",
    "tags.owner != 'ada'",
    "attributes.status = 'FINISHED'",
    "status != 'RUNNING'",
    "attribute.start_time >= 1000030",
    "start_time < 1000003 and end_time > 0",
    "attributes.end_time > 2000020",
    "run_name LIKE 'run 0%'",
    "attributes.`run name` = 'run 07'",
    "run.run_name ILIKE 'RUN 1%'",
    "datasets.name = 'data0'",
    "dataset.digest LIKE 'd3%'",
    "datasets.context = 'train' and metrics.loss < 0.8",
    "attributes.user_id = 'nobody'",
    "tags.`mlflow.runName` = 'run 11'",
    "loss > 1",
    "nothing.loss > 1",
    "metrics.loss > 'a'",
    "params.model = 3",
    "metrics.loss >",
    "attributes.nothing = 'x'",
    "metrics.loss LIKE 'x'",
]
ORDERS = [
    [],
    ["metrics.loss ASC"],
    ["metrics.odd DESC"],
    ["metrics.odd"],
    ["params.depth DESC", "metrics.loss"],
    ["tags.owner"],
    ["attributes.start_time ASC"],
    ["end_time DESC"],
    ["attributes.status", "start_time DESC"],
    ["run_name ASC"],
    ["metrics.`val/auc` DESC"],
    ["metrics.loss upwards"],
    ["nothing.loss"],
]


def search(**what):
    try:
        names, token = [], None
        while True:
            page = client.search_runs([experiment], max_results=9, page_token=token, **what)
            names += [run.info.run_name for run in page]
            token = page.token
            if not token:
                return names
    except MlflowException as error:
        return error.error_code


answer = {f"filter {f}": search(filter_string=f) for f in FILTERS}
answer |= {f"order {o}": search(order_by=o) for o in ORDERS}
answer["deleted"] = search(run_view_type=ViewType.DELETED_ONLY)
answer["all"] = search(run_view_type=ViewType.ALL, order_by=["metrics.loss DESC"])
print(json.dumps(answer))
