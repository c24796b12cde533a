// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// proof_target.cc: the conversation that goes before the first frame, with somebody who does not know the
// secret. Nobody like that may ever be believed.
// Input: role u8 (odd: the other end dials) | what the other end sends.
#include "core/comm/proof.h"
#include "tests/fuzz/target.h"

namespace concertina {

// Only the hello can be guessed; that far the other end is followed.
FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  const Proof dialer = Proof::Dialer("another secret", {.rank = 2, .size = 4, .incarnation = 7}, 0);
  FuzzBytes hello(dialer.to_send().begin(), dialer.to_send().end());
  hello.insert(hello.begin(), 1);
  inputs.seeds.push_back(hello);
  hello.resize(1 + Proof::kHelloBytes + Proof::kMacBytes);
  hello[0] = 0;
  hello[1 + 8] = 0;  // as the acceptor, rank 0
  inputs.words = {std::string(hello.begin() + 1, hello.begin() + 1 + Proof::kHelloBytes)};
  inputs.most_bytes = 512;
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  const bool is_dialled = input.Byte() % 2 == 1;
  const std::string secret = "the secret of the run";
  Proof proof = is_dialled ? Proof::Acceptor(secret, {.rank = 0, .size = 4, .incarnation = 7},
                                             {false, true, true, true})
                           : Proof::Dialer(secret, {.rank = 2, .size = 4, .incarnation = 7}, 0);
  while (!proof.done() && input.rest().size() >= proof.wanted_bytes()) {
    absl::Status taken;
    {
      const auto bound = AllocationBound::OfClaimed(0);
      taken = proof.Take(input.Bytes(proof.wanted_bytes()));
    }
    Note(taken);
    if (!taken.ok()) {
      Require(absl::IsPermissionDenied(taken), "Take gave neither OK nor kPermissionDenied");
      return 0;
    }
  }
  Require(!proof.done(), "somebody without the secret was believed");
  return 0;
}
