// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// roll_call_target.cc: a roll call among ranks of which one says what it likes, in whatever order, and then
// dies.
// Input: calls u8 | messages, each: from u8 | bytes u8 | the message.
#include <deque>

#include "core/comm/frame.h"
#include "core/comm/roll_call.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

constexpr int kRanks = 4;

// What the others send is written down; who has nothing more to say is lost.
class ScriptedTransport final : public Transport {
 public:
  explicit ScriptedTransport(InputReader input) {
    while (!input.rest().empty()) {
      const size_t from = 1 + input.Byte() % (kRanks - 1);
      const std::span<const uint8_t> message = input.Bytes(input.Byte());
      script_[from].emplace_back(message.begin(), message.end());
    }
  }
  int rank() const override { return 0; }
  int size() const override { return kRanks; }
  absl::Status Send(int to, uint32_t, std::span<const std::byte>, Deadline) override {
    return is_lost(to) ? PeerHasLeft(to) : absl::OkStatus();
  }
  absl::Status Receive(int, uint32_t, size_t, Deadline, Sink) override { return absl::InternalError(""); }
  absl::Status ReceiveMessage(int from, uint32_t tag, size_t max_size, Deadline,
                              std::vector<uint8_t>& bytes) override {
    auto& script = script_[static_cast<size_t>(from)];
    if (script.empty()) return ConnectionLost(from);
    if (script.front().size() > max_size) return TooLong(from, tag, script.front().size(), max_size);
    bytes.assign(script.front().begin(), script.front().end());
    script.pop_front();
    return absl::OkStatus();
  }
  absl::Status Flush(int, Deadline) override { return absl::OkStatus(); }
  absl::StatusOr<int> WaitAny(std::span<const int> from, uint32_t, Deadline) override {
    for (const int rank : from)
      if (!is_lost(rank)) return rank;
    return AllHaveLeft(from);
  }
  void Wake() override {}
  void SurviveLoss() override {}
  bool is_lost(int rank) const override { return rank != 0 && script_[static_cast<size_t>(rank)].empty(); }
  std::string link_name() const override { return "a script"; }
  ByteCounts counts() const override { return {}; }
  void SetShape(const LinkShape&) override {}
  void SetShape(int, const LinkShape&) override {}
  void Abort(const absl::Status&) override {}

 private:
  std::deque<FuzzBytes> script_[kRanks];
};

void AddMessage(FuzzBytes& input, uint8_t from, uint64_t call, uint64_t round, uint64_t decided) {
  FuzzBytes message(24 + 9 * kRanks);
  const uint64_t head[3] = {call, round, decided};
  std::memcpy(message.data(), head, sizeof head);
  message[24] = 1;  // it has heard of rank 0, too
  message[24 + from] = 1;
  message[24 + kRanks + 8 * from] = static_cast<uint8_t>(10 * from);
  input.insert(input.end(), {static_cast<uint8_t>(from - 1), static_cast<uint8_t>(message.size())});
  input.insert(input.end(), message.begin(), message.end());
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  FuzzBytes calm = {0}, deaths = {1}, decided = {2};
  for (const uint8_t from : {1, 2, 3})
    for (const uint64_t round : {1, 2}) AddMessage(calm, from, 1, round, round - 1);
  AddMessage(deaths, 2, 1, 1, 0);
  for (const uint64_t round : {1, 2, 3, 4}) AddMessage(deaths, 3, 1, round, 0);
  for (const uint64_t call : {1, 2, 3})
    for (const uint8_t from : {1, 2, 3}) AddMessage(decided, from, call, 1, 1);
  inputs.seeds = {calm, deaths, decided};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  const int calls = 1 + input.Byte() % 4;
  ScriptedTransport transport(input);
  RollCall roll_call(transport, {0, 1, 2, 3}, 9);
  std::vector<bool> gone(kRanks);
  for (int call = 0; call < calls; ++call) {
    absl::StatusOr<std::vector<std::optional<int64_t>>> words;
    {
      // Every message is heard once at most, and each call gives its words.
      const auto bound = AllocationBound::OfClaimed(64 * size);
      words = roll_call.Call(call, [] { return absl::OkStatus(); });
    }
    Note(words);
    if (!words.ok()) return 0;
    Require(words->size() == kRanks, "not a word for each member");
    for (int member = 0; member < kRanks; ++member) {
      Require((*words)[static_cast<size_t>(member)].has_value() != roll_call.is_gone(member),
              "gone, and there");
      const auto was_gone = gone[static_cast<size_t>(member)];
      Require(!was_gone || roll_call.is_gone(member), "who is gone is gone for ever");
      gone[static_cast<size_t>(member)] = roll_call.is_gone(member);
    }
  }
  return 0;
}
