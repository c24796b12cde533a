// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// field_name_test.cc: names of fields as headings, their units in brackets.
#include "ui/client/field_name.h"

#include <QTest>

#include "tests/test_program.h"

namespace concertina::ui::field_name_test {

class FieldNameTest : public QObject {
  Q_OBJECT

 private slots:
  void aHeading_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("heading");
    QTest::newRow("a word") << "gradient"
                            << "Gradient";
    QTest::newRow("words") << "learning_rate"
                           << "Learning rate";
    QTest::newRow("a rate") << "bandwidth_mbit"
                            << "Bandwidth (Mbit/s)";
    QTest::newRow("a time") << "latency_ms"
                            << "Latency (ms)";
    QTest::newRow("a size") << "bucket_mib"
                            << "Bucket (MiB)";
    QTest::newRow("a unit alone is a name") << "bytes"
                                            << "Bytes";
    QTest::newRow("an ending that is none") << "algorithms"
                                            << "Algorithms";
    QTest::newRow("nothing") << ""
                             << "";
  }
  void aHeading() {
    QFETCH(QString, name);
    QFETCH(QString, heading);
    QCOMPARE(fieldName(name), heading);
  }
};

CONCERTINA_TEST(FieldNameTest)
}  // namespace concertina::ui::field_name_test

#include "field_name_test.moc"
