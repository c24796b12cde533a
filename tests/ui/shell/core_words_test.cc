// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// core_words_test.cc: what core says in English arrives in Chinese: faults and warnings as the core itself
// makes them, reasons and events as the engine puts them together; and nothing else is touched. Whether a
// text is missing that none of these makes, core_sources_test.cc says.
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <optional>

#include "core/base/registry.h"
#include "core/engine/launcher.h"
#include "core/experiment/fault_injection.h"
#include "core/experiment/plan.h"
#include "core/experiment/spec.h"
#include "core/parallel/exchange.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"
#include "tests/ui/shell/chinese.h"
#include "ui/client/core_words.h"
#include "ui/client/sentence_table.h"

namespace concertina::ui::core_words_test {
namespace {

QStringList leftOfFaults(const std::vector<Fault>& faults) {
  QStringList left;
  for (const Fault& fault : faults) {
    const QString expected = QString::fromStdString(fault.expected),
                  found = QString::fromStdString(fault.found);
    // The words of a component may wait for their Chinese (descriptor_words_test.cc).
    if (expected.startsWith(QLatin1String("a value: "))) continue;
    left << leftOf(expected, corePhrase(expected)) << leftOf(found, corePhrase(found))
         << leftOf(QString::fromStdString(fault.message), coreText(fault.message));
  }
  left.removeAll(QString());
  return left;
}

void putBigEndian(QByteArray& bytes, quint32 value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.append(static_cast<char>(value >> shift));
}

// Grey images of one colour in the format of MNIST, labels 0 to 9 in turn.
bool writeIdx(const QString& path, const QByteArray& header_fields, const QByteArray& content) {
  QFile file(path);
  return file.open(QIODevice::WriteOnly) && file.write(header_fields + content) > 0;
}

}  // namespace

class CoreWordsTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::optional<Chinese> chinese_;

  static constexpr quint32 kSamples = 1003;

  Json withData(Json spec) const {
    spec["dataset"]["kind"] = "idx";
    for (const char* part : {"train_images", "train_labels", "test_images", "test_labels"})
      if (!spec["dataset"].contains(part))
        spec["dataset"][part] =
            folder_.filePath(QString::fromLatin1(part).section(QLatin1Char('_'), 1)).toStdString();
    return spec;
  }

 private slots:
  void initTestCase() {
    chinese_.emplace();
    QVERIFY(chinese_->is_loaded());
    QByteArray images, labels, all_labels;
    for (const quint32 field : {0x803U, kSamples, 28U, 28U}) putBigEndian(images, field);
    for (const quint32 field : {0x801U, kSamples}) putBigEndian(labels, field);
    for (quint32 i = 0; i < kSamples; ++i) all_labels.append(static_cast<char>(i % 10));
    QVERIFY(writeIdx(folder_.filePath(QStringLiteral("images")), images, QByteArray(kSamples * 784, 'x')));
    QVERIFY(writeIdx(folder_.filePath(QStringLiteral("labels")), labels, all_labels));
  }
  void cleanupTestCase() { chinese_.reset(); }

  void theTestKnowsEnglish() {
    QCOMPARE(englishIn(QStringLiteral("应为：one number of things")), QStringLiteral("one number of things"));
    QCOMPARE(englishIn(QStringLiteral("应为：下列之一：none, top-k；“that is a name”，top-k MPI")),
             QString());
  }

  // Each parameter of each component with values that cannot be.
  void faultsOfEveryComponentAreSaid() {
    const Registry& registry = Registry::Global();
    int seen = 0;
    for (const std::string& category : registry.Categories()) {
      for (const Descriptor* descriptor : registry.InCategory(category)) {
        std::vector<Fault> faults;
        (void)registry.Check(category, Json{{"kind", descriptor->kind}, {"of_tomorrow", 1}}, "/at", faults);
        for (const ParamSpec& param : descriptor->params)
          for (const Json& value : {Json(-1e300), Json("no such thing at all"), Json::array({"x"}), Json()})
            (void)registry.Check(category, Json{{"kind", descriptor->kind}, {param.name, value}}, "/at",
                                 faults);
        seen += int(faults.size());
        const QStringList left = leftOfFaults(faults);
        QVERIFY2(left.isEmpty(),
                 qPrintable(QString::fromStdString(descriptor->kind) + ": " + left.join(QLatin1Char('\n'))));
      }
      std::vector<Fault> faults;
      (void)registry.Check(category, Json("x"), "/at", faults);
      (void)registry.Check(category, Json::object(), "/at", faults);
      (void)registry.Check(category, Json{{"kind", "of tomorrow"}}, "/at", faults);
      QCOMPARE(faults.size(), size_t{3});
      QVERIFY2(leftOfFaults(faults).isEmpty(), qPrintable(leftOfFaults(faults).join(QLatin1Char('\n'))));
    }
    QVERIFY(seen > 300);
  }

