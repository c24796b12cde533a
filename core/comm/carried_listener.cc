// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// carried_listener.cc: see carried_listener.h.
// On the way of the data: comm/carrier_modules.cc -> here -> comm/carried_transport.h.
#include "core/comm/carried_listener.h"

#include <unistd.h>

#include <cerrno>

#include "core/comm/carried_transport.h"
#include "core/comm/socket.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class CarriedListener final : public TransportListener {
 public:
  // `credentials`: null on loopback.
  CarriedListener(const char* name, const CarrierLibrary& library, Socket socket, std::string address,
                  std::string host, const ListenOptions& options, std::unique_ptr<TlsCredentials> credentials)
      : name_(name),
        library_(library),
        socket_(std::move(socket)),
        address_(std::move(address)),
        host_(std::move(host)),
        secret_(options.secret),
        incarnation_(options.incarnation),
        credentials_(std::move(credentials)) {}

  std::string address() const override { return address_; }

  absl::StatusOr<std::unique_ptr<Transport>> Connect(int rank, const std::vector<std::string>& addresses,
                                                     const LinkShape& shape, Deadline deadline) override {
    if (rank < 0 || static_cast<size_t>(rank) >= addresses.size() ||
        addresses[static_cast<size_t>(rank)] != address_)
      return absl::InvalidArgumentError(fmt::format("rank {}: is not at {} among the {} addresses given",
                                                    rank, address_, addresses.size()));
    if (!socket_.is_open()) return absl::FailedPreconditionError("this listener has connected already");
    if (credentials_ != nullptr && credentials_->rank() != rank)
      return absl::InvalidArgumentError(
          fmt::format("rank {}: was given the certificate of rank {}", rank, credentials_->rank()));
    const int size = static_cast<int>(addresses.size());
    const ProofIdentity self{.rank = rank, .size = size, .incarnation = incarnation_};
    ASSIGN_OR_RETURN(auto peers,
                     credentials_ == nullptr
                         ? MeetPeers(socket_, secret_, self, addresses, deadline)
                         : MeetPeersOverTls(socket_, secret_, self, addresses, *credentials_, deadline));
    socket_.Close();  // all have come: from now on nobody can
    auto transport = std::make_unique<CarriedTransport>(name_, rank, size, std::move(credentials_));
    RETURN_IF_ERROR(transport->Start(library_, host_, std::move(peers), shape, deadline));
    return transport;
  }

 private:
  const char* const name_;
  const CarrierLibrary& library_;
  Socket socket_;
  const std::string address_;
  const std::string host_;
  const std::string secret_;
  const uint32_t incarnation_;
  std::unique_ptr<TlsCredentials> credentials_;  // until it has connected
};

}  // namespace

absl::StatusOr<std::unique_ptr<TransportListener>> ListenForCarrier(const char* name,
                                                                    const CarrierLibrary& library,
                                                                    const ListenOptions& options) {
  RETURN_IF_ERROR(library.Check());
  if (!options.credentials) {
    SocketAddress address;
    ASSIGN_OR_RETURN(Socket socket, ListenOnLoopback(address));
    return std::make_unique<CarriedListener>(name, library, std::move(socket), ToString(address), "", options,
                                             nullptr);
  }
  ASSIGN_OR_RETURN(auto credentials, TlsCredentials::Create(*options.credentials));
  HostPort address{.host = options.advertise_host};
  if (address.host.empty()) {
    char host[256] = {};
    if (gethostname(host, sizeof host - 1) != 0) return ErrnoStatus(errno, "asking for this host's name");
    address.host = host;
  }
  ASSIGN_OR_RETURN(Socket socket, ListenOnHost(options.listen_host, address.port));
  RETURN_IF_ERROR(ParseHostPort(ToString(address)).status());  // peers will have to
  return std::make_unique<CarriedListener>(name, library, std::move(socket), ToString(address), address.host,
                                           options, std::move(credentials));
}

}  // namespace concertina
