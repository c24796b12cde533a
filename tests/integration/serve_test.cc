// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// serve_test.cc: a model that was trained is served, asked and measured by the real programs; what is wrong
// is said before anything listens; and several runs are exported at once.
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <csignal>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::serve_test {

using Json = nlohmann::json;

class ServeTest : public QObject {
  Q_OBJECT

  // `serve` while it goes; ended by Control-C.
  class Server {
   public:
    Server(const TestHome& home, QStringList arguments) {
      arguments << "--home" << home.path() << "--json";
      process_.start(TestHome::Program("concertinactl"), QStringList{"serve"} + arguments);
      // Until its one line, or its end.
      if (!process_.waitForStarted(10000)) return;
      while (!process_.canReadLine() && process_.waitForReadyRead(60000)) {
      }
      told_ = Json::parse(process_.readLine().toStdString(), nullptr, false);
    }
    ~Server() {
      if (process_.state() == QProcess::NotRunning) return;
      process_.kill();
      process_.waitForFinished(5000);
    }
    const Json& told() const { return told_; }
    QString address() const {
      return told_.is_object() && told_.contains("address")
                 ? QString::fromStdString(told_["address"].get<std::string>())
                 : QString();
    }
    // Its status, and its last words.
    std::pair<int, QByteArray> Interrupt() {
      ::kill(static_cast<pid_t>(process_.processId()), SIGINT);
      if (!process_.waitForFinished(15000)) return {-1, "did not end"};
      return {process_.exitCode(), process_.readAllStandardError()};
    }
    QByteArray words() { return process_.readAllStandardError(); }

   private:
    QProcess process_;
    Json told_;
  };

  TestHome home_;
  std::string run_, other_;
  QString model_, pictures_;

  static QByteArray Edge(const QStringList& arguments) {
    QProcess process;
    process.start(TestHome::Program("concertina-edge"), arguments);
    if (!process.waitForFinished(60000)) process.kill();
    return process.readAllStandardOutput();
  }

 private slots:
  void initTestCase() {
    Json spec = SmallSpec(1, 40);
    spec["workers"][0]["launcher"] = "in-process";
    const CtlResult trained = home_.CtlJson({"run", home_.Write("spec.json", spec.dump())});
    QVERIFY2(trained.exit_code == 0, trained.err.constData());
    run_ = trained.json()["run"];
    const CtlResult other = home_.CtlJson({"run", home_.file("spec.json"), "--set", "/seed=8"});
    QVERIFY2(other.exit_code == 0, other.err.constData());
    other_ = other.json()["run"];
    model_ = home_.file("model.edge");
    const CtlResult written =
        home_.CtlJson({"export", QString::fromStdString(run_), "--to", "edge", "--out", model_});
    QVERIFY2(written.exit_code == 0, written.err.constData());
    // Twelve pictures as an IDX file, of a pattern that differs from one to the next.
    std::string idx("\0\0\x08\x03\0\0\0\x0c\0\0\0\x1c\0\0\0\x1c", 16);
    for (int i = 0; i < 12 * 784; ++i) idx += static_cast<char>((i * (7 + i / 784)) % 251);
    pictures_ = home_.Write("pictures", idx);
  }

  void whatIsServedIsWhatTheDeviceAnswers() {
    Server server(home_, {QString::fromStdString(run_)});
    QVERIFY2(server.address().startsWith("unix:/"), server.words().constData());
    const QString socket = server.address().mid(5);
    QCOMPARE(QFileInfo(socket).dir().exists(), true);
    QCOMPARE(QFile::permissions(QFileInfo(socket).path()) &
                 (QFile::ReadGroup | QFile::ExeOther | QFile::ReadOther | QFile::ExeGroup),
             QFile::Permissions());
    const Json& told = server.told();
    QCOMPARE(told["name"].get<std::string>(), std::string("small"));
    QVERIFY(told["sample_shape"] == Json({1, 28, 28}));
    QCOMPARE(told["classes"].get<int>(), 10);
    QCOMPARE(told["file_sha256"].get<std::string>().size(), size_t{64});

    const CtlResult asked = home_.CtlJson({"ask", server.address(), pictures_, "--top", "3"});
    QVERIFY2(asked.exit_code == 0, asked.err.constData());
    const Json answers = asked.json()["answers"];
    QCOMPARE(answers.size(), size_t{12});
    const QList<QByteArray> device = Edge({"classify", model_, pictures_}).split('\n');
    for (int i = 0; i < 12; ++i) {
      const Json& answer = answers[static_cast<size_t>(i)];
      QCOMPARE(answer["index"].get<int>(), i);
      QCOMPARE(answer["classes"].size(), size_t{3});
      QCOMPARE(QByteArray::number(answer["classes"][0]["class"].get<int>()), device.value(i));
    }
    // To the last bit.
    const Json logits =
        home_.CtlJson({"ask", server.address(), pictures_, "--logits"}).json()["answers"][5]["logits"];
    const Json edge = Json::parse(
        Edge({"classify", model_, pictures_, "--logits", "--json"}).split('\n').value(5).toStdString());
    QCOMPARE(logits.size(), size_t{10});
    for (size_t i = 0; i < 10; ++i) QVERIFY(logits[i].get<float>() == edge[i].get<float>());
    const CtlResult words = home_.Ctl({"ask", server.address(), pictures_, pictures_});
    QCOMPARE(words.out.count('\n'), 24);

    const CtlResult bench =
        home_.CtlJson({"bench", "served", server.address(), "--queries", "50", "--batch", "4"});
    QVERIFY2(bench.exit_code == 0, bench.err.constData());
    const Json figures = bench.json();
    QCOMPARE(figures["queries"].get<int>(), 50);
    QVERIFY(figures["p50_seconds"].get<double>() <= figures["p99_seconds"].get<double>());
    QVERIFY(figures["model_p50_seconds"].get<double>() > 0);
    QVERIFY(figures["model_mean_seconds"].get<double>() < figures["mean_seconds"].get<double>());
    QVERIFY(figures["samples_per_second"].get<double>() > 0);

    const auto [status, last] = server.Interrupt();
    QVERIFY2(status == 0, last.constData());
    QVERIFY2(last.contains("calls"), last.constData());
    QVERIFY(!QFile::exists(socket) && !QFileInfo(socket).dir().exists());
    QCOMPARE(home_.Ctl({"ask", server.address(), pictures_}).exit_code, 3);
  }

  void whatIsWrongIsSaid_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("words");
    QTest::newRow("no file") << QStringList{"serve", "nowhere.edge"} << "no such file";
    QTest::newRow("no model") << QStringList{"serve", "SPEC"} << "whole .edge file";
    QTest::newRow("cut off") << QStringList{"serve", "CUT"} << "whole .edge file";
    QTest::newRow("no run") << QStringList{"serve", "nosuchrun"} << "nosuchrun";
    QTest::newRow("an open folder") << QStringList{"serve", "MODEL", "--listen", "unix:/tmp/m.sock"}
                                    << "chmod 700";
    QTest::newRow("a port without a kit")
        << QStringList{"serve", "MODEL", "--listen", "127.0.0.1:0"} << "start-up kit";
    QTest::newRow("in use") << QStringList{"serve", "MODEL", "--listen", "SOCKET"} << "listens there already";
    QTest::newRow("another shape") << QStringList{"ask", "SOCKET", "SMALL"} << "1x28x28";
    QTest::newRow("a file that is not there") << QStringList{"ask", "SOCKET", "nowhere"} << "nowhere";
    QTest::newRow("half a picture") << QStringList{"ask", "SOCKET", "HALF"} << "HALF";
    QTest::newRow("too many of a call")
        << QStringList{"bench", "served", "SOCKET", "--batch", "257"} << "--batch";
    QTest::newRow("no address") << QStringList{"ask", "here", "HALF"} << "HOST:PORT";
  }
  void whatIsWrongIsSaid() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, words);
    Server server(home_, {model_, "--listen", "unix:" + home_.file("own/m.sock")});
    QVERIFY2(!server.address().isEmpty(), server.words().constData());
    QFile whole(model_);
    QVERIFY(whole.open(QIODevice::ReadOnly));
    const QMap<QString, QString> places = {
        {"SPEC", home_.file("spec.json")},
        {"MODEL", model_},
        {"SOCKET", server.address()},
        {"CUT", home_.Write("CUT", whole.read(5000).toStdString())},
        {"HALF", home_.Write("HALF", std::string(392, 'x'))},
        {"SMALL", home_.Write("SMALL", "P5 14 14 255\n" + std::string(196, 'x'))}};
    for (QString& word : arguments) word = places.value(word, word);
    const CtlResult result = home_.Ctl(arguments, 60000);
    QVERIFY2(result.exit_code == 2, result.err.constData());
    QVERIFY2(result.err.contains(words.toUtf8()), result.err.constData());
    QCOMPARE(home_.Ctl({"ask", server.address(), pictures_}).exit_code, 0);  // it goes on
    const auto [status, last] = server.Interrupt();
    QVERIFY2(status == 0, last.constData());
  }

  // What was answered is not lost with what was not, and that is named.
  void answersBeforeAndAfterAFaultAreGiven() {
    Server server(home_, {model_});
    QVERIFY2(!server.address().isEmpty(), server.words().constData());
    const QString small = home_.Write("SMALL", "P5 14 14 255\n" + std::string(196, 'x')),
                  half = home_.Write("HALF", std::string(784 + 392, 'x')), none = home_.file("none");
    const QStringList asked = {"ask", server.address(), none, pictures_, small, half, pictures_};
    const CtlResult words = home_.Ctl(asked);
    QCOMPARE(words.exit_code, 2);
    QCOMPARE(words.out.count('\n'), 12 + 1 + 12);
    for (const QString& file : {none, small, half})
      QVERIFY2(words.err.contains(file.toUtf8()), words.err.constData());
    const CtlResult told = home_.CtlJson(asked);
    QCOMPARE(told.exit_code, 2);
    const Json json = told.json();
    QVERIFY2(json.is_object(), told.out.constData());
    QCOMPARE(json["answers"].size(), size_t{25});
    QCOMPARE(json["samples"].get<int>(), 25);
    QVERIFY(!json["error"].get<std::string>().empty());
    QCOMPARE(json["unanswered"].size(), size_t{3});
    QCOMPARE(json["unanswered"][0]["file"].get<std::string>(), none.toStdString());
    QCOMPARE(json["unanswered"][2]["index"].get<int>(), 1);  // the first of it was whole
    QVERIFY(!home_.CtlJson({"ask", server.address(), pictures_}).json().contains("unanswered"));
  }

  void aPersonAsksAtAPort() {
    const QString kits = home_.file("kits");
    const CtlResult made = home_.CtlJson({"provision", "--out", kits, "--person", "ada", "--worker", "pool"});
    QVERIFY2(made.exit_code == 0, made.err.constData());
    Server server(home_, {model_, "--listen", "127.0.0.1:0", "--kit", kits + "/engine-main"});
    QVERIFY2(server.address().startsWith("127.0.0.1:"), server.words().constData());
    const CtlResult person = home_.Ctl({"ask", server.address(), pictures_, "--kit", kits + "/person-ada"});
    QVERIFY2(person.exit_code == 0, person.err.constData());
    QVERIFY(home_.Ctl({"ask", server.address(), pictures_, "--kit", kits + "/worker-pool"}).exit_code != 0);
    const CtlResult stranger = home_.Ctl({"ask", server.address(), pictures_});
    QCOMPARE(stranger.exit_code, 2);
    QVERIFY2(stranger.err.contains("start-up kit"), stranger.err.constData());
    QFile audit(home_.file("audit-models.log"));
    const auto noted = [&audit] {
      audit.close();
      return audit.open(QIODevice::ReadOnly) && audit.readAll().contains("concertina://person/ada");
    };
    QTRY_VERIFY(noted());
  }

  void severalRunsAreExportedAtOnce() {
    const QString first = QString::fromStdString(run_), second = QString::fromStdString(other_),
                  folder = home_.file("archives");
    const CtlResult both = home_.CtlJson({"export", first, second, first, "--to", "run", "--out", folder});
    QVERIFY2(both.exit_code == 0, both.err.constData());
    QVERIFY2(both.err.contains("exporting 2 of 2"), both.err.constData());  // each once
    QCOMPARE(both.json()["runs"].size(), size_t{2});
    for (const QString& run : {first, second})
      QVERIFY(QFileInfo(folder + "/" + run + ".concertina-run").size() > 0);
    QCOMPARE(QDir(folder).entryList(QDir::Files).size(), 2);
    const TestHome elsewhere;
    QCOMPARE(elsewhere.Ctl({"import", folder + "/" + second + ".concertina-run"}).exit_code, 0);
    QCOMPARE(elsewhere.CtlJson({"show", second}).json()["parameters_sha256"].get<std::string>(),
             home_.CtlJson({"show", second}).json()["parameters_sha256"].get<std::string>());
    // A name that is wrong writes nothing; neither does a file in the place of the folder.
    const QString none = home_.file("none");
    QCOMPARE(home_.Ctl({"export", first, "nosuchrun", "--to", "csv", "--out", none}).exit_code, 2);
    QVERIFY(!QFile::exists(none));
    const CtlResult file = home_.Ctl({"export", first, second, "--to", "csv", "--out", pictures_});
    QCOMPARE(file.exit_code, 2);
    QVERIFY2(file.err.contains("a folder"), file.err.constData());
    // One run alone is what it was.
    const CtlResult alone = home_.CtlJson({"export", "last", "--to", "csv", "--out", home_.file("one.csv")});
    QVERIFY(alone.json()["run"] == home_.CtlJson({"show", "last"}).json()["run"]);  // its id
    QCOMPARE(alone.json()["files"].size(), size_t{1});
  }
};

CONCERTINA_TEST(ServeTest)

}  // namespace concertina::serve_test

#include "serve_test.moc"
