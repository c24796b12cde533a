// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_notices.cc: see run_notices.h.
#include "ui/shell/run_notices.h"

#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QGuiApplication>

#include "ui/client/core_words.h"
#include "ui/client/number_format.h"
#include "ui/client/run_state.h"

namespace concertina::ui {
namespace {

constexpr auto kNotificationService = "org.freedesktop.Notifications";
constexpr auto kNotificationPath = "/org/freedesktop/Notifications";
constexpr int kAnswerMs = 5000;
constexpr uchar kUrgent = 2, kNormal = 1;

}  // namespace

std::optional<RunNotice> noticeOf(proto::RunState before, const proto::RunSummary& run) {
  if (!isActive(before) || (run.state() != proto::FINISHED && run.state() != proto::FAILED))
    return std::nullopt;
  const QString id = QString::fromStdString(run.run());
  const QString name = run.name().empty() ? id : QString::fromStdString(run.name());
  RunNotice notice{.run = id, .title = {}, .text = {}, .is_urgent = run.state() == proto::FAILED};
  if (run.state() == proto::FAILED) {
    notice.title = RunNotices::tr("“%1” has failed").arg(name);
    notice.text = coreText(run.error());
  } else {
    notice.title = RunNotices::tr("“%1” is finished").arg(name);
    notice.text = run.has_test() ? RunNotices::tr("Test accuracy %1 after %2")
                                       .arg(formatPercent(run.test_accuracy()), formatDuration(run.seconds()))
                                 : RunNotices::tr("After %1").arg(formatDuration(run.seconds()));
  }
  return notice;
}

RunNotices::RunNotices(QDBusConnection bus, QObject* parent) : QObject(parent), bus_(std::move(bus)) {
  if (!bus_.isConnected()) return;
  bus_.connect(QString(), kNotificationPath, kNotificationService, QStringLiteral("ActionInvoked"), this,
               SLOT(onAction(uint, QString)));
  bus_.connect(QString(), kNotificationPath, kNotificationService, QStringLiteral("NotificationClosed"), this,
               SLOT(onClosed(uint, uint)));
}

void RunNotices::show(const RunNotice& notice) {
  if (!bus_.isConnected()) return;
  QDBusMessage call = QDBusMessage::createMethodCall(kNotificationService, kNotificationPath,
                                                     kNotificationService, QStringLiteral("Notify"));
  // A body may hold markup: names and errors are text.
  call << QGuiApplication::applicationDisplayName() << uint{0} << QGuiApplication::desktopFileName()
       << notice.title << notice.text.toHtmlEscaped() << QStringList{QStringLiteral("default"), tr("Open")}
       << QVariantMap{{QStringLiteral("desktop-entry"), QGuiApplication::desktopFileName()},
                      {QStringLiteral("urgency"),
                       QVariant::fromValue<uchar>(notice.is_urgent ? kUrgent : kNormal)}}
       << -1;  // as long as the desktop thinks right
  auto* watcher = new QDBusPendingCallWatcher(bus_.asyncCall(call, kAnswerMs), this);
  connect(watcher, &QDBusPendingCallWatcher::finished, this,
          [this, run = notice.run](QDBusPendingCallWatcher* answered) {
            const QDBusPendingReply<uint> reply = *answered;
            answered->deleteLater();
            if (!reply.isError()) shown_.insert(reply.value(), run);
          });
}

void RunNotices::onAction(uint id, const QString& action) {
  if (action == QLatin1String("default") && shown_.contains(id)) emit chosen(shown_.take(id));
}

void RunNotices::onClosed(uint id, uint) { shown_.remove(id); }

}  // namespace concertina::ui
