// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_paths_test.cc: a relative path is the person's, whoever reads the file; nothing else is touched.
#include "core/experiment/local_paths.h"

#include <QTest>

#include "tests/test_program.h"

namespace concertina::local_paths_test {

class LocalPathsTest : public QObject {
  Q_OBJECT
 private slots:
  void pathsCountFromTheFolder_data();
  void pathsCountFromTheFolder();
  void aFolderInAnotherCodingIsTold();
};

void LocalPathsTest::pathsCountFromTheFolder_data() {
  QTest::addColumn<QString>("spec");
  QTest::addColumn<QString>("whole");
  const auto same = [](const char* name, const char* spec) { QTest::newRow(name) << spec << spec; };
  QTest::newRow("relative") << R"({"dataset":{"kind":"csv","path":"a.csv","label":"y"}})"
                            << R"({"dataset":{"kind":"csv","path":"/lesson/a.csv","label":"y"}})";
  QTest::newRow("upwards") << R"({"dataset":{"path":"../a","kind":"cifar-10"}})"
                           << R"({"dataset":{"path":"/a","kind":"cifar-10"}})";
  QTest::newRow("of the home") << R"({"model":{"kind":"file","path":"~/m.edge"}})"
                               << R"({"model":{"kind":"file","path":"/home/ann/m.edge"}})";
  QTest::newRow("a teacher")
      << R"({"recipe":[{"kind":"int8"},{"kind":"distill","teacher":"t.onnx"}]})"
      << R"({"recipe":[{"kind":"int8"},{"kind":"distill","teacher":"/lesson/t.onnx"}]})";
  QTest::newRow("a student")
      << R"({"recipe":[{"kind":"distill","student":{"kind":"file","path":"s.edge"}}]})"
      << R"({"recipe":[{"kind":"distill","student":{"kind":"file","path":"/lesson/s.edge"}}]})";
  same("whole already", R"({ "dataset": {"kind": "mnist", "path": "/data/mnist"} })");
  same("a run", R"({"model": {"kind": "file", "path": "run:last"}})");
  same("a label is no path", R"({"dataset": {"kind": "csv", "path": "/a.csv", "label": "b.csv"}})");
  same("a kind that is not known", R"({"dataset": {"kind": "mine", "path": "a"}})");
  same("a path that is no text",
       R"({"dataset": {"kind": "csv", "path": 7}, "recipe": 3, "model": {"kind": []}})");
  same("no JSON", R"({"dataset": {"kind": "csv", "path": "a.csv")");
  same("no object", R"(["a.csv"])");
}

void LocalPathsTest::pathsCountFromTheFolder() {
  QFETCH(QString, spec);
  QFETCH(QString, whole);
  const QByteArray home = qgetenv("HOME");
  qputenv("HOME", "/home/ann");
  const auto found = WithLocalPaths(spec.toStdString(), "/lesson");
  qputenv("HOME", home);
  QVERIFY(found.ok());
  QCOMPARE(*found, whole.toStdString());
}

// With a sign in place of each strange byte it would name a folder that nobody has.
void LocalPathsTest::aFolderInAnotherCodingIsTold() {
  const std::string folder =
      "/gr\xfc\xdf"
      "e";
  const std::string relative = R"({"dataset":{"kind":"csv","path":"a.csv","label":"y"}})",
                    whole = R"({"dataset":{"kind":"csv","path":"/a.csv","label":"y"}})";
  QCOMPARE(WithLocalPaths(relative, folder).status().code(), absl::StatusCode::kInvalidArgument);
  QCOMPARE(*WithLocalPaths(whole, folder), whole);
}

CONCERTINA_TEST(LocalPathsTest)

}  // namespace concertina::local_paths_test

#include "local_paths_test.moc"
