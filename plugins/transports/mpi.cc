// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mpi.cc: frames as messages of MPI. On the way of the data: comm/frame_carrier.h -> here -> MPI -> the
// peer's here.
//
// Point to point only, and nothing that waits: MPI_Isend, MPI_Irecv and MPI_Test, from the thread that drives
// the transport (MPI_THREAD_SERIALIZED: one at a time, not always the same one). One receive of a header is
// always posted for each peer; a piece that is too long to be beside it is received into memory of its own
// size, behind it. MPI keeps messages of one sender, communicator and tag in order.
// MPI_Init_thread, which meets all ranks, and MPI_Finalize, which does so again, know no deadline: they run
// in a thread, and whoever waits for it does until its own.
#include <mpi.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "core/comm/frame_carrier.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int kHeadTag = 1;
constexpr int kPieceTag = 2;
// Where the other ranks still train when this one has done its part; then it goes without them.
constexpr double kFinalizeSeconds = 60;

// One MPI world a process, from its first to its last transport.
std::atomic<bool> has_world = false;

absl::Status MpiStatus(int error, const char* doing) {
  if (error == MPI_SUCCESS) return absl::OkStatus();
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(error, text, &length);
  return absl::UnavailableError(fmt::format("{}: {}", doing, text));
}

// What the one that started this process says of its place, before MPI_Init: Open MPI's mpirun, or a server
// of PMIx (srun --mpi=pmix).
struct Place {
  std::string world;  // the same for all of one, and for nobody else
  int rank = -1;
};

absl::StatusOr<Place> FindPlace() {
  const char* world = std::getenv("PMIX_NAMESPACE");
  const char* rank = std::getenv("PMIX_RANK");
  if (world == nullptr || rank == nullptr)
    return absl::FailedPreconditionError(
        "this worker was started by neither mpirun nor srun --mpi=pmix, and so belongs to no MPI world; the "
        "launchers \"local\" and \"slurm\" start it so where /network/transport is \"mpi\"");
  return Place{.world = world, .rank = std::atoi(rank)};
}

class MpiCarrier final : public FrameCarrier {
 public:
  MpiCarrier(const CarrierOptions& options, Place place)
      : self_(options.rank), place_(std::move(place)), peers_(static_cast<size_t>(options.size)) {}
  ~MpiCarrier() override { Leave(false, Deadline::After(0)); }

  absl::StatusOr<std::string> CardFor(int /*peer*/) override {
    return fmt::format("{} {}", place_.rank, place_.world);
  }
  absl::Status Connect(const std::vector<std::string>& cards, Deadline deadline) override;
  absl::Status Send(int to, const FrameHeader& header, std::span<const std::byte> piece) override;
  uint64_t frames_left(int to) const override { return peers_[static_cast<size_t>(to)].frames_left; }
  absl::Status Progress() override;
  absl::StatusOr<std::optional<ArrivedFrame>> Take(int from) override;
  void GiveBack(int /*from*/, PiecePool::Block block) override { pool_.GiveBack(std::move(block)); }
  void Drop(int peer) override { peers_[static_cast<size_t>(peer)].is_dropped = true; }
  void Leave(bool in_good_order, Deadline deadline) override;
  bool wakes() const override { return false; }

 private:
  struct Head {
    std::array<std::byte, kFrameHeaderBytes + kCarriedInlineBytes> bytes;
  };
  struct Outgoing {
    std::unique_ptr<Head> head;
    MPI_Request head_request = MPI_REQUEST_NULL;
    MPI_Request piece_request = MPI_REQUEST_NULL;
  };
  struct Peer {
    int mpi_rank = -1;
    bool is_dropped = false;
    std::deque<Outgoing> out;
    uint64_t frames_left = 0;
    std::unique_ptr<Head> head;  // what is being received
    MPI_Request head_request = MPI_REQUEST_NULL;
    ArrivedFrame coming;
    MPI_Request piece_request = MPI_REQUEST_NULL;
    std::deque<ArrivedFrame> arrived;
    absl::Status fault;  // what came is no frame
  };

