// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// connection.cc: see connection.h.
#include "app/ctl/connection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <vector>

#include "core/base/utf8.h"
#include "core/proto/engine_channel.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

absl::Status CheckOneText(const google::protobuf::FieldDescriptor& field, const std::string& text) {
  if (IsUtf8(text)) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "{}: found bytes that are no UTF-8, expected text; is it of another encoding?", field.name()));
}

}  // namespace

absl::Status CheckText(const google::protobuf::Message& request) {
  using google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& fields = *request.GetReflection();
  std::vector<const FieldDescriptor*> given;
  fields.ListFields(request, &given);
  for (const FieldDescriptor* field : given) {
    const bool is_text = field->type() == FieldDescriptor::TYPE_STRING;
    if (!is_text && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? fields.FieldSize(request, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (is_text)
        RETURN_IF_ERROR(CheckOneText(*field, field->is_repeated()
                                                 ? fields.GetRepeatedString(request, field, i)
                                                 : fields.GetString(request, field)));
      else
        RETURN_IF_ERROR(CheckText(field->is_repeated() ? fields.GetRepeatedMessage(request, field, i)
                                                       : fields.GetMessage(request, field)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Connection> Connection::Open(const CommonOptions& options, bool start,
                                            const EngineStart& how) {
  Connection connection;
  if (!options.engine.empty()) {
    connection.address_ = options.engine;
  } else {
    const std::string home = options.home.empty() ? DefaultHome() : options.home;
    if (start) {
      ASSIGN_OR_RETURN(connection.address_,
                       FindOrStartEngine(home, Deadline::After(kJoinDeadlineSeconds), how));
    } else {
      ASSIGN_OR_RETURN(connection.address_, FindEngine(home));
    }
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(256 << 20);  // whole series of long runs
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   OpenEngineChannel(connection.address_, options.kit, arguments));
  connection.stub_ = proto::Engine::NewStub(channel);
  return connection;
}

absl::Status Connection::Explain(const absl::Status& status, double deadline_seconds) const {
  const std::string message(status.message());
  if (absl::IsUnavailable(status) && message.find("failed to connect") != std::string::npos)
    return absl::UnavailableError(
        fmt::format("no engine answers at {}: {}; `concertinactl engine start` starts one on this machine",
                    address_, message));
  // What the engine itself gave up on has words of its own.
  if (absl::IsDeadlineExceeded(status) && message == "Deadline Exceeded")
    return absl::UnavailableError(
        fmt::format("the engine at {} gave no answer within {:.0f} s", address_, deadline_seconds));
  return status;
}

}  // namespace concertina::ctl
