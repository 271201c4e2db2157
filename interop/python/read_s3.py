"""What lies in a bucket, as boto3 sees it: makes the bucket, or says what is in it and whether contents fit their names."""

import hashlib
import json
import sys

import boto3

action, endpoint, bucket = sys.argv[1:4]
s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")

if action == "make":
    s3.create_bucket(Bucket=bucket)
    print(json.dumps({}))
else:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    contents = [key for key in keys if "artifacts/" in key]
    wrong = [
        key
        for key in contents
        if hashlib.sha256(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).hexdigest() != key.split("/")[-1]
    ]
    unfinished = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    print(
        json.dumps(
            {
                "contents": len(contents),
                "wrong": wrong,
                "models": [key for key in keys if "models/" in key],
                "others": [key for key in keys if "artifacts/" not in key and "models/" not in key],
                "unfinished": len(unfinished),
            }
        )
    )
