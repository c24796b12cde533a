// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// carried_transport.h: a transport whose frames a library of others moves: MPI, Gloo.
// On the way of the data: comm/carrier_modules.cc -> here -> comm/carried_peer.h -> comm/frame_carrier.h.
//
// Ranks meet as those of gRPC do (meeting.h), prove the run's secret, and between hosts speak TLS there; over
// these connections they tell how the library reaches them, and later that they go, and why. The tensors go
// as the library sends them: in the clear. Bytes are counted where they are handed to the library; what it
// adds to them on its way is not known.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/comm/carried_peer.h"
#include "core/comm/frame_carrier.h"
#include "core/comm/meeting.h"
#include "core/comm/sleeping_transport.h"

namespace concertina {

class CarriedTransport final : public SleepingTransport<CarriedPeer, CarriedFrame> {
 public:
  CarriedTransport(const char* name, int rank, int size, std::unique_ptr<TlsCredentials> credentials)
      : SleepingTransport(name, rank, size), credentials_(std::move(credentials)) {}
  ~CarriedTransport() override;

  absl::Status Start(const CarrierLibrary& library, const std::string& host,
                     std::vector<Acquaintance> acquaintances, const LinkShape& shape, Deadline deadline);

 private:
  absl::Status Pump(Wait& wait) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::Status PumpUntilArrival(int64_t arrives, Wait& wait) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::StatusOr<CarriedFrame*> Find(CarriedPeer& peer, uint32_t tag) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  bool HasLeft(const CarriedPeer& peer) const override { return peer.is_lost(); }
  void SayWhyAborted(const std::string& why) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::Status Queue(CarriedPeer& peer, uint32_t tag, std::span<const std::byte> bytes) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    return peer.Send(*carrier_, tag, bytes);
  }
  void Drop(CarriedPeer& peer, CarriedFrame* frame) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    peer.Drop(*carrier_, frame);
  }
  absl::Status GoOn(CarriedPeer& /*peer*/) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    Progress();
    return failure_;
  }
  void Lose(CarriedPeer& peer, const absl::Status& why) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void Sleep(int64_t until_nanoseconds) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  KernelBytes WholeBytesOf(const CarriedPeer& peer) const override {
    return {.sent = peer.whole_sent(), .received = peer.whole_received()};
  }

  absl::StatusOr<std::vector<std::string>> SwapCards(Deadline deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Lets the carrier work, sends on, and takes what has come where there is room; true if anything moved.
  bool Progress() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // The same until nothing of this peer is there any more to be taken.
  void TakeAll(CarriedPeer& peer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Takes the words that have come.
  void HearWords() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void Hear(CarriedPeer& speaker) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // One who has said goodbye is gone once all that it sent has come.
  void LookIfGone(CarriedPeer& peer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void Fail(const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void SayGoodbye(const std::string& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);

  const std::unique_ptr<TlsCredentials> credentials_;  // outlives the lines of the peers
  std::unique_ptr<FrameCarrier> carrier_;
  std::atomic<bool> sleeps_ = false;
  std::vector<std::string> parting_words_;  // by rank
  int64_t heard_at_ ABSL_GUARDED_BY(driver_) = 0;
  int64_t nap_nanoseconds_ ABSL_GUARDED_BY(driver_) = 0;
};

}  // namespace concertina
