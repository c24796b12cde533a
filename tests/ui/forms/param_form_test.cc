// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// param_form_test.cc: forms made from descriptors, driven by keyboard and mouse, give the JSON that was
// meant.
#include "ui/forms/param_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"
#include "tests/ui/forms/offscreen.h"
#include "ui/forms/ask.h"
#include "ui/forms/component_form.h"

namespace concertina::ui::param_form_test {
namespace {

struct Edits {
  template <class Form>
  explicit Edits(Form* form) {
    QObject::connect(form, &Form::edited, form, [this](const QString& pointer, const QJsonValue& value) {
      pointers << pointer;
      values << value;
    });
  }
  QStringList pointers;
  QVector<QJsonValue> values;
};

template <class T>
T* field(QWidget& form, const char* pointer) {
  auto* found = form.findChild<T*>(QStringLiteral("field:") + QLatin1String(pointer));
  if (found == nullptr) qFatal("no field %s", pointer);
  return found;
}

}  // namespace

class ParamFormTest : public QObject {
  Q_OBJECT
  std::shared_ptr<const Catalog> catalog_ = Catalog::fromDescribe(describeSample());

  std::unique_ptr<ComponentForm> form(const QString& category, const QString& pointer) {
    auto made = std::make_unique<ComponentForm>(
        catalog_, ComponentFormOptions{.category = category, .pointer = pointer, .label = category});
    made->resize(600, 400);
    made->show();
    return made;
  }

 private slots:
  void whatAComponentBringsHereStandsBelowWhatItIs() {
    const QJsonObject describe = {
        {"categories",
         QJsonArray{QJsonObject{
             {"category", "compressor"},
             {"components",
              QJsonArray{QJsonObject{{"kind", "half"}, {"summary", "16 bits."}},
                         QJsonObject{{"kind", "int8"},
                                     {"summary", "8 bits."},
                                     {"here", QJsonObject{{"text", "This processor <is> fast."}}}}}}}}}};
    ComponentForm one(Catalog::fromDescribe(describe), {.category = "compressor", .pointer = "/recipe/0"});
    const auto says = [&](const QString& words) {
      for (const QLabel* label : one.findChildren<QLabel*>())
        if (label->text().contains(words)) return true;
      return false;
    };
    one.setValue(QJsonObject{{"kind", "int8"}});
    QVERIFY(says(u"This processor &lt;is&gt; fast."_qs));
    one.setValue(QJsonObject{{"kind", "half"}});
    QVERIFY(says(u"16 bits."_qs));
    QVERIFY(!says(u"This processor"_qs));
  }

  void everyComponentMakesAFormThatKeepsItsDefaults() {
    for (const QString& category : {u"dataset"_qs, u"partition"_qs, u"model"_qs, u"optimizer"_qs,
                                    u"schedule"_qs, u"exchange"_qs, u"gradient-codec"_qs, u"launcher"_qs}) {
      auto made = form(category, u"/x"_qs);
      for (const ComponentInfo& component : catalog_->inCategory(category)) {
        const QJsonObject value{{u"kind"_qs, component.kind}};
        Edits edits(made.get());
        made->setValue(value);
        QCOMPARE(made->value(), QJsonValue(value));  // showing a value changes nothing in it
        QVERIFY(edits.pointers.isEmpty());
        for (const ParamInfo& param : component.params) {
          if (param.type == FieldType::kComponent) continue;
          auto* editor = made->findChild<QWidget*>(u"field:/x/"_qs + param.name);
          QVERIFY2(editor != nullptr, qPrintable(component.kind + u'/' + param.name));
          QVERIFY(!editor->accessibleName().isEmpty());
          QVERIFY2(!editor->toolTip().isEmpty(), qPrintable(param.name));
        }
      }
    }
  }