  absl::Status Meet(const std::vector<std::string>& cards);
  absl::Status AwaitHead(Peer& peer);
  absl::Status SendProgress(Peer& peer);
  absl::Status ReceiveProgress(Peer& peer);
  absl::Status TakeHead(Peer& peer, size_t bytes);

  const int self_;
  const Place place_;
  std::vector<Peer> peers_;
  std::vector<std::unique_ptr<Head>> spare_heads_;
  PiecePool pool_;
  bool is_connected_ = false;
};

absl::Status MpiCarrier::Connect(const std::vector<std::string>& cards, Deadline deadline) {
  for (size_t peer = 0; peer < cards.size(); ++peer) {
    if (static_cast<int>(peer) == self_) continue;
    const size_t space = cards[peer].find(' ');
    const int rank = std::atoi(cards[peer].c_str());
    if (space == std::string::npos || cards[peer].substr(space + 1) != place_.world)
      return absl::FailedPreconditionError(fmt::format(
          "rank {} belongs to another MPI world than rank {}: all workers have to be one entry of "
          "/workers, which one mpirun or srun starts",
          peer, self_));
    if (rank < 0 || rank == place_.rank)
      return absl::DataLossError(fmt::format("rank {} says that it is rank {} of MPI", peer, rank));
    peers_[peer].mpi_rank = rank;
  }
  struct Start {
    absl::Notification is_done;
    int error = MPI_SUCCESS;
    int provided = MPI_THREAD_SINGLE;
  };
  const auto start = std::make_shared<Start>();
  std::thread([start] {
    start->error = MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &start->provided);
    start->is_done.Notify();
  }).detach();
  if (!start->is_done.WaitForNotificationWithTimeout(absl::Seconds(deadline.SecondsLeft())))
    return absl::DeadlineExceededError("MPI_Init_thread has not met all ranks in time");
  RETURN_IF_ERROR(MpiStatus(start->error, "MPI_Init_thread"));
  is_connected_ = true;
  if (start->provided < MPI_THREAD_SERIALIZED)
    return absl::FailedPreconditionError(
        fmt::format("this MPI allows threads of level {} only; MPI_THREAD_SERIALIZED ({}) is needed",
                    start->provided, static_cast<int>(MPI_THREAD_SERIALIZED)));
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  int size = 0;
  RETURN_IF_ERROR(MpiStatus(MPI_Comm_size(MPI_COMM_WORLD, &size), "MPI_Comm_size"));
  for (size_t peer = 0; peer < peers_.size(); ++peer) {
    if (static_cast<int>(peer) == self_) continue;
    if (peers_[peer].mpi_rank >= size)
      return absl::DataLossError(
          fmt::format("rank {} says that it is rank {} of {} of MPI", peer, peers_[peer].mpi_rank, size));
    RETURN_IF_ERROR(AwaitHead(peers_[peer]));
  }
  return absl::OkStatus();
}

absl::Status MpiCarrier::AwaitHead(Peer& peer) {
  if (peer.head == nullptr) peer.head = std::make_unique<Head>();
  return MpiStatus(MPI_Irecv(peer.head->bytes.data(), static_cast<int>(peer.head->bytes.size()), MPI_BYTE,
                             peer.mpi_rank, kHeadTag, MPI_COMM_WORLD, &peer.head_request),
                   "MPI_Irecv");
}

