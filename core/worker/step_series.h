// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_series.h: what every step and evaluation measures, under the names that charts and papers use.
// On the way of the data: worker/step_loop.cc -> here -> worker/step_recorder.h.
#pragma once

#include "core/worker/step_recorder.h"

namespace concertina {

// The series of a step, opened once.
struct StepSeries {
  explicit StepSeries(StepRecorder& r)
      : loss(r.Open("train/loss", "", RankFold::kMean)),
        samples(r.Open("train/samples", "", RankFold::kSum)),
        rate(r.Open("train/samples_per_second", "samples/s", RankFold::kSum)),
        learning_rate(r.Open("train/learning_rate", "", RankFold::kMean)),
        epoch(r.Open("progress/epoch", "", RankFold::kMean)),
        sent(r.Open("comm/bytes_sent", "B", RankFold::kSum)),
        received(r.Open("comm/bytes_received", "B", RankFold::kSum)),
        payload_sent(r.Open("comm/payload_bytes_sent", "B", RankFold::kSum)),
        messages(r.Open("comm/messages_sent", "", RankFold::kSum)),
        ratio(r.Open("comm/compression_ratio", "", RankFold::kMean)),
        relative_error(r.Open("comm/relative_error", "", RankFold::kMean)),
        residual_norm(r.Open("comm/residual_norm", "", RankFold::kMean)),
        cosine(r.Open("gradient/cosine", "", RankFold::kMean)),
        data(r.Open("time/data", "s", RankFold::kMean)),
        compute(r.Open("time/compute", "s", RankFold::kMean)),
        encode(r.Open("time/encode", "s", RankFold::kMean)),
        exchange(r.Open("time/exchange", "s", RankFold::kMean)),
        decode(r.Open("time/decode", "s", RankFold::kMean)),
        update(r.Open("time/update", "s", RankFold::kMean)),
        wait(r.Open("time/wait", "s", RankFold::kMean)),
        step(r.Open("time/step", "s", RankFold::kMean)),
        checkpoint(r.Open("time/checkpoint", "s", RankFold::kMax)),
        arrival(r.Open("time/arrival", "s", RankFold::kMax)),
        gradient_norm(r.Open("norm/gradient", "", RankFold::kMean)),
        parameter_norm(r.Open("norm/parameters", "", RankFold::kMean)),
        memory(r.Open("memory/resident_bytes", "B", RankFold::kMax)),
        test_loss(r.Open("test/loss", "", RankFold::kMean)),
        test_accuracy(r.Open("test/accuracy", "", RankFold::kMean)) {}
  Recorder::Series loss, samples, rate, learning_rate, epoch, sent, received, payload_sent, messages, ratio,
      relative_error, residual_norm, cosine, data, compute, encode, exchange, decode, update, wait, step,
      checkpoint, arrival, gradient_norm, parameter_norm, memory, test_loss, test_accuracy;
};

// Of a rank that is a stage of a pipeline.
struct PipelineSeries {
  explicit PipelineSeries(StepRecorder& r)
      : bubble(r.Open("pipeline/bubble", "", RankFold::kMean)),
        expected_bubble(r.Open("pipeline/expected_bubble", "", RankFold::kMean)),
        imbalance(r.Open("pipeline/imbalance", "", RankFold::kMean)),
        peak_activations(r.Open("pipeline/peak_activations", "micro-batches", RankFold::kMax)) {}
  // parallel/pipeline_balance.h: of the steps since the last such figure, the same on all stages.
  Recorder::Series bubble, expected_bubble, imbalance;
  Recorder::Series peak_activations;  // under way at once
};

}  // namespace concertina
