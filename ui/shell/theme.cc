// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// theme.cc: palettes, style sheet, and the system's preference (see theme.h).
#include "ui/shell/theme.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFontDatabase>
#include <QFontInfo>
#include <QStyleFactory>

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

// Without a desktop's settings Qt falls back to DejaVu Sans, wide and coarse; Noto Sans where it is installed
// reads better and has the Chinese companion. A font that the desktop names is respected.
QFont applicationFont() {
  QFont font = QApplication::font();
  const QString family = QFontInfo(font).family();
  if (family.startsWith(QLatin1String("DejaVu")) && QFontDatabase::hasFamily(QStringLiteral("Noto Sans")))
    font.setFamilies({QStringLiteral("Noto Sans"), QStringLiteral("Noto Sans CJK SC"), family});
  if (font.pointSizeF() > 0 && font.pointSizeF() < 10) font.setPointSizeF(10);
  return font;
}

constexpr auto kPortalService = "org.freedesktop.portal.Desktop";
constexpr auto kPortalPath = "/org/freedesktop/portal/desktop";
constexpr auto kPortalSettings = "org.freedesktop.portal.Settings";
constexpr auto kAppearance = "org.freedesktop.appearance";
constexpr auto kColorScheme = "color-scheme";

}  // namespace

QPalette themePalette(bool dark) {
  const QColor window = dark ? QColor(0x1b, 0x1f, 0x24) : QColor(0xf4, 0xf5, 0xf7);
  const QColor base = dark ? QColor(0x23, 0x28, 0x2e) : QColor(0xff, 0xff, 0xff);
  const QColor text = dark ? QColor(0xe3, 0xe7, 0xec) : QColor(0x1d, 0x24, 0x2c);
  const QColor faint = dark ? QColor(0x70, 0x7a, 0x86) : QColor(0x9a, 0xa3, 0xae);  // disabled only
  const QColor hint = dark ? QColor(0x92, 0x9c, 0xa8) : QColor(0x6b, 0x75, 0x81);
  const QColor accent = dark ? QColor(0x8f, 0xbc, 0xf0) : QColor(0x27, 0x5d, 0x9e);
  const QColor on_accent = dark ? QColor(0x14, 0x20, 0x2d) : QColor(0xff, 0xff, 0xff);
  const QColor button = dark ? QColor(0x2c, 0x32, 0x3a) : QColor(0xff, 0xff, 0xff);

  QPalette palette;
  palette.setColor(QPalette::Window, window);
  palette.setColor(QPalette::WindowText, text);
  palette.setColor(QPalette::Base, base);
  palette.setColor(QPalette::AlternateBase, dark ? QColor(0x28, 0x2d, 0x34) : QColor(0xf8, 0xf9, 0xfa));
  palette.setColor(QPalette::Text, text);
  palette.setColor(QPalette::PlaceholderText, hint);
  palette.setColor(QPalette::Button, button);
  palette.setColor(QPalette::ButtonText, text);
  palette.setColor(QPalette::BrightText, dark ? QColor(0xff, 0xff, 0xff) : QColor(0x00, 0x00, 0x00));
  palette.setColor(QPalette::Highlight, accent);
  palette.setColor(QPalette::HighlightedText, on_accent);
  palette.setColor(QPalette::Link, accent);
  palette.setColor(QPalette::LinkVisited, accent);
  palette.setColor(QPalette::ToolTipBase, dark ? QColor(0x31, 0x38, 0x41) : QColor(0x2b, 0x33, 0x3c));
  palette.setColor(QPalette::ToolTipText, QColor(0xf2, 0xf4, 0xf6));
  palette.setColor(QPalette::Light, dark ? QColor(0x37, 0x3e, 0x47) : QColor(0xff, 0xff, 0xff));
  palette.setColor(QPalette::Midlight, dark ? QColor(0x2f, 0x35, 0x3d) : QColor(0xea, 0xed, 0xf0));
  palette.setColor(QPalette::Mid, dark ? QColor(0x3a, 0x41, 0x4a) : QColor(0xdc, 0xe0, 0xe5));
  palette.setColor(QPalette::Dark, dark ? QColor(0x14, 0x17, 0x1b) : QColor(0xb8, 0xc0, 0xca));
  palette.setColor(QPalette::Shadow, QColor(0x00, 0x00, 0x00));
  for (const auto role :
       {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::PlaceholderText})
    palette.setColor(QPalette::Disabled, role, faint);
  palette.setColor(QPalette::Disabled, QPalette::Highlight, palette.color(QPalette::Mid));
  palette.setColor(QPalette::Disabled, QPalette::HighlightedText, faint);
  palette.setColor(QPalette::Disabled, QPalette::Button, window);
  // A selection stays readable, and quieter, while the focus is elsewhere.
  palette.setColor(QPalette::Inactive, QPalette::Highlight,
                   dark ? QColor(0x3b, 0x4c, 0x61) : QColor(0xcf, 0xdf, 0xf1));
  palette.setColor(QPalette::Inactive, QPalette::HighlightedText, text);
  return palette;
}

