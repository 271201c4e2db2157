"""MLflow's own client, writing metrics one by one. Arguments: URL, seconds, id of a run or '' for a new one. Prints metrics a second."""

import sys
import time

from mlflow import MlflowClient

url, seconds, run = sys.argv[1], float(sys.argv[2]), sys.argv[3]
client = MlflowClient(url)
run = run or client.create_run("0").info.run_id
client.log_metric(run, "m", 0.5, step=0)
start = time.perf_counter()
count = 0
while time.perf_counter() - start < seconds:
    count += 1
    client.log_metric(run, "m", count / 7, step=count)
print(count / (time.perf_counter() - start))
