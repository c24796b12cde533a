// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// documented_commands_test.cc: every command that README, help and manual pages show is one that there
// is, with options that it has, on files that are there, and experiments that are valid.
#include <QDir>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <optional>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::documented_commands_test {

using Json = nlohmann::json;

// Words of one command, as a shell would give them to the program.
struct Documented {
  QString place;  // "README.md:24"
  QString program;
  QStringList words;
};

QString Text(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

// Up to the end of a command: ; | && > and a comment. Quotes are those of the shell, without escapes in them.
QList<QStringList> ShellCommands(const QString& line) {
  QList<QStringList> commands = {{}};
  QString word;
  QChar quote;
  bool has_word = false;
  const auto end_word = [&] {
    if (has_word) commands.back() << word;
    word.clear();
    has_word = false;
  };
  for (qsizetype i = 0; i < line.size(); ++i) {
    const QChar c = line[i];
    if (!quote.isNull()) {
      if (c == quote)
        quote = QChar();
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      has_word = true;
    } else if (c == '#' && !has_word) {
      break;
    } else if (c == ';' || c == '|' || c == '&' || c == '>') {
      end_word();
      commands << QStringList();
    } else if (c.isSpace()) {
      end_word();
    } else {
      word += c;
      has_word = true;
    }
  }
  end_word();
  return commands;
}

// Of a page: lines of its blocks of code, and what stands in backticks; of a manual page, bold lines.
QList<Documented> CommandsOf(const QString& page) {
  static const QRegularExpression span("`([^`]+)`");
  static const QMap<QString, QString> programs = {{"ctl", "concertinactl"},
                                                  {"concertinactl", "concertinactl"},
                                                  {"build/release/bin/concertinactl", "concertinactl"},
                                                  {"run=$(concertinactl", "concertinactl"},
                                                  {"concertina-edge", "concertina-edge"},
                                                  {"build/release/bin/concertina-edge", "concertina-edge"}};
  QList<Documented> found;
  const QStringList lines = Text(QStringLiteral(CONCERTINA_SOURCE_DIR "/") + page).split('\n');
  bool is_code = false;
  for (qsizetype i = 0; i < lines.size(); ++i) {
    if (lines[i].startsWith("```")) {
      is_code = !is_code;
      continue;
    }
    QStringList texts;
    if (is_code) texts << lines[i];
    if (page.endsWith(".1") && lines[i].startsWith(".B ")) texts << lines[i].mid(3).replace("\\-", "-");
    for (auto spans = span.globalMatch(lines[i]); !is_code && spans.hasNext();)
      texts << spans.next().captured(1);
    for (const QString& text : texts)
      for (QStringList words : ShellCommands(text)) {
        while (!words.isEmpty() && words[0].contains('=') && !programs.contains(words[0]))
          words.removeFirst();  // the environment
        if (words.size() < 2 || !programs.contains(words[0])) continue;
        const bool is_substituted = words[0].contains("$(");
        const QString program = programs[words.takeFirst()];
        if (is_substituted && words.last().endsWith(')')) words.last().chop(1);
        found << Documented{QStringLiteral("%1:%2").arg(page).arg(i + 1), program, words};
      }
  }
  return found;
}

class DocumentedCommandsTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    QStringList pages = {"README.md"};
    for (const QString& page :
         QDir(QStringLiteral(CONCERTINA_SOURCE_DIR "/resources/help")).entryList({"*.md"}))
      pages << "resources/help/" + page;
    pages << "resources/man/concertinactl.1";
    for (const QString& page : pages) commands_ << CommandsOf(page);
    QVERIFY2(commands_.size() > 100, "the pages have some 150; are they still read?");
  }

  void aLineIsReadAsAShellDoes() {
    const QList<QStringList> read =
        ShellCommands("ctl run a.json --set '/mesh={\"data\":2}' \"two words\"; ctl stop last # \"no more");
    QCOMPARE(read.size(), 2);
    QCOMPARE(read[0], QStringList({"ctl", "run", "a.json", "--set", "/mesh={\"data\":2}", "two words"}));
    QCOMPARE(read[1], QStringList({"ctl", "stop", "last"}));
  }

  void commandsAndOptionsExist() {
    for (const Documented& command : commands_) {
      const std::optional<QString> missing = Missing(command);
      QVERIFY2(!missing, qPrintable(command.place + ": " + missing.value_or("")));
    }
    // And one that there is not would be found.
    QVERIFY(Missing({"here", "concertinactl", {"fly", "last"}}));
    QVERIFY(Missing({"here", "concertinactl", {"stop", "last", "--softly"}}));
    QVERIFY(Missing({"here", "concertinactl", {"engine", "start", "--softly"}}));
    QVERIFY(!Missing({"here", "concertinactl", {"--home", "h", "engine", "start", "--listen", "a:1"}}));
  }

  void namedFilesAreThere() {
    static const QRegularExpression ours("^(resources|packaging|tests|core|plugins|app|ui)/[\\w./-]+$");
    int named = 0;
    for (const Documented& command : commands_)
      for (const QString& word : command.words) {
        if (!ours.match(word).hasMatch()) continue;
        ++named;
        QVERIFY2(QFile::exists(QStringLiteral(CONCERTINA_SOURCE_DIR "/") + word),
                 qPrintable(command.place + ": " + word + " is not there"));
      }
    QVERIFY(named > 10);
  }

  // Nothing is started: what is run, planned or verified there is only looked at.
  void experimentsAreValid() {
    static const QSet<QString> take_a_spec = {"run", "plan", "verify", "validate"};
    const bool has_mpi = QFile::exists(QStringLiteral(CONCERTINA_BIN_DIR "/../transports/mpi.so"));
    int looked_at = 0;
    for (const Documented& command : commands_) {
      if (command.program != "concertinactl" || command.words.size() < 2 ||
          !take_a_spec.contains(command.words[0]) || !command.words[1].startsWith("resources/"))
        continue;
      QStringList words = {"validate", QStringLiteral(CONCERTINA_SOURCE_DIR "/") + command.words[1]};
      for (qsizetype i = 2; i + 1 < command.words.size(); ++i)
        if (command.words[i] == "--set") words << "--set" << command.words[i + 1];
      if (!has_mpi && words.last().endsWith("=mpi")) continue;
      const CtlResult result = home_.CtlJson(words);
      QVERIFY2(result.exit_code == 0, qPrintable(command.place + ": " + QString::fromUtf8(result.err)));
      ++looked_at;
    }
    QVERIFY(looked_at > 8);
  }

  void papersAndComponentsExist() {
    int named = 0;
    for (const Documented& command : commands_) {
      static const QRegularExpression name("^[a-z][a-z0-9-]*$");
      const QStringList& words = command.words;
      const bool is_paper = words[0] == "paper" && words.size() > 2, is_component = words[0] == "describe";
      if (command.program != "concertinactl" || (!is_paper && !is_component)) continue;
      if (!name.match(is_paper ? words[2] : words.last()).hasMatch())
        continue;  // CATEGORY, or a file of somebody's own
      ++named;
      const CtlResult result = home_.CtlJson(is_paper ? QStringList{"paper", "show", words[2]} : words);
      QVERIFY2(result.exit_code == 0, qPrintable(command.place + ": " + QString::fromUtf8(result.err)));
    }
    QVERIFY(named > 4);
  }

  // A command that was added stands under what it is for.
  void everyCommandHasItsGroup() {
    const QString help = Help({"concertinactl"});
    QVERIFY(help.contains("\nKeeping runs:\n"));
    QVERIFY2(!help.contains("\nSubcommands:\n"), qPrintable(help));
  }

 private:
  QString Help(const QStringList& words) {
    const QString key = words.join(' ');
    if (!helps_.contains(key)) {
      QProcess process;
      process.setProcessChannelMode(QProcess::MergedChannels);
      process.start(TestHome::Program(words[0]), words.mid(1) + QStringList{"--help"});
      const bool ended = process.waitForFinished(20000) && process.exitCode() == 0;
      helps_[key] = ended ? QString::fromUtf8(process.readAll()) : QString();
    }
    return helps_[key];
  }

  // What of the command there is not.
  std::optional<QString> Missing(const Documented& command) {
    static const QSet<QString> with_value = {"--home", "--engine", "--kit"},
                               everywhere = {"--json", "--help", "--version"};
    static const QRegularExpression plain("^[a-z][a-z-]*$"), option("--[a-z][a-z-]*");
    qsizetype at = 0;
    while (at < command.words.size() && command.words[at].startsWith("--"))
      at += with_value.contains(command.words[at]) ? 2 : 1;
    if (at >= command.words.size() || !plain.match(command.words[at]).hasMatch()) return {};  // COMMAND, …
    QStringList path = {command.program, command.words[at]};
    QString help = Help(path);
    if (help.isEmpty() || help == Help({command.program})) {
      // A program without subcommands of its own parser says all in one help.
      if (!Help({command.program}).contains(QRegularExpression("\\b" + path[1] + "\\b")))
        return "there is no command " + path.join(' ');
      help = Help({command.program});
    }
    if (at + 1 < command.words.size() && plain.match(command.words[at + 1]).hasMatch() &&
        help.contains(QRegularExpression("SUBCOMMAND")) &&
        help.contains(QRegularExpression("\\n  " + command.words[at + 1] + " ")))
      help += Help(path << command.words[at + 1]);
    QSet<QString> known = everywhere | with_value;
    for (auto options = option.globalMatch(help); options.hasNext();) known << options.next().captured();
    for (const QString& word : command.words) {
      const auto match = option.match(word, 0, QRegularExpression::NormalMatch,
                                      QRegularExpression::AnchorAtOffsetMatchOption);
      if (match.hasMatch() && !known.contains(match.captured()))
        return path.join(' ') + " has no option " + match.captured();
    }
    return {};
  }

  QList<Documented> commands_;
  QMap<QString, QString> helps_;
  TestHome home_;
};

CONCERTINA_TEST(DocumentedCommandsTest)

}  // namespace concertina::documented_commands_test

#include "documented_commands_test.moc"
