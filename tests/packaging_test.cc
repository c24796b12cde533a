// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// packaging_test.cc: what the build asks for, and what scripts and tests call, is what packaging/setup
// installs.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

#include "tests/test_program.h"

namespace concertina::packaging_test {

// Who brings it on Debian 12; "": part of every Debian.
using Packages = QMap<QString, QString>;

class PackagingTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase();
  void whatTheBuildAsksForIsInstalled();
  void whatTestsCallIsInstalled();
  void whatScriptsAreRunByIsInstalled();
  void runningBringsNoServer();
  void theServiceStartsWhatThereIs();
  void theDesktopEntryStartsWhatThereIs();

 private:
  QString Read(const QString& path) {
    QFile file(root_ + "/" + path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
  }
  QStringList Files(const QStringList& folders, const QStringList& names) {
    QStringList paths;
    for (const QString& folder : folders) {
      QDirIterator walk(root_ + "/" + folder, names, QDir::Files, QDirIterator::Subdirectories);
      while (walk.hasNext()) paths << QDir(root_).relativeFilePath(walk.next());
    }
    return paths;
  }
  // What `pattern` captures in the files: each has its package in the table, and setup installs it.
  void Check(const QStringList& files, const QRegularExpression& pattern, const Packages& packages,
             int at_least) {
    int found = 0;
    for (const QString& file : files)
      for (auto matches = pattern.globalMatch(Read(file)); matches.hasNext();) {
        const QString what = matches.next().captured(1);
        ++found;
        QVERIFY2(packages.contains(what),
                 qPrintable(file + " wants " + what +
                            ": name its package in this test's table, and in packaging/setup"));
        const QString package = packages[what];
        const QSet<QString>& there =
            file.startsWith("tests/") || file.startsWith("packaging/") ? installed_ : to_run_;
        QVERIFY2(package.isEmpty() || there.contains(package),
                 qPrintable(file + " wants " + what + ": packaging/setup does not install " + package));
      }
    QVERIFY2(found >= at_least, qPrintable(QString::number(found)));
  }

  const QString root_ = CONCERTINA_SOURCE_DIR;
  QSet<QString> installed_, to_run_;  // by setup, and by setup --run
};

void PackagingTest::initTestCase() {
  static const QRegularExpression list("^([a-z]+)=\\(([a-z][^)]*)\\)", QRegularExpression::MultilineOption);
  for (auto lists = list.globalMatch(Read("packaging/setup")); lists.hasNext();) {
    const auto match = lists.next();
    for (const QString& package : match.captured(2).simplified().split(' ', Qt::SkipEmptyParts)) {
      installed_ << package;
      if (match.captured(1) != "tests") to_run_ << package;
    }
  }
  QVERIFY(installed_.contains("build-essential") && installed_.contains("qemu-user-static"));
}

void PackagingTest::whatTheBuildAsksForIsInstalled() {
  QStringList files =
      Files({"app", "cmake", "core", "plugins", "tests", "ui"}, {"CMakeLists.txt", "*.cmake"});
  files << "CMakeLists.txt";
  const QRegularExpression asks(
      "(?:find_package|find_library|find_path|find_program|pkg_check_modules)\\((?:[A-Z_]+ (?:REQUIRED )?"
      "(?:IMPORTED_TARGET )?(?=[a-z]))?([\\w./-]+)");
  Check(files, asks,
        {{"Threads", "build-essential"},
         {"OpenMP", "build-essential"},
         {"PkgConfig", "pkg-config"},
         {"Protobuf", "libprotobuf-dev"},
         {"gRPC", "libgrpc++-dev"},
         {"absl", "libabsl-dev"},
         {"absl_status", "libabsl-dev"},
         {"dnnl", "libdnnl-dev"},
         {"Eigen3", "libeigen3-dev"},
         {"TBB", "libtbb-dev"},
         {"nlohmann_json", "nlohmann-json3-dev"},
         {"spdlog", "libspdlog-dev"},
         {"fmt", "libfmt-dev"},
         {"CLI11", "libcli11-dev"},
         {"SQLite3", "libsqlite3-dev"},
         {"ZLIB", "zlib1g-dev"},
         {"OpenSSL", "libssl-dev"},
         {"PNG", "libpng-dev"},
         {"JPEG", "libjpeg62-turbo-dev"},
         {"libhwy", "libhwy-dev"},
         {"libzstd", "libzstd-dev"},
         {"libsodium", "libsodium-dev"},
         {"Qt6", "qt6-base-dev"},
         {"ccache", "ccache"},
         {"mold", "mold"},
         {"ompi-c", "libopenmpi-dev"},
         {"gloo", "libgloo-dev"},
         {"gloo/transport/tcp/device.h", "libgloo-dev"},
         {"onnx", "libonnx-dev"},
         {"onnx_proto", "libonnx-dev"},
         {"onnx/checker.h", "libonnx-dev"}},
        25);
  // Parts of Qt have packages of their own; Qt Charts' own files ask for OpenGL's.
  for (const char* package : {"qt6-charts-dev", "libqt6opengl6-dev", "qt6-svg-dev", "qt6-tools-dev",
                              "protobuf-compiler", "protobuf-compiler-grpc", "cmake", "ninja-build"})
    QVERIFY2(installed_.contains(package), package);
}

void PackagingTest::whatTestsCallIsInstalled() {
  const QRegularExpression calls(
      "(?:findExecutable\\(|execute\\(|Begin\\(|start\\(|QFile::exists\\(|QStringLiteral\\(|\\{)\\s*\"(?:/"
      "usr/s?bin/)"
      "([a-z-]+)\"|findExecutable\\(\\s*\"([a-z0-9-]+[a-z0-9])\"");
  QStringList files = Files({"tests"}, {"*_test.cc", "*.h"});
  files.removeAll("tests/packaging_test.cc");
  const Packages packages = {{"sshd", "openssh-server"},
                             {"ssh", "openssh-client"},
                             {"munged", "munge"},
                             {"mungekey", "munge"},
                             {"slurmctld", "slurmctld"},
                             {"slurmd", "slurmd"},
                             {"sbatch", "slurm-client"},
                             {"mpirun", "openmpi-bin"},
                             {"pdftotext", "poppler-utils"},
                             {"xvfb-run", "xvfb"},
                             {"kubectl", ""},  // used where it is there: Debian's is in the way of Google's
                             {"node", ""}};    // setup brings npm when it fetches
  int found = 0;
  for (const QString& file : files)
    for (auto matches = calls.globalMatch(Read(file)); matches.hasNext();) {
      const auto match = matches.next();
      const QString program = match.captured(1).isEmpty() ? match.captured(2) : match.captured(1);
      ++found;
      QVERIFY2(packages.contains(program),
               qPrintable(file + " calls " + program +
                          ": name its package in this test's table, and in packaging/setup"));
      QVERIFY2(
          packages[program].isEmpty() || installed_.contains(packages[program]),
          qPrintable(file + " calls " + program + ": packaging/setup does not install " + packages[program]));
    }
  QVERIFY2(found >= 8, qPrintable(QString::number(found)));
  for (const char* package : {"xauth", "qemu-user-static", "g++-aarch64-linux-gnu", "g++-arm-linux-gnueabihf",
                              "libonnx-testdata", "fonts-noto-core", "fonts-noto-cjk"})
    QVERIFY2(installed_.contains(package), package);
}

void PackagingTest::whatScriptsAreRunByIsInstalled() {
  Check(Files({"packaging", "tests"}, {"*"}), QRegularExpression("\\A#!(?:/usr/bin/env |/bin/)([a-z0-9]+)"),
        {{"bash", ""}, {"sh", ""}, {"python3", "python3"}}, 15);
}

// Debian starts a server as soon as it is installed: who only wants to look at Concertina gets none.
void PackagingTest::runningBringsNoServer() {
  QVERIFY(Read("packaging/run").contains("\npackaging/setup --run\n"));
  QVERIFY(Read("packaging/test").contains("\npackaging/setup\n"));
  for (const char* package : {"openssh-server", "slurmctld", "slurmd", "munge"}) {
    QVERIFY2(installed_.contains(package), package);
    QVERIFY2(!to_run_.contains(package), package);
  }
}

void PackagingTest::theServiceStartsWhatThereIs() {
  const QString service = Read("packaging/concertina-engine.service");
  const auto start =
      QRegularExpression("^ExecStart=(\\S+) (.*)$", QRegularExpression::MultilineOption).match(service);
  QVERIFY(start.hasMatch());
  QCOMPARE(start.captured(1),
           QStringLiteral("concertina-engine"));  // found on the manager's path, wherever installed
  const QString program = Read("app/engine/main.cc");
  for (const QString& word : start.captured(2).split(' '))
    if (word.startsWith("--")) QVERIFY2(program.contains("\"" + word + "\""), qPrintable(word));
  for (const char* line : {"[Unit]", "[Service]", "[Install]", "KillMode=process", "Restart=on-failure"})
    QVERIFY2(service.contains(QLatin1String(line) + "\n"), line);
  QVERIFY(Read("cmake/ConcertinaInstall.cmake").contains("packaging/concertina-engine.service"));
}

void PackagingTest::theDesktopEntryStartsWhatThereIs() {
  const QString entry = Read("resources/desktop/org.concertina.Concertina.desktop");
  const auto start = QRegularExpression("^Exec=(\\S+)", QRegularExpression::MultilineOption).match(entry);
  QCOMPARE(start.captured(1), QStringLiteral("concertina"));
  const QString metainfo = Read("resources/desktop/org.concertina.Concertina.metainfo.xml");
  QVERIFY(
      metainfo.contains("<launchable type=\"desktop-id\">org.concertina.Concertina.desktop</launchable>"));
}

CONCERTINA_TEST(PackagingTest)

}  // namespace concertina::packaging_test

#include "packaging_test.moc"
