// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_initializer_test.cc: an experiment chooses how the first weights of any model are drawn.
#include <QTest>
#include <algorithm>

#include "core/base/registry.h"
#include "core/experiment/spec.h"
#include "core/nn/layers.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::model_initializer_test {

class ModelInitializerTest : public QObject {
  Q_OBJECT
 private slots:
  // All models that there are, wherever they are registered. What comes from a file has its values already.
  void everyModelOffersIt_data() {
    QTest::addColumn<QString>("kind");
    for (const std::string& kind : Registry::Global().Kinds("model"))
      if (kind != "file") QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
  }
  void everyModelOffersIt() {
    QFETCH(QString, kind);
    const Descriptor* model = Registry::Global().Find("model", kind.toStdString());
    const ParamSpec wanted = InitializerParam();
    const auto found = std::find_if(model->params.begin(), model->params.end(),
                                    [&](const ParamSpec& param) { return param.name == wanted.name; });
    QVERIFY2(found != model->params.end(), "its descriptor has no InitializerParam()");
    QCOMPARE(found->choices, wanted.choices);  // the same words for all
    QCOMPARE(found->doc, wanted.doc);

    const auto checked = [&](const char* initializer) {
      return CheckSpec(Json{{"model", {{"kind", model->kind}, {"initializer", initializer}}}}.dump());
    };
    for (const std::string& choice : wanted.choices) {
      const SpecCheck check = checked(choice.c_str());
      QVERIFY2(check.faults.empty(), check.faults.empty() ? "" : check.faults[0].message.c_str());
      QCOMPARE(check.spec.model.Text("initializer"), choice);
    }
    const SpecCheck wrong = checked("kaimin");
    QCOMPARE(wrong.faults.size(), size_t{1});
    QCOMPARE(wrong.faults[0].pointer, std::string("/model/initializer"));
    QCOMPARE(wrong.faults[0].suggestion, std::string("kaiming"));
  }

  void unsaidItIsAsPyTorchHasIt() {
    const SpecCheck check = CheckSpec("{}");
    QVERIFY(check.faults.empty());
    QCOMPARE(check.spec.model.Text("initializer"), std::string("fan-in"));
  }
};

CONCERTINA_TEST(ModelInitializerTest)

}  // namespace concertina::model_initializer_test

#include "model_initializer_test.moc"
