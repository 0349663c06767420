# SPDX-License-Identifier: BSD-3-Clause
"""attention_layers.json: Keras's attention and torch's encoder layer, in float64."""
import json

from common import array, case, normal, np, write
from layer_cases import MASK, NOTES, add, cases, keras, random, sequence, tensor, torch

layers = keras.layers

for mask in (None, MASK):
    tail = "" if mask is None else "_masked"
    attention = layers.MultiHeadAttention(2, 3, value_dim=2)
    names = [(f"{p}/{n}", s) for p, w in (("query", 6), ("key", 6), ("value", 4)) for n, s in (("kernel", (2, w)), ("bias", (w,)))]
    names += [("attention_output/kernel", (4, 2)), ("attention_output/bias", (2,))]
    x = [tensor(sequence())]
    attention.build(x[0].shape, x[0].shape)
    for variable in attention.trainable_weights:
        variable.assign(normal(random, *variable.shape, scale=0.5))
    for causal in (False, True):
        for variable in attention.trainable_weights:
            variable.value.grad = None
        x = [tensor(sequence())]
        m = {} if mask is None else {"query_mask": torch.tensor(mask), "value_mask": torch.tensor(mask)}
        y = attention(x[0], x[0], use_causal_mask=causal, **m)
        dy = normal(random, *y.shape)
        if mask is not None:
            dy, y = dy * mask[:, :, None], y * torch.tensor(mask[:, :, None])
        parameters = {ours: (v, shape) for (ours, shape), v in zip(names, attention.trainable_weights)}
        add("attention" + ("_causal" if causal else "") + tail, "MultiHeadAttention",
            {"num_heads": 2, "key_dim": 3, "value_dim": 2, "causal": causal}, y, dy, x, parameters, mask)
    for first in (False, True):
        encoder = torch.nn.TransformerEncoderLayer(4, 2, 5, 0.0, "relu", batch_first=True, norm_first=first, dtype=torch.float64)
        with torch.no_grad():
            for p in encoder.parameters():
                p.copy_(torch.tensor(normal(random, *p.shape, scale=0.5)))
        x = tensor(normal(random, 3, 5, 4))
        y = encoder(x, src_key_padding_mask=None if mask is None else torch.tensor(~mask))
        dy = normal(random, *y.shape)
        if mask is not None:
            dy, y = dy * mask[:, :, None], y * torch.tensor(mask[:, :, None])
        y.backward(torch.tensor(dy))
        q, k, v = [array(w) for w in encoder.self_attn.in_proj_weight.chunk(3)]
        grads = [array(w) for w in encoder.self_attn.in_proj_weight.grad.chunk(3)]
        biases, bias_grads = [array(w) for w in encoder.self_attn.in_proj_bias.chunk(3)], [array(w) for w in encoder.self_attn.in_proj_bias.grad.chunk(3)]
        tensors = {"x0": array(x), "dx0": array(x.grad), "y": array(y), "dy": dy}
        for n, w, g, bias, bias_grad in zip(("query", "key", "value"), (q, k, v), grads, biases, bias_grads):
            tensors |= {f"attention/{n}/kernel": w.T, f"d:attention/{n}/kernel": g.T, f"attention/{n}/bias": bias, f"d:attention/{n}/bias": bias_grad}
        for ours, module in (("attention/attention_output", encoder.self_attn.out_proj), ("intermediate", encoder.linear1), ("output", encoder.linear2)):
            tensors |= {f"{ours}/kernel": array(module.weight).T, f"d:{ours}/kernel": array(module.weight.grad).T,
                        f"{ours}/bias": array(module.bias), f"d:{ours}/bias": array(module.bias.grad)}
        for ours, module in (("attention_norm", encoder.norm1), ("output_norm", encoder.norm2)):
            tensors |= {f"{ours}/gamma": array(module.weight), f"d:{ours}/gamma": array(module.weight.grad),
                        f"{ours}/beta": array(module.bias), f"d:{ours}/beta": array(module.bias.grad)}
        if mask is not None:
            tensors["mask"] = mask.astype(np.float64)
        cases.append(case("encoder" + ("_first" if first else "") + tail, "TransformerEncoder", None, None, None, tensors,
                          {"config": [json.dumps({"heads": 2, "feed_forward": 5, "norm_first": first})]}))

write("attention_layers", ["keras", "torch"], NOTES, cases)
