"""The reference of lab 3, in NumPy. Names and shapes are those of README.md."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_step(*, x, h, c, W, U, b):
    a_i, a_f, a_g, a_o = np.split(x @ W.T + h @ U.T + b, 4, axis=1)
    c_new = sigmoid(a_f) * c + sigmoid(a_i) * np.tanh(a_g)
    return sigmoid(a_o) * np.tanh(c_new), c_new


def lstm_peephole(*, x, h0, c0, W, U, b, p_i, p_f, p_o):
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        a_i, a_f, a_g, a_o = np.split(x_t @ W.T + h @ U.T + b, 4, axis=1)
        i = sigmoid(a_i + p_i * c)
        f = sigmoid(a_f + p_f * c)
        g = np.tanh(a_g)
        c = f * c + i * g
        o = sigmoid(a_o + p_o * c)
        h = o * np.tanh(c)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)


def parameter_count(*, inputs, hidden, peepholes):
    return 4 * (hidden * inputs + hidden * hidden + hidden) + (3 * hidden if peepholes else 0)
