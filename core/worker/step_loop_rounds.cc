// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_rounds.cc: the way of a round, which is a step of a run on virtual clients (see step_loop.h).
// On the way of the data: parallel/federated_exchange.h drives worker/round_trainer.h -> here ->
// worker/step_recorder.h.
#include <chrono>
#include <cmath>
#include <thread>

#include "core/worker/step_loop_impl.h"

namespace concertina {

absl::Status StepLoop::Impl::StepRound() {
  Tell("round");  // the engine's watchdog lets it take its time
  const double begin = Clock::Real().SteadySeconds();
  // A round's computing is the exchange's own: a slow rank comes late to it, by what the last one took.
  const double late = faults.step_seconds() + (faults.slowdown() - 1) * last_round_seconds;
  if (late > 0) std::this_thread::sleep_for(std::chrono::duration<double>(late));
  recorder.BeginRow(step);
  const double learning_rate = LearningRate(step);
  ASSIGN_OR_RETURN(const RoundResult result, exchange->Round(step, *round_trainer));
  const double end = Clock::Real().SteadySeconds();

  const auto record = [&](Recorder::Series which, double value) { recorder.Record(which, step, value); };
  if (std::isfinite(result.loss)) record(series.loss, result.loss);
  record(series.samples, static_cast<double>(result.samples));
  record(series.rate, static_cast<double>(result.samples) / (end - begin));
  record(series.learning_rate, learning_rate);
  record(series.epoch, static_cast<double>(step + 1));
  record(series.data, result.data_seconds);
  record(series.compute, result.compute_seconds);
  last_round_seconds = result.compute_seconds;
  record(series.update, result.update_seconds);
  record(series.step, end - begin);
  record(series.arrival, end - result.cost.wait_seconds - origin);
  MeasureForKnobs(result.cost, end - begin);
  RecordCost(result.cost, end);
  recorder.CommitRow(seconds_before + (end - started));
  ++step;
  Tell("round");
  return absl::OkStatus();
}

}  // namespace concertina