QString themeStyleSheet(const QPalette& palette, int unit) {
  const auto tone = [&](Tone which) { return toneColor(palette, which).name(); };
  QString sheet = QStringLiteral(R"(
QToolTip { color: @tiptext; background: @tipbase; border: none; padding: @h; }
QLabel[tone="quiet"] { color: @quiet; }
QLabel[tone="error"] { color: @error; }
QLabel[tone="warning"] { color: @warning; }
QLabel[tone="good"] { color: @good; }
QLabel[tone="accent"] { color: @accent; }
QLabel[badge="true"] { color: @accent; background: @accentsurface; border-radius: @h; padding: 0 @h; }

QFrame[card="true"] { background: palette(base); border: 1px solid @edge; border-radius: @u; }
QFrame[notice="error"] { background: @errorsurface; border: none; border-radius: @h; }
QFrame[notice="warning"] { background: @warningsurface; border: none; border-radius: @h; }
QFrame[rule="true"] { background: @edge; border: none; max-height: 1px; min-height: 1px; }

QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox {
  background: palette(base); border: 1px solid @field; border-radius: @h; padding: @q @h; min-height: @line;
  selection-background-color: palette(highlight); selection-color: palette(highlighted-text); }
QLineEdit:hover, QComboBox:hover, QSpinBox:hover, QDoubleSpinBox:hover { border-color: @quiet; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:on {
  border: 2px solid @accent; padding: @qm @hm; }
QLineEdit[fault="true"], QComboBox[fault="true"] { border-color: @error; background: @errorsurface; }
QLineEdit:disabled, QComboBox:disabled { border-color: @edge; background: palette(window); }
QLineEdit[flat="true"] { background: transparent; border-color: transparent; }
QLineEdit[flat="true"]:hover { border-color: @field; }
QLineEdit[flat="true"]:focus { border-color: @accent; background: palette(base); }
QComboBox::drop-down { border: none; width: @u3; }
QComboBox::down-arrow { image: url(:/icons/chevron-down-@shade.svg); width: @u; height: @u; }
QComboBox QAbstractItemView { background: palette(base); border: 1px solid @field; padding: @q; outline: none;
  selection-background-color: @accentsurface; selection-color: palette(text); }
QComboBox QAbstractItemView::item { min-height: @row; padding: 0 @h; border-radius: @q; }

QPushButton { background: palette(button); border: 1px solid @field; border-radius: @h; padding: @q @u2;
  min-height: @line; }
QPushButton:hover { border-color: @quiet; background: palette(midlight); }
QPushButton:pressed { background: palette(mid); }
QPushButton:focus { border: 2px solid @accent; padding: @qm @u2m; }
QPushButton::menu-indicator { image: url(:/icons/chevron-down-@shade.svg); width: @u; height: @u;
  subcontrol-origin: padding; subcontrol-position: right center; right: @h; }
QPushButton:disabled { background: transparent; border-color: @edge; }
QPushButton:default { border-color: @accent; }
QPushButton[primary="true"] { background: palette(highlight); color: palette(highlighted-text);
  border: 1px solid palette(highlight); font-weight: 600; }
QPushButton[primary="true"]:hover { background: @accenthover; border-color: @accenthover; }
QPushButton[primary="true"]:focus { border: 2px solid palette(window-text); padding: @qm @u2m; }
QPushButton[primary="true"]:disabled { background: palette(midlight); color: @quiet; border-color: @edge; }

QToolButton { border: 1px solid transparent; border-radius: @h; padding: @q; }
QToolButton[chip="true"] { background: @accentsurface; border-color: @edge; }
QToolButton:hover { background: palette(midlight); }
QToolButton:pressed, QToolButton:checked { background: @accentsurface; }
QToolButton:focus { border-color: @accent; }
QToolButton::menu-indicator { image: none; }
QLineEdit QToolButton { border: none; padding: 0; background: transparent; }
QLineEdit QToolButton:hover { background: palette(midlight); }

QCheckBox, QRadioButton { spacing: @u; padding: 1px; border: 1px solid transparent; border-radius: @h; }
QCheckBox:focus, QRadioButton:focus { border-color: @accent; }
QCheckBox::indicator { width: @box; height: @box; border: 1px solid @field; border-radius: @q; background: palette(base); }
QCheckBox::indicator:hover { border-color: @quiet; }
QCheckBox::indicator:checked { background: palette(highlight); border-color: palette(highlight);
  image: url(:/icons/tick-@shade.svg); }
QCheckBox::indicator:disabled { background: palette(window); border-color: @edge; }

QMenuBar { background: palette(window); padding: 0 @h; }
QMenuBar::item { padding: @q @u; border-radius: @h; background: transparent; }
QMenuBar::item:selected { background: palette(midlight); }
QMenu { background: palette(base); border: 1px solid @field; padding: @h 0; }
QMenu::item { padding: @h @u3 @h @u; }
QMenu::item:selected { background: @accentsurface; color: palette(text); }
QMenu::item:disabled { color: palette(placeholder-text); }
QMenu::separator { height: 1px; background: @edge; margin: @h 0; }
QMenu::icon { padding-left: @u; }
QStatusBar { background: palette(window); border-top: 1px solid @edge; }
QStatusBar::item { border: none; }

QTabWidget::pane { border: none; border-top: 1px solid @edge; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; border: none; border-bottom: 2px solid transparent; padding: @u @u2 @h @u2;
  color: @quiet; }
QTabBar::tab:hover { color: palette(text); }
QTabBar::tab:selected { color: palette(text); border-bottom-color: @accent; font-weight: 600; }
QTabBar::tab:focus { color: @accent; }

QAbstractScrollArea { border: none; }
QPlainTextEdit, QTextEdit, QTextBrowser { background: palette(base); selection-background-color: palette(highlight);
  selection-color: palette(highlighted-text); }
QHeaderView { background: transparent; }
QHeaderView::section { background: palette(base); color: @quiet; border: none; border-bottom: 1px solid @edge;
  padding: @q @h; }
QTableView, QTreeView, QListView { background: palette(base); alternate-background-color: palette(alternate-base);
  gridline-color: @edge; outline: none; }
QTableView::item, QTreeView::item { padding: 0 @h; }
QSplitter::handle { background: @edge; }
QSplitter::handle:hover { background: @accent; }
QMainWindow::separator { background: @edge; width: @q; height: @q; }
QMainWindow::separator:hover { background: @accent; }
QScrollBar:vertical { background: transparent; width: @bar; margin: 0; }
QScrollBar:horizontal { background: transparent; height: @bar; margin: 0; }
QScrollBar::handle { background: @field; border-radius: @q; margin: 2px; }
QScrollBar::handle:vertical { min-height: @u3; }
QScrollBar::handle:horizontal { min-width: @u3; }
QScrollBar::handle:hover { background: @quiet; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { border: none; border-radius: @q; background: palette(mid); text-align: center; }
QProgressBar::chunk { border-radius: @q; background: palette(highlight); }
QSlider::groove:horizontal { height: @q; background: palette(mid); border-radius: 2px; }
QSlider::sub-page:horizontal { background: palette(highlight); border-radius: 2px; }
QSlider::handle:horizontal { width: @u2m; margin: -@h 0; border-radius: @h; background: palette(highlight);
  border: 2px solid palette(base); }

QWidget#navigation { background: palette(window); border-right: 1px solid @edge; }
QWidget#navigation QToolButton { color: @quiet; padding: @u 0 @h 0; border: 2px solid transparent; }
QWidget#navigation QToolButton:hover { color: palette(window-text); }
QWidget#navigation QToolButton:checked { color: @accent; font-weight: 600; }
QWidget#navigation QToolButton:focus { border-color: @accent; }
QListView[index="true"] { background: transparent; }
QListView[index="true"]::item { padding: @h @u; border-radius: @h; color: @quiet; border: 1px solid transparent; }
QListView[index="true"]::item:hover { background: palette(midlight); }
QListView[index="true"]::item:selected { background: @accentsurface; color: palette(text); }
QListView[index="true"]::item:focus { border-color: @accent; }
)");
  const QColor accent = toneColor(palette, Tone::kAccent);
  const auto px = [](int pixels) { return QString::number(pixels) + QStringLiteral("px"); };
  const int line = unit * 2;
  // Longer names first: "@accentsurface" begins with "@accent".
  const QVector<QPair<QString, QString>> names = {
      {QStringLiteral("@accentsurface"), tone(Tone::kAccentSurface)},
      {QStringLiteral("@accenthover"), (isDark(palette) ? accent.lighter(110) : accent.darker(112)).name()},
      {QStringLiteral("@errorsurface"), tone(Tone::kErrorSurface)},
      {QStringLiteral("@warningsurface"), tone(Tone::kWarningSurface)},
      {QStringLiteral("@accent"), accent.name()},
      {QStringLiteral("@quiet"), tone(Tone::kQuiet)},
      {QStringLiteral("@error"), tone(Tone::kError)},
      {QStringLiteral("@warning"), tone(Tone::kWarning)},
      {QStringLiteral("@good"), tone(Tone::kGood)},
      {QStringLiteral("@edge"), tone(Tone::kEdge)},
      {QStringLiteral("@field"), tone(Tone::kField)},
      {QStringLiteral("@shade"), isDark(palette) ? QStringLiteral("dark") : QStringLiteral("light")},
      // By name: in a tip's own palette "tooltip-base" is the ground of the window, and its text unseen.
      {QStringLiteral("@tipbase"), palette.color(QPalette::ToolTipBase).name()},
      {QStringLiteral("@tiptext"), palette.color(QPalette::ToolTipText).name()},
      {QStringLiteral("@line"), px(line)},
      {QStringLiteral("@row"), px(unit * 3)},
      {QStringLiteral("@box"), px(unit * 2 - 2)},
      {QStringLiteral("@bar"), px(unit + 4)},
      {QStringLiteral("@u2m"), px(unit * 2 - 1)},
      {QStringLiteral("@u2"), px(unit * 2)},
      {QStringLiteral("@u3"), px(unit * 3)},
      {QStringLiteral("@u"), px(unit)},
      {QStringLiteral("@hm"), px(unit / 2 + 1)},
      {QStringLiteral("@h"), px(unit / 2 + 2)},
      {QStringLiteral("@qm"), px(unit / 4)},
      {QStringLiteral("@q"), px(unit / 4 + 1)},
  };
  for (const auto& [name, value] : names) sheet.replace(name, value);
  return sheet;
}

Theme::Theme(QObject* parent) : QObject(parent) {}

void Theme::apply(Mode mode, bool system_was_dark) {
  mode_ = mode;
  system_dark_ = system_was_dark;
  QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  QApplication::setFont(applicationFont());
  paint();
}

void Theme::setMode(Mode mode) {
  mode_ = mode;
  paint();
}

void Theme::paint() {
  const bool dark = mode_ == Mode::kDark || (mode_ == Mode::kSystem && system_dark_);
  if (painted_ == static_cast<int>(dark)) return;
  painted_ = static_cast<int>(dark);
  const QPalette palette = themePalette(dark);
  QApplication::setPalette(palette);
  const int unit = std::max(4, qRound(QFontMetrics(QApplication::font()).height() / 2.0));
  qApp->setStyleSheet(themeStyleSheet(palette, unit));
}

void Theme::followSystem() {
  QDBusConnection bus = QDBusConnection::sessionBus();
  if (!bus.isConnected()) return;
  bus.connect(QLatin1String(kPortalService), QLatin1String(kPortalPath), QLatin1String(kPortalSettings),
              QStringLiteral("SettingChanged"), this, SLOT(onPortalSetting(QString, QString, QDBusVariant)));
  QDBusMessage call =
      QDBusMessage::createMethodCall(QLatin1String(kPortalService), QLatin1String(kPortalPath),
                                     QLatin1String(kPortalSettings), QStringLiteral("Read"));
  call << QString::fromLatin1(kAppearance) << QString::fromLatin1(kColorScheme);
  auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
  connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* done) {
    const QDBusPendingReply<QDBusVariant> reply = *done;
    done->deleteLater();
    if (!reply.isError())
      onPortalSetting(QString::fromLatin1(kAppearance), QString::fromLatin1(kColorScheme), reply.value());
  });
}

void Theme::onPortalSetting(const QString& group, const QString& key, const QDBusVariant& value) {
  if (group != QLatin1String(kAppearance) || key != QLatin1String(kColorScheme)) return;
  QVariant scheme = value.variant();
  if (scheme.canConvert<QDBusVariant>()) scheme = scheme.value<QDBusVariant>().variant();  // Read wraps twice
  system_dark_ = scheme.toUInt() == 1;  // 0 no preference, 1 dark, 2 light
  paint();
  emit systemAnswered(system_dark_);
}

Theme::Mode Theme::modeFromName(const QString& name) {
  return name == QLatin1String("light")  ? Mode::kLight
         : name == QLatin1String("dark") ? Mode::kDark
                                         : Mode::kSystem;
}

QString Theme::nameOf(Mode mode) {
  switch (mode) {
    case Mode::kLight:
      return QStringLiteral("light");
    case Mode::kDark:
      return QStringLiteral("dark");
    case Mode::kSystem:
      break;
  }
  return QStringLiteral("system");
}

}  // namespace concertina::ui