  void badExperimentsAreSaid_data() {
    QTest::addColumn<QString>("json");
    const auto row = [](const char* name, const char* json) { QTest::newRow(name) << json; };
    row("no JSON", "{\"seed\": 1,}");
    row("no object", "[]");
    row("a name twice", R"({"seed": 1, "seed": 2})");
    row("an unknown section", R"({"optimiser": {}, "seed": -1, "name": "a\nb"})");
    row("sections that are none", R"({"training": 3, "mesh": {"kind": "x", "data": 0}, "network": []})");
    row("chains that are none",
        R"({"gradient": {"kind": "top-k"}, "layer_gradients": 3, "knobs": {}, "recipe": 1})");
    row("a chain of two sparsifiers", R"({"gradient": [{"kind": "top-k"}, {"kind": "random-k"}]})");
    row("bytes before values", R"({"gradient": [{"kind": "zstd"}, {"kind": "fp16"}]})");
    row("signs of size one", R"({"gradient": [{"kind": "signsgd", "scale": "one"}]})");
    row("values twice", R"({"gradient": [{"kind": "fp16"}, {"kind": "int8"}]})");
    row("memory twice", R"({"gradient": [{"kind": "error-feedback"}, {"kind": "error-feedback"}]})");
    row("layers", R"({"layer_gradients": [{"layers": "", "gradient": 1}, {"of": 1}, 3, {"layers": "a"}]})");
    row("layers of rounds",
        R"({"exchange": {"kind": "fedavg"}, "layer_gradients": [{"layers": "a", "gradient": []}]})");
    row("ef21 and servers",
        R"({"exchange": {"kind": "gossip"}, "gradient": [{"kind": "error-feedback", "variant": "ef21"}, {"kind": "top-k", "error_feedback": false}], "workers": [{"count": 2}]})");
    row("a vote in gossip",
        R"({"exchange": {"kind": "gossip"}, "gradient": [{"kind": "signsgd", "error_feedback": false, "scale": "one", "vote": true}], "workers": [{"count": 2}]})");
    row("averaged momentum without a codec",
        R"({"optimizer": {"kind": "one-bit-adam"}, "exchange": {"kind": "gossip"}, "layer_gradients": [{"layers": "a", "gradient": []}], "workers": [{"count": 2}]})");
    row("averaged momentum, summed",
        R"({"optimizer": {"kind": "one-bit-adam"}, "gradient": [{"kind": "fp16"}], "workers": [{"count": 2}]})");
    row("averaged momentum, twice",
        R"({"optimizer": {"kind": "one-bit-adam"}, "gradient": [{"kind": "dgc"}], "workers": [{"count": 2}]})");
    row("averaged momentum and servers",
        R"({"optimizer": {"kind": "one-bit-adam"}, "gradient": [{"kind": "onebit"}], "exchange": {"kind": "parameter-server", "dedicated_servers": 1}, "workers": [{"count": 3}]})");
    row("knobs",
        R"({"knobs": [{"pointer": 3, "policy": 3}, {"pointer": "/seed", "policy": {"kind": "linear", "from": 1, "to": 2}}]})");
    row("what is not live",
        R"({"knobs": [{"pointer": "/seed", "policy": {"kind": "linear", "from": 1, "to": 2}}]})");
    row("a knob twice",
        R"({"knobs": [{"pointer": "/optimizer/learning_rate", "policy": {"kind": "linear", "from": 1, "to": -2}}, {"pointer": "/optimizer/learning_rate", "policy": {"kind": "linear", "from": 0.1, "to": 0.2, "begin_step": 9, "end_step": 3}}]})");
    row("a knob out of step",
        R"({"exchange": {"kind": "ad-psgd"}, "workers": [{"count": 2}], "knobs": [{"pointer": "/optimizer/learning_rate", "policy": {"kind": "linear", "from": 0.1, "to": 0.2}}]})");
    row("a measured knob of rounds that go on",
        R"({"exchange": {"kind": "fedavg"}, "workers": [{"count": 2}], "gradient": [{"kind": "top-k"}], "knobs": [{"pointer": "/gradient/0/ratio", "policy": {"kind": "adaptive", "target": 0.5, "minimum": 0.01, "maximum": 1}}]})");
    row("nothing to do", R"({"training": {"epochs": 0}})");
    row("a recipe in rounds", R"({"exchange": {"kind": "fedavg"}, "recipe": [{"kind": "prune-l1"}]})");
    row("a recipe of parts",
        R"({"mesh": {"tensor": 2}, "recipe": [{"kind": "prune-l1"}, {"kind": "n-m"}, 3]})");
    row("faults",
        R"({"workers": [{"count": 2}], "faults": [{"kind": "kill", "rank": 7}, {"kind": "slow", "from_step": 9, "to_step": 3}, {"kind": "partition", "ranks": [0, 0]}, {"kind": "drop", "other": 1}, {"kind": "random"}, {"kind": "partition", "ranks": [0, 1]}, {"kind": "drop", "rank": 1, "other": 1}]})");
    row("workers", R"({"workers": [{"launcher": "locl", "kind": "x"}, 3, {"count": 100000}]})");
    row("no workers", R"({"workers": []})");
    row("too many workers", R"({"workers": [{"count": 4096}, {"count": 4096}]})");
    row("too many to be", R"({"workers": [{"count": 2}], "mesh": {"data": 3}})");
    row("servers to serve",
        R"({"exchange": {"kind": "parameter-server", "dedicated_servers": 2}, "workers": [{"count": 2}], "mesh": {"data": 3}})");
    row("an exchange for one", R"({"exchange": {"kind": "single"}, "workers": [{"count": 2}]})");
    row("elastic", R"({"workers": [{"count": 3}], "elastic": {"min_workers": 4, "max_workers": 2}})");
    row("axes of servers",
        R"({"exchange": {"kind": "parameter-server", "dedicated_servers": 1}, "mesh": {"pipeline": 2}, "workers": [{"count": 3}]})");
    row("axes of rounds", R"({"exchange": {"kind": "fedavg"}, "mesh": {"pipeline": 2}})");
    row("micro-batches",
        R"({"mesh": {"pipeline": 2}, "training": {"batch_size": 30}, "pipeline": {"kind": "gpipe", "micro_batches": 7}})");
    row("interleaved",
        R"({"mesh": {"pipeline": 4}, "pipeline": {"kind": "interleaved-1f1b", "micro_batches": 2}})");
    row("a codec that remembers, in a cut",
        R"({"mesh": {"pipeline": 2}, "pipeline": {"kind": "gpipe", "activations": {"kind": "top-k"}}})");
    row("a codec that remembers, of sums",
        R"({"mesh": {"tensor": 2}, "tensor": {"activations": {"kind": "top-k"}}})");
    row("a codec that always remembers, of sums",
        R"({"mesh": {"tensor": 2}, "tensor": {"activations": {"kind": "dgc"}}})");
    row("rounds of sums",
        R"({"mesh": {"tensor": 2}, "tensor": {"activations": {"kind": "powersgd", "error_feedback": false}}})");
    row("a vote of sums",
        R"({"mesh": {"tensor": 2}, "tensor": {"activations": {"kind": "signsgd", "scale": "one", "error_feedback": false, "vote": true}}})");
    row("transports", R"({"network": {"transport": "in-process"}, "workers": [{"count": 2}]})");
    row("worlds",
        R"({"network": {"transport": "mpi"}, "workers": [{"count": 2}, {"launcher": "in-process", "count": 2}]})");
  }
  void badExperimentsAreSaid() {
    QFETCH(QString, json);
    const std::vector<Fault> faults = CheckSpec(json.toStdString()).faults;
    QVERIFY(!faults.empty());
    const QStringList left = leftOfFaults(faults);
    QVERIFY2(left.isEmpty(), qPrintable(left.join(QLatin1Char('\n'))));
    // All of them in one text, as a status has them.
    const QString all = QString::fromStdString(std::string(FaultsToStatus(faults).message()));
    QCOMPARE(coreText(all).count(QLatin1Char('\n')), all.count(QLatin1Char('\n')));
  }

