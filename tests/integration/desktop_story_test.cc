// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// desktop_story_test.cc: a person's first half hour: the window driven through its widgets, with a real
// engine and real workers behind it; and every page as a picture under Xvfb, kept in BUILD/pictures.
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QImage>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSet>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTableView>
#include <QTest>
#include <QToolButton>

#include "tests/integration/programs.h"
#include "tests/test_program.h"
#include "tests/ui/forms/offscreen.h"
#include "ui/charts/series_chart.h"
#include "ui/pages/design_page.h"
#include "ui/pages/monitor_figures.h"
#include "ui/pages/monitor_state_chip.h"
#include "ui/shell/main_window.h"

namespace concertina::ui::desktop_story_test {
namespace {

// The desktop as app/desktop makes it.
struct Desktop {
  explicit Desktop(const TestHome& home)
      : settings(home.file("settings.ini")),
        window(client, settings, theme, {.home = home.path(), .address = {}}) {
    window.resize(1360, 860);
    window.show();
    window.makeAllPages();
    client.start(home.path());
  }
  template <class Widget>
  Widget* find(const QString& name) {
    auto* widget = window.findChild<Widget*>(name);
    if (widget == nullptr) qFatal("no widget %s", qUtf8Printable(name));
    return widget;
  }
  void choose(const QString& field, const QString& kind) {
    auto* box = find<QComboBox>("field:" + field);
    const int index = box->findData(kind);
    if (index < 0) qFatal("no %s in %s", qUtf8Printable(kind), qUtf8Printable(field));
    box->setCurrentIndex(index);
    emit box->activated(index);
  }
  void click(const QString& button) { QTest::mouseClick(find<QWidget>(button), Qt::LeftButton); }
  QString text(const QString& label) { return find<QLabel>(label)->text(); }
  QString figure(const QString& name) { return find<FigureCell>("monitorPage." + name + "Figure")->text(); }
  proto::RunState state() { return find<StateChip>("monitorPage.stateChip")->state(); }
  qsizetype points(const QString& chart) {  // of its longest curve, as last drawn
    qsizetype most = 0;
    for (const ChartCurve& curve : find<SeriesChart>(chart)->curves())
      most = std::max(most, curve.data.size());
    return most;
  }
  QString spec() { return window.design().spec(); }

  Settings settings;
  Theme theme;
  EngineClient client;
  MainWindow window;
};

constexpr int kPatienceMs = 60'000;

}  // namespace

class DesktopStoryTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { qputenv("CONCERTINA_PROGRAMS", CONCERTINA_BIN_DIR); }
  void anExperimentIsDesignedLaunchedAndWatched();
  void aRunOutlivesTheWindow();
  void everyPageIsAPicture();

 private:
  TestHome home_;
};

void DesktopStoryTest::anExperimentIsDesignedLaunchedAndWatched() {
  Desktop desktop(home_);
  DesignPage& design = desktop.window.design();
  QTRY_VERIFY_WITH_TIMEOUT(design.canLaunch(), kPatienceMs);

  // A preset, then other choices in the forms; the JSON beside them follows.
  desktop.click("designPage.presetsButton");
  QVERIFY(design.isGalleryShown());
  desktop.click("preset.baseline");
  QVERIFY(!design.isGalleryShown());
  QTRY_VERIFY_WITH_TIMEOUT(design.canLaunch(), kPatienceMs);
  desktop.choose("/model/kind", "lenet-300-100");
  desktop.choose("/exchange/kind", "all-reduce");
  desktop.choose("/gradient/0/kind", "top-k");
  typeInto(desktop.find<QWidget>("field:/workers/0/count"), "2");
  typeInto(desktop.find<QWidget>("field:/optimizer/learning_rate"), "0.03");
  typeInto(desktop.find<QWidget>("field:/training/epochs"), "1");
  typeInto(desktop.find<QWidget>("field:/training/batch_size"), "64");
  typeInto(desktop.find<QWidget>("designPage.name"), "A first try");
  const auto spec = nlohmann::json::parse(desktop.spec().toStdString());
  QCOMPARE(spec["model"]["kind"].get<std::string>(), std::string("lenet-300-100"));
  QCOMPARE(spec["gradient"][0]["kind"].get<std::string>(), std::string("top-k"));
  QCOMPARE(spec["workers"][0]["count"].get<int>(), 2);
  QCOMPARE(spec["optimizer"]["learning_rate"].get<double>(), 0.03);
  QVERIFY(desktop.find<QPlainTextEdit>("designPage.json")->toPlainText().contains("lenet-300-100"));

  // A mistake is told beside its field before anything is launched.
  typeInto(desktop.find<QWidget>("field:/training/batch_size"), "64000");
  QTRY_VERIFY_WITH_TIMEOUT(!desktop.text("fault:/training/batch_size").isEmpty() && !design.canLaunch(),
                           kPatienceMs);
  typeInto(desktop.find<QWidget>("field:/training/batch_size"), "64");
  QTRY_VERIFY_WITH_TIMEOUT(design.canLaunch(), kPatienceMs);

  desktop.click("designPage.launchButton");
  QTRY_COMPARE_WITH_TIMEOUT(desktop.window.page(), MainWindow::Page::kMonitor, kPatienceMs);
  QTRY_COMPARE_WITH_TIMEOUT(desktop.text("monitorPage.nameLabel"), QString("A first try"), kPatienceMs);
  QTRY_VERIFY_WITH_TIMEOUT(desktop.figure("loss") != desktop.figure("accuracy"),
                           kPatienceMs);  // not two dashes
  QTRY_VERIFY_WITH_TIMEOUT(desktop.text("monitorPage.factsLabel").contains("2"), kPatienceMs);
  QTRY_COMPARE_WITH_TIMEOUT(desktop.state(), proto::FINISHED, kPatienceMs);

  // What the window says is what the engine says.
  const auto shown = home_.CtlJson({"list"}).json();
  QCOMPARE(shown["runs"].size(), size_t{1});
  const auto run = shown["runs"][0];
  QCOMPARE(desktop.figure("accuracy").section(' ', 0, 0),
           QString::number(100 * run["test_accuracy"].get<double>(), 'f', 2));
  QVERIFY(run["compression_ratio"].get<double>() > 40);
  QVERIFY(desktop.figure("ratio").endsWith(QChar(0xd7)));
  for (const char* chart : {"monitorPage.lossChart", "monitorPage.timeChart", "monitorPage.rateChart"})
    QTRY_VERIFY_WITH_TIMEOUT(desktop.points(chart) > 5, kPatienceMs);
}

