// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// transport_choice_test.cc: auto is the fastest transport that reaches all workers; what is named is taken.
#include "core/experiment/transport_choice.h"

#include <QTest>
#include "tests/test_program.h"

namespace concertina::transport_choice_test {

using Launchers = std::vector<std::string>;

class TransportChoiceTest : public QObject {
  Q_OBJECT
 private slots:
  void autoIsTheFastestThatFits_data();
  void autoIsTheFastestThatFits();
};

void TransportChoiceTest::autoIsTheFastestThatFits_data() {
  QTest::addColumn<QString>("transport");
  QTest::addColumn<Launchers>("launchers");
  QTest::addColumn<QString>("taken");
  QTest::newRow("threads") << "auto" << Launchers{"in-process", "in-process"} << "in-process";
  QTest::newRow("processes of this host") << "auto" << Launchers{"local"} << "shared-memory";
  QTest::newRow("a thread among them") << "auto" << Launchers{"local", "in-process"} << "shared-memory";
  QTest::newRow("elsewhere") << "auto" << Launchers{"ssh"} << "grpc";
  QTest::newRow("one elsewhere") << "auto" << Launchers{"local", "ssh"} << "grpc";
  QTest::newRow("as named") << "grpc" << Launchers{"local"} << "grpc";
  QTest::newRow("as named, of threads") << "shared-memory" << Launchers{"in-process"} << "shared-memory";
}
void TransportChoiceTest::autoIsTheFastestThatFits() {
  QFETCH(QString, transport);
  QFETCH(Launchers, launchers);
  QFETCH(QString, taken);
  QCOMPARE(TransportOf(transport.toStdString(), launchers), taken.toStdString());
}

CONCERTINA_TEST(TransportChoiceTest)

}  // namespace concertina::transport_choice_test

#include "transport_choice_test.moc"