  void plansAreSaid_data() {
    QTest::addColumn<QString>("json");
    const auto row = [](const char* name, const char* json) { QTest::newRow(name) << json; };
    row("more workers than cores", R"({"workers": [{"count": 200}], "training": {"batch_size": 1}})");
    row("gathered payloads",
        R"({"gradient": [{"kind": "top-k", "ratio": 0.3}], "workers": [{"count": 16}], "training": {"batch_size": 8}})");
    row("gathered sums",
        R"({"model": {"kind": "lenet-300-100"}, "mesh": {"tensor": 5}, "tensor": {"activations": {"kind": "bf16"}}})");
    row("batch norm", R"({"model": {"kind": "resnet-8"}, "workers": [{"count": 2}]})");
    row("batch norm of micro-batches", R"({"model": {"kind": "resnet-8"}, "mesh": {"pipeline": 2}})");
    row("batch norm of clients",
        R"({"model": {"kind": "resnet-8"}, "exchange": {"kind": "fedavg", "clients": 10}})");
    row("narrow micro-batches", R"({"mesh": {"pipeline": 2}, "training": {"batch_size": 24}})");
    row("a codec for nobody", R"({"gradient": [{"kind": "top-k"}]})");
    row("momentum twice", R"({"gradient": [{"kind": "dgc"}], "workers": [{"count": 2}]})");
    row("nothing but warm-up",
        R"({"gradient": [{"kind": "onebit"}], "optimizer": {"kind": "one-bit-adam"}, "training": {"max_steps": 50}, "workers": [{"count": 2}]})");
    row("hops between two",
        R"({"gradient": [{"kind": "onebit"}], "exchange": {"kind": "all-reduce", "recompress": true}, "workers": [{"count": 2}]})");
    row("MPI", R"({"network": {"transport": "mpi"}, "workers": [{"count": 2}]})");
    row("Gloo", R"({"network": {"transport": "gloo"}, "workers": [{"count": 2}]})");
    row("less than an epoch, and faults too late",
        R"({"training": {"max_steps": 3}, "faults": [{"kind": "kill", "rank": 0, "at_step": 100}]})");
    row("nothing to go on from", R"({"training": {"resume_after_failure": 2}})");
    row("layers' chains",
        R"({"layer_gradients": [{"layers": "*", "gradient": [{"kind": "fp16"}]}, {"layers": "conv*", "gradient": []}], "workers": [{"count": 2}]})");
    row("layers that are none",
        R"({"layer_gradients": [{"layers": "cnv*", "gradient": []}], "workers": [{"count": 2}]})");
    row("a knob of the codec",
        R"({"gradient": [{"kind": "top-k"}], "workers": [{"count": 2}], "knobs": [{"pointer": "/gradient/0/ratio", "policy": {"kind": "linear", "from": 0.1, "to": 0.01}}]})");
    row("a codec that forgets",
        R"({"gradient": [{"kind": "top-k", "error_feedback": false}], "workers": [{"count": 2}]})");
    row("too large a batch", R"({"training": {"batch_size": 4000}})");
    row("too many stages", R"({"mesh": {"pipeline": 30}, "training": {"batch_size": 4}})");
    row("a cut that is none",
        R"({"mesh": {"pipeline": 2}, "pipeline": {"kind": "gpipe", "cuts": "nowhere"}})");
    row("a width that cannot be divided", R"({"mesh": {"tensor": 7}})");
    row("backups of parts",
        R"({"exchange": {"kind": "parameter-server", "backup_workers": 1}, "mesh": {"data": 2, "pipeline": 2}})");
    row("too many shards",
        R"({"dataset": {"partition": {"kind": "shards", "shards_per_worker": 900}}, "workers": [{"count": 2}]})");
    row("no file", R"({"dataset": {"train_images": "/nowhere/at-all"}})");
  }
  void plansAreSaid() {
    QFETCH(QString, json);
    const SpecCheck check = CheckSpec(withData(Json::parse(json.toStdString())).dump());
    for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
    QVERIFY(check.faults.empty());
    std::vector<Fault> faults;
    const auto plan = PlanOf(check.spec, folder_.path().toStdString(), faults);
    QVERIFY2(plan.ok(), plan.ok() ? "" : std::string(plan.status().message()).c_str());
    QVERIFY(!faults.empty() || !plan->warnings.empty());
    QStringList left = leftOfFaults(faults);
    for (const std::string& warning : plan->warnings)
      left << leftOf(QString::fromStdString(warning), coreText(warning));
    left.removeAll(QString());
    QVERIFY2(left.isEmpty(), qPrintable(left.join(QLatin1Char('\n'))));
  }

