"""What people do with an MLflow client, against a tracking server; prints what came back. Arguments: server, folder."""

import json
import os
import sys

server, folder = sys.argv[1:3]
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"
os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "true"
os.environ["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"] = str(5 * 1024 * 1024)
os.environ["MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE"] = str(5 * 1024 * 1024)

import mlflow
import numpy as np
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

MAJOR = int(mlflow.__version__.split(".")[0])
mlflow.set_tracking_uri(server)
client = MlflowClient()
answer = {"mlflow": mlflow.__version__}
features, target = load_iris(return_X_y=True, as_frame=True)


def code_of(work):
    try:
        work()
    except MlflowException as error:
        return error.error_code
    return None


def quick_start():
    mlflow.set_experiment("quick start")
    with mlflow.start_run(run_name="first") as run:
        mlflow.log_param("rate", 0.1)
        mlflow.log_params({f"p{i}": i for i in range(150)})
        for step in range(10):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"nan": float("nan"), "inf": float("inf")})
        mlflow.set_tags({"team": "x", "note": "a\nb ä"})
        mlflow.log_dict({"a": 1}, "nested/dict.json")
        mlflow.log_text("hello", "hello.txt")
        large = os.path.join(folder, "large.bin")
        with open(large, "wb") as file:
            file.write(bytes(range(256)) * 50_000)
        mlflow.log_artifact(large, "big")
        dataset = mlflow.data.from_pandas(features, name="iris")
        mlflow.log_input(dataset, context="training")
    found = mlflow.get_run(run.info.run_id)
    client.delete_tag(found.info.run_id, "team")
    downloaded = mlflow.artifacts.download_artifacts(run_id=found.info.run_id, artifact_path="big/large.bin")
    answer["quickStart"] = {
        "status": found.info.status,
        "name": found.info.run_name,
        "params": len(found.data.params),
        "loss": found.data.metrics["loss"],
        "nan": bool(np.isnan(found.data.metrics["nan"])),
        "inf": found.data.metrics["inf"] > 1e308,
        "note": found.data.tags["note"],
        "history": [m.step for m in client.get_metric_history(found.info.run_id, "loss")],
        "artifacts": sorted((f.path, f.is_dir) for f in client.list_artifacts(found.info.run_id)),
        "nested": [f.path for f in client.list_artifacts(found.info.run_id, "nested")],
        "text": mlflow.artifacts.load_text(f"{found.info.artifact_uri}/hello.txt"),
        "dict": mlflow.artifacts.load_dict(f"{found.info.artifact_uri}/nested/dict.json"),
        "large": open(downloaded, "rb").read() == bytes(range(256)) * 50_000,
        "dataset": [(i.dataset.name, i.tags[0].value) for i in found.inputs.dataset_inputs],
        "changedParam": code_of(lambda: client.log_param(found.info.run_id, "rate", 0.2)),
        "unknownRun": code_of(lambda: client.get_run("0" * 32)),
        "deletedTag": "team" in client.get_run(found.info.run_id).data.tags,
    }


def nested_runs():
    mlflow.set_experiment("nested")
    with mlflow.start_run() as parent:
        for i in range(3):
            with mlflow.start_run(nested=True):
                mlflow.log_metric("i", i)
    children = mlflow.search_runs(
        experiment_names=["nested"],
        filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'",
        order_by=["metrics.i DESC"],
    )
    client.delete_run(children.run_id[0])
    left = len(mlflow.search_runs(experiment_names=["nested"]))
    client.restore_run(children.run_id[0])
    answer["nested"] = {"children": children["metrics.i"].tolist(), "afterDelete": left}


def autologging():
    mlflow.set_experiment("autologging")
    mlflow.sklearn.autolog()
    with mlflow.start_run() as run:
        LogisticRegression(max_iter=300).fit(features, target)
    mlflow.sklearn.autolog(disable=True)
    found = mlflow.get_run(run.info.run_id)
    answer["autologging"] = {
        "C": found.data.params["C"],
        "accuracy": found.data.metrics["training_accuracy_score"],
        "estimator": found.data.tags["estimator_name"],
        "artifacts": sorted(f.path for f in client.list_artifacts(found.info.run_id)),
        "outputs": len(found.outputs.model_outputs) if MAJOR >= 3 else None,
    }


