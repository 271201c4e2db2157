"""Holds bodies of AWS requests against botocore's descriptions of the services: unknown and missing fields, types, lengths, patterns of names.

Arguments: pairs of a file and `service:Operation`, and after `--defaults` a JSON object of fields that the command line adds.
Prints {"file": "report of what is wrong, or nothing"} as JSON.
"""
import json
import sys

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

*pairs, marker, added = sys.argv[1:]
assert marker == "--defaults"
loader = Loader()
reports = {}
for path, operation in zip(pairs[::2], pairs[1::2]):
    service, name = operation.split(":")
    model = ServiceModel(loader.load_service_model(service, "service-2"))
    shape = model.operation_model(name).input_shape
    with open(path) as file:
        body = json.load(file)
    body |= {key: value for key, value in json.loads(added).items() if key in shape.members}
    reports[path] = ParamValidator().validate(body, shape).generate_report()
print(json.dumps(reports))
