// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// wrapper.cc: a codec around another one (see wrapper.h).
// On the way of the data: gradient/chain.h -> here -> the inner codec.
#include "core/gradient/wrapper.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/base/registry.h"
#include "core/gradient/norms.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr size_t kBlockFloats = 4096;  // stays in the nearest cache

}  // namespace

Wrapper::Wrapper(std::string_view kind) : kind_(kind), inner_(CodecThatSendsAll()) {}

void Wrapper::Wrap(std::unique_ptr<Codec> inner) {
  inner_ = std::move(inner);
  sparse_ = dynamic_cast<KnowsWhatItSent*>(inner_.get());
}

absl::StatusOr<Wrapper::Rest> Wrapper::SubtractSent(std::span<const uint8_t> payload, double norm_squared,
                                                    std::span<float> x) {
  Rest rest;
  if (sparse_ != nullptr) {
    if (const std::optional<double> growth = sparse_->SubtractSent(x)) {
      rest.sent = sparse_;
      rest.norm_squared = norm_squared + *growth;
      // Where little is left, the difference of two large sums says nothing.
      if (rest.norm_squared < 1e-6 * norm_squared) rest.norm_squared = SumSquares(x);
      return rest;
    }
  }
  decoded_.resize(x.size());
  RETURN_IF_ERROR(inner_->Decode(payload, decoded_));
  for (size_t begin = 0; begin < x.size(); begin += kBlockFloats) {
    const std::span<float> block = x.subspan(begin, std::min(kBlockFloats, x.size() - begin));
    const float* sent = decoded_.data() + begin;
    for (size_t i = 0; i < block.size(); ++i) block[i] -= sent[i];
    rest.norm_squared += SumSquares(block);
  }
  return rest;
}

absl::Status Wrapper::Change(const Params& params) {
  return params.kind() == kind_ ? ChangeOwn(params) : inner_->Change(params);
}

std::unique_ptr<Codec> CodecThatSendsAll() {
  std::vector<Fault> faults;
  const Params none = Registry::Global().Check("gradient-codec", Json{{"kind", "none"}}, "", faults);
  absl::StatusOr<std::unique_ptr<Codec>> codec = Registry::Global().Create<Codec>("gradient-codec", none);
  assert(codec.ok());  // it is in this folder
  return *std::move(codec);
}

absl::Status LoadStateAnd(Codec& codec, std::span<const uint8_t> part,
                          absl::FunctionRef<absl::Status()> others) {
  std::vector<uint8_t> before;
  codec.SaveState(before);
  RETURN_IF_ERROR(codec.LoadState(part));
  absl::Status status = others();
  if (!status.ok()) codec.LoadState(before).IgnoreError();  // its own, of a moment ago
  return status;
}

}  // namespace concertina
