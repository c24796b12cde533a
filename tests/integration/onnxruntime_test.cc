// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnxruntime_test.cc: what we export gives in ONNX Runtime what it gives on the device, in floats and in
// bytes, on 1,000 real images.
#include <QStandardPaths>
#include <cmath>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::onnxruntime_test {

using Json = nlohmann::json;
using Logits = std::vector<std::vector<double>>;  // by sample

class OnnxruntimeTest : public QObject {
  Q_OBJECT

  static constexpr qsizetype kSamples = 1000;

  TestHome home_;
  QString modules_, images_;  // a folder with node_modules; an IDX file

  struct Told {
    int exit_code = -1;
    QByteArray out, err;
  };
  Told Run(const QString& program, const QStringList& arguments, const QByteArray& input = {}) const {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("ONNXRUNTIME_NODE", modules_);
    process.setProcessEnvironment(environment);
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(120000)) {
      process.kill();
      process.waitForFinished(5000);
      return {-1, {}, "timed out: " + process.readAllStandardError()};
    }
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
  }

  static size_t Likeliest(const std::vector<double>& logits) {
    return static_cast<size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  }

  // Of both programs, for the run's model; empty, and a failure, if one of them fails.
  std::pair<Logits, Logits> Both(const QString& run) {
    const QString edge = home_.file("model.edge"), onnx = home_.file("model.onnx");
    for (const auto& [format, file] : {std::pair("edge", edge), std::pair("onnx", onnx)}) {
      const CtlResult exported = home_.Ctl({"export", run, "--to", format, "--out", file});
      if (exported.exit_code != 0) return Failed(exported.err);
    }
    const Told theirs = Run("node", {QStringLiteral(CONCERTINA_SOURCE_DIR "/tests/bench/onnx_runtime.mjs"),
                                     onnx, images_, "--logits", QString::number(kSamples), "--queries", "0"});
    const Json told = Json::parse(theirs.out.toStdString(), nullptr, false);
    if (theirs.exit_code != 0 || !told.is_object())
      return Failed("ONNX Runtime gave no document: " + theirs.err);
    const Told ours = Run(TestHome::Program("concertina-edge"), {"classify", edge, images_, "--logits"});
    if (ours.exit_code != 0) return Failed(ours.err);
    std::pair<Logits, Logits> both = {{}, told["logits"].get<Logits>()};
    for (const QByteArray& line : ours.out.trimmed().split('\n')) {
      std::vector<double> logits;
      for (const QByteArray& word : line.split(' ')) logits.push_back(word.toDouble());
      both.first.push_back(logits);
    }
    both.first.resize(std::min<size_t>(both.first.size(), kSamples));
    if (both.first.size() != kSamples || both.second.size() != kSamples) return Failed("too few samples");
    return both;
  }
  static std::pair<Logits, Logits> Failed(const QByteArray& why) {
    QTest::qFail(why.constData(), __FILE__, __LINE__);
    return {};
  }

  struct Difference {
    double most = 0;   // of the logits' range
    int64_t same = 0;  // classes
  };
  static Difference Compare(const Logits& a, const Logits& b) {
    Difference difference;
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < a.size(); ++i) {
      difference.same += Likeliest(a[i]) == Likeliest(b[i]) ? 1 : 0;
      for (size_t c = 0; c < a[i].size(); ++c) {
        difference.most = std::max(difference.most, std::abs(a[i][c] - b[i][c]));
        least = std::min(least, a[i][c]);
        most = std::max(most, a[i][c]);
      }
    }
    difference.most /= most - least;
    return difference;
  }

 private slots:
  void initTestCase() {
    const QString cache = QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation);
    modules_ = qEnvironmentVariable("ONNXRUNTIME_NODE", cache + "/concertina/onnxruntime-node-1.20.1");
    if (QStandardPaths::findExecutable("node").isEmpty() ||
        !QFile::exists(modules_ + "/node_modules/onnxruntime-node/package.json"))
      QSKIP("onnxruntime-node is not there; packaging/setup fetches it");
    const QByteArray images =
        Run("gzip", {"-dc", "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz"}).out;
    if (images.isEmpty()) QSKIP("Fashion-MNIST is not installed");
    QByteArray header = images.left(16);
    header[6] = static_cast<char>(kSamples >> 8);
    header[7] = static_cast<char>(kSamples & 0xff);
    images_ = home_.Write("images", (header + images.mid(16, 784 * kSamples)).toStdString());
  }

  void itGivesWhatTheDeviceGives_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<int>("steps");
    QTest::newRow("LeNet-5") << "lenet-5" << 200;
    QTest::newRow("ResNet-8") << "resnet-8" << 40;
  }
  void itGivesWhatTheDeviceGives() {
    QFETCH(QString, model);
    QFETCH(int, steps);
    Json spec = SmallSpec(1, steps);
    spec["model"] = {{"kind", model.toStdString()}};
    spec["optimizer"]["learning_rate"] = 0.01;  // LeNet-5 does not stand more
    const CtlResult trained = home_.CtlJson({"run", home_.Write("spec.json", spec.dump())});
    QVERIFY2(trained.exit_code == 0, trained.err.constData());
    const QString run = QString::fromStdString(trained.json()["run"]);

    // Floats are summed in another order there.
    const auto floats = Both(run);
    if (QTest::currentTestFailed()) return;
    const Difference of_floats = Compare(floats.first, floats.second);
    QVERIFY2(of_floats.most < 1e-5, qPrintable(QString::number(of_floats.most)));
    QCOMPARE(of_floats.same, int64_t{kSamples});

    // Whole numbers are the same. Where two grids are added and the sum lies half way between two of a third,
    // floats decide, and a step may grow on its way: ResNets differ by 0.3 % of the logits' range. Sums that
    // are cut at 16 bits, as ONNX Runtime's were before weights were written around 128, differ by 5 to 9 %.
    const CtlResult compressed =
        home_.CtlJson({"compress", run, R"([{"kind": "int8", "samples": 256}])"}, 240000);
    QVERIFY2(compressed.exit_code == 0, compressed.err.constData());
    const auto bytes = Both(QString::fromStdString(compressed.json()["run"]));
    if (QTest::currentTestFailed()) return;
    const Difference of_bytes = Compare(bytes.first, bytes.second);
    QVERIFY2(of_bytes.same >= 995, qPrintable(QString::number(of_bytes.same)));
    QVERIFY2(of_bytes.most < 0.02, qPrintable(QString::number(of_bytes.most)));
    QFile file(home_.file("model.onnx"));
    QVERIFY(file.open(QIODevice::ReadOnly) && file.readAll().contains("DequantizeLinear"));
    QVERIFY(Compare(floats.first, bytes.first).most > 1e-4);  // they are two models
  }
};
CONCERTINA_TEST(OnnxruntimeTest)

}  // namespace concertina::onnxruntime_test
#include "onnxruntime_test.moc"
