// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// zstd.cc: packs another codec's payload with Zstandard, without loss.
// On the way of the data: the inner codec's payload -> here -> comm/transport.h.
// Payload: tag u8 | 0: the inner payload as it is, where packing would not save; 1: one zstd frame of it.
#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/sparsifier.h"
#include "core/gradient/wrapper.h"
#include "fmt/format.h"

namespace concertina {
namespace {

enum Tag : uint8_t { kStored = 0, kFrame = 1 };

class Zstd final : public Wrapper, public KnowsWhatItSent {
 public:
  explicit Zstd(int64_t level) : Wrapper("zstd"), level_(static_cast<int>(level)) {}
  ~Zstd() override {
    ZSTD_freeCCtx(compressor_);
    ZSTD_freeDCtx(decompressor_);
  }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  Place place() const override { return Place::kLast; }

  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override {
    if (compressor_ == nullptr) compressor_ = ZSTD_createCCtx();
    if (compressor_ == nullptr) return absl::ResourceExhaustedError("no memory for zstd");
    RETURN_IF_ERROR(inner().Encode(gradient, step, packed_));
    payload.resize(1 + packed_.size());
    // A frame that is not shorter does not fit, and is not wanted.
    const size_t bytes = packed_.empty()
                             ? 0
                             : ZSTD_compressCCtx(compressor_, payload.data() + 1, packed_.size() - 1,
                                                 packed_.data(), packed_.size(), level_);
    if (packed_.empty() || ZSTD_isError(bytes) != 0) {
      payload[0] = kStored;
      std::copy(packed_.begin(), packed_.end(), payload.begin() + 1);
    } else {
      payload[0] = kFrame;
      payload.resize(1 + bytes);
    }
    return absl::OkStatus();
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    ASSIGN_OR_RETURN(const std::span<const uint8_t> unpacked,
                     Unpack(payload, static_cast<int64_t>(gradient.size())));
    return inner().Decode(unpacked, gradient);
  }
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    ASSIGN_OR_RETURN(const std::span<const uint8_t> unpacked,
                     Unpack(payload, static_cast<int64_t>(gradient.size())));
    return inner().DecodeAdd(unpacked, gradient);
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return 1 + inner().MaxPayloadBytes(d); }
  Sum sum() const override { return Sum::kGathered; }
  void SaveState(std::vector<uint8_t>& state) const override { inner().SaveState(state); }
  absl::Status LoadState(std::span<const uint8_t> state) override { return inner().LoadState(state); }

  std::optional<double> SubtractSent(std::span<float> x) override {
    auto* sent = dynamic_cast<KnowsWhatItSent*>(&inner());
    return sent == nullptr ? std::nullopt : sent->SubtractSent(x);
  }
  std::span<const uint32_t> sent_indices() const override {
    const auto* sent = dynamic_cast<const KnowsWhatItSent*>(&inner());
    return sent == nullptr ? std::span<const uint32_t>() : sent->sent_indices();
  }

 private:
  absl::Status ChangeOwn(const Params& params) override {
    level_ = static_cast<int>(params.Integer("level"));
    return absl::OkStatus();
  }

  absl::StatusOr<std::span<const uint8_t>> Unpack(std::span<const uint8_t> payload, int64_t d) const {
    if (payload.empty()) return absl::DataLossError("zstd payload: 0 bytes, expected at least 1");
    if (payload[0] == kStored) return payload.subspan(1);
    if (payload[0] != kFrame)
      return absl::DataLossError(
          fmt::format("zstd payload: tag {}, expected 0 (stored) or 1 (a frame)", payload[0]));
    if (decompressor_ == nullptr) decompressor_ = ZSTD_createDCtx();
    if (decompressor_ == nullptr) return absl::ResourceExhaustedError("no memory for zstd");
    // No frame of ours is longer than the inner codec's longest payload, whatever it says of itself.
    const auto room = static_cast<size_t>(inner().MaxPayloadBytes(d));
    if (unpacked_.size() < room) unpacked_.resize(room);
    const size_t bytes =
        ZSTD_decompressDCtx(decompressor_, unpacked_.data(), room, payload.data() + 1, payload.size() - 1);
    if (ZSTD_isError(bytes) != 0)
      return absl::DataLossError(fmt::format("zstd payload: {} in {} bytes, expected one frame of at most {}",
                                             ZSTD_getErrorName(bytes), payload.size() - 1, room));
    return std::span<const uint8_t>(unpacked_.data(), bytes);
  }

  int level_;
  ZSTD_CCtx* compressor_ = nullptr;
  mutable ZSTD_DCtx* decompressor_ = nullptr;
  std::vector<uint8_t> packed_;            // the inner payload
  mutable std::vector<uint8_t> unpacked_;  // of a frame
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "zstd",
         .title = "Zstandard",
         .summary = "Packs what the codecs before it make, without loss; the last of a chain.",
         .citation = "Collet, Kucherawy. Zstandard Compression and the application/zstd Media Type. RFC 8878",
         .params = {{.name = "level",
                     .type = ParamType::kInteger,
                     .default_value = 1,
                     .minimum = -7,
                     .maximum = 19,
                     .live = true,
                     .doc =
                         "Higher packs closer and takes longer; below 0 it is fastest. Values of gradients "
                         "look like noise: beyond 3 little is won."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      return std::make_unique<Zstd>(params.Integer("level"));
    });

}  // namespace
}  // namespace concertina
