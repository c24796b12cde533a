// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_files.cc: workers that are away: their files, to the engine and back, and what they prove themselves to
// one another with (see run.h). On the way of the data: worker/engine_link.h -> here ->
// engine/received_files.h; the run's folder -> here -> worker/engine_link.h.
#include <algorithm>

#include "core/base/log.h"
#include "core/engine/run.h"
#include "core/worker/checkpoint_manifest.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kCredentialSeconds = 30 * 86400.0;

}  // namespace

// Links that leave the machine are read and written by whoever is in between: this run's ranks know one
// another by certificates of an authority that nobody else has, and that goes with the run.
absl::Status Run::MakeAuthority() {
  if (std::none_of(seats_.begin(), seats_.end(), [](const Seat& seat) { return seat.away; }))
    return absl::OkStatus();
  ASSIGN_OR_RETURN(authority_, Authority::Make("Concertina run " + id(), kCredentialSeconds));
  return absl::OkStatus();
}

absl::Status Run::FillPeer(int rank, proto::PeerCredentials& peer) const {
  IssueRequest request;
  request.uri = fmt::format("concertina://run/{}/rank/{}", id(), seats_[static_cast<size_t>(rank)].rank);
  request.valid_seconds = kCredentialSeconds;
  ASSIGN_OR_RETURN(const Identity identity, authority_->Issue(request));
  peer.set_authority_pem(authority_->identity().certificate_pem);
  peer.set_certificate_pem(identity.certificate_pem);
  peer.set_key_pem(identity.key_pem);
  peer.set_advertise_host(seats_[static_cast<size_t>(rank)].advertise);
  return absl::OkStatus();
}

void Run::OnFile(int rank, const proto::FileChunk& piece) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  if (!seat.away) return Blame(rank, "broke the protocol: it sent a file that the engine can see", true);
  seat.progressed = now();
  if (seat.received == nullptr)
    seat.received = ReceivedFiles::Make(
        context_.pool, context_.home.run(id()), seat.rank,
        [&loop = context_.loop, self = self_, rank,
         from = std::weak_ptr(seat.link)](const absl::StatusOr<proto::FileTaken>& answer) {
          absl::StatusOr<proto::FileTaken> taken = answer;
          if (absl::IsResourceExhausted(taken.status())) {  // it is told, keeps the file, and tries again
            proto::FileTaken full;
            full.set_no_room(std::string(answer.status().message()));
            taken = std::move(full);
          }
          loop.Post([self, rank, from, taken] {
            if (*self == nullptr || (*self)->ending()) return;
            Run& run = **self;
            const Seat& of_rank = run.seats_[static_cast<size_t>(rank)];
            // Another may have its place by now, and did nothing.
            if (!of_rank.joined || (of_rank.link != nullptr && of_rank.link != from.lock())) return;
            if (!taken.ok())
              return run.Lose(rank, fmt::format("sent a file that was refused: {}",
                                                std::string(taken.status().message())));
            proto::EngineMessage message;
            *message.mutable_file_taken() = *taken;
            if (of_rank.link != nullptr) of_rank.link->Send(std::move(message));
          });
        });
  if (const absl::Status offered = seat.received->Offer(piece); !offered.ok())
    Lose(rank, fmt::format("sent a file that was refused: {}", std::string(offered.message())));
}

void Run::OnFileTaken(int rank, const proto::FileTaken& taken) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  seat.progressed = now();
  if (seat.sending == nullptr) {
    // It asks for its part, and for nothing else.
    const std::string run_folder = context_.home.run(id());
    const std::string file = resume_ ? CheckpointFile(resume_->checkpoint, seat.rank) : "";
    if (!seat.away || file.empty() || taken.bytes() != 0 || run_folder + "/" + taken.path() != file)
      return Blame(rank, "broke the protocol: it asked for a file that is not its own", true);
    absl::StatusOr<std::unique_ptr<SentFile>> opened = SentFile::Open(file, taken.path());
    if (!opened.ok())
      return Blame(rank,
                   fmt::format("cannot be given its checkpoint: {}", std::string(opened.status().message())),
                   true);
    seat.sending = *std::move(opened);
    return SendPieces(rank);
  }
  if (seat.untaken == 0 || taken.path() != seat.sending->path())
    return Blame(rank, "broke the protocol: it took a piece of a file that it was not sent", true);
  --seat.untaken;
  if (seat.sending->is_all_given() && seat.untaken == 0 && !seat.reading) {
    seat.sending = nullptr;
    return;
  }
  SendPieces(rank);
}

void Run::EndReceiving(Seat& seat) {
  if (seat.received != nullptr) seat.received->End();
  seat.received = nullptr;
}

// One after another: each is read in the pool, sent from here, and a few are on their way.
void Run::SendPieces(int rank) {
  Seat& seat = seats_[static_cast<size_t>(rank)];
  if (seat.reading || seat.untaken >= kFileWindow || seat.sending->is_all_given()) return;
  seat.reading = true;
  const absl::Status posted = context_.pool.Post([&loop = context_.loop, self = self_, rank,
                                                  file = seat.sending] {
    auto piece = std::make_shared<absl::StatusOr<proto::FileChunk>>(file->Next());
    loop.Post([self, rank, file, piece] {
      if (*self == nullptr || (*self)->ending()) return;
      Run& run = **self;
      Seat& of_rank = run.seats_[static_cast<size_t>(rank)];
      if (of_rank.sending != file) return;  // another has its place by now
      of_rank.reading = false;
      if (!piece->ok())
        return run.Blame(
            rank, fmt::format("cannot be given its checkpoint: {}", std::string(piece->status().message())),
            true);
      if (of_rank.link == nullptr) return;
      proto::EngineMessage message;
      *message.mutable_file() = **std::move(piece);
      of_rank.link->Send(std::move(message));
      ++of_rank.untaken;
      run.SendPieces(rank);
    });
  });
  if (!posted.ok())
    Blame(rank, fmt::format("cannot be given its checkpoint: {}", std::string(posted.message())), true);
}

// Workers forget their own files; here are the copies of those that are away.
void Run::ForgetOldCheckpointsOfAway(int64_t newest) {
  std::vector<int> away;
  for (const Seat& seat : seats_)
    if (seat.away && seat.rank >= 0) away.push_back(seat.rank);
  if (away.empty()) return;
  const absl::Status posted = context_.pool.Post([folder = context_.home.run(id()), away, newest] {
    for (const int rank : away) ForgetOldCheckpoints(Disk::Real(), folder, rank, newest, kKeptCheckpoints);
  });
  if (!posted.ok()) spdlog::warn("run {}: older checkpoints stay: {}", id(), std::string(posted.message()));
}

}  // namespace concertina
