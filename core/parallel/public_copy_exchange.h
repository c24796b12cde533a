// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// public_copy_exchange.h: gossip through a codec. Whole parameters do not bear one: what it loses of them is
// as large as they are, at every step. What changed since the neighbours last heard of a rank does.
// On the way of the data: parallel/mixing_exchange.h -> here -> gradient/codec.h -> here.
//
// Neighbours know a rank by its public copy h_i, which it brings nearer to its parameters x_i by what a codec
// Q lets through; the mixing is between copies, so what Q held back is not lost but comes later:
//   q_i = Q(x_i - h_i)                                    sent to all neighbours
//   h_j <- h_j + q_j                                      at j and at every neighbour of j
//   x_i <- x_i + gamma sum_j W_ij (h_j - h_i) - lr g_i
// [Koloskova, Stich, Jaggi, ICML 2019; the order is that of Koloskova et al., ICLR 2020, where the exchange
// goes beside the gradient]. With Q the identity h_i is x_i, and with gamma 1 this is gossip. Rounding to few
// bits bears gamma 1; the fewer elements Q sends, the later they come, and the smaller gamma must be.
// What was tried on quadratics of 1000 elements, a ring of 8, 600 steps: difference compression that lets
// x_i <- h_i, DCD-PSGD [Tang et al., NeurIPS 2018], does as well with 8 bits and comes to another place with
// biased codecs (an error of 2 with signs and of 40 with top-k of 1 %, where the dense one has 0.2), since
// what Q held back is gone. DeepSqueeze [Tang et al. 2019], Q(x_i + residual), needs no copies, but its
// kicks are as large as the residual of whole parameters: at gamma 0.2 it stays 3.5 times as far from
// consensus as this with top-k of 10 %, and fifty times with 1 %.
// Memory-efficient form: instead of each neighbour's h_j a rank keeps their sum, one for each weight that
// occurs (one in all on ring, torus, hypercube and complete), so a sparse payload is added where it has
// elements and nowhere else. Neighbours must therefore be the same at every step.
// The sum cannot be rid of the copy of a rank that is lost. So once all agree that one is (MixingExchange),
// all begin with copies of zero again, as the method itself does; until then, about 0.1 s, its last copy
// stays in the sums of its neighbours.
// Without a codec there are no copies: whole parameters go, and gamma is all there is.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/parallel/mixing_exchange.h"

namespace concertina {

// What keeps the codec's error in a difference of its own needs of a codec: no memory of its own, and to lose
// no more than it is given. `exchange`: who says so.
absl::Status FitsDifferences(std::string_view exchange, const Circumstances& circumstances);
// What is nevertheless allowed and rarely wanted.
std::vector<std::string> DifferenceWarnings(std::string_view exchange, const Circumstances& circumstances);

class PublicCopyExchange : public MixingExchange {
 public:
  PublicCopyExchange(MixingGraphChoice choice, double bucket_mib)
      : MixingExchange(std::move(choice)), bucket_bytes_(static_cast<int64_t>(bucket_mib * 1024 * 1024)) {}

  bool keeps_what_is_not_sent() const override { return true; }
  double ExtraMemoryBytes(const Circumstances& circumstances) const override;
  Pattern PatternOf(const Traffic& traffic) const override;
  // Of each bucket its codec's, sized | h | the sums; nothing without a codec.
  void SaveState(std::vector<uint8_t>& state) const override;
  absl::Status LoadState(std::span<const uint8_t> state) override;
  absl::Status ChangeCodec(const Params& params) override;

 protected:
  absl::Status Ready() override;
  virtual double gamma() const = 0;
  bool has_codec() const { return !parts_.empty(); }
  // Of the elements about so many are sent a step: 1 where each is, however coarsely; else by the bytes.
  double sent_share() const { return sent_share_; }

 private:
  struct Part {  // one bucket
    int64_t offset = 0;
    int64_t count = 0;
    std::unique_ptr<Codec> codec;
    std::vector<uint8_t> payload;
  };
  struct Sum {  // over the neighbours of this weight
    double weight = 0;
    int neighbours = 0;
    std::vector<float> copies;
  };

  static std::span<float> PartOf(std::span<float> whole, const Part& part) {
    return whole.subspan(static_cast<size_t>(part.offset), static_cast<size_t>(part.count));
  }
  absl::Status Mix(int64_t step) override;
  void Remain() override;
  void TakeMixed(int64_t offset, int64_t count) override;
  absl::Status Encode(Part& part, int64_t step);
  void TakeSentShare();

  const int64_t bucket_bytes_;
  std::vector<Part> parts_;  // none: no codec
  double sent_share_ = 1;
  std::vector<float> copy_;  // h of this rank
  std::vector<Sum> sums_;
  std::vector<size_t> sum_of_;  // by place in the row
  std::vector<float> difference_;
  std::vector<uint8_t> received_;
};

}  // namespace concertina