absl::Status MpiCarrier::Send(int to, const FrameHeader& header, std::span<const std::byte> piece) {
  Peer& peer = peers_[static_cast<size_t>(to)];
  Outgoing& outgoing = peer.out.emplace_back();
  if (spare_heads_.empty()) {
    outgoing.head = std::make_unique<Head>();
  } else {
    outgoing.head = std::move(spare_heads_.back());
    spare_heads_.pop_back();
  }
  std::byte* const at = outgoing.head->bytes.data();
  WriteFrameHeader(header, std::span<std::byte, kFrameHeaderBytes>(at, kFrameHeaderBytes));
  size_t head_bytes = kFrameHeaderBytes;
  if (IsInline(piece.size())) {
    if (!piece.empty()) std::memcpy(at + kFrameHeaderBytes, piece.data(), piece.size());
    head_bytes += piece.size();
  }
  RETURN_IF_ERROR(MpiStatus(MPI_Isend(at, static_cast<int>(head_bytes), MPI_BYTE, peer.mpi_rank, kHeadTag,
                                      MPI_COMM_WORLD, &outgoing.head_request),
                            "MPI_Isend"));
  if (!IsInline(piece.size()))
    RETURN_IF_ERROR(MpiStatus(MPI_Isend(piece.data(), static_cast<int>(piece.size()), MPI_BYTE, peer.mpi_rank,
                                        kPieceTag, MPI_COMM_WORLD, &outgoing.piece_request),
                              "MPI_Isend"));
  return SendProgress(peer);
}

absl::Status MpiCarrier::SendProgress(Peer& peer) {
  while (!peer.out.empty()) {
    Outgoing& first = peer.out.front();
    int has_left = 0;
    RETURN_IF_ERROR(MpiStatus(MPI_Test(&first.head_request, &has_left, MPI_STATUS_IGNORE), "MPI_Test"));
    if (has_left == 0) return absl::OkStatus();
    RETURN_IF_ERROR(MpiStatus(MPI_Test(&first.piece_request, &has_left, MPI_STATUS_IGNORE), "MPI_Test"));
    if (has_left == 0) return absl::OkStatus();
    spare_heads_.push_back(std::move(first.head));
    peer.out.pop_front();
    ++peer.frames_left;
  }
  return absl::OkStatus();
}

absl::Status MpiCarrier::TakeHead(Peer& peer, size_t bytes) {
  if (bytes < kFrameHeaderBytes)
    return absl::DataLossError(
        fmt::format("a frame of {} bytes, at least {} expected", bytes, kFrameHeaderBytes));
  const std::byte* const at = peer.head->bytes.data();
  // How long its piece is follows from the header, which is checked with it.
  FrameHeader claimed;
  std::memcpy(&claimed.message_bytes, at + 8, sizeof claimed.message_bytes);
  std::memcpy(&claimed.offset, at + 16, sizeof claimed.offset);
  const size_t piece_bytes = PieceBytesOf(claimed);
  auto header =
      ReadFrameHeader(std::span<const std::byte, kFrameHeaderBytes>(at, kFrameHeaderBytes), piece_bytes);
  RETURN_IF_ERROR(header.status());
  const size_t beside = IsInline(piece_bytes) ? piece_bytes : 0;
  if (bytes != kFrameHeaderBytes + beside)
    return absl::DataLossError(
        fmt::format("a frame of {} bytes, {} expected", bytes, kFrameHeaderBytes + beside));
  peer.coming.header = *header;
  peer.coming.bytes = piece_bytes;
  peer.coming.block = pool_.Take(std::max<size_t>(piece_bytes, 1));
  if (beside > 0) std::memcpy(peer.coming.block.bytes.get(), at + kFrameHeaderBytes, beside);
  if (IsInline(piece_bytes)) return absl::OkStatus();
  return MpiStatus(MPI_Irecv(peer.coming.block.bytes.get(), static_cast<int>(piece_bytes), MPI_BYTE,
                             peer.mpi_rank, kPieceTag, MPI_COMM_WORLD, &peer.piece_request),
                   "MPI_Irecv");
}

