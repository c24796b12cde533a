// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// main.cc: the desktop. Shows its window first, and looks for an engine afterwards.
#include <time.h>
#include <unistd.h>

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFile>
#include <QIcon>
#include <QLibraryInfo>
#include <QLocale>
#include <QLoggingCategory>
#include <QTimer>
#include <QTranslator>
#include <algorithm>
#include <string_view>

#include "app/desktop/screenshots.h"
#include "core/base/status.h"
#include "fmt/format.h"
#include "ui/charts/report_pdf.h"
#include "ui/client/engine_client.h"
#include "ui/shell/main_window.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"

namespace {

// How long the window takes to come (tests/bench/desktop): QT_LOGGING_RULES=concertina.startup.debug=true
Q_LOGGING_CATEGORY(startupLog, "concertina.startup", QtInfoMsg)

// Since the kernel started this process, to a hundredth: field 22 of proc(5)'s stat, in clock ticks since
// boot.
double processAgeSeconds() {
  QFile file(QStringLiteral("/proc/self/stat"));
  timespec boot{};
  if (!file.open(QIODevice::ReadOnly) || clock_gettime(CLOCK_BOOTTIME, &boot) != 0) return 0;
  const QByteArray text = file.readAll();  // the name before the last bracket may hold spaces
  const QList<QByteArray> fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
  const double ticks = fields.value(19).toDouble();
  return double(boot.tv_sec) + 1e-9 * double(boot.tv_nsec) - ticks / double(sysconf(_SC_CLK_TCK));
}

// Tells of a window's first picture, once it has been handed to the screen.
class FirstPicture : public QObject {
 public:
  explicit FirstPicture(QWidget& window) : QObject(&window) { window.installEventFilter(this); }
  bool eventFilter(QObject* window, QEvent* event) override {
    if (event->type() != QEvent::Paint) return false;
    window->removeEventFilter(this);
    QTimer::singleShot(0, window,
                       [] { qCDebug(startupLog, "the window stands after %.2f s", processAgeSeconds()); });
    return false;
  }
};

using concertina::ui::EngineClient;
using concertina::ui::MainWindow;
using concertina::ui::Setting;
using concertina::ui::Settings;
using concertina::ui::Theme;

void installTranslations(QApplication& app, const QString& language) {
  const QLocale locale = language.isEmpty() ? QLocale() : QLocale(language);
  if (!language.isEmpty()) QLocale::setDefault(locale);
  const auto install = [&app](const QLocale& of, const QString& name, const QString& folder) {
    auto* translator = new QTranslator(&app);
    if (translator->load(of, name, QStringLiteral("_"), folder)) QApplication::installTranslator(translator);
  };
  // Who reads English because there is nothing else reads its plurals too; what is installed later goes
  // first.
  install(QLocale(QLocale::English), QStringLiteral("concertina"), QStringLiteral(":/translations"));
  install(locale, QStringLiteral("qtbase"), QLibraryInfo::path(QLibraryInfo::TranslationsPath));
  install(locale, QStringLiteral("concertina"), QStringLiteral(":/translations"));
  install(locale, QStringLiteral("descriptors"), QStringLiteral(":/translations"));
}

// Help and version, which a machine without a display can tell too.
bool isAskedAboutItself(int argc, char** argv) {
  return std::any_of(argv + 1, argv + argc, [](std::string_view word) {
    return word == "--help" || word == "-h" || word == "--version" || word == "-v";
  });
}

int printReport(const QString& html, const QString& pdf) {
  const absl::Status printed = concertina::ui::printReport(html.toStdString(), pdf.toStdString());
  if (!printed.ok()) fmt::print(stderr, "{}\n", std::string(printed.message()));
  return static_cast<int>(concertina::ExitCodeOf(printed));
}

}  // namespace

