// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// threshold.cc: sends every element whose magnitude exceeds a fixed t, and remembers the rest [cited below].
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   H_t(x)_i = x_i if |x_i| > t, else 0      |x_i - H_t(x)_i| <= t, so ||x - H_t(x)||^2 <= min(||x||^2, d
//   t^2) x_t = g_t + e_t,  payload = H_t(x_t),  e_(t+1) = x_t - H_t(x_t)              (error feedback)
// How many are sent is the gradient's matter. Payload, little endian: k u32 | k indices u32, ascending | k
// values f32 while that is shorter, 8k + 4 bytes; else, from k = d/2 on, 2^32 - 1 u32 | d values f32, of
// which those not sent are 0: at most 4d + 4 bytes.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/largest.h"
#include "core/gradient/remembering.h"
#include "core/gradient/sparse_payload.h"
#include "core/gradient/sparsifier.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr uint32_t kDense = UINT32_MAX;  // no count: a bucket has fewer elements

class Threshold final : public Remembering, public Sparsifier {
 public:
  Threshold(double threshold, bool error_feedback) : Remembering("threshold", error_feedback) {
    SetThreshold(threshold);
  }

  absl::Status Encode(std::span<const float> gradient, int64_t, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    const auto d = static_cast<int64_t>(gradient.size());
    if (indices_ == nullptr) {  // room for the sparse form; memory that is never touched costs nothing
      room_ = d / 2 + LargestSelector::kMaxBlock;
      indices_ = std::make_unique_for_overwrite<uint32_t[]>(static_cast<size_t>(room_));
      values_ = std::make_unique_for_overwrite<float[]>(static_cast<size_t>(room_));
    }
    found_ = 0;
    std::span<const float> x = gradient;
    if (remembers()) {
      RETURN_IF_ERROR(feedback().Correct(
          gradient, [this](std::span<const float> block, int64_t offset) { Visit(block, offset); }));
      x = feedback().corrected();
    } else {
      RETURN_IF_ERROR(ForEachFiniteBlock(
          gradient, [this](std::span<const float> block, int64_t offset) { Visit(block, offset); }));
    }
    if (2 * found_ < d) {
      const auto count = static_cast<size_t>(found_);
      WriteSparsePayload({indices_.get(), count}, {values_.get(), count}, payload);
      if (remembers()) KeepUnsent(payload);
    } else {
      WriteDense(x, payload);
      if (remembers()) {
        for (float& value : feedback().corrected()) value = IsSent(value) ? 0 : value;
        feedback().Commit();
      }
    }
    return absl::OkStatus();
  }

  absl::Status Select(std::span<const float> x, int64_t, std::vector<uint32_t>& indices,
                      std::vector<float>& values) override {
    RETURN_IF_ERROR(length_.Check(x));
    // Room for a block more than there can be: memory that is never touched costs nothing.
    indices.reserve(x.size() + LargestSelector::kMaxBlock);
    values.reserve(x.size() + LargestSelector::kMaxBlock);
    size_t found = 0;
    RETURN_IF_ERROR(ForEachFiniteBlock(x, [&](std::span<const float> block, int64_t offset) {
      indices.resize(std::max(indices.size(), found + block.size()));
      values.resize(indices.size());
      found += static_cast<size_t>(
          CollectLargest(block, offset, least_, indices.data() + found, values.data() + found));
    }));
    indices.resize(found);
    values.resize(found);
    return absl::OkStatus();
  }
  int64_t MaxSelected(int64_t d) const override { return d; }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    if (!IsDense(payload)) return DecodeSparse("threshold", payload, /*least=*/0, gradient);
    RETURN_IF_ERROR(CheckDense(payload, gradient.size()));
    const auto d = static_cast<int64_t>(gradient.size());
    return CopyFinite(payload.data() + 4, reinterpret_cast<uint8_t*>(gradient.data()), d)
               ? absl::OkStatus()
               : DamagedElementError("threshold", FirstNotFinite(payload.data() + 4, d));
  }

  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    if (!IsDense(payload)) return AddSparse("threshold", payload, /*least=*/0, gradient);
    RETURN_IF_ERROR(CheckDense(payload, gradient.size()));
    const auto d = static_cast<int64_t>(gradient.size());
    return AddFinite(payload.data() + 4, gradient.data(), d)
               ? absl::OkStatus()
               : DamagedElementError("threshold", FirstNotFinite(payload.data() + 4, d));
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return 4 + 4 * d; }
  bool has_fixed_size() const override { return false; }
  Sum sum() const override { return Sum::kGathered; }
  bool sends_chosen() const override { return true; }

  absl::Status Change(const Params& params) override {
    RETURN_IF_ERROR(CheckSwitchStays(params));
    SetThreshold(params.Number("threshold"));
    return absl::OkStatus();
  }

 private:
  void SetThreshold(double threshold) { least_ = MagnitudeBits(static_cast<float>(threshold)) + 1; }
  bool IsSent(float value) const { return MagnitudeBits(value) >= least_; }

  // kOutOfRange at the first that has an element which is not finite.
  template <class Take>
  static absl::Status ForEachFiniteBlock(std::span<const float> x, Take take) {
    for (size_t begin = 0; begin < x.size(); begin += LargestSelector::kMaxBlock) {
      const auto block = x.subspan(begin, std::min<size_t>(LargestSelector::kMaxBlock, x.size() - begin));
      if (!IsFinite(block)) return NotFiniteError(block, static_cast<int64_t>(begin));
      take(block, static_cast<int64_t>(begin));
    }
    return absl::OkStatus();
  }

  void Visit(std::span<const float> block, int64_t offset) {
    if (found_ + static_cast<int64_t>(block.size()) > room_)
      return;  // more than d/2: dense, whatever follows
    found_ += CollectLargest(block, offset, least_, indices_.get() + found_, values_.get() + found_);
  }

  void WriteDense(std::span<const float> x, std::vector<uint8_t>& payload) const {
    payload.resize(4 + x.size_bytes());
    std::memcpy(payload.data(), &kDense, 4);
    uint8_t* to = payload.data() + 4;
    for (const float value : x) {
      const float sent = IsSent(value) ? value : 0;
      std::memcpy(to, &sent, 4);
      to += 4;
    }
  }

  static bool IsDense(std::span<const uint8_t> payload) {
    return payload.size() >= 4 && std::memcmp(payload.data(), &kDense, 4) == 0;
  }
  static absl::Status CheckDense(std::span<const uint8_t> payload, size_t d) {
    return CheckPayloadSize("threshold", static_cast<int64_t>(payload.size()),
                            static_cast<int64_t>(4 + 4 * d), static_cast<int64_t>(d));
  }

  int32_t least_ = 1;  // magnitude bits from which on an element is sent
  BucketLength length_;
  int64_t found_ = 0, room_ = 0;
  std::unique_ptr<uint32_t[]> indices_;
  std::unique_ptr<float[]> values_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "threshold",
         .title = "Hard threshold",
         .summary = "Sends every element larger than a threshold; the rest waits in a residual.",
         .citation = "Sahu, Dutta, Abdelmoniem, Banerjee, Canini, Kalnis. Rethinking Gradient Sparsification "
                     "as Total Error Minimization. NeurIPS 2021; Strom. Scalable Distributed DNN Training "
                     "Using Commodity GPU Cloud Computing. Interspeech 2015",
         .params =
             {{.name = "threshold",
               .default_value = 0.01,
               .minimum = 0,
               .maximum = 1e30,
               .live = true,
               .doc = "t: elements with |x| > t are sent, 8 bytes each; 0 sends all that are not zero. No "
                      "element is ever owed more than t, whereas top-k owes whatever did not fit: over a "
                      "whole run the same bytes leave less error. But bytes follow the gradient, most of "
                      "them at first, up to the dense 4 an element; plan tells that most. Pick t from the "
                      "gradient's norm in a short run; it does not carry over to another model or learning "
                      "rate. Where a given share is wanted, take adaptive-threshold."},
              ErrorFeedbackParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      return std::make_unique<Threshold>(params.Number("threshold"), params.Boolean("error_feedback"));
    });

}  // namespace
}  // namespace concertina