absl::Status MpiCarrier::ReceiveProgress(Peer& peer) {
  while (peer.fault.ok()) {
    int has_come = 0;
    MPI_Status status;
    if (peer.piece_request != MPI_REQUEST_NULL) {
      const size_t expected = peer.coming.bytes;
      RETURN_IF_ERROR(MpiStatus(MPI_Test(&peer.piece_request, &has_come, &status), "MPI_Test"));
      if (has_come == 0) return absl::OkStatus();
      int bytes = 0;
      MPI_Get_count(&status, MPI_BYTE, &bytes);
      if (static_cast<size_t>(bytes) != expected) {
        peer.fault = absl::DataLossError(fmt::format("a piece of {} bytes, {} expected", bytes, expected));
        return absl::OkStatus();
      }
      peer.arrived.push_back(std::move(peer.coming));
      continue;
    }
    if (peer.head_request == MPI_REQUEST_NULL) {
      if (peer.arrived.size() >= kMostFramesArrived) return absl::OkStatus();
      RETURN_IF_ERROR(AwaitHead(peer));
    }
    RETURN_IF_ERROR(MpiStatus(MPI_Test(&peer.head_request, &has_come, &status), "MPI_Test"));
    if (has_come == 0) return absl::OkStatus();
    int bytes = 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    peer.fault = TakeHead(peer, static_cast<size_t>(bytes));
    if (peer.fault.ok() && peer.piece_request == MPI_REQUEST_NULL)
      peer.arrived.push_back(std::move(peer.coming));
  }
  return absl::OkStatus();
}

absl::Status MpiCarrier::Progress() {
  if (!is_connected_) return absl::OkStatus();
  for (Peer& peer : peers_) {
    if (peer.mpi_rank < 0 || peer.is_dropped) continue;
    if (!peer.out.empty()) RETURN_IF_ERROR(SendProgress(peer));
    RETURN_IF_ERROR(ReceiveProgress(peer));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<ArrivedFrame>> MpiCarrier::Take(int from) {
  Peer& peer = peers_[static_cast<size_t>(from)];
  if (peer.arrived.empty() && is_connected_ && !peer.is_dropped) RETURN_IF_ERROR(ReceiveProgress(peer));
  if (peer.arrived.empty()) {
    RETURN_IF_ERROR(peer.fault);
    return std::nullopt;
  }
  std::optional<ArrivedFrame> frame = std::move(peer.arrived.front());
  peer.arrived.pop_front();
  return frame;
}

// What is still under way when something has failed stays as it is: MPI takes no send back, and this process
// calls it no more, so that it touches no memory either. mpirun ends a world that one rank leaves so.
void MpiCarrier::Leave(bool in_good_order, Deadline /*deadline*/) {
  if (!is_connected_) return;
  is_connected_ = false;
  if (!in_good_order) {
    // Their memory is MPI's as long as the process lives.
    for (Peer& peer : peers_) {
      for (Outgoing& outgoing : peer.out) [[maybe_unused]] Head* const kept = outgoing.head.release();
      [[maybe_unused]] Head* const kept = peer.head.release();
      if (peer.piece_request != MPI_REQUEST_NULL) [[maybe_unused]]
        std::byte* const kept_piece = peer.coming.block.bytes.release();
    }
    return;
  }
  for (Peer& peer : peers_) {
    if (peer.head_request == MPI_REQUEST_NULL) continue;
    MPI_Cancel(&peer.head_request);
    MPI_Request_free(&peer.head_request);
    [[maybe_unused]] Head* const kept = peer.head.release();
  }
  const auto is_done = std::make_shared<absl::Notification>();
  std::thread([is_done] {
    MPI_Finalize();
    is_done->Notify();
  }).detach();
  is_done->WaitForNotificationWithTimeout(absl::Seconds(kFinalizeSeconds));
}

class MpiLibrary final : public CarrierLibrary {
 public:
  absl::Status Check() const override {
    if (has_world) return absl::FailedPreconditionError("this process has had its one MPI world already");
    return FindPlace().status();
  }
  absl::StatusOr<std::unique_ptr<FrameCarrier>> Make(const CarrierOptions& options) const override {
    ASSIGN_OR_RETURN(Place place, FindPlace());
    if (has_world.exchange(true))
      return absl::FailedPreconditionError("this process has had its one MPI world already");
    return std::make_unique<MpiCarrier>(options, std::move(place));
  }
};

}  // namespace
}  // namespace concertina

CONCERTINA_CARRIER(concertina::MpiLibrary)
