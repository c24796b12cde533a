// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ask.cc: the dialogs behind ask.h, and the seams through which tests answer.
#include "ui/forms/ask.h"

#include <QFileDialog>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QRegularExpression>

namespace concertina::ui {
namespace {

std::function<Question::Answer(const Question&)> test_answer;
std::function<QString(const FileQuestion&)> test_file;
std::function<void(const QString&, const QString&)> test_tell;

}  // namespace

Question::Answer ask(QWidget* parent, const Question& question) {
  if (test_answer) return test_answer(question);
  // Its parent may go while it is open, and takes it along: it is no object of this stack.
  const QPointer<QMessageBox> box = new QMessageBox(parent);
  box->setObjectName(QStringLiteral("ask"));
  box->setWindowTitle(question.title);
  box->setText(question.title);
  box->setInformativeText(question.text);
  box->setIcon(question.destructive ? QMessageBox::Warning : QMessageBox::Question);
  QPushButton* yes = box->addButton(
      question.yes, question.destructive ? QMessageBox::DestructiveRole : QMessageBox::AcceptRole);
  QPushButton* no =
      question.no.isEmpty() ? nullptr : box->addButton(question.no, QMessageBox::DestructiveRole);
  QPushButton* cancel = box->addButton(QMessageBox::Cancel);
  box->setDefaultButton(question.destructive ? cancel : yes);
  box->setEscapeButton(cancel);
  box->exec();
  if (box == nullptr) return Question::Answer::kCancel;
  const QAbstractButton* clicked = box->clickedButton();
  delete box;
  if (clicked == yes) return Question::Answer::kYes;
  if (no != nullptr && clicked == no) return Question::Answer::kNo;
  return Question::Answer::kCancel;
}

QString askForFile(QWidget* parent, const FileQuestion& question) {
  if (test_file) return test_file(question);
  switch (question.what) {
    case FileQuestion::What::kFolder:
      return QFileDialog::getExistingDirectory(parent, question.title, question.start);
    case FileQuestion::What::kOpenFile:
      return QFileDialog::getOpenFileName(parent, question.title, question.start, question.filter);
    case FileQuestion::What::kSaveFile: {
      const QPointer<QFileDialog> dialog =
          new QFileDialog(parent, question.title, question.start, question.filter);
      dialog->setAcceptMode(QFileDialog::AcceptSave);
      dialog->setDefaultSuffix(question.suffix);
      // Of several kinds of files, a name without an ending is of the chosen one.
      QObject::connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        static const QRegularExpression ending(QStringLiteral("\\*\\.([\\w-]+)"));
        if (const auto found = ending.match(filter); found.hasMatch())
          dialog->setDefaultSuffix(found.captured(1));
      });
      const bool is_accepted = dialog->exec() == QDialog::Accepted;
      if (dialog == nullptr) return {};
      const QStringList files = dialog->selectedFiles();
      delete dialog;
      return is_accepted ? files.value(0) : QString();
    }
  }
  return {};
}

void tell(QWidget* parent, const QString& title, const QString& text) {
  if (test_tell) {
    test_tell(title, text);
    return;
  }
  QMessageBox box(QMessageBox::Warning, title, title, QMessageBox::Ok, parent);
  box.setInformativeText(text);
  box.setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  box.exec();
}

void setAskForTests(std::function<Question::Answer(const Question&)> answer) {
  test_answer = std::move(answer);
}
void setAskForFileForTests(std::function<QString(const FileQuestion&)> answer) {
  test_file = std::move(answer);
}
void setTellForTests(std::function<void(const QString&, const QString&)> heard) {
  test_tell = std::move(heard);
}

}  // namespace concertina::ui
