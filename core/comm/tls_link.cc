// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_link.cc: moves bytes between gRPC and TLS, within the calls of whoever waits (see tls_link.h).
// On the way of the data: comm/grpc_transport.cc -> here -> comm/tls_session.cc -> the peer's here.
#include "core/comm/tls_link.h"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/base/clock.h"
#include "core/comm/link_shaper.h"
#include "core/comm/transport_limits.h"

namespace concertina {
namespace {

constexpr int kPartingTickMs = 2;
constexpr uint64_t kWakeName = ~uint64_t{0};  // others: link * 2, + 1 for its plain end

}  // namespace

class TlsLinks::Link {
 public:
  Link(Socket connection, std::unique_ptr<TlsSession> tls, Socket plain)
      : connection_(std::move(connection)), plain_(std::move(plain)), tls_(std::move(tls)) {
    tls_->GatherRecords();
  }

  const Socket& connection() const { return connection_; }
  const Socket& plain() const { return plain_; }

  // Epoll tells of a change once; it holds until the kernel says EAGAIN.
  void OnConnection(uint32_t events) {
    const bool is_over = (events & (EPOLLERR | EPOLLHUP)) != 0;
    if (is_over || (events & write_awaits_) != 0) write_awaits_ = 0;
    if (is_over || (events & (read_awaits_ == EPOLLIN ? EPOLLIN | EPOLLRDHUP : read_awaits_)) != 0)
      read_awaits_ = 0;
  }
  void OnPlain(uint32_t events) {
    const bool is_over = (events & (EPOLLERR | EPOLLHUP)) != 0;
    if (is_over || (events & (EPOLLIN | EPOLLRDHUP)) != 0) plain_is_readable_ = true;
    if (is_over || (events & EPOLLOUT) != 0) plain_is_writable_ = true;
  }

  // Moves at most a buffer a direction. True if there may be more to move at once.
  bool Turn(bool is_parting) {
    if (is_done_) return false;
    bool moved = TakeFromPlain(is_parting);
    moved |= SendToPeer();
    moved |= TakeFromPeer();
    moved |= GiveToPlain();
    if (!may_send_ && has_told_end_ && plain_has_ended_) Finish();
    return moved && !is_done_;
  }

  bool has_sent_all() const {
    return is_done_ || !may_send_ || (to_peer_.empty() && !plain_is_readable_ && write_awaits_ == 0);
  }
  // All that the plain end had said has come to the peer's kernel.
  bool has_delivered() const {
    int unsent = 0;
    return is_done_ || (plain_has_ended_ && !may_send_ &&
                        (is_broken_ || ioctl(connection_.fd(), SIOCOUTQ, &unsent) != 0 || unsent == 0));
  }
  void Finish() {
    if (is_done_) return;
    is_done_ = true;
    shutdown(connection_.fd(), SHUT_RDWR);  // others may count its bytes through a second descriptor
    connection_.Close();
    plain_.Close();
  }

 private:
  // Bytes on their way in one direction: written at the head, read at the tail, both only ever growing.
  class Ring {
   public:
    std::span<uint8_t> room() {
      const size_t at = head_ % kLinkBytes;
      return {bytes_.get() + at, std::min(kLinkBytes - at, kLinkBytes - size())};
    }
    std::span<const uint8_t> there() const {
      const size_t at = tail_ % kLinkBytes;
      return {bytes_.get() + at, std::min(kLinkBytes - at, size())};
    }
    size_t size() const { return head_ - tail_; }
    bool empty() const { return head_ == tail_; }
    bool full() const { return size() == kLinkBytes; }
    void Wrote(size_t n) { head_ += n; }
    void Took(size_t n) {
      tail_ += n;
      if (empty()) head_ = tail_ = 0;  // as long a piece as can be next time
    }
    void Clear() { head_ = tail_ = 0; }

