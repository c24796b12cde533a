// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kubernetes_test.cc: the manifests are whole and fit one another, a pod finds its rank, token and kit, and
// kubectl is told what it should be. No cluster is asked.
#include <sys/stat.h>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <memory>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/synchronization/mutex.h"
#include "core/base/file.h"
#include "core/base/registry.h"
#include "core/engine/kubernetes_manifests.h"
#include "core/engine/launcher.h"
#include "core/security/provision.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::kubernetes_test {
namespace {

using Pointer = Json::json_pointer;

Json Entry() { return {{"kind", "kubernetes"}, {"image", "registry.lab:5000/concertina@sha256:00ff"}}; }

absl::StatusOr<KubernetesOptions> OptionsOf(const Json& more) {
  Json entry = Entry();
  entry.update(more);
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("launcher", entry, "", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return KubernetesOptionsOf(params);
}

KubernetesTask SomeTask() {
  return {.run = "20261127-101010-abcdef",
          .sign = "0a1b2c3d",
          .first_rank = 2,
          .threads = 3,
          .engine_address = "head.lab:7717",
          .tokens = {"first token", "second token"},
          .kit = {{"identity.key", "the key"}, {"authority.crt", "the authority"}}};
}

bool IsLabel(const std::string& name) {
  static const QRegularExpression label("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$");
  return label.match(QString::fromStdString(name)).hasMatch();
}

std::string Decoded(const Json& text) {
  std::string bytes;
  return absl::Base64Unescape(text.get<std::string>(), &bytes) ? bytes : "no base64";
}

}  // namespace

class KubernetesTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { path_ = qgetenv("PATH"); }
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    for (const char* name : {"bin", "run", "kit"}) QVERIFY(QDir(folder_->path()).mkdir(name));
  }
  void cleanup() {
    launcher_.reset();
    qputenv("PATH", path_);
  }

  void theManifestsHaveWhatTheirKindsDemand_data() {
    QTest::addColumn<int>("item");
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("json");
    const auto row = [](int item, const char* pointer, const char* json) {
      QTest::addRow("%d %s", item, pointer) << item << pointer << json;
    };
    row(0, "/apiVersion", R"("v1")");
    row(0, "/kind", R"("Secret")");
    row(0, "/type", R"("Opaque")");
    row(0, "/metadata/namespace", R"("lab")");
    row(1, "/apiVersion", R"("v1")");
    row(1, "/kind", R"("Service")");
    row(1, "/spec/clusterIP", R"("None")");
    row(1, "/spec/publishNotReadyAddresses", "true");
    row(2, "/apiVersion", R"("batch/v1")");
    row(2, "/kind", R"("Job")");
    row(2, "/spec/completionMode", R"("Indexed")");
    row(2, "/spec/completions", "2");
    row(2, "/spec/parallelism", "2");
    row(2, "/spec/backoffLimit", "0");
    row(2, "/spec/activeDeadlineSeconds", "5400");
    row(2, "/spec/template/spec/restartPolicy", R"("Never")");
    row(2, "/spec/template/spec/automountServiceAccountToken", "false");
    row(2, "/spec/template/spec/containers/0/image", R"("registry.lab:5000/concertina@sha256:00ff")");
    row(2, "/spec/template/spec/containers/0/command", R"(["/bin/sh", "-c"])");
    row(2, "/spec/template/spec/containers/0/env", R"([{"name": "A", "value": "$$(B) $C"}])");
    row(2, "/spec/template/spec/containers/0/resources",
        R"({"requests": {"cpu": "3", "memory": "2Gi"}, "limits": {"memory": "2Gi"}})");
    row(2, "/spec/template/spec/containers/0/securityContext/capabilities/drop", R"(["ALL"])");
    row(2, "/spec/template/spec/volumes/1", R"({"name": "work", "emptyDir": {}})");
  }
  void theManifestsHaveWhatTheirKindsDemand() {
    QFETCH(int, item);
    QFETCH(QString, pointer);
    QFETCH(QString, json);
    const Json list = Manifests();
    QVERIFY(list["kind"] == "List" && list["apiVersion"] == "v1" && list["items"].size() == 3);
    const Json& object = list["items"][static_cast<size_t>(item)];
    const Pointer at(pointer.toStdString());
    QVERIFY2(object.contains(at), object.dump(2).c_str());
    QCOMPARE(object[at].dump(), Json::parse(json.toStdString()).dump());
  }

  void theThreeFitOneAnother() {
    const Json list = Manifests();
    const Json &secret = list["items"][0], &service = list["items"][1], &job = list["items"][2];
    const std::string name = KubernetesName(SomeTask());
    for (const Json& each : list["items"]) QCOMPARE(each["metadata"]["name"].get<std::string>(), name);
    const Json& pod = job["spec"]["template"];
    QVERIFY(service["spec"]["selector"] == pod["metadata"]["labels"]);
    QCOMPARE(pod["spec"]["subdomain"].get<std::string>(), name);
    QVERIFY(pod["spec"]["containers"].is_array() && pod["spec"]["containers"].size() == 1);
    QCOMPARE(pod["spec"]["volumes"][0]["secret"]["secretName"].get<std::string>(), name);
    for (size_t i = 0; i < 2; ++i)
      QVERIFY(pod["spec"]["containers"][0]["volumeMounts"][i]["name"] == pod["spec"]["volumes"][i]["name"]);
    QCOMPARE(Decoded(secret["data"]["identity.key"]), std::string("the key"));
    QCOMPARE(Decoded(secret["data"]["token-2"]), std::string("first token\n"));
    QCOMPARE(Decoded(secret["data"]["token-3"]), std::string("second token\n"));
    QCOMPARE(secret["data"].size(), size_t{4});
    for (const Json* open : {&service, &job})
      QVERIFY(open->dump().find("token\"") == std::string::npos &&
              open->dump().find("the key") == std::string::npos);
  }

  void namesAreDnsLabelsWithRoomForAnIndex() {
    for (const std::string& run :
         {std::string("20261127-101010-abcdef"), std::string("A_b.C"), std::string("-"),
          std::string(300, 'x'), std::string(40, '-'), std::string("\xc3\xa9")}) {
      KubernetesTask task = SomeTask();
      task.run = run;
      QVERIFY2(IsLabel(KubernetesName(task)) && IsLabel(KubernetesName(task) + "-4095"),
               KubernetesName(task).c_str());
    }
    KubernetesTask other = SomeTask();
    other.first_rank = 4;
    QVERIFY(KubernetesName(other) != KubernetesName(SomeTask()));
  }

  void aPodFindsItsRankTokenAndKit() {
    // The places of a container, here.
    const Json list = Manifests();
    std::vector<std::string> args = list["items"][2]["spec"]["template"]["spec"]["containers"][0]["args"];
    QDir(folder_->path()).mkdir("secret");
    for (const auto& [key, value] : list["items"][0]["data"].items())
      Write(QString::fromStdString("secret/" + key), Decoded(value));
    QStringList words = {"-c"};
    for (const std::string& arg : args) {
      QString word = QString::fromStdString(arg);
      word.replace("$$", "$");
      if (word == "/etc/concertina") word = file("secret");
      if (word == "/var/lib/concertina") word = file("work");
      if (word == "concertina-worker") word = file("bin/worker");
      words << word;
    }
    Program("worker", "echo \"$CONCERTINA_TOKEN|$*\"\n");
    QProcess shell;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("JOB_COMPLETION_INDEX", "1");
    shell.setProcessEnvironment(environment);
    shell.setProcessChannelMode(QProcess::MergedChannels);
    shell.start("/bin/sh", words);
    QVERIFY(shell.waitForFinished(20000));
    const QString name = QString::fromStdString(KubernetesName(SomeTask()));
    QCOMPARE(QString::fromUtf8(shell.readAll()),
             QString("second token|--engine head.lab:7717 --run 20261127-101010-abcdef --kit %1/kit --home "
                     "%1 --rank 3 "
                     "--advertise %2-1.%2\n")
                 .arg(file("work"), name));
    QCOMPARE(Read("work/kit/identity.key"), QString("the key"));
    QCOMPARE(QFile(file("work/kit")).permissions() & (QFile::ReadGroup | QFile::ReadOther),
             QFile::Permissions());
    QVERIFY(!QFile::exists(file("work/kit/token-3")));
  }

  void whatCannotBeMeantIsRefused_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::newRow("no image") << "image"
                              << "";
    QTest::newRow("an option as image") << "image"
                                        << "-x";
    QTest::newRow("two words as image") << "image"
                                        << "a b";
    QTest::newRow("capitals") << "namespace"
                              << "Lab";
    QTest::newRow("a dash at the end") << "namespace"
                                       << "lab-";
    QTest::newRow("too long") << "namespace" << QString(64, 'a');
    QTest::newRow("no number") << "memory"
                               << "Gi";
    QTest::newRow("another unit") << "memory"
                                  << "2GB";
    QTest::newRow("no program") << "program"
                                << "";
    QTest::newRow("no environment") << "environment"
                                    << "A";
  }
  void whatCannotBeMeantIsRefused() {
    QFETCH(QString, name);
    QFETCH(QString, value);
    const auto options = OptionsOf({{name.toStdString(), value.toStdString()}});
    QCOMPARE(options.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(std::string(options.status().message()).starts_with(name.toStdString() + ": "));
  }

  void withoutAPortNothingIsWritten() {
    Make({{"kit", file("kit").toStdString()}});
    order_.request.remote_address = "";
    const absl::Status status = launcher_->LaunchAll({&order_, 1});
    QVERIFY(std::string(status.message()).find("--listen") != std::string::npos);
    order_.request.remote_address = "head:1";
    QVERIFY(absl::IsNotFound(launcher_->LaunchAll({&order_, 1})));  // there is no kit in the folder
    QVERIFY(QDir(file("run")).isEmpty() && order_.worker == nullptr);
  }

  void aPersonIsToldTheLine() {
    WriteSomeKit();
    Make({{"kit", file("kit").toStdString()}});
    QVERIFY(launcher_->LaunchAll({&order_, 1}).ok());
    const QString manifests = file("run/kubernetes-0.json");
    QVERIFY2(told().contains("kubectl apply -f \"" + manifests + "\""), qPrintable(told()));
    QCOMPARE(QFile(manifests).permissions() & ~(QFile::ReadUser | QFile::WriteUser),
             QFile::ReadOwner | QFile::WriteOwner);
    const Json list = Json::parse(Read("run/kubernetes-0.json").toStdString());
    QCOMPARE(Decoded(list["items"][0]["data"]["token-0"]), std::string("the token\n"));
    QVERIFY(!told().contains("the token") && !Read("run/rank-0.log").contains("the token"));
    QVERIFY(!order_.worker->end_is_seen());
  }

  void kubectlAppliesAndTakesAway() {
    WriteSomeKit();
    RememberingKubectl();
    Make({{"kit", file("kit").toStdString()}, {"apply", true}, {"namespace", "lab"}});
    QVERIFY(launcher_->LaunchAll({&order_, 1}).ok());
    const QString manifests = file("run/kubernetes-0.json");
    QTRY_COMPARE_WITH_TIMEOUT(Read("calls"), "apply -f " + manifests + "\n", 20000);
    QCOMPARE(AppliedNames().size(), 1);
    const QString name = AppliedNames()[0];
    // What it holds is a secret that nobody needs here any more.
    QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(manifests), 20000);
    QTRY_VERIFY_WITH_TIMEOUT(told().contains("done, as " + name), 20000);
    order_.worker.reset();
    QTRY_COMPARE_WITH_TIMEOUT(
        Read("calls").section('\n', 1, 1),
        "delete --ignore-not-found --wait=false job,service,secret " + name + " --namespace=lab", 20000);
  }

  // A worker that comes in the place of another is a job of its own, in the same file; what is taken away is
  // the other's.
  void aReplacementStaysWhenItsPredecessorGoes() {
    WriteSomeKit();
    RememberingKubectl();
    Make({{"kit", file("kit").toStdString()}, {"apply", true}});
    LaunchOrder first{
        .request = order_.request, .on_exit = order_.on_exit, .on_line = order_.on_line, .worker = nullptr};
    QVERIFY(launcher_->LaunchAll({&first, 1}).ok());
    QTRY_COMPARE_WITH_TIMEOUT(told().count("done, as"), 1, 20000);  // its file is read, and gone
    QVERIFY(launcher_->LaunchAll({&order_, 1}).ok());
    QTRY_COMPARE_WITH_TIMEOUT(Read("calls").count("apply"), 2, 20000);
    const QStringList names = AppliedNames();
    QCOMPARE(names.size(), 2);
    first.worker.reset();
    QTRY_VERIFY_WITH_TIMEOUT(Read("calls").contains("delete"), 20000);
    QVERIFY2(Read("calls").contains(" " + names[0]), qPrintable(Read("calls")));
    QVERIFY(!Read("calls").contains(names[1]));
  }

  // By the types that kubectl itself was built with: a field that is none of them is dropped, one of another
  // type refused.
  void kubectlKnowsEveryField() {
    if (QStandardPaths::findExecutable("kubectl").isEmpty()) QSKIP("there is no kubectl (kubernetes-client)");
    const Json list = Manifests();
    const auto through = [this](const Json& object, const QStringList& words) {
      Write("object.json", object.dump());
      QProcess kubectl;
      kubectl.start("kubectl", words + QStringList{"--local", "-o", "json", "-f", file("object.json")});
      if (!kubectl.waitForFinished(60000)) return Json();
      return Json::parse(kubectl.readAllStandardOutput().toStdString(), nullptr, false);
    };
    // It prints what it has changed, and nothing else.
    Json job = list["items"][2];
    const Json::json_pointer at("/spec/template/spec/containers/0/image");
    const auto with_image = [&](Json object) {
      const Json seen = through(object, {"set", "image", "worker=changed:1"});
      object[at] = "changed:1";
      return Missing(object, seen);
    };
    QCOMPARE(with_image(job), QString());
    const Json& service = list["items"][1];
    QString selector;
    for (const auto& [key, value] : service["spec"]["selector"].items())
      selector +=
          (selector.isEmpty() ? "" : ",") + QString::fromStdString(key + "=" + value.get<std::string>());
    QCOMPARE(Missing(service, through(service, {"set", "selector", selector})), QString());
    // And it does see what is none.
    Json wrong = job;
    wrong["spec"]["nonsense"] = 1;
    QCOMPARE(with_image(wrong), QString("/spec/nonsense"));
    wrong = job;
    wrong["spec"]["completions"] = "two";
    QVERIFY(!through(wrong, {"set", "image", "worker=changed:1"}).is_object());
  }

  void whatCanBeKnownBeforeARunIsAsked_data() {
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("words");
    QTest::newRow("it may")
        << "[ \"$*\" = 'auth can-i create jobs.batch --request-timeout=15s --namespace=lab' ]"
        << "";
    QTest::newRow("it may not") << "echo no; exit 1"
                                << "no right to create jobs.batch";
    QTest::newRow("no cluster") << "echo 'Unable to connect to the server' >&2; exit 1"
                                << "cannot ask the cluster: Unable to connect";
  }
  void whatCanBeKnownBeforeARunIsAsked() {
    QFETCH(QString, script);
    QFETCH(QString, words);
    QVERIFY(Provision({.folder = file("kits").toStdString(), .workers = {"pool"}, .persons = {"ada"}}).ok());
    const std::string kit = file("kits/worker-pool").toStdString();
    Make({{"kit", kit}});
    const auto unasked = Test();
    QVERIFY2(unasked.ok(), std::string(unasked.status().message()).c_str());
    QVERIFY(QString::fromStdString(unasked->system).contains("the cluster was not asked"));
    Program("kubectl", script + "\n");
    qputenv("PATH", file("bin").toUtf8() + ":" + path_);
    Make({{"kit", kit}, {"apply", true}, {"namespace", "lab"}});
    const auto asked = Test();
    QVERIFY2(asked.ok() == words.isEmpty(), std::string(asked.status().message()).c_str());
    if (!asked.ok())
      QVERIFY2(QString::fromStdString(std::string(asked.status().message())).contains(words),
               std::string(asked.status().message()).c_str());
    Make({{"kit", file("kits/person-ada").toStdString()}});
    QVERIFY(
        QString::fromStdString(std::string(Test().status().message())).contains("pods need one for workers"));
    Make(Json::object());
    QVERIFY(std::string(Test().status().message()).starts_with("kit: "));
  }

  void anEngineThatEndsWaitsForWhatIsTakenAway() {
    WriteSomeKit();
    Program("kubectl", "[ \"$1\" = apply ] || sleep 0.5\necho \"$1\" >>" + file("calls") + "\n");
    qputenv("PATH", file("bin").toUtf8() + ":" + path_);
    Make({{"kit", file("kit").toStdString()}, {"apply", true}});
    QVERIFY(launcher_->LaunchAll({&order_, 1}).ok());
    QTRY_COMPARE_WITH_TIMEOUT(Read("calls"), "apply\n", 20000);
    order_.worker.reset();
    launcher_.reset();
    QCOMPARE(Read("calls"), "apply\ndelete\n");
  }

  void whatKubectlRefusesStartsNoWorker() {
    WriteSomeKit();
    Program("kubectl", "echo 'error: no configuration has been provided' >&2\nexit 1\n");
    qputenv("PATH", file("bin").toUtf8() + ":" + path_);
    Make({{"kit", file("kit").toStdString()}, {"apply", true}});
    QVERIFY(launcher_->LaunchAll({&order_, 1}).ok());
    QTRY_VERIFY_WITH_TIMEOUT(
        told().contains("could not be started: kubectl refused: error: no configuration has been provided"),
        20000);
  }

 private:
  // The first value of `object` that `seen` has not; "": it has all.
  static QString Missing(const Json& object, const Json& seen) {
    const Json flat = object.flatten();
    for (const auto& [pointer, value] : flat.items()) {
      const Pointer at(pointer);
      // An empty object may be left out by who writes it.
      if (value.is_null() || (value.is_structured() && value.empty())) continue;
      if (!seen.is_object() || !seen.contains(at) || seen[at] != value)
        return QString::fromStdString(pointer);
    }
    return {};
  }
  absl::StatusOr<HostReport> Test() {
    struct Answer {
      absl::Mutex mutex;
      std::optional<absl::StatusOr<HostReport>> report ABSL_GUARDED_BY(mutex);
    };
    const auto answer = std::make_shared<Answer>();
    launcher_->Test([answer](const absl::StatusOr<HostReport>& report) {
      absl::MutexLock lock(&answer->mutex);
      answer->report = report;
    });
    absl::MutexLock lock(&answer->mutex);
    const auto there = [&answer] {
      answer->mutex.AssertReaderHeld();
      return answer->report.has_value();
    };
    if (!answer->mutex.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(30)))
      return absl::DeadlineExceededError("no answer");
    return *answer->report;
  }
  Json Manifests() const {
    const auto options = OptionsOf(
        {{"namespace", "lab"}, {"memory", "2Gi"}, {"time_minutes", 90}, {"environment", "A=\"$(B) $C\""}});
    return options.ok() ? KubernetesManifests(*options, SomeTask()) : Json::object();
  }
  QString file(const QString& name) const { return folder_->filePath(name); }
  QString Read(const QString& name) const {
    QFile in(file(name));
    return in.open(QIODevice::ReadOnly) ? QString::fromUtf8(in.readAll()) : QString();
  }
  void Write(const QString& name, const std::string& text) const {
    QVERIFY(WriteFileAtomically(file(name).toStdString(), text).ok());
  }
  void WriteSomeKit() const {
    for (const char* name : {"authority.crt", "identity.crt", "identity.key", "kit.json"})
      Write(QString("kit/") + name, name);
  }
  void Program(const QString& name, const QString& script) const {
    Write("bin/" + name, ("#!/bin/sh\n" + script).toStdString());
    ::chmod(file("bin/" + name).toUtf8().constData(), 0700);
  }
  // Keeps what it is told to apply, and how it was called.
  void RememberingKubectl() const {
    Program("kubectl", "[ \"$1\" = apply ] && cat \"$3\" >>" + file("applied") + "\necho \"$@\" >>" +
                           file("calls") + "\n");
    qputenv("PATH", file("bin").toUtf8() + ":" + path_);
  }
  QStringList AppliedNames() const {
    QStringList names;
    static const QRegularExpression name("\"name\": \"(concertina-[^\"]+)\"");
    for (auto match = name.globalMatch(Read("applied")); match.hasNext();) names << match.next().captured(1);
    names.removeDuplicates();
    return names;
  }
  void Make(const Json& more) {
    Json entry = Entry();
    entry.update(more);
    std::vector<Fault> faults;
    const Params params = Registry::Global().Check("launcher", entry, "", faults);
    auto made = Registry::Global().Create<Launcher>("launcher", params);
    QVERIFY2(faults.empty() && made.ok(), made.status().ToString().c_str());
    launcher_ = *std::move(made);
    {
      absl::MutexLock lock(&mutex_);
      told_.clear();
    }
    order_ = LaunchOrder();
    order_.request.run = "r";
    order_.request.token = "the token";
    order_.request.remote_address = "head:1";
    order_.request.log_path = file("run/rank-0.log").toStdString();
    const auto tell = [this](const std::string& text) {
      absl::MutexLock lock(&mutex_);
      told_ += text + "\n";
    };
    order_.request.tell = tell;
    order_.on_line = [](const std::string&) {};
    order_.on_exit = [tell](const WorkerExit& exit) { tell(exit.Text()); };
  }
  QString told() {
    absl::MutexLock lock(&mutex_);
    return QString::fromStdString(told_);
  }

  QByteArray path_;
  std::unique_ptr<QTemporaryDir> folder_;
  absl::Mutex mutex_;
  std::string told_ ABSL_GUARDED_BY(mutex_);
  LaunchOrder order_;
  std::unique_ptr<Launcher> launcher_;
};

CONCERTINA_TEST(KubernetesTest)

}  // namespace concertina::kubernetes_test

#include "kubernetes_test.moc"
