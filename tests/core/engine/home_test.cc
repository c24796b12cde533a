// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// home_test.cc: one engine a home, sockets that were left behind, and paths that are too long.
#include "core/engine/home.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>

#include "absl/strings/match.h"
#include "tests/test_program.h"

namespace concertina::home_test {
namespace {

mode_t ModeOf(const std::string& path) {
  struct stat found = {};
  return stat(path.c_str(), &found) == 0 ? found.st_mode & 0777 : 0;
}

// A listener that "dies" and leaves its socket.
bool LeaveSocket(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return bound;
}

}  // namespace

class HomeTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { folder_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + "/cnh-XXXXXX"); }

  void isPrivateAndHasItsFolders() {
    const auto home = Home::Open(Path("home"));
    QVERIFY2(home.ok(), std::string(home.status().message()).c_str());
    QCOMPARE(ModeOf(Path("home")), mode_t{0700});
    for (const char* folder : {"/runs", "/datasets", "/plugins"})
      QVERIFY(QFile::exists(QString::fromStdString((*home)->path() + folder)));
    QCOMPARE((*home)->address(), "unix:" + Path("home") + "/engine.sock");
    QVERIFY((*home)->Announce().ok());
    QVERIFY(QFile::exists(QString::fromStdString(Path("home") + "/engine.json")));
  }

  void anOpenHomeOfOthersIsClosedToThem() {
    QVERIFY(mkdir(Path("home").c_str(), 0755) == 0);
    QVERIFY(Home::Open(Path("home")).ok());
    QCOMPARE(ModeOf(Path("home")), mode_t{0700});
  }

  void aSecondEngineIsRefusedAndTold() {
    auto first = Home::Open(Path("home"));
    QVERIFY(first.ok());
    const auto second = Home::Open(Path("home"));
    QCOMPARE(second.status().code(), absl::StatusCode::kFailedPrecondition);
    QVERIFY(absl::StrContains(second.status().message(), std::to_string(getpid())));
    // A refused one must not take the first one's socket away.
    QVERIFY(LeaveSocket((*first)->socket_path()));
    QVERIFY(!Home::Open(Path("home")).ok());
    QVERIFY(QFile::exists(QString::fromStdString((*first)->socket_path())));
    first->reset();
    QVERIFY(Home::Open(Path("home")).ok());
  }

  void aSocketThatWasLeftBehindIsRemoved() {
    { QVERIFY(Home::Open(Path("home")).ok()); }
    const std::string socket_path = Path("home") + "/engine.sock";
    QVERIFY(LeaveSocket(socket_path));
    const auto home = Home::Open(Path("home"));
    QVERIFY(home.ok());
    QVERIFY(!QFile::exists(QString::fromStdString(socket_path)));
  }

  void aLongPathHasItsSocketElsewhere() {
    const std::string runtime = Path("run");
    QVERIFY(mkdir(runtime.c_str(), 0700) == 0);
    qputenv("XDG_RUNTIME_DIR", QByteArray::fromStdString(runtime));
    const std::string path = Path(std::string(120, 'x'));
    auto home = Home::Open(path);
    QVERIFY2(home.ok(), std::string(home.status().message()).c_str());
    const std::string socket_path = (*home)->socket_path();
    QVERIFY(socket_path.size() <= 107);
    QVERIFY2(socket_path.compare(0, runtime.size(), runtime) == 0, socket_path.c_str());
    QCOMPARE(ModeOf(socket_path.substr(0, socket_path.rfind('/'))), mode_t{0700});
    QVERIFY(LeaveSocket(socket_path));  // it can be bound
    home->reset();
    QCOMPARE((*Home::Open(path))->socket_path(), socket_path);  // the same home, the same place
    QVERIFY((*Home::Open(path + "y"))->socket_path() != socket_path);
    qunsetenv("XDG_RUNTIME_DIR");
  }

  void aPlacePreparedByAnotherIsNotUsed() {
    const std::string runtime = Path("run");
    QVERIFY(mkdir(runtime.c_str(), 0700) == 0);
    qputenv("XDG_RUNTIME_DIR", QByteArray::fromStdString(runtime));
    const std::string path = Path(std::string(120, 'x'));
    const std::string where = (*Home::Open(path))->socket_path();
    const std::string place = where.substr(0, where.rfind('/'));
    QVERIFY(!QFile::exists(QString::fromStdString(place)));  // it went with its engine
    QVERIFY(symlink("/tmp", place.c_str()) == 0);
    QCOMPARE(Home::Open(path).status().code(), absl::StatusCode::kPermissionDenied);
    qunsetenv("XDG_RUNTIME_DIR");
  }

  void aNameInAnotherCodingIsRefused() {
    const auto home =
        Home::Open(Path("gr\xfc\xdf"
                        "e"));
    QCOMPARE(home.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(absl::StrContains(std::string(home.status().message()), "UTF-8"));
    QVERIFY(Home::Open(Path("gr\xc3\xbc\xc3\x9f"
                            "e"))
                .ok());
  }

  void whatCannotBeAHomeIsTold() {
    QVERIFY(!Home::Open("").ok());
    QFile file(QString::fromStdString(Path("file")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    const auto home = Home::Open(Path("file") + "/home");
    QVERIFY(!home.ok());
    QVERIFY(absl::StrContains(home.status().message(), Path("file")));
  }

 private:
  std::string Path(const std::string& name) const {
    return folder_->path().toStdString() + "/" + name;  // in whatever coding
  }
  std::unique_ptr<QTemporaryDir> folder_;
};

CONCERTINA_TEST(HomeTest)

}  // namespace concertina::home_test

#include "home_test.moc"