   private:
    const std::unique_ptr<uint8_t[]> bytes_ = std::make_unique_for_overwrite<uint8_t[]>(kLinkBytes);
    size_t head_ = 0;
    size_t tail_ = 0;
  };

  bool TakeFromPlain(bool is_parting) {
    if (plain_has_ended_ || !plain_is_readable_ || to_peer_.full()) {
      // Whoever ends the links has said all: an end that is not closed yet has nothing more.
      if (is_parting && !plain_has_ended_ && !plain_is_readable_) return plain_has_ended_ = true;
      return false;
    }
    const std::span<uint8_t> room = to_peer_.room();
    const ssize_t n = recv(plain_.fd(), room.data(), room.size(), MSG_DONTWAIT);
    if (n > 0 && may_send_) {
      to_peer_.Wrote(static_cast<size_t>(n));
    } else if (n < 0 && errno == EAGAIN) {
      plain_is_readable_ = false;
      return is_parting;
    } else if (n == 0 || (n < 0 && errno != EINTR)) {
      plain_has_ended_ = true;
    }
    return true;  // without a peer what it says goes nowhere: it learns of that by reading
  }

  bool SendToPeer() {
    if (!may_send_ || write_awaits_ != 0) return false;
    bool moved = false;
    while (!to_peer_.empty()) {
      const absl::StatusOr<size_t> sent = tls_->Write(to_peer_.there());
      if (!sent.ok()) {
        Break();
        return true;
      }
      if (*sent == 0) {
        write_awaits_ = static_cast<uint32_t>(tls_->awaits());
        return moved;
      }
      to_peer_.Took(*sent);
      moved = true;
    }
    const absl::StatusOr<bool> flushed = tls_->Flush();
    const absl::StatusOr<bool> done = flushed.ok() && *flushed && plain_has_ended_ ? tls_->Close() : flushed;
    if (done.ok() && !*done) {
      write_awaits_ = static_cast<uint32_t>(tls_->awaits());
      return moved;
    }
    if (done.ok() && !plain_has_ended_) return moved;
    if (!done.ok()) Break();
    may_send_ = false;
    shutdown(connection_.fd(), SHUT_WR);
    return true;
  }

  bool TakeFromPeer() {
    bool moved = false;
    while (!peer_has_ended_ && read_awaits_ == 0 && !from_peer_.full()) {
      const absl::StatusOr<size_t> read = tls_->Read(from_peer_.room());
      if (!read.ok()) {
        // In order or not: the transport says goodbye in frames of its own, so a connection that was cut
        // does not pass for one that was closed.
        peer_has_ended_ = true;
        return true;
      }
      if (*read == 0) {
        read_awaits_ = static_cast<uint32_t>(tls_->awaits());
        return moved;
      }
      moved = true;
      if (plain_is_gone_) return moved;  // to be forgotten
      from_peer_.Wrote(*read);
    }
    return moved;
  }

  bool GiveToPlain() {
    if (!from_peer_.empty() && plain_is_writable_ && !plain_is_gone_) {
      const std::span<const uint8_t> there = from_peer_.there();
      const ssize_t n = send(plain_.fd(), there.data(), there.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n >= 0) {
        from_peer_.Took(static_cast<size_t>(n));
      } else if (errno == EAGAIN) {
        plain_is_writable_ = false;
        return false;
      } else if (errno != EINTR) {
        plain_is_gone_ = true;
        from_peer_.Clear();
      }
      return true;
    }
    if (!peer_has_ended_ || !from_peer_.empty() || has_told_end_) return false;
    has_told_end_ = true;
    shutdown(plain_.fd(), SHUT_WR);
    return true;
  }

  // Nothing can be sent any more. What has come may still be read.
  void Break() {
    is_broken_ = true;
    may_send_ = false;
    to_peer_.Clear();
  }

