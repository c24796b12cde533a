// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_tensor_test.cc: the section "tensor" in the forms of the Design page: its codec is a form made of
// the description, as every other.
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/pages/design_section.h"
#include "ui/forms/spec_document.h"

namespace concertina::ui::design_tensor_test {
namespace {

// As the engine describes it.
constexpr char kTensor[] = R"({"kind": "tensor", "title": "Tensor axis", "summary": "Sums.", "citation": "",
  "parameters": [{"name": "activations", "type": "component", "unit": "", "default": {"kind": "none"},
     "choices": ["gradient-codec"], "doc": "The codec of the sums.", "live": false}]})";

QJsonObject describeTensor() { return describeWith(kTensor); }

struct Fixture : DesignSection {
  explicit Fixture(const QJsonObject& describe = describeTensor()) : DesignSection(describe) {}
  QCheckBox* presence() { return find<QCheckBox>(u"designCard.switch:/tensor"_qs); }
  QComboBox* kind() { return find<QComboBox>(u"field:/tensor/activations/kind"_qs); }
  void choose(const QString& codec) {
    const int index = kind()->findData(codec);
    QVERIFY(index >= 0);
    kind()->setCurrentIndex(index);
    emit kind()->activated(index);
  }
};

}  // namespace

class DesignTensorTest : public QObject {
  Q_OBJECT

 private slots:
  void anEngineThatDoesNotKnowItHasNoCard() {
    Fixture f(describeSample());
    QVERIFY(f.page.findChild<QWidget*>(u"designCard.tensor"_qs) == nullptr);
  }

  void aCodecIsChosenAndStandsInItsPlace() {
    Fixture f;
    const QString before = f.page.spec();
    QVERIFY(!f.presence()->isChecked());
    f.presence()->click();
    QVERIFY(f.kind()->isVisibleTo(&f.page));
    f.choose(u"top-k"_qs);
    QCOMPARE(f.value(u"/tensor/activations/kind"_qs).toString(), u"top-k"_qs);
    const QString spec = f.page.spec();
    QVERIFY(spec.indexOf(u"\"exchange\""_qs) < spec.indexOf(u"\"tensor\": {"_qs));
    QVERIFY(spec.indexOf(u"\"tensor\": {"_qs) < spec.indexOf(u"\"workers\""_qs));
    f.presence()->click();
    QCOMPARE(f.page.spec(), before);
  }

  void aRefusalStandsAtTheCodec() {
    Fixture f;
    f.presence()->click();
    f.faults = {{u"/tensor/activations/kind"_qs, u"\"top-k\""_qs, u"a codec like fp16"_qs, {}, {}}};
    f.choose(u"top-k"_qs);
    QTRY_VERIFY(f.find<QLabel>(u"fault:/tensor/activations/kind"_qs)->text().contains(u"like fp16"_qs));
  }
};

CONCERTINA_TEST(DesignTensorTest)

}  // namespace concertina::ui::design_tensor_test

#include "design_tensor_test.moc"
