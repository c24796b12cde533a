// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_script_test.cc: the batch script says what the entry says and nothing else, and its tasks, run here
// by a stand-in of srun, find their rank, their token and the engine.
#include "core/engine/slurm_script.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cstring>
#include <random>

#include "core/base/file.h"
#include "core/base/registry.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::slurm_script_test {
namespace {

absl::StatusOr<SlurmOptions> OptionsOf(Json entry) {
  entry["kind"] = "slurm";
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("launcher", entry, "", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return SlurmOptionsOf(params);
}

SlurmTask TaskIn(const std::string& folder) {
  return {.name = "concertina-r-0",
          .run = "r",
          .first_rank = 3,
          .ranks = 4,
          .threads = 2,
          .folder = folder,
          .home = folder,
          .program = "/bin/true",
          .engine_socket = "",
          .boot_id = "",
          .remote_address = "",
          .plugin_folders = {}};
}

std::vector<std::string> SbatchLines(const std::string& script) {
  std::vector<std::string> lines;
  for (const QString& line : QString::fromStdString(script).split('\n'))
    if (line.startsWith("#SBATCH")) lines.push_back(line.toStdString());
  return lines;
}

void WriteProgram(const QString& path, const QByteArray& script) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write("#!/bin/sh\n" + script);
  file.close();
  ::chmod(path.toUtf8().constData(), 0700);
}

}  // namespace

class SlurmScriptTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir(folder_->path()).mkpath("bin"));
    QVERIFY(QDir(folder_->path()).mkpath("job folder"));
    // Its options end where the shell begins.
    WriteProgram(file("bin/srun"), "while [ \"$1\" != /bin/sh ]; do shift; done\nexec \"$@\"\n");
  }

  void theLinesForSbatchAreThese() {
    const auto options = OptionsOf({{"nodes", 3},
                                    {"partition", "gpu,main"},
                                    {"account", "lab@x"},
                                    {"time_minutes", 90},
                                    {"extra", R"(--constraint=a&b --exclusive "--comment=two words")"}});
    QVERIFY2(options.ok(), options.status().ToString().c_str());
    const auto script = SlurmScript(*options, TaskIn("/a b/c"));
    QVERIFY(script.ok());
    const std::vector<std::string> expected = {"#SBATCH --job-name=concertina-r-0",
                                               "#SBATCH --no-requeue",
                                               "#SBATCH --ntasks=4",
                                               "#SBATCH --nodes=3",
                                               "#SBATCH --ntasks-per-node=2",
                                               "#SBATCH --cpus-per-task=2",
                                               "#SBATCH --time=90",
                                               "#SBATCH --partition=gpu,main",
                                               "#SBATCH --account=lab@x",
                                               "#SBATCH \"--chdir=/a b/c\"",
                                               "#SBATCH \"--output=/a b/c/job.out\"",
                                               "#SBATCH --constraint=a&b",
                                               "#SBATCH --exclusive",
                                               "#SBATCH \"--comment=two words\""};
    QCOMPARE(SbatchLines(*script), expected);
    QVERIFY(script->starts_with("#!/bin/sh\n#SBATCH"));
  }

  void whatIsNotSaidIsLeftToSlurm() {
    const auto options = OptionsOf({{"time_minutes", 0}});
    QVERIFY(options.ok());
    const auto script = SlurmScript(*options, TaskIn("/a"));
    QVERIFY(script.ok());
    const std::vector<std::string> expected = {
        "#SBATCH --job-name=concertina-r-0", "#SBATCH --no-requeue", "#SBATCH --ntasks=4",
        "#SBATCH --cpus-per-task=2",         "#SBATCH --chdir=/a",   "#SBATCH --output=/a/job.out"};
    QCOMPARE(SbatchLines(*script), expected);
  }

  void anMpiWorldIsServedPmix() {
    const auto options = OptionsOf({});
    QVERIFY(options.ok());
    SlurmTask task = TaskIn("/a");
    for (const bool is_world : {false, true}) {
      task.is_mpi_world = is_world;
      const auto script = SlurmScript(*options, task);
      QVERIFY(script.ok());
      QCOMPARE(script->find("--mpi=pmix") != std::string::npos, is_world);
      QCOMPARE(script->find("--mpi=none") != std::string::npos, !is_world);
      QCOMPARE(script->find("OMPI_MCA_pml") != std::string::npos, is_world);
    }
  }

  // UCX, and so RDMA, is Open MPI's to choose, where Debian's settings would leave it out; a person may
  // insist.
  void openMpiChoosesItsNetwork_data() {
    QTest::addColumn<QString>("entry");
    QTest::addColumn<QString>("node");
    QTest::addColumn<QString>("seen");
    QTest::newRow("nobody says") << ""
                                 << "-"
                                 << "";
    QTest::newRow("the entry says") << "OMPI_MCA_pml=ucx"
                                    << "-"
                                    << "ucx";
    QTest::newRow("the node says") << ""
                                   << "cm"
                                   << "cm";
  }
  void openMpiChoosesItsNetwork() {
    QFETCH(QString, entry);
    QFETCH(QString, node);
    QFETCH(QString, seen);
    const auto options = OptionsOf({{"environment", entry.toStdString()}});
    QVERIFY(options.ok());
    SlurmTask task = TaskIn("/a");
    task.is_mpi_world = true;
    const auto script = SlurmScript(*options, task);
    QVERIFY(script.ok());
    QProcess shell;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove("OMPI_MCA_pml");
    if (node != "-") environment.insert("OMPI_MCA_pml", node);
    shell.setProcessEnvironment(environment);
    std::string before_srun = script->substr(0, script->find("exec "));
    shell.start("/bin/sh",
                {"-c", QString::fromStdString(before_srun + "echo \"pml=${OMPI_MCA_pml-none}\"\n")});
    QVERIFY(shell.waitForFinished(20000));
    QCOMPARE(QString::fromUtf8(shell.readAllStandardOutput()), "pml=" + seen + "\n");
  }

  void nothingElseGetsIntoTheLines_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    const auto row = [](const char* tag, const char* name, const char* value) {
      QTest::newRow(tag) << name << value;
    };
    row("a line", "partition", "main\n#SBATCH --uid=0");
    row("an option", "partition", "--uid=0");
    row("two words", "partition", "main --uid=0");
    row("a quote", "account", "a\"b");
    row("a command", "account", "$(id)");
    row("an option as account", "account", "-x");
    row("a line in the folder", "folder", "/a\n#SBATCH --uid=0");
    row("a pattern in the folder", "folder", "/a/%j");
    row("a quote in the folder", "folder", "/a\"b");
    row("a backslash in the folder", "folder", "/a\\b");
    row("an option as folder", "folder", "--x");
    row("a folder from nowhere", "folder", "a/b");
    row("a program from nowhere", "program", "concertina-worker");
    row("a quote in the kit", "kit", "/a'b");
    row("a short option", "extra", "-N4");
    row("no option", "extra", "main");
    row("a line in an option", "extra", "--comment=a\n#SBATCH");
    row("a quote in an option", "extra", "--comment=a'b");
    row("a comment in an option", "extra", "--comment=a#b");
    row("a variable in an option", "extra", "--comment=$HOME");
    row("no closing quote", "extra", "\"--comment=a b");
    row("a capital option", "extra", "--Array=1");
    row("many jobs", "extra", "--array=1-100");
    row("a beginning of an option", "extra", "--arr=1-100");
    row("starting again", "extra", "--requeue");
    row("another command", "extra", "--wrap=id");
    row("another output", "extra", "--output=/etc/passwd");
    row("another user", "extra", "--uid=0");
    row("another environment", "extra", "--export=NONE");
    row("a module with a command", "modules", "gcc;id");
    row("an option as module", "modules", "-x");
    row("a strange name", "environment", "A;id=1");
  }
  void nothingElseGetsIntoTheLines() {
    QFETCH(QString, name);
    QFETCH(QString, value);
    const auto options = OptionsOf({{name.toStdString(), value.toStdString()}});
    QCOMPARE(options.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(options.status().message());
    QVERIFY2(message.starts_with(name.toStdString() + ": "), message.c_str());
  }

  void aFolderThatSlurmCannotBeToldIsRefused() {
    const auto options = OptionsOf(Json::object());
    QVERIFY(options.ok());
    QCOMPARE(SlurmScript(*options, TaskIn("/it's")).status().code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(SlurmScript(*options, TaskIn("/100%")).status().code(), absl::StatusCode::kInvalidArgument);
    SlurmOptions wide = *options;
    wide.nodes = 5;
    const auto status = SlurmScript(wide, TaskIn("/a")).status();
    QVERIFY(std::string(status.message()).starts_with("nodes: found 5"));
  }

  void valuesComeToTheWorkerAsTheyAre() {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> byte(1, 126), length(1, 40);
    std::vector<std::string> values = {"it's", "$HOME", "`id`", "a  b", "\"", "\\", "a\nb", "-n", "*", "#x"};
    for (int i = 0; i < 20; ++i) {
      std::string value(static_cast<size_t>(length(random)), ' ');
      for (char& c : value) c = static_cast<char>(byte(random));
      values.push_back(value);
    }
    WriteProgram(file("worker"), "printf '%s\\000' \"$@\" \"$A\" >\"$OUT\"\n");
    for (const std::string& value : values) {
      auto options = OptionsOf(Json::object());
      QVERIFY(options.ok());
      options->environment = {"A=" + value};
      options->kit = "/k";
      SlurmTask task = Here();
      task.run = task.home = value;
      task.plugin_folders = {value, "/p"};
      QCOMPARE(RunTask(*options, task, 0), 0);
      const QByteArray v = QByteArray::fromStdString(value);
      const QList<QByteArray> expected = {"--run",     v,    "--home",   v,       "--plugins", v,
                                          "--plugins", "/p", "--engine", "far:7", "--kit",     "/k",
                                          "--rank",    "3",  v,          ""};
      QCOMPARE(Read("out").split('\0'), expected);
    }
  }

  void aTaskTakesItsTokenOnceAndLeavesItsEnd() {
    WriteProgram(file("worker"), "echo \"$CONCERTINA_TOKEN $*\" >\"$OUT\"\nexit 5\n");
    const SlurmTask task = Here();
    for (int rank = 3; rank < 7; ++rank)
      QVERIFY(WriteFileAtomically(SlurmTokenFile(task.folder, rank), "secret\n").ok());
    const auto options = OptionsOf({{"kit", "/k"}});
    QVERIFY(options.ok());
    QCOMPARE(RunTask(*options, task, 2, false), 5);
    const QByteArray said = Read("out");
    QVERIFY2(said.startsWith("secret ") && said.endsWith("--rank 5\n"), said.constData());
    QCOMPARE(Read("job folder/exit-5"), QByteArray("5\n"));
    QVERIFY(!QFile::exists(file("job folder/token-5")) && QFile::exists(file("job folder/token-4")));
    QVERIFY(!QByteArray::fromStdString(*SlurmScript(*options, task)).contains("secret"));
    // A job that is started again finds none.
    QCOMPARE(RunTask(*options, task, 2, false), 66);
    QVERIFY2(heard_.contains("is good once"), heard_.constData());
  }

  void aWorkerThatIsKilledAndOneThatIsToBe() {
    WriteProgram(file("worker"), "kill -9 $$\n");
    const auto options = OptionsOf({{"kit", "/k"}});
    QVERIFY(options.ok());
    QCOMPARE(RunTask(*options, Here(), 0), 137);
    QCOMPARE(Read("job folder/exit-3"), QByteArray("137\n"));
    QFile::remove(file("job folder/exit-3"));
    WriteProgram(file("worker"), "trap '' TERM\nwhile :; do sleep 1; done\n");
    QVERIFY(WriteFileAtomically(SlurmEndFile(Here().folder, 3), "KILL\n").ok());
    QCOMPARE(RunTask(*options, Here(), 0), 137);
  }

  void theWayToTheEngineIsFound_data() {
    QTest::addColumn<bool>("isHere");
    QTest::addColumn<QString>("remote");
    QTest::addColumn<QString>("kit");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QString>("said");
    QTest::newRow("its own machine") << true << "far:7"
                                     << "/k" << 0 << "--engine unix:SOCKET --rank";
    QTest::newRow("another") << false << "far:7"
                             << "/k" << 0 << "--engine far:7 --kit /k --rank";
    QTest::newRow("no port") << false << ""
                             << "/k" << 69 << "no port";
    QTest::newRow("no kit") << false << "far:7"
                            << "" << 69 << "\"kit\"";
  }
  void theWayToTheEngineIsFound() {
    QFETCH(bool, isHere);
    QFETCH(QString, remote);
    QFETCH(QString, kit);
    QFETCH(int, exitCode);
    QFETCH(QString, said);
    WriteProgram(file("worker"), "echo \"$@\" >\"$OUT\"\n");
    SlurmTask task = Here();
    task.engine_socket = file("s").toStdString();
    task.remote_address = remote.toStdString();
    if (isHere) task.boot_id = ReadFile("/proc/sys/kernel/random/boot_id", 64)->substr(0, 36);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, task.engine_socket.c_str(), sizeof(address.sun_path) - 1);
    QCOMPARE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    const auto options = OptionsOf({{"kit", kit.toStdString()}});
    QVERIFY(options.ok());
    QCOMPARE(RunTask(*options, task, 0), exitCode);
    ::close(listener);
    const QByteArray text = exitCode == 0 ? Read("out") : heard_;
    QVERIFY2(text.contains(said.replace("SOCKET", file("s")).toUtf8()), text.constData());
  }

 private:
  QString file(const QString& name) const { return folder_->filePath(name); }
  QByteArray Read(const QString& name) const {
    QFile in(file(name));
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
  }
  SlurmTask Here() const {
    SlurmTask task = TaskIn(file("job folder").toStdString());
    task.program = file("worker").toStdString();
    task.remote_address = "far:7";
    return task;
  }
  // The exit code of the script where this is its only task; what it says to its log is in heard_.
  int RunTask(const SlurmOptions& options, const SlurmTask& task, int number, bool with_token = true) {
    if (with_token &&
        !WriteFileAtomically(SlurmTokenFile(task.folder, task.first_rank + number), "secret\n").ok())
      return -1;
    const auto script = SlurmScript(options, task);
    if (!script.ok() || !WriteFileAtomically(file("job.sh").toStdString(), *script).ok()) return -2;
    QProcess shell;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PATH", file("bin") + ":" + environment.value("PATH"));
    environment.insert("SLURM_PROCID", QString::number(number));
    environment.insert("OUT", file("out"));
    shell.setProcessEnvironment(environment);
    shell.setProcessChannelMode(QProcess::MergedChannels);
    shell.start("/bin/sh", {file("job.sh")});
    if (!shell.waitForFinished(20000)) return -3;
    heard_ = shell.readAll();
    return shell.exitCode();
  }

  std::unique_ptr<QTemporaryDir> folder_;
  QByteArray heard_;
};

CONCERTINA_TEST(SlurmScriptTest)

}  // namespace concertina::slurm_script_test

#include "slurm_script_test.moc"
