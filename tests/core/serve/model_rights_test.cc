// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_rights_test.cc: every call of the service Model has its row, every row is a call, and nobody but
// people may make one.
#include "core/serve/model_rights.h"

#include <google/protobuf/descriptor.h>

#include <QTest>
#include <set>
#include <string>

#include "core/proto/model.pb.h"
#include "tests/test_program.h"

namespace concertina::model_rights_test {

class ModelRightsTest : public QObject {
  Q_OBJECT
 private slots:
  void everyCallHasOneRowAndIsAPersons() {
    const google::protobuf::FileDescriptor* file = proto::ModelDescription::descriptor()->file();
    std::set<std::string> calls, rows;
    for (int s = 0; s < file->service_count(); ++s)
      for (int m = 0; m < file->service(s)->method_count(); ++m)
        calls.insert("/" + file->service(s)->full_name() + "/" + file->service(s)->method(m)->name());
    QCOMPARE(calls.size(), size_t{2});
    for (const CallRight& right : ModelRights())
      QVERIFY2(rows.insert(std::string(right.call)).second, std::string(right.call).c_str());
    QVERIFY(calls == rows);
    for (const std::string& call : calls) {
      QVERIFY(MayCall(ModelRights(), Role::kPerson, call));
      QVERIFY(!MayCall(ModelRights(), Role::kWorker, call));
      QVERIFY(!MayCall(ModelRights(), Role::kEngine, call));
    }
  }
  void whatIsNotSaidIsRefused() {
    for (const char* call : {"", "/concertina.proto.Model/", "/concertina.proto.Model/classify",
                             "/concertina.proto.Model/Classify/", "/concertina.proto.Engine/Status"})
      for (const Role role : {Role::kEngine, Role::kWorker, Role::kPerson})
        QVERIFY2(!MayCall(ModelRights(), role, call), call);
    QVERIFY(!MayCall({}, Role::kPerson, "/concertina.proto.Model/Classify"));
  }
};

CONCERTINA_TEST(ModelRightsTest)

}  // namespace concertina::model_rights_test

#include "model_rights_test.moc"