  void typedNumbersBecomeJson() {
    auto made = form(u"optimizer"_qs, u"/optimizer"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"sgd"_qs}});
    Edits edits(made.get());
    auto* rate = field<QLineEdit>(*made, "/optimizer/learning_rate");
    typeInto(rate, u"1e-3"_qs);
    QCOMPARE(edits.pointers.last(), u"/optimizer/learning_rate"_qs);
    QCOMPARE(edits.values.last(), QJsonValue(1e-3));
    QCOMPARE(made->value().toObject().value(u"learning_rate"_qs), QJsonValue(1e-3));
    // The document comes back to the form: what was typed stays as it was typed.
    made->setValue(QJsonObject{{u"kind"_qs, u"sgd"_qs}, {u"learning_rate"_qs, 0.001}});
    QCOMPARE(rate->text(), u"1e-3"_qs);
  }

  void arrowKeysStepThroughOneTwoFive() {
    auto made = form(u"optimizer"_qs, u"/optimizer"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"sgd"_qs}, {u"learning_rate"_qs, 0.1}});
    auto* rate = field<QLineEdit>(*made, "/optimizer/learning_rate");
    rate->setFocus();
    QStringList seen;
    for (int i = 0; i < 4; ++i) {
      QTest::keyClick(rate, Qt::Key_Up);
      seen << rate->text();
    }
    for (int i = 0; i < 5; ++i) {
      QTest::keyClick(rate, Qt::Key_Down);
      seen << rate->text();
    }
    QCOMPARE(seen, (QStringList{u"0.2"_qs, u"0.5"_qs, u"1"_qs, u"2"_qs, u"1"_qs, u"0.5"_qs, u"0.2"_qs,
                                u"0.1"_qs, u"0.05"_qs}));
  }

  void stepsStayInRange() {
    auto made = form(u"gradient-codec"_qs, u"/gradient/0"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"top-k"_qs}, {u"ratio"_qs, 0.5}});
    auto* ratio = field<QLineEdit>(*made, "/gradient/0/ratio");
    ratio->setFocus();
    for (int i = 0; i < 5; ++i) QTest::keyClick(ratio, Qt::Key_Up);
    QCOMPARE(ratio->text(), u"1"_qs);
    for (int i = 0; i < 50; ++i) QTest::keyClick(ratio, Qt::Key_Down);
    QCOMPARE(ratio->text(), u"1e-6"_qs);
  }

  void anEmptiedFieldGoesBackToItsDefault() {
    auto made = form(u"optimizer"_qs, u"/optimizer"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"sgd"_qs}, {u"momentum"_qs, 0.9}});
    Edits edits(made.get());
    typeInto(field<QLineEdit>(*made, "/optimizer/momentum"), QString());
    QVERIFY(edits.values.last().isUndefined());
    QVERIFY(!made->value().toObject().contains(u"momentum"_qs));
    QCOMPARE(field<QLineEdit>(*made, "/optimizer/momentum")->placeholderText(), u"0"_qs);
  }

  void aChangedValueOffersTheWayBack() {
    auto made = form(u"optimizer"_qs, u"/optimizer"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"sgd"_qs}});
    auto* reset = made->findChild<QToolButton*>(u"reset:/optimizer/momentum"_qs);
    QVERIFY(reset->isHidden());
    typeInto(field<QLineEdit>(*made, "/optimizer/momentum"), u"0.9"_qs);
    QVERIFY(!reset->isHidden());
    Edits edits(made.get());
    QTest::mouseClick(reset, Qt::LeftButton);
    QVERIFY(edits.values.last().isUndefined());
    QVERIFY(reset->isHidden());
    typeInto(field<QLineEdit>(*made, "/optimizer/momentum"), u"0"_qs);  // the default, typed out
    QVERIFY(reset->isHidden());
  }

  void whatIsWrongStandsUnderTheField() {
    auto made = form(u"gradient-codec"_qs, u"/gradient/0"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"top-k"_qs}});
    auto* fault = made->findChild<QLabel*>(u"fault:/gradient/0/ratio"_qs);
    QVERIFY(fault->isHidden());
    typeInto(field<QLineEdit>(*made, "/gradient/0/ratio"), u"7"_qs);
    QVERIFY(!fault->isHidden());
    QVERIFY2(fault->text().contains(u"1e-6 to 1"_qs) && fault->text().contains(u"7"_qs),
             qPrintable(fault->text()));
    QVERIFY(field<QLineEdit>(*made, "/gradient/0/ratio")->property("fault").toBool());
    QCOMPARE(made->ownFaults().keys(), QStringList{u"/gradient/0/ratio"_qs});
    typeInto(field<QLineEdit>(*made, "/gradient/0/ratio"), u"much"_qs);
    QVERIFY(fault->text().contains(u"much"_qs));
    typeInto(field<QLineEdit>(*made, "/gradient/0/ratio"), u"0.5"_qs);
    QVERIFY(fault->isHidden());
    QVERIFY(made->ownFaults().isEmpty());
  }

  void theEnginesWordsComeBeforeTheFieldsOwn() {
    auto made = form(u"gradient-codec"_qs, u"/gradient/0"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"top-k"_qs}, {u"ratio"_qs, 7}});
    made->setFaults({{u"/gradient/0/ratio"_qs, u"too much"_qs}});
    auto* fault = made->findChild<QLabel*>(u"fault:/gradient/0/ratio"_qs);
    QCOMPARE(fault->text(), u"too much"_qs);
    made->setFaults({});
    QVERIFY(fault->text() != u"too much"_qs && !fault->isHidden());  // the field itself still objects
  }

  void aNameThatNoFieldHasIsToldAtTheChooser() {
    auto made = form(u"optimizer"_qs, u"/optimizer"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"sgd"_qs}, {u"learing_rate"_qs, 1}});
    made->setFaults({{u"/optimizer/learing_rate"_qs, u"did you mean learning_rate?"_qs}});
    auto* fault = made->findChild<QLabel*>(u"fault:/optimizer/kind"_qs);
    QVERIFY(!fault->isHidden());
    QVERIFY(fault->text().contains(u"learing_rate"_qs));
    QVERIFY(made->value().toObject().contains(u"learing_rate"_qs));  // and it is not lost
  }

  void anUnknownKindIsKeptAndTold() {
    auto made = form(u"model"_qs, u"/model"_qs);
    const QJsonObject strange{{u"kind"_qs, u"lenet-6"_qs}, {u"depth"_qs, 6}};
    made->setValue(strange);
    QCOMPARE(made->value(), QJsonValue(strange));
    QCOMPARE(field<QComboBox>(*made, "/model/kind")->currentIndex(), -1);
    QCOMPARE(made->ownFaults().keys(), QStringList{u"/model/kind"_qs});
  }

  void choosingAnotherKindKeepsTheComponentsInside() {
    auto made = form(u"dataset"_qs, u"/dataset"_qs);
    const QJsonObject shards{{u"kind"_qs, u"shards"_qs}, {u"shards_per_worker"_qs, 3}};
    made->setValue(
        QJsonObject{{u"kind"_qs, u"fashion-mnist"_qs}, {u"path"_qs, u"/a"_qs}, {u"partition"_qs, shards}});
    Edits edits(made.get());
    auto* kind = field<QComboBox>(*made, "/dataset/kind");
    kind->setFocus();
    kind->setCurrentIndex(kind->findData(u"cifar-10"_qs));
    emit kind->activated(kind->currentIndex());
    QCOMPARE(edits.pointers, QStringList{u"/dataset"_qs});
    QCOMPARE(edits.values.last().toObject(),
             (QJsonObject{{u"kind"_qs, u"cifar-10"_qs}, {u"partition"_qs, shards}}));
  }

  void anEditInsideAComponentThatWasOnlyADefaultBringsItsKind() {
    auto made = form(u"optimizer"_qs, u"/optimizer"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"sgd"_qs}});  // the schedule's default is shown, not written
    Edits edits(made.get());
    typeInto(field<QLineEdit>(*made, "/optimizer/schedule/warmup_steps"), u"5"_qs);
    QCOMPARE(edits.pointers.first(), u"/optimizer/schedule"_qs);
    QCOMPARE(edits.values.last().toObject().value(u"kind"_qs).toString(), u"constant"_qs);
    QCOMPARE(made->value()[u"schedule"][u"warmup_steps"].toInt(), 5);
    typeInto(field<QLineEdit>(*made, "/optimizer/schedule/warmup_steps"), u"50"_qs);
    QCOMPARE(edits.pointers.last(), u"/optimizer/schedule/warmup_steps"_qs);
  }

  void checkBoxesAnswerTheSpaceBar() {
    auto made = form(u"optimizer"_qs, u"/optimizer"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"sgd"_qs}});
    Edits edits(made.get());
    auto* box = field<QCheckBox>(*made, "/optimizer/nesterov");
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Space);
    QCOMPARE(edits.values.last(), QJsonValue(true));
  }

  void listsAreTypedWithCommas() {
    auto made = form(u"model"_qs, u"/model"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"mlp"_qs}});
    Edits edits(made.get());
    typeInto(field<QLineEdit>(*made, "/model/hidden"), u"512, 256"_qs);
    QCOMPARE(edits.values.last(), QJsonValue(QJsonArray{512, 256}));
  }

  void pathsAreChosenInADialog() {
    auto made = form(u"dataset"_qs, u"/dataset"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"csv"_qs}});
    Edits edits(made.get());
    FileQuestion asked;
    setAskForFileForTests([&](const FileQuestion& question) {
      asked = question;
      return u"/data/table.csv"_qs;
    });
    auto* line = field<QLineEdit>(*made, "/dataset/path");
    QTest::mouseClick(line->parentWidget()->findChild<QToolButton*>(u"browse"_qs), Qt::LeftButton);
    setAskForFileForTests(nullptr);
    QCOMPARE(edits.values.last(), QJsonValue(u"/data/table.csv"_qs));
    QCOMPARE(line->text(), u"/data/table.csv"_qs);
  }

  void theTabKeyGoesDownTheForm() {
    auto made = form(u"optimizer"_qs, u"/optimizer"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"sgd"_qs}});
    QApplication::setActiveWindow(made.get());
    QVERIFY(QTest::qWaitForWindowActive(made.get()));
    field<QComboBox>(*made, "/optimizer/kind")->setFocus();
    QStringList order;
    for (int i = 0; i < 6; ++i) {
      order << made->focusWidget()->objectName();
      QTest::keyClick(made->focusWidget(), Qt::Key_Tab);
    }
    QCOMPARE(order, (QStringList{u"field:/optimizer/kind"_qs, u"field:/optimizer/learning_rate"_qs,
                                 u"field:/optimizer/momentum"_qs, u"field:/optimizer/nesterov"_qs,
                                 u"field:/optimizer/weight_decay"_qs, u"field:/optimizer/schedule/kind"_qs}));
  }

  void summaryAndCitationAreAtHand() {
    auto made = form(u"gradient-codec"_qs, u"/gradient/0"_qs);
    made->setValue(QJsonObject{{u"kind"_qs, u"top-k"_qs}});
    const QString info = made->findChild<QLabel*>(u"info:/gradient/0"_qs)->text();
    QVERIFY(info.contains(u"largest"_qs) && info.contains(u"Stich"_qs));
    QSignalSpy focused(made.get(), &ComponentForm::fieldFocused);
    field<QLineEdit>(*made, "/gradient/0/ratio")->setFocus();
    QTRY_VERIFY(!focused.isEmpty());
    QVERIFY(focused.last().at(1).toString().contains(u"1e-6 to 1"_qs));
  }
};

CONCERTINA_TEST(ParamFormTest)

}  // namespace concertina::ui::param_form_test

#include "param_form_test.moc"
