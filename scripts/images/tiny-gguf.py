#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a tiny llama model with random weights: it says nothing sensible, but loads in no time and answers like a big one.

usage: tiny-gguf.py OUT.gguf        (needs python3-gguf)
"""
import sys

import gguf
import numpy as np

WORDS = ("the a spine bay persona window socket kernel frozen awake quiet green small little model says and then again "
         "never always calm light north harbour tide")
LAYERS, WIDTH, HEADS, HIDDEN, CONTEXT = 2, 64, 4, 128, 512


def main(out):
    rng = np.random.default_rng(2026)
    tokens = [b"<unk>", b"<s>", b"</s>"] + [b"<0x%02X>" % b for b in range(256)]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL] + [gguf.TokenType.BYTE] * 256
    words = ["\u2581" + w for w in WORDS.split()]
    tokens += [w.encode() for w in words]
    kinds += [gguf.TokenType.NORMAL] * len(words)

    w = gguf.GGUFWriter(out, "llama")
    w.add_name("tiny")
    w.add_context_length(CONTEXT)
    w.add_embedding_length(WIDTH)
    w.add_block_count(LAYERS)
    w.add_feed_forward_length(HIDDEN)
    w.add_head_count(HEADS)
    w.add_head_count_kv(HEADS)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_dimension_count(WIDTH // HEADS)
    w.add_vocab_size(len(tokens))
    w.add_tokenizer_model("llama")
    w.add_token_list(tokens)
    w.add_token_scores([0.0] * len(tokens))
    w.add_token_types(kinds)
    w.add_bos_token_id(1)
    w.add_eos_token_id(2)
    w.add_unk_token_id(0)
    w.add_chat_template("{% for m in messages %}{{ m['content'] }}\n{% endfor %}")

    def weight(name, *shape, first=None):
        values = rng.normal(0, 0.08, shape).astype(np.float32)
        if first is not None:
            values[:, 0] = first
        w.add_tensor(name, values)

    def norm(name):
        w.add_tensor(name, np.ones(WIDTH, dtype=np.float32))

    # The first of the 64 numbers is large for every token, and only words answer to it: so the output is words, not bytes.
    weight("token_embd.weight", len(tokens), WIDTH, first=3.0)
    for i in range(LAYERS):
        norm(f"blk.{i}.attn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            weight(f"blk.{i}.{part}.weight", WIDTH, WIDTH)
        norm(f"blk.{i}.ffn_norm.weight")
        weight(f"blk.{i}.ffn_gate.weight", HIDDEN, WIDTH)
        weight(f"blk.{i}.ffn_up.weight", HIDDEN, WIDTH)
        weight(f"blk.{i}.ffn_down.weight", WIDTH, HIDDEN)
    norm("output_norm.weight")
    weight("output.weight", len(tokens), WIDTH, first=[-1.0] * (len(tokens) - len(words)) + [2.0] * len(words))

    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


if __name__ == "__main__":
    main(sys.argv[1])
