// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_loop_test.cc: a recipe trains, compresses and judges: the file is what the figures say, whatever the
// number of ranks; what was pruned stays so; and what does not fit is named.
#include "core/worker/recipe_loop.h"

#include <QDir>
#include <QFileInfo>
#include <QTest>

#include "core/analysis/step_detail.h"
#include "core/base/file.h"
#include "core/base/registry.h"
#include "core/edge/model_file.h"
#include "core/edge/runtime.h"
#include "core/graph/executor.h"
#include "core/nn/model.h"
#include "core/worker/checkpoint_manifest.h"
#include "tests/core/worker/recipe_ranks.h"
#include "tests/test_program.h"

namespace concertina::recipe_loop_test {
class RecipeLoopTest : public QObject, private RecipeRanks {
  Q_OBJECT

  static ModelFile FileOf(const QString& folder) {
    auto file = ReadModel((folder + "/model.edge").toStdString());
    if (!file.ok()) qFatal("%s", std::string(file.status().message()).c_str());
    return *std::move(file);
  }

 private slots:
  void everyStepIsJudgedByItsFile() {
    const nlohmann::json recipe = {{{"kind", "prune-l1"}, {"amount", 0.5}},
                                   {{"kind", "retrain"}, {"epochs", 1}, {"learning_rate_factor", 0.5}},
                                   {{"kind", "int8"}, {"samples", 64}}};
    const auto results = Run(Spec(1, recipe), "judged");
    QVERIFY2(results[0].result.ok(),
             qPrintable(QString::fromStdString(std::string(results[0].result.status().message()))));
    const RecipeResult& one = results[0];
    QCOMPARE(one.texts, (std::vector<std::string>{"the model as it was trained", "prune-l1: amount 0.5",
                                                  "retrain: epochs 1, learning_rate_factor 0.5",
                                                  "int8: calibration mse, samples 64"}));
    QCOMPARE(one.at.back(), one.total_steps);
    QCOMPARE(one.result->step, one.total_steps);
    QVERIFY(std::is_sorted(one.at.begin(), one.at.end()) && one.at[0] < one.at[1]);
    const ModelFile file = FileOf(folder_.filePath("judged"));
    QCOMPARE(static_cast<double>(QFileInfo(folder_.filePath("judged/model.edge")).size()),
             one.figures.back().at("file_bytes"));
    QVERIFY(one.figures[1].at("nonzeros") < 0.6 * one.figures[0].at("nonzeros"));
    QCOMPARE(one.figures[2].at("nonzeros"), one.figures[1].at("nonzeros"));
    QVERIFY(one.figures[0].at("test_accuracy") > 0.85);
    QVERIFY(one.figures.back().at("test_accuracy") > 0.8);
    QVERIFY(one.figures.back().at("ratio") > 1.5);
    QVERIFY(one.figures.back().at("latency_p50_seconds") > 0);
    QCOMPARE(one.series.at("edge/file_bytes").size(), size_t{4});
    const auto model = EdgeModel::Create(file.graph);
    QVERIFY(model.ok());
    for (const EdgeModel::Layer& layer : (*model)->layers()) QCOMPARE(layer.kernel, std::string("int8"));
  }

  // Two ranks with half the batch each make the steps of one, and judge half of the test samples each.
  void twoRanksAgreeWithOne() {
    const nlohmann::json recipe = {{{"kind", "prune-l1"}, {"amount", 0.6}},
                                   {{"kind", "retrain"}, {"epochs", 2}},
                                   {{"kind", "codebook"}, {"bits", 4}},
                                   {{"kind", "retrain"}, {"epochs", 1}}};
    const auto one = Run(Spec(1, recipe), "one"), two = Run(Spec(2, recipe), "two");
    QVERIFY(one[0].result.ok() && two[0].result.ok() && two[1].result.ok());
    QCOMPARE(two[0].result->step, two[1].result->step);
    QVERIFY(two[1].figures.empty());  // rank 0 speaks
    for (size_t i = 0; i < one[0].figures.size(); ++i) {
      QCOMPARE(one[0].figures[i].at("nonzeros"), two[0].figures[i].at("nonzeros"));
      QVERIFY(std::abs(one[0].figures[i].at("test_accuracy") - two[0].figures[i].at("test_accuracy")) < 0.02);
    }
    const std::vector<float> a = ParametersOf(folder_.filePath("one")),
                             b = ParametersOf(folder_.filePath("two"));
    QVERIFY(!a.empty());
    QCOMPARE(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) QVERIFY(std::abs(a[i] - b[i]) < 2e-2F);
  }

