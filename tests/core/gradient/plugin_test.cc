// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plugin_test.cc: a codec in a shared module is loaded and runs; what does not fit is refused with a reason.
#include <QTest>

#include "absl/strings/match.h"
#include "codecs_under_test.h"
#include "tests/test_program.h"

namespace concertina::plugin_test {

class PluginTest : public QObject {
  Q_OBJECT
 private slots:
  void anAbsentFolderIsNoFault() { QVERIFY(LoadPlugins("/nowhere/at/all").empty()); }

  void modulesThatDoNotFitAreRefused() {
    const std::vector<std::string> before = Registry::Global().Kinds("gradient-codec");
    const std::vector<std::string> refused = LoadPlugins(CONCERTINA_REFUSED_DIR);
    QCOMPARE(refused.size(), size_t{2});
    QVERIFY(absl::StrContains(refused[0], "future_plugin.so"));
    QVERIFY(absl::StrContains(refused[0], "version " + std::to_string(kPluginAbiVersion + 1)));
    QVERIFY(absl::StrContains(refused[1], "no_plugin.so"));
    QVERIFY(absl::StrContains(refused[1], "is not a Concertina plugin"));
    QCOMPARE(Registry::Global().Kinds("gradient-codec"), before);
  }

  void theExampleIsLoadedAndRuns() {
    QVERIFY(Registry::Global().Find("gradient-codec", "sign-example") == nullptr);
    QVERIFY(LoadPlugins(CONCERTINA_PLUGINS_DIR).empty());
    const Descriptor* descriptor = Registry::Global().Find("gradient-codec", "sign-example");
    QVERIFY(descriptor != nullptr);
    QVERIFY(!descriptor->summary.empty());
    const std::unique_ptr<Codec> codec = MakeCodec({{"kind", "sign-example"}}).value();
    const std::vector<float> gradient = {1, -2, 3, 6, -1, 1, 1, 1, 2};
    std::vector<uint8_t> payload;
    QVERIFY(codec->Encode(gradient, 0, payload).ok());
    QVERIFY(payload == (std::vector<uint8_t>{0, 0, 0, 0x40, 0b00010010, 0}));  // the scale is 18/9
    std::vector<float> decoded(9);
    QVERIFY(codec->Decode(payload, decoded).ok());
    QCOMPARE(decoded, (std::vector<float>{2, -2, 2, 2, -2, 2, 2, 2, 2}));
    QCOMPARE(codec->ResidualNormSquared(), 1.0 + 0 + 1 + 16 + 1 + 1 + 1 + 1 + 0);
    payload[5] = 2;  // a sign for an element that is not there
    QCOMPARE(codec->Decode(payload, decoded).code(), absl::StatusCode::kDataLoss);
  }
};

CONCERTINA_TEST(PluginTest)

}  // namespace concertina::plugin_test

#include "plugin_test.moc"
