// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// away_test.cc: workers that share no file system with the engine, and whose end nobody sees: what they are
// told, what is believed of what they send, and how a run ends with them.
#include "core/base/file.h"
#include "core/edge/sha256.h"
#include "engine_room.h"
#include "tests/core/engine/written_checkpoint.h"
#include "tests/test_program.h"

namespace concertina::away_test {
namespace {

proto::WorkerMessage Piece(const std::string& path, const std::string& content) {
  proto::WorkerMessage message;
  message.mutable_file()->set_path(path);
  message.mutable_file()->set_size(content.size());
  message.mutable_file()->set_data(content);
  message.mutable_file()->set_sha256(Sha256Hex(std::as_bytes(std::span(content))));
  return message;
}

constexpr char kFolder[] = "checkpoints/step-000000000006";

}  // namespace

class AwayTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { room_ = std::make_unique<EngineRoom>(); }
  void cleanup() { room_.reset(); }

  void eachRankIsToldWhoItIsAndNoFolder() {
    const std::string run = Launched();
    auto workers = PuppetWorker::AllReady(2);
    const proto::Assignment here = workers[0]->assignment(), away = workers[1]->assignment();
    QVERIFY(!here.run_folder().empty() && away.run_folder().empty() && away.datasets_folder().empty());
    QVERIFY(here.has_peer() && away.has_peer());
    QCOMPARE(here.peer().authority_pem(), away.peer().authority_pem());
    QVERIFY(here.peer().key_pem() != away.peer().key_pem());
    QVERIFY(here.peer().certificate_pem() != away.peer().certificate_pem());
    QCOMPARE(away.peer().advertise_host(), std::string("127.0.0.1"));
    QCOMPARE(here.peer().advertise_host(), std::string("127.0.0.1"));  // the way to the other begins there
  }

  void whatItSendsIsKeptAndItsHangingUpEndsTheRunWell() {
    const std::string run = Launched();
    auto workers = PuppetWorker::AllReady(2);
    for (auto& worker : workers) worker->Steps(0, 5);
    workers[1]->Send(Piece("parameters.safetensors", "not really"));
    const auto taken = workers[1]->WaitFor(proto::EngineMessage::kFileTaken);
    QVERIFY(taken.has_value());
    QCOMPARE(taken->file_taken().bytes(), uint64_t{10});
    workers[0]->Finished(5);
    workers[1]->Finished(5, false, "parameters.safetensors");
    QVERIFY(workers[1]->WaitFor(proto::EngineMessage::kGoodbye).has_value());
    PuppetStage::Get().Exit(0, {});
    workers[1]->HangUp();
    QVERIFY(room_->WaitForState(run, proto::FINISHED));
    QCOMPARE(*ReadFile(room_->run_folder(run) + "/parameters.safetensors", 100), std::string("not really"));
    QCOMPARE(room_->Show(run).parameters_sha256(), std::string(64, 'a'));
  }

  // What is told of a recipe's steps is written by the rank that judges them, wherever that is.
  void aRecipesFilesComeFromElsewhereToo() {
    const std::string run = Launched();
    auto workers = PuppetWorker::AllReady(2);
    for (const char* name : {"recipe-0.json", "model.edge", "recipe-1.json"}) {
      workers[1]->Send(Piece(name, "{}"));
      QVERIFY2(workers[1]->WaitFor(proto::EngineMessage::kFileTaken).has_value(), name);
      QCOMPARE(*ReadFile(room_->run_folder(run) + "/" + name, 100), std::string("{}"));
    }
    QVERIFY(room_->Show(run).error().empty());
  }

  void parametersThatNeverCameAreNotTheRuns() {
    const std::string run = Launched();
    auto workers = PuppetWorker::AllReady(2);
    workers[0]->Finished(5);
    workers[1]->Finished(5, false, "parameters.safetensors");
    QVERIFY(workers[1]->WaitFor(proto::EngineMessage::kGoodbye).has_value());
    PuppetStage::Get().Exit(0, {});
    workers[1]->HangUp();
    QVERIFY(room_->WaitForState(run, proto::FINISHED));
    QCOMPARE(room_->Show(run).parameters_sha256(), std::string());
  }