  // Beside the file stands what became of the model inside, and it agrees with the figures.
  void everyStepIsLookedInto() {
    const nlohmann::json recipe = {{{"kind", "prune-l1"}, {"amount", 0.95}},
                                   {{"kind", "evaluate"}, {"sensitivity", true}}};
    const auto results = Run(Spec(2, recipe), "inside");
    QVERIFY2(results[0].result.ok(), std::string(results[0].result.status().message()).c_str());
    QCOMPARE(results[0].texts.back(), std::string("evaluate: sensitivity true"));
    std::vector<StepDetail> steps;
    for (int64_t k = 0; k < 3; ++k) {
      const auto text = ReadFile((folder_.filePath("inside/") + StepDetailFileName(k).c_str()).toStdString(),
                                 kMostDetailBytes);
      QVERIFY(text.ok());
      auto detail = ReadStepDetail(*text);
      QVERIFY2(detail.ok(), std::string(detail.status().message()).c_str());
      QCOMPARE(detail->index, k);
      QCOMPARE(detail->text, results[0].texts[static_cast<size_t>(k)]);
      steps.push_back(*std::move(detail));
    }
    const int64_t samples = std::accumulate(steps[0].confusion.begin(), steps[0].confusion.end(), int64_t{0});
    QVERIFY(samples > 0 && steps[0].looked_at == (samples + 1) / 2);
    for (size_t k = 0; k < 3; ++k) {
      const auto& confusion = steps[k].confusion;
      QCOMPARE(std::accumulate(confusion.begin(), confusion.end(), int64_t{0}), samples);
      const double accuracy = static_cast<double>(confusion[0] + confusion[3]) / static_cast<double>(samples);
      QVERIFY(std::abs(accuracy - results[0].figures[k].at("test_accuracy")) < 1e-6);
      // Each answer that became wrong costs one, each that became right gives one back.
      const auto correct = [](const StepDetail& step) { return step.confusion[0] + step.confusion[3]; };
      QCOMPARE(correct(steps[0]) - steps[k].became_wrong + steps[k].became_right, correct(steps[k]));
    }
    QVERIFY(steps[1].became_wrong > 0);  // of three inputs and two classes little is left
    QVERIFY(!steps[1].changed.empty());
    for (const LayerDetail& layer : steps[1].layers) {
      QVERIFY(static_cast<double>(layer.zeros) >= 0.9 * static_cast<double>(layer.count));
      QCOMPARE(layer.range, steps[0].Layer(layer.name)->range);
      QVERIFY(layer.bytes > 0 && layer.bytes < steps[0].Layer(layer.name)->bytes);
      QVERIFY(layer.seconds > 0 && layer.converting_seconds < layer.seconds);
    }
    QVERIFY(steps[1].sensitivity.empty());
    QCOMPARE(steps[2].sensitivity.size(), 4 * steps[2].layers.size());
    for (const LayerSensitivity& one : steps[2].sensitivity) {
      QVERIFY(one.accuracy > 0 && one.accuracy <= 1);
      QVERIFY(steps[2].Layer(one.layer) != nullptr);
    }
  }

