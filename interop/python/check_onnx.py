"""onnx.checker with full shape inference over model.onnx: bundle."""

import json
import sys

import onnx

model = onnx.load(f"{sys.argv[1]}/model.onnx")
onnx.checker.check_model(model, full_check=True)
print(
    json.dumps(
        {
            "irVersion": model.ir_version,
            "opsets": {entry.domain or "ai.onnx": entry.version for entry in model.opset_import},
            "inputs": [value.name for value in model.graph.input],
            "outputs": [value.name for value in model.graph.output],
        }
    )
)
