"""The lecture's sequence models. Time comes first, as in the labs: x is (T, B, 1)."""

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor]


class Peephole(nn.Module):
    """An LSTM whose gates see the cell, as in lab 3; PyTorch has none. Called as nn.LSTM is."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.of_input = nn.Linear(inputs, 4 * hidden)  # in the order i, f, g, o
        self.of_state = nn.Linear(hidden, 4 * hidden, bias=False)
        self.peepholes = nn.Parameter(torch.zeros(3, hidden))  # of i, f, o

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Returns the states of all steps, (T, B, H), and the last h and c."""
        zero = x.new_zeros(x.shape[1], self.peepholes.shape[1])
        h, c = state or (zero, zero)
        p_i, p_f, p_o = self.peepholes
        states = []
        for from_x in self.of_input(x):
            a_i, a_f, a_g, a_o = (from_x + self.of_state(h)).chunk(4, dim=1)
            c = torch.sigmoid(a_f + p_f * c) * c + torch.sigmoid(a_i + p_i * c) * torch.tanh(a_g)
            h = torch.sigmoid(a_o + p_o * c) * torch.tanh(c)
            states.append(h)
        return torch.stack(states), (h, c)


class OfWindow(nn.Module):
    """A forecast for each window, from what each direction says when it has read everything (lab 4)."""

    def __init__(self, layer: nn.Module, hidden: int, directions: int = 1) -> None:
        super().__init__()
        self.layer, self.hidden = layer, hidden
        self.dense = nn.Linear(directions * hidden, 1)

    def forward(self, x: Tensor) -> Tensor:  # (T, B, 1) to (B,)
        out, _ = self.layer(x)
        last = torch.cat([out[-1, :, : self.hidden], out[0, :, self.hidden :]], dim=1)
        return self.dense(last)[:, 0]


class OfEachStep(nn.Module):
    """A forecast after each step; who calls it keeps the state and hands it in again."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.layer, self.dense = nn.LSTM(1, hidden), nn.Linear(hidden, 1)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        out, state = self.layer(x, state)
        return self.dense(out)[..., 0], state  # the same dense layer at each step: (T, B)


def of_windows(hidden: int) -> dict[str, nn.Module]:
    """New networks that read windows, by name."""
    return {
        "RNN": OfWindow(nn.RNN(1, hidden), hidden),
        "LSTM with peepholes": OfWindow(Peephole(1, hidden), hidden),
        "bidirectional LSTM": OfWindow(nn.LSTM(1, hidden, bidirectional=True), hidden, directions=2),
        "deep LSTM": OfWindow(nn.LSTM(1, hidden, num_layers=2), hidden),
    }