  void whatIsSharedStaysSharedThroughTraining() {
    const nlohmann::json recipe = {{{"kind", "codebook"}, {"bits", 2}}, {{"kind", "retrain"}, {"epochs", 1}}};
    QVERIFY(Run(Spec(2, recipe), "shared")[0].result.ok());
    for (const ValueId id : FileOf(folder_.filePath("shared")).graph.parameters()) {
      const ModelFile file = FileOf(folder_.filePath("shared"));
      const Value& value = file.graph.value(id);
      if (value.shape.size() < 2) continue;
      std::set<float> values(value.given->begin(), value.given->end());
      QVERIFY2(values.size() <= 4, value.name.c_str());
    }
  }

  // Each round is a step that trains its share; the whole is judged once; and what is left goes back to what
  // the run began with, through all that training.
  void roundsAreCountedAndRewindToTheFirstValues() {
    const nlohmann::json recipe = {
        {{"kind", "prune-iterative"}, {"rounds", 3}, {"share", 0.5}, {"output_share", 0.5}},
        {{"kind", "rewind"}}};
    const auto results = Run(Spec(2, recipe), "rounds");
    QVERIFY2(results[0].result.ok(),
             qPrintable(QString::fromStdString(std::string(results[0].result.status().message()))));
    QCOMPARE(results[0].figures.size(), size_t{3});
    QCOMPARE(results[0].result->step, results[0].total_steps);
    QVERIFY(results[1].result.ok());
    QCOMPARE(results[1].result->step, results[0].total_steps);

    std::vector<Fault> faults;
    const Params params =
        Registry::Global().Check("model", {{"kind", "mlp"}, {"hidden", {48, 24}}}, "", faults);
    const auto model = Registry::Global().Create<Model>("model", params);
    QVERIFY(model.ok());
    auto first = (*model)->Build({3}, 2);
    QVERIFY(first.ok());
    GiveFirstValues(*first, 3);  // the spec's seed
    const ModelFile file = FileOf(folder_.filePath("rounds"));
    const std::vector<ValueId> now = file.graph.parameters(), begun = first->parameters();
    QCOMPARE(now.size(), begun.size());
    for (size_t p = 0; p < now.size(); ++p) {
      const Value &value = file.graph.value(now[p]), &was = first->value(begun[p]);
      QCOMPARE(value.name, was.name);
      int64_t left = 0;
      for (size_t i = 0; i < value.given->size(); ++i) {
        if ((*value.given)[i] == 0) continue;
        ++left;
        QVERIFY((*value.given)[i] == (*was.given)[i]);
      }
      if (value.shape.size() == 2) QCOMPARE(left, ElementCount(value.shape) / 8);
    }
  }

  // What a run has kept is a model like another: the recipe goes on from it, without training before.
  void aFileIsAModelToBeginWith() {
    QVERIFY(Run(Spec(1, {{{"kind", "evaluate"}}}), "first")[0].result.ok());
    nlohmann::json spec = Spec(1, {{{"kind", "int8"}, {"samples", 64}}});
    spec["training"]["epochs"] = 0;
    spec["model"] = {{"kind", "file"}, {"path", folder_.filePath("first/model.edge").toStdString()}};
    const auto results = Run(spec, "second");
    QVERIFY2(results[0].result.ok(),
             qPrintable(QString::fromStdString(std::string(results[0].result.status().message()))));
    QCOMPARE(results[0].total_steps, int64_t{1});
    QVERIFY(results[0].figures[0].at("test_accuracy") > 0.85);
    spec["dataset"]["label"] = "a";  // another number of classes and features
    spec["dataset"]["label"] = "label";
    spec["model"]["path"] = folder_.filePath("nowhere.edge").toStdString();
    QCOMPARE(Run(spec, "third")[0].result.status().code(), absl::StatusCode::kNotFound);
  }

