// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// edge_cross_test.cc: concertina-edge, built for the processors of devices and run under QEMU, gives what the
// program of this machine gives, to the last bit.
//
// Of whole numbers, whatever the processors. Of floats too, since sums go over the inputs in one order and
// each step is one fused multiply-add (kernels.h): so a processor of ours without that instruction gives
// other last bits, and its floats are not compared. No layer here is tanh, sigmoid or GELU: those are the
// mathematical library's, which differs in the last place (1 ulp of expf, 2 of tanhf) from processor to
// processor. On armhf what is below 2^-126 becomes zero in vectors; nothing of a model that was trained is.
#include <QStandardPaths>
#include <QtEndian>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::edge_cross_test {

class EdgeCrossTest : public QObject {
  Q_OBJECT

  TestHome home_;
  QByteArray images_;  // a byte a pixel

  struct Told {
    int exit_code = -1;
    QByteArray out, err;
  };
  static Told Run(const QString& program, const QStringList& arguments, const QByteArray& input = {},
                  int timeout_ms = 60000) {
    QProcess process;
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(timeout_ms)) {
      process.kill();
      process.waitForFinished(5000);
      return {-1, {}, "timed out: " + process.readAllStandardError()};
    }
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
  }
  static QByteArray Unpacked(const QString& name) {
    return Run("gzip", {"-dc", "/usr/share/datasets/fashion-mnist/" + name + ".gz"}).out;
  }
  // The first 2,000 items of an IDX file, as one: ten thousand take an emulated processor a minute.
  static std::string FirstOf(const QString& name, qsizetype header, qsizetype bytes_each) {
    QByteArray file = Unpacked(name).left(header + 2000 * bytes_each);
    qToBigEndian<qint32>(2000, file.data() + 4);
    return file.toStdString();
  }
  static bool HasFusedMultiplyAdd() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("fma") != 0 && __builtin_cpu_supports("avx2") != 0;
#else
    return true;
