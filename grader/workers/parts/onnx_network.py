"""Runs the graph of an ONNX file with onnxruntime, as if it were a network of torch."""

from typing import Any

import onnxruntime
import torch
from onnxruntime.capi import onnxruntime_pybind11_state as errors
from torch import Tensor, nn
from torch.nn import functional

from grader.workers.parts import onnx_file, refusal
from grader.workers.parts.onnx_file import Graph
from grader.workers.parts.refusal import Refused

SILENT = 4  # of the levels of its log: fatal errors only
BROKEN = (
    errors.Fail, errors.InvalidArgument, errors.InvalidGraph, errors.InvalidProtobuf, errors.NotImplemented,
    errors.RuntimeException, errors.EPFail, errors.NoModel, errors.EngineError, ValueError, TypeError,
)  # fmt: skip


class Network(nn.Module):  # type: ignore[misc]
    """float32 [n, 3, side, side] -> the logits [n, classes]. It holds no tensors that torch knows of."""

    def __init__(self, graph: Graph, session: onnxruntime.InferenceSession, classes: int) -> None:
        super().__init__()
        self._graph = graph
        self._session = session
        self._classes = classes

    def forward(self, images: Tensor) -> Tensor:
        """Where the graph does not run, no number is one."""
        try:
            return self.answer(images)
        except Refused:
            return torch.full((len(images), self._classes), torch.nan)

    def answer(self, images: Tensor) -> Tensor:
        """Raises Refused where the graph does not run, or gives anything but one number for each class."""
        at_once = self._graph.sides[0] or len(images)
        outputs = torch.cat([self._run(batch, at_once) for batch in images.cpu().split(at_once)])
        if self._graph.last == "Softmax":  # the logarithms of probabilities differ as the logits did
            outputs = outputs.clamp_min(torch.finfo(torch.float32).tiny).log()
        return outputs

    def _run(self, batch: Tensor, at_once: int) -> Tensor:
        filled = functional.pad(batch, (0, 0) * 3 + (0, at_once - len(batch))).contiguous()
        try:
            (output,) = self._session.run(None, {self._graph.input: filled.numpy()})
        except BROKEN as error:
            raise _not_run(error) from None
        if output.shape != (at_once, self._classes):
            shape = f"{refusal.shape(output.shape)} for {at_once} images"
            raise Refused(f"answers {shape}, expected {at_once}x{self._classes}", onnx_file.HINT)
        return torch.from_numpy(output).float()[: len(batch)]


def build(graph: Graph, side: int, classes: int, threads: int, device: str) -> Network:
    """Raises Refused where the graph does not run on an image of zeros."""
    if any(wanted not in (0, side) for wanted in graph.sides[2:]):
        sides = refusal.shape(graph.sides[2:])
        raise Refused(f"takes images of {sides}, the declared weights want {side}x{side}", onnx_file.HINT)
    onnxruntime.disable_telemetry_events()
    try:
        session = onnxruntime.InferenceSession(
            graph.content, _options(threads), providers=_providers(device), enable_fallback=False
        )
    except BROKEN as error:
        raise _not_run(error) from None
    network = Network(graph, session, classes)
    network.answer(torch.zeros(1, 3, side, side))
    return network


def _options(threads: int) -> Any:
    """One thread for the graph's branches, and no profile, no optimised copy and no log in any file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = SILENT
    options.add_session_config_entry("session.load_model_format", "ONNX")
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _providers(device: str) -> list[Any]:
    """fp32 means fp32 on a GPU too."""
    if device == "cuda" and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        return [("CUDAExecutionProvider", {"use_tf32": 0}), "CPUExecutionProvider"]
    return ["CPUExecutionProvider"]


def _not_run(error: Exception) -> Refused:
    what = str(error).partition("\n")[0].rpartition(" : ")[2]
    return Refused(f"is a graph that onnxruntime does not run: {refusal.shown(what)}", onnx_file.HINT)
