// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// field_page.cc: what F1 shows of a field or a component, made of its descriptor (see param_form.h).
#include "ui/forms/param_form.h"

namespace concertina::ui {
namespace {

QString tableRow(const QString& what, const QString& value) {
  if (value.isEmpty()) return {};
  return QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>")
      .arg(what.toHtmlEscaped(), value.toHtmlEscaped());
}

QString paragraph(const QString& text) {
  return text.isEmpty() ? QString() : QStringLiteral("<p>%1</p>").arg(text.toHtmlEscaped());
}

QString sourceOf(const ComponentInfo& component) {
  if (component.citation.isEmpty()) return {};
  return QStringLiteral("<p>%1<br><i>%2</i></p>")
      .arg(descriptorText(component.title).toHtmlEscaped(), component.citation.toHtmlEscaped());
}

}  // namespace

QString fieldPage(const ParamInfo& param, const QString& pointer, const ComponentInfo* of) {
  QString rows = tableRow(ParamForm::tr("Unit"), descriptorText(param.unit));
  rows += tableRow(ParamForm::tr("Range"), rangeText(param));
  if (param.type == FieldType::kChoice)
    rows += tableRow(ParamForm::tr("Choices"), param.choices.join(QStringLiteral(", ")));
  if (!param.default_value.isUndefined() && param.type != FieldType::kComponent)
    rows += tableRow(ParamForm::tr("Default"), valueText(param.default_value));
  rows += tableRow(ParamForm::tr("In the file"), pointer);
  return QStringLiteral("<b>%1</b>%2<table>%3</table>%4%5")
      .arg(fieldLabel(param).toHtmlEscaped(), paragraph(descriptorText(param.doc)), rows,
           param.live ? paragraph(ParamForm::tr("Can be changed while a run goes.")) : QString(),
           of == nullptr ? QString() : sourceOf(*of));
}

QString componentPage(const ComponentInfo& component, const QString& pointer) {
  QString rows = tableRow(ParamForm::tr("Name"), component.kind);
  rows += tableRow(ParamForm::tr("In the file"), pointer);
  return QStringLiteral("<b>%1</b>%2<table>%3</table>%4")
      .arg(descriptorText(component.title).toHtmlEscaped(), paragraph(descriptorText(component.summary)),
           rows,
           component.citation.isEmpty()
               ? QString()
               : QStringLiteral("<p><i>%1</i></p>").arg(component.citation.toHtmlEscaped()));
}

}  // namespace concertina::ui
