// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rights_test.cc: every call of every service has its row, and every row is a call. A new call without a row
// fails here, and is refused until it has one.
#include "core/engine/rights.h"

#include <google/protobuf/descriptor.h>

#include <QTest>
#include <map>
#include <set>
#include <string>

#include "core/proto/engine.pb.h"
#include "core/proto/home.pb.h"
#include "tests/test_program.h"

namespace concertina::rights_test {
namespace {

std::set<std::string> AllCalls() {
  std::set<std::string> calls;
  for (const google::protobuf::FileDescriptor* file :
       {proto::EngineStatus::descriptor()->file(), proto::Hello::descriptor()->file()})
    for (int s = 0; s < file->service_count(); ++s)
      for (int m = 0; m < file->service(s)->method_count(); ++m)
        calls.insert("/" + file->service(s)->full_name() + "/" + file->service(s)->method(m)->name());
  return calls;
}

}  // namespace

class RightsTest : public QObject {
  Q_OBJECT
 private slots:
  void everyCallHasOneRowAndEveryRowIsACall() {
    const std::set<std::string> calls = AllCalls();
    QVERIFY(calls.size() >= 19);
    std::set<std::string> rows;
    for (const CallRight& right : Rights()) {
      QVERIFY2(rows.insert(std::string(right.call)).second, std::string(right.call).c_str());
      QVERIFY2(calls.contains(std::string(right.call)), std::string(right.call).c_str());
    }
    for (const std::string& call : calls)
      QVERIFY2(rows.contains(call), (call + " needs a row in core/engine/rights.cc").c_str());
  }
  // Said a second time, in other words than the table's: each cell of role and call.
  void eachRoleMayDoWhatItIsThereFor_data() {
    QTest::addColumn<QString>("call");
    QTest::addColumn<bool>("isOfHome");
    for (const std::string& call : AllCalls())
      QTest::newRow(call.c_str()) << QString::fromStdString(call)
                                  << (call.rfind("/concertina.proto.Home/", 0) == 0);
  }
  void eachRoleMayDoWhatItIsThereFor() {
    QFETCH(QString, call);
    QFETCH(bool, isOfHome);
    const std::string name = call.toStdString();
    QCOMPARE(MayCall(Rights(), Role::kPerson, name), !isOfHome);
    QCOMPARE(MayCall(Rights(), Role::kWorker, name), isOfHome);
    QCOMPARE(MayCall(Rights(), Role::kEngine, name), false);
  }
  void whatIsNotSaidIsRefused_data() {
    QTest::addColumn<QString>("call");
    for (const char* call : {"", "/", "Status", "/concertina.proto.Engine/", "/concertina.proto.Engine",
                             "/concertina.proto.Engine/Nothing", "/concertina.proto.Engine/status",
                             "/concertina.proto.Engine/Status/", "//concertina.proto.Engine/Status",
                             "/concertina.proto.Engine/Status?", "/concertina.proto.Model/Classify",
                             "/grpc.reflection.v1alpha.ServerReflection/Info"})
      QTest::newRow(*call == '\0' ? "nothing" : call) << call;
  }
  void whatIsNotSaidIsRefused() {
    QFETCH(QString, call);
    for (const Role role : {Role::kEngine, Role::kWorker, Role::kPerson})
      QVERIFY(!MayCall(Rights(), role, call.toStdString()));
  }
};

CONCERTINA_TEST(RightsTest)

}  // namespace concertina::rights_test

#include "rights_test.moc"
