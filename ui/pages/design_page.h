// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_page.h: where an experiment is made: forms from descriptors, and around them its plan and its JSON
// as panels.
#pragma once

#include <QWidget>
#include <memory>

#include "ui/client/engine_client.h"

class QUndoStack;

namespace concertina::ui {

class DockPanels;
struct DesignService;

class DesignPage : public QWidget {
  Q_OBJECT
 public:
  explicit DesignPage(EngineClient& client, QWidget* parent = nullptr);
  // For tests: the page with an engine of their own.
  explicit DesignPage(DesignService service, QWidget* parent = nullptr);
  ~DesignPage() override;

  QString spec() const;               // JSON as it stands
  void setSpec(const QString& json);  // open, duplicate, "edit as new", presets
  // What is typed, also where it is no JSON yet and spec() still has what was before.
  QString typedText() const;
  void setTypedText(const QString& text);
  bool isUnfinished() const;     // what is typed is no JSON
  void finishTyping();           // spec() has what was typed a moment ago, if it is JSON
  QByteArray saveState() const;  // where the panels are
  void restoreState(const QByteArray& state);
  void resetLayout();
  DockPanels& panels();
  bool canLaunch() const;
  QString obstacle() const;  // why it cannot be launched, in a few words; "" if it can
  QUndoStack* undoStack() const;

  // What the engine can do ({"categories": […]}): the forms are made from it.
  void setDescription(const QJsonObject& describe);
  void setConnected(bool connected);

  void showGallery(bool welcome);  // the presets; `welcome` adds the words for a new person
  bool isGalleryShown() const;
  void showForms();

 public slots:
  void launch();

 signals:
  void launched(const QString& run);
  void canLaunchChanged(bool can);
  void specChanged();
  void typing();  // typedText() may have changed
  // A preset was chosen: whoever keeps unsaved changes asks first, and then calls setSpec.
  void presetChosen(const QString& spec);
  void demonstrationRequested();
  void lessonRequested(const QString& id);    // a ready sweep
  void compareRequested();                    // with many codecs on many links
  void sweepRequested();                      // with many settings
  void verifyRequested(const QString& spec);  // compare with one worker

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina::ui
