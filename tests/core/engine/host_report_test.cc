// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// host_report_test.cc: what the test of a machine says reaches who asked, whatever coding the machine speaks.
#include <QTest>

#include "absl/strings/match.h"
#include "core/base/utf8.h"
#include "tests/core/engine/engine_room.h"
#include "tests/test_program.h"

namespace concertina::host_report_test {

class HostReportTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    room_ = std::make_unique<EngineRoom>();
    QVERIFY(room_->Start().ok());
  }
  void cleanup() { room_.reset(); }

  // As a message that quotes a line is cut where it is too long: within a character.
  void aCutCharacterCostsNoAnswer() {
    const std::string umlaut = "\xc3\xa4";
    PuppetStage::Get().GiveReport(absl::UnavailableError("the host said: " + umlaut + umlaut.substr(0, 1)));
    proto::TestLauncherReply reply;
    const grpc::Status status = Ask(reply);
    QVERIFY2(status.ok(), status.error_message().c_str());
    QVERIFY2(absl::StartsWith(reply.error(), "the host said: " + umlaut), reply.error().c_str());
    QVERIFY(IsUtf8(reply.error()));
  }
  void namesInAnotherCodingCostNoAnswer() {
    HostReport report;
    report.host = "k\xf6ln";  // Latin-1
    report.version = "1";
    report.datasets = {"\xff"};
    PuppetStage::Get().GiveReport(report);
    proto::TestLauncherReply reply;
    const grpc::Status status = Ask(reply);
    QVERIFY2(status.ok(), status.error_message().c_str());
    QVERIFY2(reply.error().empty(), reply.error().c_str());
    QVERIFY(absl::StartsWith(reply.host(), "k") && IsUtf8(reply.host()));
    QVERIFY(reply.datasets_size() >= 1);
  }

 private:
  grpc::Status Ask(proto::TestLauncherReply& reply) {
    proto::TestLauncherRequest request;
    request.set_entry_json(R"({"launcher": "puppet"})");
    grpc::ClientContext context;
    return room_->stub().TestLauncher(&context, request, &reply);
  }
  std::unique_ptr<EngineRoom> room_;
};

CONCERTINA_TEST(HostReportTest)

}  // namespace concertina::host_report_test

#include "host_report_test.moc"
