// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_list_card.h: a list of the experiment whose entries are alike and need not be there: codecs by
// layer, knobs that turn themselves.
#pragma once

#include <QJsonArray>

#include "ui/pages/component_list_form.h"
#include "ui/pages/design_card.h"

class QLabel;

namespace concertina::ui {

struct ListCardOptions {
  QString key;  // of the file, and of the section that describes an entry: "knobs"
  QString title, lead;
  QString add, remove;        // words of the buttons
  QJsonObject fresh;          // an entry that was added
  bool has_gradient = false;  // besides its fields an entry has a chain of codecs
};

class DesignListCard : public DesignCard {
  Q_OBJECT
 public:
  // The engine must describe the section.
  DesignListCard(const std::shared_ptr<const Catalog>& catalog, const ListCardOptions& options,
                 QWidget* parent);

  void showSpec(const SpecDocument& spec) override;
  void setFaults(const FaultTexts& faults) override;
  FaultTexts ownFaults() const override;
  bool focusField(const QString& pointer) override;

 private:
  struct Entry {
    QWidget* frame;
    ParamForm* form;
    ComponentListForm* chain;  // or null
  };
  Entry makeEntry(qsizetype index);
  void resizeEntries(qsizetype count);

  std::shared_ptr<const Catalog> catalog_;
  ListCardOptions options_;
  QString pointer_;
  QVBoxLayout* entries_box_;
  QVector<Entry> entries_;
  QJsonArray shown_;
  QLabel* fault_;  // of the list as a whole
  FaultTexts faults_;
};

}  // namespace concertina::ui