void DesktopStoryTest::aRunOutlivesTheWindow() {
  QString name;
  {
    Desktop desktop(home_);
    QTRY_VERIFY_WITH_TIMEOUT(desktop.window.design().canLaunch(), kPatienceMs);
    desktop.click("designPage.presetsButton");
    desktop.click("preset.baseline");
    desktop.choose("/model/kind", "lenet-300-100");
    typeInto(desktop.find<QWidget>("field:/training/epochs"), "1000");
    typeInto(desktop.find<QWidget>("designPage.name"), "A long one");
    QTRY_VERIFY_WITH_TIMEOUT(desktop.window.design().canLaunch(), kPatienceMs);
    desktop.click("designPage.launchButton");
    QTRY_COMPARE_WITH_TIMEOUT(desktop.state(), proto::RUNNING, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(desktop.points("monitorPage.lossChart") > 10, kPatienceMs);
    QVERIFY(desktop.window.close());
  }
  // The window is gone, the run is not; opened again, the window finds it, with its past.
  const auto running = home_.CtlJson({"list", "--filter", "state=running"}).json();
  QCOMPARE(running["runs"].size(), size_t{1});
  Desktop again(home_);
  QTRY_COMPARE_WITH_TIMEOUT(again.client.state(), EngineClient::State::kConnected, kPatienceMs);
  again.window.openRun(QString::fromStdString(running["runs"][0]["run"]));
  QTRY_COMPARE_WITH_TIMEOUT(again.text("monitorPage.nameLabel"), QString("A long one"), kPatienceMs);
  QTRY_VERIFY_WITH_TIMEOUT(again.points("monitorPage.lossChart") > 10, kPatienceMs);

  // Paused, gone on, and stopped by the buttons.
  again.click("monitorPage.pauseButton");
  QTRY_COMPARE_WITH_TIMEOUT(again.state(), proto::PAUSED, kPatienceMs);
  again.click("monitorPage.resumeButton");
  QTRY_COMPARE_WITH_TIMEOUT(again.state(), proto::RUNNING, kPatienceMs);
  again.click("monitorPage.stopButton");
  QTRY_COMPARE_WITH_TIMEOUT(again.state(), proto::STOPPED, kPatienceMs);
}

void DesktopStoryTest::everyPageIsAPicture() {
  const QString xvfb = QStandardPaths::findExecutable("xvfb-run");
  QVERIFY2(!xvfb.isEmpty(), "xvfb is missing: packaging/setup installs it");
  const QString folder = QStringLiteral(CONCERTINA_BIN_DIR "/../pictures");
  QDir(folder).removeRecursively();
  QProcess process;
  auto environment = QProcessEnvironment::systemEnvironment();
  environment.remove("QT_QPA_PLATFORM");  // a real window
  process.setProcessEnvironment(environment);
  process.start(xvfb,
                {"-a", TestHome::Program("concertina"), "--home", home_.path(), "--screenshot", folder});
  QVERIFY(process.waitForFinished(2 * kPatienceMs));
  QCOMPARE(process.exitCode(), 0);
  for (const char* page :
       {"design", "design-json", "presets", "welcome", "monitor", "monitor-layers", "runs"})
    for (const char* theme : {"light", "dark"})
      for (const char* size : {"1360x860", "1024x640"}) {
        const QString name = QStringLiteral("%1-%2-%3.png").arg(page, theme, size);
        const QImage picture(QDir(folder).filePath(name));
        QVERIFY2(!picture.isNull(), qPrintable(name));
        // Something stands on it: a page has a ground, cards, text and its edges.
        QSet<QRgb> colors;
        for (int y = 0; y < picture.height(); y += 3)
          for (int x = 0; x < picture.width(); x += 3) colors.insert(picture.pixel(x, y));
        QVERIFY2(colors.size() > 20,
                 qPrintable(QStringLiteral("%1: %2 colours").arg(name).arg(colors.size())));
        const int lightness = qGray(picture.pixel(4, picture.height() / 2));
        QVERIFY2(QLatin1String(theme) == "light" ? lightness > 200 : lightness < 60, qPrintable(name));
      }
}

CONCERTINA_TEST(DesktopStoryTest)

}  // namespace concertina::ui::desktop_story_test

#include "desktop_story_test.moc"