  void aLieEndsItsWorker_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<bool>("damaged");
    QTest::addColumn<QString>("told");
    QTest::newRow("a way out of the folder") << "../../x" << false << "refused";
    QTest::newRow("another rank's file")
        << "checkpoints/step-000000000006/rank-0" << false << "none of rank 1";
    QTest::newRow("damaged on the way") << "parameters.safetensors" << true << "SHA-256";
  }
  void aLieEndsItsWorker() {
    QFETCH(QString, path);
    QFETCH(bool, damaged);
    QFETCH(QString, told);
    const std::string run = Launched();
    auto workers = PuppetWorker::AllReady(2);
    proto::WorkerMessage piece = Piece(path.toStdString(), "content");
    if (damaged) piece.mutable_file()->set_data("Content");
    workers[1]->Send(piece);
    QVERIFY(workers[1]->WaitForEnd().has_value());
    PuppetStage::Get().Exit(0, {});
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    const QString error = QString::fromStdString(room_->Show(run).error());
    QVERIFY2(error.contains("rank 1") && error.contains(told), qPrintable(error));
  }

  void aWorkerThatSeesTheFolderSendsNoFiles() {
    const std::string run = Launched();
    auto workers = PuppetWorker::AllReady(2);
    workers[0]->Send(Piece("parameters.safetensors", "content"));
    PuppetStage::Get().Exit(0, {});
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY(QString::fromStdString(room_->Show(run).error()).contains("rank 0"));
  }

  void oneThatHangsUpIsToldAsLost() {
    const std::string run = Launched();
    auto workers = PuppetWorker::AllReady(2);
    for (auto& worker : workers) worker->Steps(0, 5);
    workers[1]->HangUp();
    QVERIFY(Eventually([] { return PuppetStage::Get().WasAskedToEnd(0); }));
    PuppetStage::Get().Exit(0, {});
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    const QString error = QString::fromStdString(room_->Show(run).error());
    QVERIFY2(error.startsWith("rank 1") && error.contains("hung up"), qPrintable(error));
  }

  void aStoppedRunDoesNotWaitForWhoNeverJoined() {
    const std::string run = Launched();
    QVERIFY(room_->Control(run, proto::ControlRunRequest::KILL).ok());
    PuppetStage::Get().Exit(0, {});
    QVERIFY(room_->WaitForState(run, proto::STOPPED));
  }

  void aResumedRunGivesItItsCheckpoint() {
    const std::string run = Launched();
    auto workers = PuppetWorker::AllReady(2);
    workers[1]->Send(Piece(std::string(kFolder) + "/rank-1", "x"));
    QVERIFY(workers[1]->WaitFor(proto::EngineMessage::kFileTaken).has_value());
    const std::string folder = room_->run_folder(run) + "/" + kFolder;
    QVERIFY(WriteWholeCheckpoint(room_->run_folder(run), 6, 2, 2, 3 * kPieceBytes / 2 / sizeof(float)));
    const std::string own = ReadFile(folder + "/rank-1", 4 * kPieceBytes).value_or("");
    QVERIFY(own.size() > kPieceBytes);
    QVERIFY(room_->Control(run, proto::ControlRunRequest::KILL).ok());
    PuppetStage::Get().Exit(0, {});
    QVERIFY(room_->WaitForState(run, proto::STOPPED));
    workers.clear();

    QVERIFY(room_->Control(run, proto::ControlRunRequest::RESUME).ok());
    QVERIFY(PuppetStage::Get().WaitForLaunch(4));
    const auto here = PuppetWorker::Joined(0), away = PuppetWorker::Joined(1);
    QCOMPARE(here->assignment().checkpoint(), folder);
    QCOMPARE(away->assignment().checkpoint(), std::string(kFolder));
    proto::WorkerMessage taken;
    taken.mutable_file_taken()->set_path(std::string(kFolder) + "/rank-1");
    away->Send(taken);  // the wish for it
    std::string came;
    while (came.size() < own.size()) {
      const auto piece = away->WaitFor(proto::EngineMessage::kFile);
      QVERIFY(piece.has_value());
      QCOMPARE(piece->file().offset(), came.size());
      came += piece->file().data();
      taken.mutable_file_taken()->set_bytes(came.size());
      away->Send(taken);
    }
    QVERIFY(came == own);
    // And nobody else's.
    taken.mutable_file_taken()->set_path(std::string(kFolder) + "/rank-0");
    taken.mutable_file_taken()->set_bytes(0);
    away->Send(taken);
    PuppetStage::Get().Exit(0, {});
    QVERIFY(room_->WaitForState(run, proto::FAILED));
    QVERIFY(QString::fromStdString(room_->Show(run).error()).contains("not its own"));
  }

 private:
  // Rank 0 here, rank 1 far away; both launched.
  std::string Launched() {
    if (!room_->Start().ok()) return "";
    Json spec = Json::parse(room_->Spec(2));
    spec["workers"] =
        Json::array({{{"launcher", "puppet"}, {"count", 1}}, {{"launcher", "far-puppet"}, {"count", 1}}});
    std::string run = room_->Submit(spec.dump());
    return PuppetStage::Get().WaitForLaunch(2) ? run : "";
  }
  std::unique_ptr<EngineRoom> room_;
};

CONCERTINA_TEST(AwayTest)

}  // namespace concertina::away_test

#include "away_test.moc"
