// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// main.cc: the desktop. Shows its window first, and looks for an engine afterwards.
#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QIcon>
#include <QLibraryInfo>
#include <QLocale>
#include <QTimer>
#include <QTranslator>

#include "app/desktop/screenshots.h"
#include "ui/client/engine_client.h"
#include "ui/shell/main_window.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"

namespace {

using concertina::ui::EngineClient;
using concertina::ui::MainWindow;
using concertina::ui::Setting;
using concertina::ui::Settings;
using concertina::ui::Theme;

void installTranslations(QApplication& app, const QString& language) {
  const QLocale locale = language.isEmpty() ? QLocale() : QLocale(language);
  if (!language.isEmpty()) QLocale::setDefault(locale);
  const auto install = [&](const QString& name, const QString& folder) {
    auto* translator = new QTranslator(&app);
    if (translator->load(locale, name, QStringLiteral("_"), folder))
      QApplication::installTranslator(translator);
  };
  install(QStringLiteral("qtbase"), QLibraryInfo::path(QLibraryInfo::TranslationsPath));
  install(QStringLiteral("concertina"), QStringLiteral(":/translations"));
  install(QStringLiteral("descriptors"), QStringLiteral(":/translations"));
}

}  // namespace

int main(int argc, char** argv) {
  QApplication app(argc, argv);
  QApplication::setApplicationName(QStringLiteral("concertina"));
  QApplication::setApplicationDisplayName(QStringLiteral("Concertina"));
  QApplication::setApplicationVersion(QStringLiteral(CONCERTINA_VERSION));
  QApplication::setDesktopFileName(QStringLiteral("concertina"));

  QCommandLineParser parser;
  parser.setApplicationDescription(QStringLiteral("A workbench for distributed training and compression."));
  const QCommandLineOption home(QStringLiteral("home"),
                                QStringLiteral("Folder of database, datasets and sockets."),
                                QStringLiteral("DIR"), qEnvironmentVariable("CONCERTINA_HOME"));
  const QCommandLineOption engine(QStringLiteral("engine"), QStringLiteral("Address of another engine."),
                                  QStringLiteral("ADDRESS"));
  const QCommandLineOption demo(QStringLiteral("demo"),
                                QStringLiteral("Launch the demonstration and watch it."));
  QCommandLineOption screenshot(QStringLiteral("screenshot"),
                                QStringLiteral("Render every page to PNG files and quit."),
                                QStringLiteral("DIR"));
  screenshot.setFlags(QCommandLineOption::HiddenFromHelp);
  const QCommandLineOption language(QStringLiteral("language"), QStringLiteral("Language, such as zh_CN."),
                                    QStringLiteral("LOCALE"));
  parser.addOptions({home, engine, demo, language, screenshot});
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(QStringLiteral("EXPERIMENT"), QStringLiteral("An experiment file to open."),
                               QStringLiteral("[EXPERIMENT]"));
  parser.process(app);

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
  window.show();
  QTimer::singleShot(0, &window, [&] {  // after the first frame
    if (folder.isEmpty()) theme.followSystem();
    window.makeAllPages();
    client.start(parser.value(home), parser.value(engine));
    if (!parser.positionalArguments().isEmpty()) window.openFile(parser.positionalArguments().constFirst());
    if (parser.isSet(demo)) window.runDemonstration();
    if (!folder.isEmpty()) concertina::takeScreenshots(window, client, theme, folder, parser.isSet(demo));
  });
  return QApplication::exec();
}
