// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// name_pattern_test.cc: which names a pattern stands for.
#include "core/base/name_pattern.h"

#include <QTest>

#include "tests/test_program.h"

namespace concertina::name_pattern_test {

class NamePatternTest : public QObject {
  Q_OBJECT
 private slots:
  void aPatternFits_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<bool>("fits");
    QTest::newRow("itself") << "conv1"
                            << "conv1" << true;
    QTest::newRow("a star at the end") << "conv1"
                                       << "conv*" << true;
    QTest::newRow("a star for nothing") << "conv"
                                        << "conv*" << true;
    QTest::newRow("a star at the beginning") << "stage1.block2.bn1"
                                             << "*.bn1" << true;
    QTest::newRow("several") << "stage1.block2.bn1"
                             << "stage?.*.bn?" << true;
    QTest::newRow("one character") << "dense1"
                                   << "dense?" << true;
    QTest::newRow("not two") << "dense10"
                             << "dense?" << false;
    QTest::newRow("not a part") << "conv1"
                                << "conv" << false;
    QTest::newRow("not from the middle") << "preconv"
                                         << "conv*" << false;
    QTest::newRow("all") << "fc"
                         << "*" << true;
    QTest::newRow("nothing") << ""
                             << "*" << true;
    QTest::newRow("something") << ""
                               << "?" << false;
  }
  void aPatternFits() {
    QFETCH(QString, name);
    QFETCH(QString, pattern);
    QFETCH(bool, fits);
    QCOMPARE(FitsPattern(name.toStdString(), pattern.toStdString()), fits);
  }
};
CONCERTINA_TEST(NamePatternTest)

}  // namespace concertina::name_pattern_test
#include "name_pattern_test.moc"