  void everyExchangeIsSaid() {
    int seen = 0;
    for (const Descriptor* descriptor : Registry::Global().InCategory("exchange")) {
      std::vector<Fault> faults;
      const Params params =
          Registry::Global().Check("exchange", Json{{"kind", descriptor->kind}}, "", faults);
      const auto exchange = Registry::Global().Create<Exchange>("exchange", params);
      QVERIFY2(exchange.ok(), descriptor->kind.c_str());
      for (const int ranks : {1, 2, 3, 7, 64})
        for (const bool is_coded : {false, true}) {
          const Circumstances circumstances = {.ranks = ranks,
                                               .floats = 1000,
                                               .largest_parameter = 500,
                                               .train_samples = 5,
                                               .total_steps = 1,
                                               .learning_rate = 0.1,
                                               .has_codec = is_coded,
                                               .codec_remembers = is_coded,
                                               .codec_adds_up = is_coded,
                                               .codec_has_momentum = is_coded};
          std::vector<std::string> texts = (*exchange)->Warnings(circumstances);
          if (const absl::Status fits = (*exchange)->Fits(circumstances); !fits.ok())
            texts.emplace_back(fits.message());
          for (const std::string& text : texts) {
            ++seen;
            const QString left = leftOf(QString::fromStdString(text), coreText(text));
            QVERIFY2(left.isEmpty(), qPrintable(left));
          }
        }
    }
    QVERIFY(seen > 30);
  }

