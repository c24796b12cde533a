// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dense_partner_test.cc: who is held against whom.
#include "core/analysis/dense_partner.h"

#include <QTest>

#include "tests/test_program.h"

namespace concertina::dense_partner_test {

class DensePartnerTest : public QObject {
  Q_OBJECT
 private slots:
  void aPartnerDiffersInItsGradientAlone() {
    std::vector<std::string> specs;
    for (
        const char* text : {
            R"({"name": "a", "gradient": [{"kind": "fp16"}], "network": {"bandwidth_mbit": 100}})",
            R"({"name": "b", "gradient": [], "network": {"bandwidth_mbit": 1000}})",
            R"({"name": "c", "gradient": [], "network": {"bandwidth_mbit": 100}})",
            R"({"name": "d", "gradient": [{"kind": "top-k"}, {"kind": "fp16"}], "network": {"bandwidth_mbit": 1000}})",
            R"({"name": "e", "gradient": [{"kind": "fp16"}], "network": {"bandwidth_mbit": 10}})",
            R"({"name": "f", "gradient": [{"kind": "fp16"}], "network": {"bandwidth_mbit": 100}, "seed": 2})",
            R"({"name": "g", "gradient": [{"kind": "none"}], "seed": 2, "network": {"bandwidth_mbit": 100}})",
        })
      specs.push_back(text);
    specs.emplace_back("");  // a point that never got as far as a spec
    const auto partners = DensePartners(specs);
    const std::vector<std::optional<size_t>> expected = {2, {}, {}, 1, {}, 6, {}, {}};
    QVERIFY(partners == expected);
  }
};

CONCERTINA_TEST(DensePartnerTest)

}  // namespace concertina::dense_partner_test

#include "dense_partner_test.moc"
