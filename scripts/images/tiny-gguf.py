#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a tiny llama model with random weights: it says nothing sensible, but loads in no time and answers like a big one.

usage: tiny-gguf.py OUT.gguf        (needs python3-gguf)
"""
import sys

import gguf
import numpy as np

LAYERS, WIDTH, HEADS, HIDDEN, CONTEXT = 2, 64, 4, 128, 512


def main(out):
    rng = np.random.default_rng(2026)
    tokens = [b"<unk>", b"<s>", b"</s>"] + [b"<0x%02X>" % b for b in range(256)]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL] + [gguf.TokenType.BYTE] * 256
    words = [bytes([c]) for c in range(ord("a"), ord("z") + 1)]
    tokens += words
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

    def weight(name, *shape):
        w.add_tensor(name, rng.normal(0, 0.08, shape).astype(np.float32))

    def norm(name):
        w.add_tensor(name, np.ones(WIDTH, dtype=np.float32))

    weight("token_embd.weight", len(tokens), WIDTH)
    for i in range(LAYERS):
        norm(f"blk.{i}.attn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            weight(f"blk.{i}.{part}.weight", WIDTH, WIDTH)
        norm(f"blk.{i}.ffn_norm.weight")
        weight(f"blk.{i}.ffn_gate.weight", HIDDEN, WIDTH)
        weight(f"blk.{i}.ffn_up.weight", HIDDEN, WIDTH)
        weight(f"blk.{i}.ffn_down.weight", WIDTH, HIDDEN)
    norm("output_norm.weight")
    weight("output.weight", len(tokens), WIDTH)

    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


if __name__ == "__main__":
    main(sys.argv[1])
