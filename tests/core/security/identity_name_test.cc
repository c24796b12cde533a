// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// identity_name_test.cc: a URI names one role and one name, or nobody.
#include "core/security/identity_name.h"

#include <QTest>

#include "tests/test_program.h"

namespace concertina::identity_name_test {

class IdentityNameTest : public QObject {
  Q_OBJECT
 private slots:
  void everyRoleComesBack() {
    for (const Role role : {Role::kEngine, Role::kWorker, Role::kPerson}) {
      const IdentityName identity{role, "Ada-2.b_c"};
      const auto parsed = ParseIdentityUri(IdentityUri(identity));
      QVERIFY(parsed.ok());
      QVERIFY(*parsed == identity);
    }
    QCOMPARE(IdentityUri({Role::kWorker, "pool-a"}), std::string("concertina://worker/pool-a"));
    QCOMPARE(IdentityText({Role::kWorker, "pool-a"}), std::string("worker/pool-a"));
  }
  void anythingElseIsNobody_data() {
    QTest::addColumn<QString>("uri");
    for (const char* uri :
         {"", "concertina://", "concertina://person", "concertina://person/", "concertina://boss/ada",
          "concertina://Person/ada", "Concertina://person/ada", "concertina:/person/ada", "person/ada",
          "concertina://person/ada/engine", "concertina://person/../engine", "concertina://person/ada?x=1",
          "concertina://person/ada#x", "concertina://person:80/ada", "concertina://person/a da",
          "concertina://person/-ada", "concertina://person/.ada", "concertina://person/ad\xc3\xa4",
          "concertina://run/1/rank/2"})
      QTest::newRow(*uri == '\0' ? "nothing" : uri) << QString::fromUtf8(uri);
    QTest::newRow("too long") << QStringLiteral("concertina://person/") + QString(41, 'a');
  }
  void anythingElseIsNobody() {
    QFETCH(QString, uri);
    QCOMPARE(ParseIdentityUri(uri.toStdString()).status().code(), absl::StatusCode::kInvalidArgument);
  }
  void aZeroByteEndsNoName() {
    QVERIFY(!ParseIdentityUri(std::string("concertina://person/ada\0", 24)).ok());
    QVERIFY(!ParseIdentityUri(std::string("concertina://person/ada\0.engine", 31)).ok());
  }
};

CONCERTINA_TEST(IdentityNameTest)

}  // namespace concertina::identity_name_test

#include "identity_name_test.moc"
