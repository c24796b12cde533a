// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// revoked_worker_test.cc: a worker whose certificate is revoked while its run goes on: it is lost at once,
// with the reason, and the others are told to end their links to it.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "absl/strings/match.h"
#include "core/proto/engine_channel.h"
#include "core/security/provision.h"
#include "tests/core/engine/engine_room.h"
#include "tests/test_program.h"

namespace concertina::revoked_worker_test {

using Kind = proto::EngineMessage;

// Of the issue: a revoked peer is cut off within this.
constexpr double kCutOffSeconds = 10;
constexpr char kReason[] = "its certificate was revoked";

class RevokedWorkerTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + "/cnr-XXXXXX");
    kits_ = folder_->filePath("kits").toStdString();
    room_ = std::make_unique<EngineRoom>();
    QVERIFY(Provision({.folder = kits_, .workers = {"pool", "thief"}}).ok());
    room_->options().listen = "127.0.0.1:0";
    room_->options().kit = kits_ + "/engine-main";
    room_->options().limits.silence = 60;  // puppets have no heartbeat
    const absl::Status started = room_->Start();
    QVERIFY2(started.ok(), std::string(started.message()).c_str());
  }
  void cleanup() {
    workers_.clear();
    room_.reset();
  }

  // What regroups leaves all its links behind.
  void theOthersFormAnotherGroup() {
    const std::string run = Running([](Json& spec) { spec["elastic"] = Json::object(); });
    QVERIFY(!run.empty());
    QVERIFY(RevokeIdentity(kits_, "worker/thief").ok());
    for (const size_t rank : {0, 2}) {
      const auto part = workers_[rank]->WaitFor(Kind::kPart, kCutOffSeconds);
      QVERIFY2(part.has_value(), "a member of the group was not told to leave it");
    }
    QVERIFY(workers_[1]->WaitForEnd().has_value());
    QVERIFY2(absl::StrContains(Lost(run), kReason), Lost(run).c_str());
    QCOMPARE(room_->Show(run).state(), proto::RUNNING);
  }

  // What goes on in the same group ends the links to the one.
  void theOthersCutItOff() {
    const std::string run = Running([](Json& spec) {
      spec["exchange"] = {{"kind", "parameter-server"}, {"mode", "async"}};
    });
    QVERIFY(!run.empty());
    QVERIFY(RevokeIdentity(kits_, "worker/thief").ok());
    for (const size_t rank : {0, 2}) {
      const auto told = workers_[rank]->WaitFor(Kind::kCutOff, kCutOffSeconds);
      QVERIFY2(told.has_value(), "a member of the group does not hear whom to cut off");
      QCOMPARE(told->cut_off().rank(), 1U);
      QCOMPARE(told->cut_off().incarnation(), workers_[rank]->assignment().incarnation());
      QVERIFY2(absl::StrContains(told->cut_off().reason(), kReason), told->cut_off().reason().c_str());
    }
    QVERIFY(workers_[1]->WaitForEnd().has_value());
    QVERIFY2(absl::StrContains(Lost(run), kReason), Lost(run).c_str());
    QCOMPARE(room_->Show(run).state(), proto::RUNNING);
  }

  // What can do neither ends, and its workers with it.
  void aRunThatNeedsItFails() {
    const std::string run = Running([](Json&) {});
    QVERIFY(!run.empty());
    QVERIFY(RevokeIdentity(kits_, "worker/thief").ok());
    QVERIFY(Eventually([] { return PuppetStage::Get().WasAskedToEnd(0); }, kCutOffSeconds));
    for (const int rank : {0, 1, 2}) PuppetStage::Get().Exit(rank, {});
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    const std::string error = room_->Show(run).error();
    QVERIFY2(absl::StartsWith(error, "rank 1 ") && absl::StrContains(error, kReason), error.c_str());
  }

  void whoHasAnotherCertificateStays() {
    const std::string run = Running([](Json& spec) { spec["elastic"] = Json::object(); });
    QVERIFY(!run.empty());
    // Who asks has not heard of the revocation: it would not even call.
    std::filesystem::copy(kits_ + "/worker-pool", kits_ + "/../of-before",
                          std::filesystem::copy_options::recursive);
    QVERIFY(RevokeIdentity(kits_, "worker/pool").ok());
    // The list is in use once nobody with that kit is let in any more.
    QVERIFY(Eventually(
        [&] {
          const auto channel = Channel("../of-before");
          PuppetWorker refused(channel);
          return refused.WaitForEnd(0.3).has_value();
        },
        kCutOffSeconds));
    QVERIFY(!workers_[0]->WaitFor(Kind::kPart, 2 * room_->options().limits.tick).has_value());
    QCOMPARE(Lost(run), std::string());
  }

 private:
  std::shared_ptr<grpc::Channel> Channel(const std::string& kit) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    return *OpenEngineChannel(room_->engine().network_address(), kits_ + "/" + kit, arguments);
  }
  // Three workers of a run that goes on, of whom rank 1 has come over the network; "": they are not.
  std::string Running(const std::function<void(Json&)>& change) {
    Json spec = Json::parse(room_->Spec(3));
    change(spec);
    const std::string run = room_->Submit(spec.dump());
    if (run.empty() || !PuppetStage::Get().WaitForLaunch(3)) return "";
    workers_.push_back(PuppetWorker::Joined(0));
    workers_.push_back(std::make_unique<PuppetWorker>(Channel("worker-thief")));
    workers_[1]->Hello(run, 1, PuppetStage::Get().RequestOf(1).token);
    workers_[1]->WaitFor(Kind::kAssignment);
    workers_.push_back(PuppetWorker::Joined(2));
    for (auto& worker : workers_) worker->Ready();
    for (auto& worker : workers_) worker->WaitFor(Kind::kPeers);
    for (auto& worker : workers_) worker->Steps(0, 5);
    return room_->WaitForState(run, proto::RUNNING) ? run : "";
  }
  std::string Lost(const std::string& run) const {
    for (const proto::RunEvent& event : room_->Events(run))
      if (event.kind() == "worker-lost") return event.message();
    return "";
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::string kits_;
  std::unique_ptr<EngineRoom> room_;
  std::vector<std::unique_ptr<PuppetWorker>> workers_;
};

CONCERTINA_TEST(RevokedWorkerTest)

}  // namespace concertina::revoked_worker_test

#include "revoked_worker_test.moc"