  void reasonsAndEventsAreSaid_data() {
    QTest::addColumn<QString>("english");
    QTest::addColumn<QString>("has");
    const auto row = [](const char* name, const QString& english, const QString& has) {
      QTest::newRow(name) << english << has;
    };
    WorkerExit exit;
    exit.signal = 9;
    row("killed",
        QStringLiteral("rank 1 (process 47 on n3) %1, at step 40").arg(QString::fromStdString(exit.Text())),
        QStringLiteral("信号 9"));
    exit = {};
    exit.exit_code = 127;
    row("no program",
        QStringLiteral("rank 1 (process 47) %1, at step 0").arg(QString::fromStdString(exit.Text())),
        QStringLiteral("退出码 127"));
    exit.exit_code = 3;
    row("an exit code, and the others",
        QStringLiteral("rank 0 %1, at step 7; 3 of 4 workers go on.")
            .arg(QString::fromStdString(exit.Text())),
        QStringLiteral("4 个工作进程中的 3 个继续。"));
    row("diverged",
        QStringLiteral("rank 0: the loss is nan at step 40 (epoch 1.20); the last checkpoint is kept. Try a "
                       "smaller /optimizer/learning_rate"),
        QStringLiteral("nan"));
    row("the engine ended",
        QStringLiteral("the engine ended while the run went on; it can be resumed from step 30"),
        QStringLiteral("30"));
    row("no room",
        QStringLiteral("rank 0: the disk of /h has 10 bytes left, too few for a checkpoint of 100 and 20 to "
                       "spare; the run goes on by itself once there is room"),
        QStringLiteral("/h"));
    row("it goes on",
        QStringLiteral("rank 1 hung up, or its machine is gone, at step 3; the run goes on from its last "
                       "checkpoint (1 of 3 times)."),
        QStringLiteral("共可 3 次"));
    row("a file", QStringLiteral("opening /root/x y: Permission denied"), QStringLiteral("没有权限"));
    row("a connection", QStringLiteral("rank 2: rank 1: connection lost (told by rank 0)"),
        QStringLiteral("由 rank 0 告知"));
    row("a group", QStringLiteral("3 workers from step 20 on, 4 before: rank 1 was lost."),
        QStringLiteral("此前为 4 个"));
    row("refused", QStringLiteral("run 2026-1: it does not train yet, or not any more"),
        QStringLiteral("运行 2026-1"));
    row("a state", QStringLiteral("The run is finished."), QStringLiteral("运行已完成。"));
    for (const char* fault :
         {R"({"kind": "kill", "rank": 1})", R"({"kind": "freeze", "rank": 1, "seconds": 3})",
          R"({"kind": "slow", "rank": 1, "to_step": 300})", R"({"kind": "drop"})",
          R"({"kind": "drop", "rank": 0, "other": 1, "to_step": 200})",
          R"({"kind": "partition", "ranks": [0]})"}) {
      Json spec = {{"workers", {{{"count", 3}}}}, {"faults", {Json::parse(fault)}}};
      const SpecCheck check = CheckSpec(spec.dump());
      for (const FaultAct& act : DrawFaults(check.spec))
        row(fault, QStringLiteral("By /faults/0: %1.").arg(QString::fromStdString(FaultText(act))),
            QStringLiteral("由 /faults/0："));
    }
  }
  void reasonsAndEventsAreSaid() {
    QFETCH(QString, english);
    QFETCH(QString, has);
    const QString said = coreText(english);
    QVERIFY2(leftOf(english, said).isEmpty() && said != english, qPrintable(said));
    QVERIFY2(said.contains(has), qPrintable(said));
  }

