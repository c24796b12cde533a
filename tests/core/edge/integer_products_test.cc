// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// integer_products_test.cc: what is said of a processor's instructions is what the system says of it, and
// each sentence is of its own.
#include "core/edge/integer_products.h"

#include <QFile>
#include <QTest>
#include <set>

#include "tests/test_program.h"

namespace concertina::integer_products_test {

class IntegerProductsTest : public QObject {
  Q_OBJECT
 private slots:
  void theSystemSaysTheSame() {
    QFile file(QStringLiteral("/proc/cpuinfo"));
    if (!file.open(QIODevice::ReadOnly)) QSKIP("this system tells nothing of its processor");
    QString text = QString::fromUtf8(file.readAll());
    text.replace(QLatin1Char('\n'), QLatin1Char(' '));
    const QStringList flags = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    const IntegerProducts here = IntegerProductsHere();
    const std::string message = here.instructions + (here.used ? ", used" : ", not used");
#if defined(__x86_64__)
    const std::string expected = flags.contains(QLatin1String("avx512_vnni")) ? "avx512-vnni"
                                 : flags.contains(QLatin1String("avx_vnni"))  ? "avx-vnni"
                                 : flags.contains(QLatin1String("avx2"))      ? "avx2"
                                                                              : "none";
    QVERIFY2(here.instructions == expected, message.c_str());
#elif defined(__aarch64__)
    QVERIFY2(here.instructions == (flags.contains(QLatin1String("asimddp")) ? "dot-product" : "neon"),
             message.c_str());
#endif
    if (here.instructions == "avx2") QVERIFY2(here.used, message.c_str());
    if (here.instructions == "none") QVERIFY2(!here.used, message.c_str());
  }

  void eachHasItsSentence() {
    std::set<std::string> sentences;
    for (const IntegerProducts& products : {IntegerProducts{"avx512-vnni", true},
                                            {"avx512-vnni", false},
                                            {"avx2", true},
                                            {"dot-product", false},
                                            {"neon", true},
                                            {"none", false}})
      sentences.insert(IntegerExpectation(products));
    QCOMPARE(sentences.size(), size_t{6});
    for (const std::string& sentence : sentences) QVERIFY(sentence.ends_with("."));
    QCOMPARE(IntegerExpectation({"avx-vnni", false}), IntegerExpectation({"avx512-vnni", false}));
  }
};
CONCERTINA_TEST(IntegerProductsTest)

}  // namespace concertina::integer_products_test
#include "integer_products_test.moc"