int main(int argc, char** argv) {
  QApplication::setApplicationName(QStringLiteral("concertina"));
  QApplication::setApplicationDisplayName(QStringLiteral("Concertina"));
  QApplication::setApplicationVersion(QStringLiteral(CONCERTINA_VERSION));
  QApplication::setDesktopFileName(QStringLiteral("org.concertina.Concertina"));

  QCommandLineParser parser;
  parser.setApplicationDescription(QStringLiteral("A workbench for distributed training and compression."));
  const QCommandLineOption home(QStringLiteral("home"),
                                QStringLiteral("Folder of database, datasets and sockets."),
                                QStringLiteral("DIR"), qEnvironmentVariable("CONCERTINA_HOME"));
  const QCommandLineOption engine(
      QStringLiteral("engine"), QStringLiteral("Address of an engine elsewhere (unix:/path, or HOST:PORT)."),
      QStringLiteral("ADDRESS"));
  const QCommandLineOption kit(QStringLiteral("kit"),
                               QStringLiteral("Start-up kit, for an engine at HOST:PORT."),
                               QStringLiteral("DIR"));
  const QCommandLineOption demo(QStringLiteral("demo"),
                                QStringLiteral("Launch the demonstration and watch it."));
  QCommandLineOption screenshot(QStringLiteral("screenshot"),
                                QStringLiteral("Render every page to PNG files and quit."),
                                QStringLiteral("DIR"));
  screenshot.setFlags(QCommandLineOption::HiddenFromHelp);
  // As concertinactl asks for it; without a window.
  QCommandLineOption report(QStringLiteral("report"), QStringLiteral("A report as HTML, for --pdf."),
                            QStringLiteral("FILE"));
  report.setFlags(QCommandLineOption::HiddenFromHelp);
  QCommandLineOption pdf(QStringLiteral("pdf"), QStringLiteral("Write the report as PDF and quit."),
                         QStringLiteral("FILE"));
  pdf.setFlags(QCommandLineOption::HiddenFromHelp);
  const QCommandLineOption language(QStringLiteral("language"), QStringLiteral("Language, such as zh_CN."),
                                    QStringLiteral("LOCALE"));
  parser.addOptions({home, engine, kit, demo, language, screenshot, report, pdf});
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(QStringLiteral("EXPERIMENT"), QStringLiteral("An experiment file to open."),
                               QStringLiteral("[EXPERIMENT]"));
  if (isAskedAboutItself(argc, argv)) {
    QCoreApplication app(argc, argv);
    if (parser.parse(QCoreApplication::arguments())) parser.process(app);  // answers, and ends
  }
  QApplication app(argc, argv);
  parser.process(app);
  if (parser.isSet(report) || parser.isSet(pdf)) return printReport(parser.value(report), parser.value(pdf));
  if (parser.isSet(kit)) qputenv("CONCERTINA_KIT", parser.value(kit).toLocal8Bit());  // read by ui/client

  // Pictures must not depend on whom they are taken for.
  const QString folder = parser.value(screenshot);
  if (!folder.isEmpty() && !QDir().mkpath(folder)) {
    qCritical("concertina: cannot make the folder %s", qUtf8Printable(folder));
    return 2;
  }
  Settings settings(folder.isEmpty() ? QString() : QDir(folder).filePath(QStringLiteral("settings.ini")));
  const QString wanted = parser.isSet(language) ? parser.value(language) : settings.text(Setting::kLanguage);
  installTranslations(app, wanted);
  Theme theme;
  theme.apply(Theme::modeFromName(settings.text(Setting::kTheme)), settings.flag(Setting::kSystemWasDark));
  QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/concertina.svg")));

  EngineClient client;
  MainWindow window(client, settings, theme, {.home = parser.value(home), .address = parser.value(engine)});
  if (startupLog().isDebugEnabled()) new FirstPicture(window);
  window.show();
  QTimer::singleShot(0, &window, [&] {  // after the first frame
    if (folder.isEmpty()) theme.followSystem();
    window.makeAllPages();
    client.start(parser.value(home), parser.value(engine));
    if (!parser.positionalArguments().isEmpty()) window.openFile(parser.positionalArguments().constFirst());
    if (parser.isSet(demo)) window.runDemonstration();
    if (folder.isEmpty()) window.resumeSession();
    // Who came for one thing is not led about.
    if (folder.isEmpty() && !parser.isSet(demo) && parser.positionalArguments().isEmpty() &&
        !settings.flag(Setting::kToured) && !settings.flag(Setting::kWelcomed))
      window.startTour();
    if (!folder.isEmpty()) concertina::takeScreenshots(window, client, theme, folder, parser.isSet(demo));
  });
  return QApplication::exec();
}