  // What is filled in comes back as it was, whatever it looks like.
  void nothingIsMangled() {
    const QString name = QStringLiteral("a %1; \"b\" of c. D\u4e2d %2");
    const QString said = coreText(QStringLiteral("the exchange \"%1\" of tomorrow").arg(QStringLiteral("x")));
    QCOMPARE(said, QStringLiteral("the exchange \"x\" of tomorrow"));
    QVERIFY(coreText(QStringLiteral("there is no run \"%2 of %1\"")).contains(QStringLiteral("%2 of %1")));
    for (const QString& text :
         {name, QStringLiteral("\"one of a\""), QStringLiteral("\"a \\\" after \\\" b\""),
          QStringLiteral("at most five hundred of them"), QStringLiteral("[1, 2, \"3 steps\"]"), QString(),
          QStringLiteral(" "), QStringLiteral("prune-l1: amount 0.5, layers conv*")})
      QVERIFY2(corePhrase(text) == text && coreText(text) == text, qPrintable(text));
    // Lines of a log are anybody's.
    const QString log = QStringLiteral(
        "rank 1 (process 4) ended with exit code 3, at step 2; the last lines of its log:\n  the engine is "
        "ending\n  true or false");
    QVERIFY(coreText(log).endsWith(log.mid(log.indexOf(QLatin1Char('\n')))));
    QVERIFY(!coreText(log).startsWith(QLatin1String("rank 1 (process")));
    // A sentence that is known beside one that is not.
    const QString half = coreText(QStringLiteral("rank 1 was lost; and something unheard of"));
    QVERIFY2(half.endsWith(QStringLiteral("and something unheard of")) &&
                 !half.contains(QStringLiteral("was lost")),
             qPrintable(half));
    const QString endless = QStringLiteral("at most ") + QString(5000, QLatin1Char('x'));
    QCOMPARE(corePhrase(endless), endless);
  }

  // Whoever writes a log chooses its texts; the interface thread looks at them. Without a bound on the effort
  // the first took seconds, and the place in a place in a place the whole stack.
  void noTextTakesLong_data() {
    QTest::addColumn<QString>("begin");
    QTest::addColumn<QString>("repeated");
    QTest::addColumn<int>("characters");
    QTest::addColumn<QString>("end");
    QTest::newRow("it may be cut in many ways, and none is right")
        << "rank "
        << "a (process a on a) a, at step " << 1900 << "; a; the last lines of its log:";
    QTest::newRow("a mesh without end") << "a mesh of "
                                        << "a b x " << 1900 << "; a: at most 4 workers";
    QTest::newRow("a place in a place") << ""
                                        << "a: " << 65'536 << "";
    QTest::newRow("many lines") << ""
                                << "a\n"
                                << 65'536 << "";
  }
  void noTextTakesLong() {
    QFETCH(QString, begin);
    QFETCH(QString, repeated);
    QFETCH(int, characters);
    QFETCH(QString, end);
    const QString text = begin + repeated.repeated(characters / int(repeated.size())) + end;
    QElapsedTimer timer;
    timer.start();
    QVERIFY(!coreText(text).isEmpty() && !corePhrase(text).isEmpty());
    // Some 10 ms; sanitizers and a busy machine take their time.
    QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
    // What was spent on it is not missing afterwards.
    QVERIFY(coreText(QStringLiteral("rank 1 was lost")) != QStringLiteral("rank 1 was lost"));
  }

  void englishStaysAsItIs() {
    chinese_.reset();
    const QStringList texts = {QStringLiteral("rank 1 was lost; nobody is left who has the parameters."),
                               QStringLiteral("/mesh: found 1, expected one of a, b"),
                               QStringLiteral("The run is finished. The run goes on.\n  x")};
    for (const QString& text : texts) {
      QCOMPARE(coreText(text), text);
      QCOMPARE(corePhrase(text), text);
    }
    chinese_.emplace();
  }
};

CONCERTINA_TEST(CoreWordsTest)

}  // namespace concertina::ui::core_words_test

#include "core_words_test.moc"