#endif
  }

  // name-float.edge, name-int8.edge and name-sparse.edge, trained for seconds: bits, not answers, are
  // compared.
  void Make(const QString& name, int steps, const QStringList& kinds) {
    nlohmann::json spec = SmallSpec(1, steps);
    spec["model"] = {{"kind", name.toStdString()}};
    spec["optimizer"]["learning_rate"] = 0.01;
    const CtlResult trained = home_.CtlJson({"run", home_.Write("spec.json", spec.dump())});
    QVERIFY2(trained.exit_code == 0, trained.err.constData());
    const QString run = QString::fromStdString(trained.json()["run"]);
    for (const QString& kind : kinds) {
      const QString file = home_.file(name + "-" + kind + ".edge");
      const QString recipe = kind == "int8" ? R"([{"kind": "int8", "samples": 64}])"
                                            : R"([{"kind": "prune-l1", "amount": 0.95}])";
      const CtlResult made = kind == "float" ? home_.Ctl({"export", run, "--to", "edge", "--out", file})
                                             : home_.CtlJson({"compress", run, recipe, "--out", file});
      QVERIFY2(made.exit_code == 0, made.err.constData());
    }
  }

 private slots:
  void initTestCase() {
    images_ = Unpacked("t10k-images-idx3-ubyte").mid(16);
    if (images_.isEmpty()) QSKIP("Fashion-MNIST is not installed");
    Make("lenet-300-100", 200, {"float", "int8", "sparse"});
    if (!QTest::currentTestFailed()) Make("lenet-5", 40, {"float", "int8", "sparse"});
    if (!QTest::currentTestFailed())
      Make("resnet-8", 20, {"float", "int8"});  // sums of whole numbers, and strides
  }

  void everyBitIsThatOfThisMachine_data() {
    QTest::addColumn<QString>("architecture");
    QTest::addColumn<QString>("machine");
    QTest::newRow("arm64") << "arm64"
                           << "aarch64";
    QTest::newRow("armhf") << "armhf"
                           << "arm";
  }
  void everyBitIsThatOfThisMachine() {
    QFETCH(QString, architecture);
    QFETCH(QString, machine);
    QString emulator = QStandardPaths::findExecutable("qemu-" + machine + "-static");
    if (emulator.isEmpty()) emulator = QStandardPaths::findExecutable("qemu-" + machine);
    if (emulator.isEmpty()) QSKIP("QEMU is not installed; packaging/setup installs qemu-user-static");
    const QString script = QStringLiteral(CONCERTINA_SOURCE_DIR "/packaging/edge-cross"),
                  folder = QDir::cleanPath(QStringLiteral(CONCERTINA_BIN_DIR "/../edge-") + architecture);
    const Told needs = Run(script, {architecture, folder, "--needs"}, {}, 300000);
    if (needs.exit_code == 3) QSKIP(needs.err.trimmed().constData());
    const Told built = Run(script, {architecture, folder}, {}, 300000);
    QVERIFY2(built.exit_code == 0, (built.out + built.err).constData());
    const QString program = QString::fromUtf8(built.out.trimmed());
    QVERIFY2(QFileInfo(program).size() < 5'000'000, "a device has no room for it");

    const auto both = [&](const QStringList& arguments, const QByteArray& input = {}) {
      const Told here = Run(TestHome::Program("concertina-edge"), arguments, input);
      const Told there = Run(emulator, QStringList(program) + arguments, input);
      const QString what = arguments.join(' ');
      QVERIFY2(here.exit_code == 0, qPrintable(what + ": " + here.err));
      QVERIFY2(there.exit_code == 0, qPrintable(what + ": " + there.err));
      QVERIFY2(!here.out.isEmpty() && !here.out.contains("nan"), qPrintable(what));
      QVERIFY2(there.out == here.out,
               qPrintable(what + ":\n" + there.out.left(200) + "\n, and here\n" + here.out.left(200)));
    };
    const QStringList models = QDir(home_.path()).entryList({"*-int8.edge", "*-float.edge", "*-sparse.edge"});
    QCOMPARE(models.size(), qsizetype{8});
    for (const QString& name : models) {
      if (!name.contains("int8") && !HasFusedMultiplyAdd()) continue;
      both({"classify", home_.file(name), "-", "--logits"}, images_.left(784 * 40));
      if (QTest::currentTestFailed()) return;
    }
    const QString model = home_.file("lenet-300-100-int8.edge");
    both({"evaluate", model, home_.Write("images", FirstOf("t10k-images-idx3-ubyte", 16, 784)),
          home_.Write("labels", FirstOf("t10k-labels-idx1-ubyte", 8, 1))});
    // What is wrong is said there as it is here.
    const QString noise = home_.Write("noise.edge", std::string(1000, 'x'));
    const Told here = Run(TestHome::Program("concertina-edge"), {"info", noise});
    const Told there = Run(emulator, {program, "info", noise});
    QCOMPARE(there.exit_code, 2);
    QCOMPARE(there.err, here.err);
  }

  void logitsAreThoseOfTheClasses() {  // so that what is compared above is what the program answers
    const QString model = home_.file("lenet-5-int8.edge");
    const Told logits = Run(TestHome::Program("concertina-edge"), {"classify", model, "-", "--logits"},
                            images_.left(784 * 50)),
               classes = Run(TestHome::Program("concertina-edge"), {"classify", model, "-"},
                             images_.left(784 * 50));
    const QList<QByteArray> lines = logits.out.trimmed().split('\n'),
                            answers = classes.out.trimmed().split('\n');
    QCOMPARE(lines.size(), qsizetype{50});
    QCOMPARE(answers.size(), qsizetype{50});
    for (qsizetype i = 0; i < lines.size(); ++i) {
      std::vector<float> numbers;
      for (const QByteArray& word : lines[i].split(' ')) numbers.push_back(word.toFloat());
      QCOMPARE(numbers.size(), size_t{10});
      QCOMPARE(answers[i].toInt(),
               static_cast<int>(std::max_element(numbers.begin(), numbers.end()) - numbers.begin()));
    }
  }
};
CONCERTINA_TEST(EdgeCrossTest)

}  // namespace concertina::edge_cross_test
#include "edge_cross_test.moc"