  Socket connection_;
  Socket plain_;
  const std::unique_ptr<TlsSession> tls_;
  Ring to_peer_;
  Ring from_peer_;
  bool plain_is_readable_ = true;
  bool plain_is_writable_ = true;
  uint32_t write_awaits_ = 0;  // EPOLLIN, EPOLLOUT: what TLS waits for; 0: try
  uint32_t read_awaits_ = 0;
  bool plain_has_ended_ = false;  // says nothing more
  bool plain_is_gone_ = false;    // hears nothing more
  bool may_send_ = true;
  bool is_broken_ = false;
  bool peer_has_ended_ = false;
  bool has_told_end_ = false;  // to the plain end
  bool is_done_ = false;
};

TlsLinks::TlsLinks(Socket epoll, Socket wake) : epoll_(std::move(epoll)), wake_(std::move(wake)) {}

absl::StatusOr<std::unique_ptr<TlsLinks>> TlsLinks::Create() {
  Socket epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.is_open()) return ErrnoStatus(errno, "making an epoll descriptor");
  Socket wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.is_open()) return ErrnoStatus(errno, "making an event descriptor");
  std::unique_ptr<TlsLinks> links(new TlsLinks(std::move(epoll), std::move(wake)));
  RETURN_IF_ERROR(links->Watch(links->wake_, kWakeName));
  return links;
}

absl::Status TlsLinks::Watch(const Socket& socket, uint64_t name) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = name}};
  if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, socket.fd(), &event) != 0)
    return ErrnoStatus(errno, "watching a link");
  return absl::OkStatus();
}

absl::StatusOr<Socket> TlsLinks::Add(Socket connection, std::unique_ptr<TlsSession> tls) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return ErrnoStatus(errno, "making a pair of sockets");
  Socket ours(ends[0]), theirs(ends[1]);
  const int size = 2 * static_cast<int>(kLinkBytes);  // the kernel may give less
  for (const Socket* end : {&ours, &theirs}) setsockopt(end->fd(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  const uint64_t name = links_.size() * 2;
  links_.push_back(std::make_unique<Link>(std::move(connection), std::move(tls), std::move(ours)));
  RETURN_IF_ERROR(Watch(links_.back()->connection(), name));
  RETURN_IF_ERROR(Watch(links_.back()->plain(), name + 1));
  return theirs;
}

bool TlsLinks::Turn(bool is_parting) {
  Hear(0);
  bool moved = false;
  for (bool may_move = true; may_move; moved |= may_move) {
    may_move = false;
    for (const auto& link : links_) may_move |= link->Turn(is_parting);
  }
  return moved;
}

bool TlsLinks::has_sent_all() const {
  return std::all_of(links_.begin(), links_.end(), [](const auto& link) { return link->has_sent_all(); });
}

void TlsLinks::Sleep(int64_t until_nanoseconds) {
  const int64_t left = until_nanoseconds - SteadyNanoseconds();
  if (left > 0) Hear(static_cast<int>(std::min<int64_t>((left + kMillisecond - 1) / kMillisecond, 60'000)));
}

void TlsLinks::Hear(int timeout_ms) {
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_.fd(), events.data(), static_cast<int>(events.size()), timeout_ms);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (event.data.u64 == kWakeName) continue;  // told at its edge: what was written into it need not be read
    Link& link = *links_[event.data.u64 / 2];
    event.data.u64 % 2 == 0 ? link.OnConnection(event.events) : link.OnPlain(event.events);
  }
}

void TlsLinks::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_.fd(), &one, sizeof one);
}

TlsLinks::~TlsLinks() {
  for (const Deadline parting = Deadline::After(kLinkPartingSeconds);; Hear(kPartingTickMs)) {
    Turn(/*is_parting=*/true);
    const bool is_delivered =
        std::all_of(links_.begin(), links_.end(), [](const auto& link) { return link->has_delivered(); });
    if (is_delivered || parting.Passed()) break;
  }
  for (const auto& link : links_) link->Finish();
}

}  // namespace concertina
