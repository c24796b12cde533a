// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan.h: what a spec comes to, before anything starts: mesh, placement, memory and bytes expected.
#pragma once

#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/experiment/spec.h"
#include "core/graph/graph.h"
#include "core/parallel/pattern.h"

namespace concertina {

struct LayerPlan {
  std::string name, kind;
  Shape output;
  int64_t parameters = 0;
  double forward_flops = 0;  // one sample
  // How the tensor axis divides it: "columns" or "rows" of a dense layer, "channels out" or "channels in" of
  // a convolution, "part" of what works on a part between them; "" if every worker does all of it.
  std::string split;
  int64_t stage = 0;                 // of the pipeline axis
  std::vector<int64_t> inputs = {};  // the layers that it reads, by number; -1: the sample
};

// What one stage of a pipeline has, on one rank: of a model that the tensor axis divides too, its part.
struct StagePlan {
  struct Chunk {
    std::string first, last;  // layers
  };
  std::vector<Chunk> chunks;
  int64_t parameters = 0;
  double forward_flops = 0;             // one sample
  int64_t micro_batches_under_way = 0;  // at once, of all chunks
  double activation_bytes = 0;          // that it remembers of them
  double bytes_to_next = 0;             // of one micro-batch, as encoded; of all chunks
};

// Of a mesh whose pipeline axis is longer than 1.
struct PipelinePlan {
  int64_t stages = 1;
  int64_t micro_batches = 1;
  int64_t chunks = 1;  // pieces of the model on each stage
  std::vector<StagePlan> each;
  double expected_bubble = 0;  // share of a step that stages wait, if all take equally long
  double slowest_stage = 1;    // its arithmetic against the mean of all: 1 where the cuts are even
};

// Of a mesh whose tensor axis is longer than 1: what a rank of the busiest stage sends there in a step.
struct TensorPlan {
  double bytes_per_step = 0;
  double dense_bytes_per_step = 0;  // the same without a codec
  double messages_per_step = 0;
};

// What goes through one chain of codecs on the way of a step.
struct CodedPart {
  int chain = 0;  // layer_chains.h: ChainNumber
  int64_t floats = 0;
  double encodes = 1, decodes = 1;  // of so many floats each (parallel/pattern.h)
};

struct Plan {
  DatasetInfo dataset;
  int64_t parameters = 0;
  std::vector<LayerPlan> layers;
  PipelinePlan pipeline;
  TensorPlan tensor;
  double training_flops_per_sample = 0;
  int64_t world_size = 1;
  int64_t global_batch_size = 0;  // in rounds: samples that a round trains on, on average
  int64_t clients = 0;            // virtual ones, in rounds; 0 in steps
  int64_t steps_per_epoch = 0;
  int64_t total_steps = 0;
  double payload_bytes_per_step_and_rank = 0;  // the busiest rank
  double messages_per_step_and_rank = 0;
  double dense_bytes_per_step = 0;  // the same without a codec
  Pattern pattern;                  // who sends what to whom in a step, ranks of the whole mesh
  Pattern dense_pattern;            // the same without a codec
  std::vector<CodedPart> coded;     // of the stage whose codecs have most to do; none: there is no codec
  int64_t overlapping_buckets = 1;  // of the gradient, sent while the others still get ready; 1: none is
  double memory_bytes_per_worker = 0;
  double checkpoint_bytes = 0;  // of all workers together
  std::vector<std::vector<int64_t>>
      class_histogram;  // worker x class, first epoch (non-IID is seen); or client x class, of the first few
  std::vector<std::string> warnings;    // in the user's words
  std::string recovery, recovery_text;  // when a worker is lost (see elastic.h): a name, and a sentence
  // All of it as one line of JSON, for `plan --json` and the desktop, under the same names: dataset {sample,
  // classes, class_names, train_samples, test_samples}, parameters, training_flops_per_sample, world_size,
  // global_batch_size, clients, steps_per_epoch, total_steps, payload_bytes_per_step_and_rank,
  // messages_per_step_and_rank, dense_bytes_per_step, transport (the kind that is taken), pattern {rounds,
  // flows [{from, to, bytes, messages, bandwidth_mbit (0: free), latency_ms, mean_delay_ms (jitter and loss
  // in it)}]}, memory_bytes_per_worker, checkpoint (checkpoint_interval.h), class_histogram [[count of class]
  // of worker], layers [{name, kind, output, parameters, forward_flops, split, stage,
  // inputs [number of a layer, or -1: the sample]}], warnings [text],
  // recovery {kind, text}, workers
  // [{rank, launcher, role ("worker", or "server", which has no place on an axis), axis {data, pipeline,
  // tensor}}], and of a model that is cut, pipeline {stages, micro_batches, chunks, expected_bubble,
  // slowest_stage, each [{chunks [{first, last}], parameters, forward_flops, micro_batches_under_way,
  // activation_bytes, bytes_to_next}]}; of one whose layers are cut, tensor {ranks, codec (its kind),
  // bytes_per_step, dense_bytes_per_step, messages_per_step} of a rank; where the recipe makes bytes of the
  // values, integer_products {instructions, used, text} of the engine's processor.
  std::string json;
  std::string dense_json;  // the same with dense_pattern for pattern; "" where there is no codec
};

// Opens the dataset (prepared forms in `datasets_folder`) and builds the model. Faults of data and shapes go
// to `faults` with the pointer of the field ("/dataset/path", "/model", "/training/batch_size"); the plan is
// whole only if there are none. An error is our mistake, or the machine's.
absl::StatusOr<Plan> PlanOf(const Spec& spec, const std::string& datasets_folder, std::vector<Fault>& faults);

}  // namespace concertina