def models():
    mlflow.set_experiment("models")
    model = LogisticRegression(max_iter=300).fit(features, target)
    with mlflow.start_run() as run:
        name = {"name": "model"} if MAJOR >= 3 else {"artifact_path": "model"}
        info = mlflow.sklearn.log_model(model, registered_model_name="iris", input_example=features[:2], **name)
        again = mlflow.sklearn.log_model(model, registered_model_name="iris", **name)
    expected = model.predict(features)
    client.set_registered_model_alias("iris", "champion", 1)
    client.set_registered_model_tag("iris", "team", "x")
    client.set_model_version_tag("iris", "1", "checked", "yes")
    client.update_registered_model("iris", description="flowers")
    client.transition_model_version_stage("iris", "2", "Staging")

    def agrees(uri):
        return bool((mlflow.pyfunc.load_model(uri).predict(features) == expected).all())

    loaded = {
        "direct": agrees(info.model_uri),
        "run": agrees(f"runs:/{run.info.run_id}/model"),
        "version": agrees("models:/iris/1"),
        "alias": agrees("models:/iris@champion"),
        "stage": agrees("models:/iris/Staging"),
        "latest": agrees("models:/iris/latest"),
    }
    by_alias = client.get_model_version_by_alias("iris", "champion")
    client.rename_registered_model("iris", "flowers")
    client.delete_registered_model_alias("flowers", "champion")
    flowers = client.get_registered_model("flowers")
    answer["models"] = {
        "loaded": loaded,
        "again": again.registered_model_version if hasattr(again, "registered_model_version") else None,
        "alias": [by_alias.version, by_alias.tags, by_alias.run_id == run.info.run_id],
        "renamed": [flowers.description, flowers.tags, flowers.aliases],
        "versions": [int(v.version) for v in client.search_model_versions("name = 'flowers'")],
        "byRun": len(client.search_model_versions(f"run_id = '{run.info.run_id}'")),
        "found": [m.name for m in client.search_registered_models("name LIKE 'flow%'")],
        "reserved": code_of(lambda: client.set_registered_model_alias("flowers", "v1", 1)),
        "unknown": code_of(lambda: client.get_registered_model("none")),
        "taken": code_of(lambda: client.create_registered_model("flowers")),
    }
    client.delete_model_version("flowers", "2")
    client.delete_registered_model("flowers")
    if MAJOR >= 3:
        logged = mlflow.search_logged_models(experiment_ids=[run.info.experiment_id], output_format="list")
        one = client.get_logged_model(logged[0].model_id)
        client.set_logged_model_tags(one.model_id, {"a": "b"})
        answer["models"]["logged"] = [len(logged), str(one.status), client.get_logged_model(one.model_id).tags["a"]]


def experiments():
    one = client.create_experiment("lifecycle", tags={"k": "v"})
    client.set_experiment_tag(one, "more", "w")
    client.rename_experiment(one, "renamed")
    client.delete_experiment(one)
    deleted = client.get_experiment(one).lifecycle_stage
    client.restore_experiment(one)
    answer["experiments"] = {
        "deleted": deleted,
        "tags": client.get_experiment_by_name("renamed").tags,
        "found": [e.name for e in client.search_experiments(filter_string="tags.k = 'v'")],
        "taken": code_of(lambda: client.create_experiment("renamed")),
    }


def traces():
    mlflow.set_experiment("traces")

    @mlflow.trace
    def ask(question):
        with mlflow.start_span(name="inner") as span:
            span.set_inputs({"q": question})
            return question.upper()

    ask("why")
    if hasattr(mlflow, "flush_trace_async_logging"):
        mlflow.flush_trace_async_logging()
    experiment = client.get_experiment_by_name("traces").experiment_id
    found = mlflow.search_traces(experiment_ids=[experiment], return_type="list")
    trace = mlflow.get_trace(found[0].info.trace_id)
    client.set_trace_tag(trace.info.trace_id, "checked", "yes")
    again = client.get_trace(trace.info.trace_id)
    answer["traces"] = {
        "count": len(found),
        "state": str(trace.info.state).split(".")[-1],
        "spans": sorted(span.name for span in trace.data.spans),
        "response": trace.info.response_preview,
        "tag": again.info.tags["checked"],
        "deleted": client.delete_traces(experiment, trace_ids=[trace.info.trace_id]),
    }


quick_start()
nested_runs()
autologging()
models()
experiments()
if MAJOR >= 3:
    traces()
print(json.dumps(answer))
