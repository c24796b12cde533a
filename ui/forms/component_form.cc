// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// component_form.cc: chooser, summary and citation, parameters (see component_form.h).
#include "ui/forms/component_form.h"

#include <QGridLayout>
#include <QLabel>
#include <QStyle>
#include <QVBoxLayout>

#include "ui/forms/field_editors.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {

QJsonObject switchKind(const Catalog& catalog, const QString& category, const QString& kind_key,
                       const QJsonObject& before, const QString& kind, const QStringList& kept) {
  QJsonObject after{{kind_key, kind}};
  for (const QString& name : kept)
    if (before.contains(name)) after.insert(name, before.value(name));
  const ComponentInfo* component = catalog.find(category, kind);
  const ComponentInfo* old = catalog.find(category, before.value(kind_key).toString());
  if (component == nullptr || old == nullptr) return after;
  for (const ParamInfo& param : component->params) {
    const ParamInfo* same = old->param(param.name);
    const bool nested =
        param.type == FieldType::kComponent && same != nullptr && same->choices == param.choices;
    if (nested && before.contains(param.name)) after.insert(param.name, before.value(param.name));
  }
  return after;
}

struct ComponentForm::Impl {
  explicit Impl(ComponentForm& form) : form(form) {}

  // The kind that the file names, or that the engine takes for an entry that names none.
  QString kindOf(const QJsonValue& component) const {
    const QJsonValue kind = component.toObject().value(options.kind_key);
    return component.isObject() && kind.isUndefined() ? options.default_kind : kind.toString();
  }

  void choose(int index) {
    const QString kind = combo->itemData(index).toString();
    if (kind == built_kind) return;
    QJsonValue changed(QJsonValue::Undefined);
    if (!kind.isEmpty()) {
      QStringList kept = options.hidden;
      for (const ParamInfo& param : options.extra) kept << param.name;
      QJsonObject before = object;
      before.insert(options.kind_key, built_kind);
      changed = switchKind(*catalog, options.category, options.kind_key, before, kind, kept);
    }
    form.setValue(changed);
    emit form.edited(options.pointer, changed);
  }

  void rebuild(const QString& kind) {
    delete params;
    params = nullptr;
    built_kind = kind;
    const ComponentInfo* component = catalog->find(options.category, kind);
    QString about;
    if (component != nullptr) {
      if (!component->summary.isEmpty()) about = descriptorText(component->summary).toHtmlEscaped();
      if (!component->citation.isEmpty())
        about += QStringLiteral("<br><i>%1</i>").arg(component->citation.toHtmlEscaped());
      if (!component->here.isEmpty())
        about += QStringLiteral("<br>%1").arg(descriptorText(component->here).toHtmlEscaped());
    }
    info->setText(about);
    combo->setWhatsThis(component == nullptr ? QString() : componentPage(*component, options.pointer));
    info->setVisible(!about.isEmpty());
    QVector<ParamInfo> shown = options.extra;
    if (component != nullptr) {
      shown.clear();
      for (const ParamInfo& param : component->params)
        if (!options.hidden.contains(param.name)) shown << param;
      for (const ParamInfo& param : options.extra)
        if (component->param(param.name) == nullptr) shown << param;
    }
    if (shown.isEmpty() || kind.isEmpty()) return;
    params = new ParamForm(catalog, shown, options.pointer, &form, component);
    QObject::connect(params, &ParamForm::edited, &form,
                     [this](const QString& where, const QJsonValue& value) {
                       object = params->values();
                       emit form.edited(where, value);
                     });
    QObject::connect(params, &ParamForm::fieldFocused, &form, &ComponentForm::fieldFocused);
    box->addWidget(params);
    // Made after their neighbours, rows would come last on the way of the Tab key.
    QWidget* previous = combo;
    for (QWidget* widget : params->findChildren<QWidget*>()) {
      // The list of a combo box is a window of its own.
      if ((widget->focusPolicy() & Qt::TabFocus) == 0 || widget->window() != combo->window()) continue;
      QWidget::setTabOrder(previous, widget);
      previous = widget;
    }
  }

  QString kindFault() const {
    const QString& kind = built_kind;
    const QString own = QStringLiteral("%1/%2").arg(options.pointer, options.kind_key);
    if (faults.contains(own)) return faults.value(own);
    if (faults.contains(options.pointer)) return faults.value(options.pointer);
    if (kind.isEmpty() && !object.isEmpty()) return ComponentForm::tr("Choose one.");
    if (!kind.isEmpty() && catalog->find(options.category, kind) == nullptr)
      return ComponentForm::tr("There is no “%1” here.").arg(kind);
    return {};
  }

  // Faults that belong to no row (a name that this kind does not take) stand under the chooser.
  QString strayFault() const {
    const ComponentInfo* component = catalog->find(options.category, built_kind);
    for (auto it = faults.begin(); it != faults.end(); ++it) {
      if (!it.key().startsWith(options.pointer + QLatin1Char('/'))) continue;
      const QString name = it.key().mid(options.pointer.size() + 1).section(QLatin1Char('/'), 0, 0);
      bool known = name == options.kind_key || (component != nullptr && component->param(name) != nullptr) ||
                   options.hidden.contains(name);
      for (const ParamInfo& param : options.extra) known = known || param.name == name;
      if (!known) return QStringLiteral("“%1”: %2").arg(name, it.value());
    }
    return {};
  }

  void showFault() {
    QString text = kindFault();
    if (text.isEmpty()) text = strayFault();
    fault->setText(text);
    fault->setVisible(!text.isEmpty());
    combo->setProperty("fault", !text.isEmpty());
    combo->style()->unpolish(combo);
    combo->style()->polish(combo);
  }

