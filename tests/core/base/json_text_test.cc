// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// json_text_test.cc: text that is no JSON is told by its place, and by what was expected there, once.
#include "core/base/json_text.h"

#include <QTest>

#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::json_text_test {

class JsonTextTest : public QObject {
  Q_OBJECT
 private slots:
  void whatIsNoJsonIsToldOnce_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("message");
    QTest::newRow("no colon")
        << "{\"seed\": 7,\n \"model\": {\"kind\" \"mlp\"}}"
        << "line 2, column 23: this is not JSON: unexpected string literal, expected ':'";
    QTest::newRow("a comma too many")
        << "{\"a\": 1,}"
        << "line 1, column 9: this is not JSON: unexpected '}', expected string literal";
    QTest::newRow("an open quote")
        << "{\"a\": \"x}"
        << "line 1, column 10: this is not JSON: invalid string: missing closing quote";
  }
  void whatIsNoJsonIsToldOnce() {
    QFETCH(QString, text);
    QFETCH(QString, message);
    std::vector<Fault> faults;
    ParseJsonText(text.toStdString(), faults);
    QCOMPARE(faults.size(), size_t{1});
    QCOMPARE(QString::fromStdString(faults[0].message), message);
  }
};

CONCERTINA_TEST(JsonTextTest)

}  // namespace concertina::json_text_test

#include "json_text_test.moc"
