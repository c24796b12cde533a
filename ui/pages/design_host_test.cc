// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_host_test.cc: see design_host_test.h.
#include "ui/pages/design_host_test.h"

#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <utility>

#include "ui/client/host_words.h"
#include "ui/client/number_format.h"
#include "ui/forms/param_form.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {

DesignHostTest::DesignHostTest(int group, AskHost ask, QWidget* parent)
    : QWidget(parent), ask_(std::move(ask)), button_(new QPushButton(this)), answer_(new QLabel(this)) {
  button_->setObjectName(QStringLiteral("designCard.testHost%1").arg(group));
  button_->setToolTip(
      tr("Is the machine or the cluster of these workers ready? Looks there; starts and leaves nothing."));
  button_->setAccessibleName(tr("Test the host of group %1").arg(group + 1));
  answer_->setObjectName(QStringLiteral("designCard.hostAnswer%1").arg(group));
  answer_->setAccessibleName(tr("What the host of group %1 answered").arg(group + 1));
  answer_->setWordWrap(true);
  answer_->setTextFormat(Qt::PlainText);  // a machine's name is anybody's text
  answer_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  auto* row = new QHBoxLayout;
  row->addSpacing(labelColumnWidth(this) + 2 * rhythmUnit(this));
  auto* column = new QVBoxLayout;
  column->setSpacing(rhythmUnit(this) / 2);
  column->addWidget(button_, 0, Qt::AlignLeft);
  column->addWidget(answer_);
  row->addLayout(column, 1);
  row->setContentsMargins(0, 0, 0, 0);
  setLayout(row);
  tick_.setInterval(1000);
  connect(&tick_, &QTimer::timeout, this, &DesignHostTest::showAsking);
  connect(button_, &QPushButton::clicked, this, &DesignHostTest::press);
  answer_->hide();
  rest();
  setVisible(ask_ != nullptr);
}

DesignHostTest::~DesignHostTest() {
  if (cancel_) cancel_();
}

void DesignHostTest::setEntry(const QJsonObject& entry) {
  QJsonObject place = entry;
  place.remove(QStringLiteral("count"));  // how many of them makes no other machine
  if (place == entry_) return;
  entry_ = place;
  ++asked_;
  if (cancel_) std::exchange(cancel_, nullptr)();
  answer_->hide();
  rest();
}

void DesignHostTest::press() {
  if (cancel_) {
    ++asked_;
    std::exchange(cancel_, nullptr)();
    say(tr("Cancelled."), "quiet");
    return rest();
  }
  QJsonObject entry = entry_;
  if (!entry.contains(QStringLiteral("launcher")))
    entry.insert(QStringLiteral("launcher"), QStringLiteral("local"));
  button_->setText(tr("Cancel"));
  began_.start();
  tick_.start();
  cancel_ = [] {};  // an answer may come before there is a way to end the question
  const qint64 number = ++asked_;
  std::function<void()> cancel =
      ask_(this, QString::fromUtf8(QJsonDocument(entry).toJson(QJsonDocument::Compact)),
           [this, number](const proto::TestLauncherReply& reply, const QString& error) {
             if (number != asked_) return;
             cancel_ = nullptr;
             rest();
             if (!error.isEmpty()) return say(error, "error");
             const HostWords words = hostWords(reply);
             say(words.text, words.is_ready ? "good" : "error");
           });
  if (!cancel_) return;
  if (cancel) cancel_ = std::move(cancel);
  showAsking();
}

void DesignHostTest::showAsking() {
  //: %1 is a time.
  say(tr("Asking… (%1)").arg(formatDuration(double(began_.elapsed() / 1000), true)), "quiet");
}

void DesignHostTest::rest() {
  tick_.stop();
  button_->setText(tr("Test This Host"));
}

void DesignHostTest::say(const QString& text, const char* tone) {
  answer_->setText(text);
  setTone(answer_, tone);
  answer_->show();
}

}  // namespace concertina::ui