  ComponentForm& form;
  std::shared_ptr<const Catalog> catalog;
  ComponentFormOptions options;
  QVBoxLayout* box = nullptr;
  CalmComboBox* combo = nullptr;
  QLabel* info = nullptr;
  QLabel* fault = nullptr;
  ParamForm* params = nullptr;
  QString built_kind;
  QJsonObject object;
  FaultTexts faults;
};

ComponentForm::ComponentForm(std::shared_ptr<const Catalog> catalog, ComponentFormOptions options,
                             QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this)) {
  Impl& impl = *impl_;
  impl.catalog = std::move(catalog);
  impl.options = std::move(options);
  const int unit = rhythmUnit(this);
  impl.box = new QVBoxLayout(this);
  impl.box->setContentsMargins(0, 0, 0, 0);
  impl.box->setSpacing(unit);

  auto* head = new QGridLayout;
  head->setHorizontalSpacing(unit * 2);
  head->setVerticalSpacing(unit / 2);
  head->setColumnMinimumWidth(0, labelColumnWidth(this));
  head->setColumnStretch(1, 1);
  auto* label = new QLabel(impl.options.label, this);
  label->setFixedWidth(labelColumnWidth(this));
  label->setWordWrap(true);
  impl.combo = new CalmComboBox(this);
  impl.combo->setObjectName(QStringLiteral("field:%1/%2").arg(impl.options.pointer, impl.options.kind_key));
  impl.combo->setAccessibleName(impl.options.label);
  impl.combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  impl.combo->setMinimumContentsLength(12);
  impl.combo->setMaximumWidth(charactersWide(this, 44));
  impl.combo->setPlaceholderText(tr("Left to the engine"));
  label->setBuddy(impl.combo);
  if (!impl.options.none.isEmpty()) impl.combo->addItem(impl.options.none, QString());
  for (const ComponentInfo& component : impl.catalog->inCategory(impl.options.category)) {
    impl.combo->addItem(descriptorText(component.title), component.kind);
    impl.combo->setItemData(impl.combo->count() - 1, descriptorText(component.summary), Qt::ToolTipRole);
  }
  head->addWidget(label, 0, 0);
  auto* row = new QHBoxLayout;  // takes what the box may not: in a grid the labels' column would
  row->addWidget(impl.combo, 1);
  row->addStretch();
  head->addLayout(row, 0, 1);
  impl.fault = new QLabel(this);
  impl.fault->setObjectName(QStringLiteral("fault:%1/%2").arg(impl.options.pointer, impl.options.kind_key));
  impl.fault->setWordWrap(true);
  setTone(impl.fault, "error");
  head->addWidget(impl.fault, 1, 1);
  impl.info = new QLabel(this);
  impl.info->setObjectName(QStringLiteral("info:") + impl.options.pointer);
  impl.info->setWordWrap(true);
  impl.info->setTextFormat(Qt::RichText);
  impl.info->setTextInteractionFlags(Qt::TextSelectableByMouse);
  setTone(impl.info, "quiet");
  head->addWidget(impl.info, 2, 1);
  impl.box->addLayout(head);
  connect(impl.combo, &QComboBox::activated, this, [this](int index) { impl_->choose(index); });
  setValue(QJsonValue(QJsonValue::Undefined));
}

ComponentForm::~ComponentForm() = default;

void ComponentForm::setValue(const QJsonValue& value) {
  Impl& impl = *impl_;
  impl.object = value.toObject();
  const QString kind = impl.kindOf(value);
  // -1 for a kind that is none: the box is empty, and the line under it says why.
  impl.combo->setCurrentIndex(kind.isEmpty() && impl.options.none.isEmpty() ? -1
                                                                            : impl.combo->findData(kind));
  if (kind != impl.built_kind || (impl.params == nullptr && impl.built_kind.isEmpty())) impl.rebuild(kind);
  if (impl.params != nullptr) {
    impl.params->setValues(impl.object);
    impl.params->setFaults(impl.faults);
  }
  impl.showFault();
}

QJsonValue ComponentForm::value() const {
  return impl_->object.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(impl_->object);
}

void ComponentForm::setFaults(const FaultTexts& faults) {
  impl_->faults = faults;
  if (impl_->params != nullptr) impl_->params->setFaults(faults);
  impl_->showFault();
}

FaultTexts ComponentForm::ownFaults() const {
  FaultTexts found = impl_->params == nullptr ? FaultTexts() : impl_->params->ownFaults();
  const QString& kind = impl_->built_kind;
  const bool missing =
      kind.isEmpty() && !impl_->object.isEmpty();  // absent as a whole is for the engine to judge
  // Where the engine describes no kind at all, only the engine can judge.
  const bool unknown = !kind.isEmpty() && impl_->catalog->find(impl_->options.category, kind) == nullptr &&
                       !impl_->catalog->inCategory(impl_->options.category).isEmpty();
  if (missing || unknown)
    found.insert(QStringLiteral("%1/%2").arg(impl_->options.pointer, impl_->options.kind_key),
                 impl_->kindFault());
  return found;
}

bool ComponentForm::focusField(const QString& pointer) {
  if (pointer != impl_->options.pointer && !pointer.startsWith(impl_->options.pointer + QLatin1Char('/')))
    return false;
  if (impl_->params != nullptr && impl_->params->focusField(pointer)) return true;
  impl_->combo->setFocus(Qt::ShortcutFocusReason);
  return true;
}

}  // namespace concertina::ui