  void aStepThatDoesNotFitIsNamed() {
    const auto results =
        Run(Spec(2, {{{"kind", "evaluate"}}, {{"kind", "prune-l1"}, {"layers", "conv*"}}}), "misfit");
    // Who meets it first says it; the other may only hear that it is alone.
    const bool is_first = results[0].result.status().code() == absl::StatusCode::kInvalidArgument;
    const absl::Status& said = results[is_first ? 0 : 1].result.status();
    QCOMPARE(said.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(!results[is_first ? 1 : 0].result.ok());
    const std::string message(said.message());
    QVERIFY2(message.find("/recipe/1") != std::string::npos && message.find("conv*") != std::string::npos,
             message.c_str());
  }

  // From each of the states that were kept: the file, the parameters and the figures of a run that never
  // stopped, whatever the steps have made of the model.
  void whatWasKeptGoesOnWithTheSameBits_data() {
    QTest::addColumn<int>("ranks");
    QTest::addColumn<QString>("recipe");
    for (const int ranks : {1, 2}) {
      const auto row = [&](const char* what, const char* recipe) {
        QTest::addRow("%s, %d ranks", what, ranks) << ranks << QString(recipe);
      };
      row("masks", R"([{"kind": "prune-l1", "amount": 0.5}, {"kind": "retrain", "epochs": 1},
                       {"kind": "int8", "samples": 64}])");
      row("codebooks", R"([{"kind": "codebook", "bits": 2}, {"kind": "retrain", "epochs": 1}])");
      row("grids", R"([{"kind": "lsq", "bits": 3, "activation_bits": 4, "samples": 64},
                       {"kind": "retrain", "epochs": 1}, {"kind": "evaluate"}])");
      row("movement", R"([{"kind": "retrain", "epochs": 1}, {"kind": "prune-movement"},
                          {"kind": "retrain", "epochs": 1}])");
      row("first values", R"([{"kind": "prune-iterative", "rounds": 2}, {"kind": "rewind"},
                              {"kind": "retrain", "epochs": 1}])");
      row("a teacher", R"([{"kind": "distill", "student": {"kind": "mlp", "hidden": [8]}, "epochs": 1},
                           {"kind": "prune-movement"}, {"kind": "retrain", "epochs": 1}])");
      row("other layers", R"([{"kind": "low-rank", "rank": 2}, {"kind": "retrain", "epochs": 1}])");
    }
  }
  void whatWasKeptGoesOnWithTheSameBits() {
    QFETCH(int, ranks);
    QFETCH(QString, recipe);
    const nlohmann::json spec = Spec(ranks, nlohmann::json::parse(recipe.toStdString()));
    const QString name = QStringLiteral("kept %1").arg(QTest::currentDataTag());
    const auto whole = Run(spec, name);
    QVERIFY2(whole[0].result.ok(), std::string(whole[0].result.status().message()).c_str());
    QCOMPARE(whole[0].kept_at.size(), spec["recipe"].size());  // behind the training, and all but the last
    const auto bytes = [&](const QString& folder, const char* file) {
      return *ReadFile((folder_.filePath(folder) + file).toStdString(), size_t{1} << 24);
    };
    QStringList states =
        QDir(folder_.filePath(name) + "/checkpoints").entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    QCOMPARE(states.size(), kKeptCheckpoints);
    for (const QString& state : std::as_const(states)) {
      const QString rest = name + " from " + state;
      const auto resumed =
          Run(spec, rest, {.checkpoint = (folder_.filePath(name) + "/checkpoints/" + state).toStdString()});
      QVERIFY2(resumed[0].result.ok(), std::string(resumed[0].result.status().message()).c_str());
      QCOMPARE(resumed[0].result->step, whole[0].result->step);
      QCOMPARE(resumed[0].total_steps, whole[0].total_steps);
      QCOMPARE(resumed[0].result->parameters_sha256, whole[0].result->parameters_sha256);
      QVERIFY(bytes(rest, "/model.edge") == bytes(name, "/model.edge"));
      QCOMPARE(resumed[0].texts, whole[0].texts);
      QCOMPARE(resumed[0].at, whole[0].at);
      for (size_t i = 0; i < whole[0].figures.size(); ++i)
        for (const auto& [figure, value] : whole[0].figures[i])
          if (!figure.starts_with("latency")) QCOMPARE(resumed[0].figures[i].at(figure), value);
      // What changed since the first step is still counted from there.
      const std::string last = "/" + StepDetailFileName(static_cast<int64_t>(spec["recipe"].size()));
      const auto counted = ReadStepDetail(bytes(rest, last.c_str())),
                 expected = ReadStepDetail(bytes(name, last.c_str()));
      QVERIFY(counted.ok() && expected.ok());
      QCOMPARE(counted->index, expected->index);
      QCOMPARE(counted->became_wrong, expected->became_wrong);
      QCOMPARE(counted->became_right, expected->became_right);
      for (const LayerDetail& layer : expected->layers)
        QCOMPARE(counted->Layer(layer.name)->range, layer.range);
    }
  }

  // A stop in the middle of a step: the run goes on behind the one before.
  void aStoppedRecipeGoesOn() {
    const nlohmann::json spec =
        Spec(2, {{{"kind", "prune-l1"}, {"amount", 0.5}}, {{"kind", "retrain"}, {"epochs", 2}}});
    const auto whole = Run(spec, "unstopped");
    const auto stopped = Run(spec, "halfway", {.stop_after = 1});
    QVERIFY(stopped[0].result.ok() && stopped[0].result->stopped);
    QCOMPARE(stopped[0].figures.size(), size_t{2});
    QVERIFY(stopped[0].result->step < whole[0].result->step);
    const auto newest = NewestWholeCheckpoint(Disk::Real(), folder_.filePath("halfway").toStdString(), 2);
    QVERIFY2(newest.ok(), std::string(newest.status().message()).c_str());
    QCOMPARE(newest->step, stopped[0].at.back());
    const auto resumed = Run(spec, "halfway", {.checkpoint = newest->path});
    QVERIFY2(resumed[0].result.ok(), std::string(resumed[0].result.status().message()).c_str());
    QCOMPARE(resumed[0].result->parameters_sha256, whole[0].result->parameters_sha256);
    QCOMPARE(resumed[0].texts, whole[0].texts);
  }

  // Whenever it is stopped, and however often: the file is the one of a run that never was.
  void aStopBehindAnyStepGoesOnToTheSameFile() {
    const nlohmann::json spec = Spec(2, {{{"kind", "prune-l1"}, {"amount", 0.5}},
                                         {{"kind", "retrain"}, {"epochs", 1}},
                                         {{"kind", "codebook"}, {"bits", 3}},
                                         {{"kind", "retrain"}, {"epochs", 1}}});
    const auto file = [&](const QString& name) {
      const auto bytes = ReadFile(folder_.filePath(name + "/model.edge").toStdString(), size_t{1} << 24);
      return bytes.ok() ? *bytes : std::string();
    };
    QVERIFY(Run(spec, "at once")[0].result.ok());
    QVERIFY(!file("at once").empty());
    std::string checkpoint;  // of the run that is stopped again and again
    int stops = 0;
    for (int behind = 0; behind < 5; ++behind) {
      const auto stopped = Run(spec, "again", {.checkpoint = checkpoint, .stop_after = behind});
      QVERIFY2(stopped[0].result.ok(), std::string(stopped[0].result.status().message()).c_str());
      if (!stopped[0].result->stopped) continue;  // nothing to train was left
      ++stops;
      const auto newest = NewestWholeCheckpoint(Disk::Real(), folder_.filePath("again").toStdString(), 2);
      QVERIFY2(newest.ok(), std::string(newest.status().message()).c_str());
      checkpoint = newest->path;
      const QString rest = QStringLiteral("on from %1").arg(behind);
      const auto resumed = Run(spec, rest, {.checkpoint = checkpoint});
      QVERIFY2(resumed[0].result.ok(), std::string(resumed[0].result.status().message()).c_str());
      QVERIFY2(file(rest) == file("at once"), qPrintable(rest));
    }
    QVERIFY(stops >= 3);
    QVERIFY(file("again") == file("at once"));  // the last of them came to its end
  }

  // Between its steps nothing is kept, whatever the experiment asks for: it would be none to go on from.
  void aStretchOfTrainingKeepsNoCheckpoints() {
    nlohmann::json spec = Spec(2, {{{"kind", "prune-l1"}}, {{"kind", "evaluate"}}});
    spec["training"]["checkpoint_every_steps"] = 5;
    const auto results = Run(spec, "between", {.actions = {proto::Control::CHECKPOINT}});
    QVERIFY(results[0].result.ok());
    QCOMPARE(results[0].kept_at, (std::vector<int64_t>{results[0].at[0], results[0].at[1]}));
    QCOMPARE(results[0].missed.size(), size_t{1});
  }

  void whatIsNoStateOfThisRecipeIsRefused() {
    const nlohmann::json spec = Spec(2, {{{"kind", "prune-l1"}}, {{"kind", "evaluate"}}});
    QVERIFY(Run(spec, "of two")[0].result.ok());
    const std::string folder = folder_.filePath("of two").toStdString();
    const auto newest = NewestWholeCheckpoint(Disk::Real(), folder, 2);
    QVERIFY(newest.ok());
    const auto alone = Run(Spec(1, spec["recipe"]), "of one", {.checkpoint = newest->path});
    QCOMPARE(alone[0].result.status().code(), absl::StatusCode::kFailedPrecondition);
    // Of training, not of a recipe.
    Checkpoint training{.step = 3, .rank = 0, .world_size = 1, .spec_json = spec.dump()};
    training.exchange = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const std::string other = CheckpointFolder(folder_.filePath("of training").toStdString(), 3);
    QVERIFY(WriteCheckpoint(other, training).ok());
    QCOMPARE(Run(Spec(1, spec["recipe"]), "refused", {.checkpoint = other})[0].result.status().code(),
             absl::StatusCode::kFailedPrecondition);
  }

  // No training follows that would hear of it.
  void aStopEndsAStepInItsMiddle() {
    const auto results = Run(Spec(2, {{{"kind", "low-rank"}, {"rank", 1}}, {{"kind", "evaluate"}}}), "within",
                             {.stop_at = "low-rank: layer 1 of "});
    for (const RecipeResult& each : results) {
      QVERIFY2(each.result.ok(), std::string(each.result.status().message()).c_str());
      QVERIFY(each.result->stopped);
    }
    QCOMPARE(results[0].figures.size(), size_t{1});  // of the model as it was trained
    QVERIFY(!ParametersOf(folder_.filePath("within")).empty());
    const auto newest = NewestWholeCheckpoint(Disk::Real(), folder_.filePath("within").toStdString(), 2);
    QVERIFY2(newest.ok(), std::string(newest.status().message()).c_str());
    QCOMPARE(newest->step, results[0].at.back());
  }

  void whatIsDoneIsToldInWords() {
    const auto results = Run(Spec(1, {{{"kind", "codebook"}}}), "told", {});
    const std::vector<std::string>& doing = results[0].doing;
    for (const char* part : {"measuring: the model as it was trained", "recipe step 1 of 1, codebook",
                             "recipe step 1 of 1, codebook: layer 1 of ", "measuring: codebook"})
      QVERIFY2(std::any_of(doing.begin(), doing.end(),
                           [&](const std::string& each) { return each.starts_with(part); }),
               part);
    QCOMPARE(doing.back(), std::string());
  }

  void aStopKeepsTheModelAsItIs() {
    const auto results = Run(Spec(2, {{{"kind", "int8"}}}), "stopped", {.actions = {proto::Control::STOP}});
    QVERIFY(results[0].result.ok());
    QVERIFY(results[0].result->stopped);
    QVERIFY(results[0].figures.empty());
    QVERIFY(!ParametersOf(folder_.filePath("stopped")).empty());
  }
};
CONCERTINA_TEST(RecipeLoopTest)

}  // namespace concertina::recipe_loop_test
#include "recipe_loop_test.moc"
