"""reference.parquet through pyarrow: bundle."""

import json
import sys

import pyarrow.parquet

table = pyarrow.parquet.read_table(f"{sys.argv[1]}/reference.parquet")
print(json.dumps({"rows": table.num_rows, "columns": table.column_names}))
