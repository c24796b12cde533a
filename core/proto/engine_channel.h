// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_channel.h: the one way to an engine, or to a model that is served, for all programs: a Unix socket
// as it is, any other address with mutual TLS and a start-up kit. On the way of the data: concertinactl,
// ui/client, worker/engine_link.h, serve/model_client.h -> here -> the engine's port.
#pragma once

#include <memory>
#include <string>

#include "core/base/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/channel_arguments.h"

namespace concertina {

// The folder of the kit: `given`, else CONCERTINA_KIT, else "".
std::string KitFolder(const std::string& given);

// Opens a channel; nothing is connected before the first call. `address` is "unix:/…" or HOST:PORT;
// `kit_folder` as KitFolder gives it. Errors: kFailedPrecondition (an address that needs a kit, and none was
// given: says how to make one), kInvalidArgument (no address), and those of ReadKit. The kit's certificate is
// read again while the channel is open, so that it can be renewed.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenEngineChannel(const std::string& address,
                                                                 const std::string& kit_folder,
                                                                 grpc::ChannelArguments arguments);

}  // namespace concertina
