// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tcp_listener.cc: see tcp_listener.h.
#include "core/comm/tcp_listener.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/comm/socket.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class TcpListener final : public TransportListener {
 public:
  // `credentials`: null on loopback.
  TcpListener(Socket socket, std::string address, std::string host, const ListenOptions& options,
              std::unique_ptr<TlsCredentials> credentials, MakeTransport make)
      : socket_(std::move(socket)),
        address_(std::move(address)),
        host_(std::move(host)),
        secret_(options.secret),
        incarnation_(options.incarnation),
        credentials_(std::move(credentials)),
        make_(std::move(make)) {}

  std::string address() const override { return address_; }

  absl::StatusOr<std::unique_ptr<Transport>> Connect(int rank, const std::vector<std::string>& addresses,
                                                     const LinkShape& shape, Deadline deadline) override {
    RETURN_IF_ERROR(CheckAddress(rank, addresses));
    if (!socket_.is_open()) return absl::FailedPreconditionError("this listener has connected already");
    if (credentials_ != nullptr && credentials_->rank() != rank)
      return absl::InvalidArgumentError(
          fmt::format("rank {}: was given the certificate of rank {}", rank, credentials_->rank()));
    TcpMeeting meeting{.rank = rank, .size = static_cast<int>(addresses.size()), .host = host_};
    const ProofIdentity self{.rank = rank, .size = meeting.size, .incarnation = incarnation_};
    ASSIGN_OR_RETURN(meeting.peers,
                     credentials_ == nullptr
                         ? MeetPeers(socket_, secret_, self, addresses, deadline)
                         : MeetPeersOverTls(socket_, secret_, self, addresses, *credentials_, deadline));
    socket_.Close();  // all have come: from now on nobody can
    meeting.credentials = std::move(credentials_);
    return make_(std::move(meeting), shape, deadline);
  }

 private:
  Socket socket_;
  const std::string address_;
  const std::string host_;
  const std::string secret_;
  const uint32_t incarnation_;
  std::unique_ptr<TlsCredentials> credentials_;  // until it has connected
  const MakeTransport make_;
};

absl::StatusOr<std::string> NameOfThisHost() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return ErrnoStatus(errno, "asking for this host's name");
  return name;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TransportListener>> ListenOverTcp(const ListenOptions& options,
                                                                 MakeTransport make) {
  if (!options.credentials) {
    SocketAddress address;
    ASSIGN_OR_RETURN(Socket socket, ListenOnLoopback(address));
    return std::make_unique<TcpListener>(std::move(socket), ToString(address), "", options, nullptr,
                                         std::move(make));
  }
  ASSIGN_OR_RETURN(auto credentials, TlsCredentials::Create(*options.credentials));
  HostPort address{.host = options.advertise_host};
  if (address.host.empty()) {
    ASSIGN_OR_RETURN(address.host, NameOfThisHost());
  }
  ASSIGN_OR_RETURN(Socket socket, ListenOnHost(options.listen_host, address.port));
  RETURN_IF_ERROR(ParseHostPort(ToString(address)).status());  // peers will have to
  return std::make_unique<TcpListener>(std::move(socket), ToString(address), address.host, options,
                                       std::move(credentials), std::move(make));
}

}  // namespace concertina
