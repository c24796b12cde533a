// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_faults_test.cc: no field of a fault is lost on its way between programs.
#include "core/proto/spec_faults.h"

#include <QTest>
#include "tests/test_program.h"

namespace concertina::spec_faults_test {

class SpecFaultsTest : public QObject {
  Q_OBJECT
 private slots:
  void everyFieldComesBack() {
    const std::vector<Fault> faults = {{"/model/kind", "\"lenet\"", "a model", "lenet-5", "/model/kind: …"},
                                       {.pointer = "", .message = "line 3, column 7"}};
    const std::vector<Fault> back = FromMessages(ToMessages(faults));
    QCOMPARE(back.size(), faults.size());
    for (size_t i = 0; i < faults.size(); ++i) {
      QCOMPARE(back[i].pointer, faults[i].pointer);
      QCOMPARE(back[i].found, faults[i].found);
      QCOMPARE(back[i].expected, faults[i].expected);
      QCOMPARE(back[i].suggestion, faults[i].suggestion);
      QCOMPARE(back[i].message, faults[i].message);
    }
  }

  void whatIsNotUtf8IsReplaced() {  // a cell of a table in Latin-1
    const auto back = FromMessages(ToMessages({{.found = "Gr\xf6\xdf"
                                                         "e",
                                                .message = "t.csv:1: \"Gr\xf6\xdf"
                                                           "e\""}}));
    QCOMPARE(back[0].found, std::string("Gr\xef\xbf\xbd\xef\xbf\xbd"
                                        "e"));
    QVERIFY(QString::fromStdString(back[0].message).startsWith("t.csv:1: "));
  }
};

CONCERTINA_TEST(SpecFaultsTest)

}  // namespace concertina::spec_faults_test

#include "spec_faults_test.moc"
