// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fake_engine_words.h: what the engine of tests says of components, and the experiment that its runs are of.
// On the way of the data: here -> tests/ui/fake_engine.h.
#pragma once

namespace concertina::ui {

inline constexpr char kSpecOfTests[] = R"({
  "name": "LeNet-5, ring, top-k 1 %", "seed": 7,
  "dataset": {"kind": "fashion-mnist", "partition": {"kind": "iid"}},
  "model": {"kind": "lenet-5"},
  "optimizer": {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9, "schedule": {"kind": "constant"}},
  "training": {"batch_size": 64, "epochs": 3},
  "mesh": {"data": 4, "pipeline": 1, "tensor": 1},
  "exchange": {"kind": "all-reduce", "algorithm": "ring", "bucket_mib": 4},
  "gradient": [{"kind": "top-k", "ratio": 0.01, "error_feedback": true}],
  "network": {"transport": "grpc", "bandwidth_mbit": 1000, "latency_ms": 0.5},
  "workers": [{"launcher": "local", "count": 4}]})";

inline constexpr char kDescribeOfTests[] = R"({"categories": [
  {"category": "optimizer", "components": [{"kind": "sgd", "title": "Stochastic gradient descent", "summary": "", "citation": "",
    "parameters": [
      {"name": "learning_rate", "type": "number", "unit": "", "default": 0.05, "minimum": 0, "maximum": 10, "choices": [],
       "doc": "The step along the negative gradient.", "live": true},
      {"name": "momentum", "type": "number", "unit": "", "default": 0.9, "minimum": 0, "maximum": 1, "choices": [],
       "doc": "How much of the last update is kept.", "live": true},
      {"name": "nesterov", "type": "boolean", "unit": "", "default": false, "choices": [], "doc": "", "live": false},
      {"name": "schedule", "type": "component", "unit": "", "choices": ["schedule"], "doc": "", "live": false}]}]},
  {"category": "schedule", "components": [{"kind": "constant", "title": "Constant", "summary": "", "citation": "",
    "parameters": [{"name": "factor", "type": "number", "unit": "", "default": 1, "minimum": 0, "maximum": 1, "choices": [],
      "doc": "", "live": true}]}]},
  {"category": "gradient-codec", "components": [{"kind": "top-k", "title": "Top-k sparsification", "summary": "",
    "citation": "", "parameters": [
      {"name": "ratio", "type": "number", "unit": "", "default": 0.01, "minimum": 1e-6, "maximum": 1, "choices": [],
       "doc": "k/d, the share of elements that is sent.", "live": true},
      {"name": "error_feedback", "type": "boolean", "unit": "", "default": true, "choices": [], "doc": "", "live": false}]}]},
  {"category": "compressor", "components": [
    {"kind": "prune-l1", "title": "Prune the smallest weights", "summary": "", "citation": "", "parameters": [
      {"name": "amount", "type": "number", "unit": "", "default": 0.5, "minimum": 0, "maximum": 1, "choices": [],
       "doc": "Share of the weights that is zero afterwards.", "live": false}]},
    {"kind": "retrain", "title": "Retrain", "summary": "", "citation": "", "parameters": [
      {"name": "epochs", "type": "number", "unit": "epochs", "default": 1, "minimum": 1e-6, "maximum": 100000,
       "choices": [], "doc": "", "live": false}]},
    {"kind": "int8", "title": "8 bits, weights and activations", "summary": "", "citation": "", "parameters": []}]},
  {"category": "experiment", "components": [{"kind": "network", "title": "Network", "summary": "", "citation": "",
    "parameters": [
      {"name": "transport", "type": "choice", "unit": "", "default": "auto", "choices": ["auto", "grpc"], "doc": "", "live": false},
      {"name": "bandwidth_mbit", "type": "number", "unit": "Mbit/s", "default": 0, "minimum": 0, "maximum": 1e6, "choices": [],
       "doc": "What each emulated link lets through; 0 is free.", "live": true},
      {"name": "latency_ms", "type": "number", "unit": "ms", "default": 0, "minimum": 0, "maximum": 10000, "choices": [],
       "doc": "How long a message is on its way.", "live": true}]},
    {"kind": "workers", "title": "Workers", "summary": "", "citation": "", "parameters": [
      {"name": "count", "type": "integer", "unit": "workers", "default": 1, "minimum": 1, "maximum": 4096, "choices": [],
       "doc": "Workers that this launcher starts.", "live": false},
      {"name": "speed", "type": "number", "unit": "", "default": 1, "minimum": 0.01, "maximum": 1, "choices": [],
       "doc": "Emulates slower workers.", "live": true},
      {"name": "bandwidth_mbit", "type": "number", "unit": "Mbit/s", "default": 0, "minimum": 0, "maximum": 1e6,
       "choices": [], "doc": "Bandwidth of the emulated link of these workers.", "live": true}]}]}]})";

}  // namespace concertina::ui
