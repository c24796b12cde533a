// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_codec_card.cc: see design_codec_card.h.
#include "ui/pages/design_codec_card.h"

#include <QJsonArray>
#include <QVBoxLayout>

namespace concertina::ui {
namespace {

const QString kGradient = QStringLiteral("/gradient");

}  // namespace

DesignCodecCard::DesignCodecCard(const std::shared_ptr<const Catalog>& catalog, QWidget* parent)
    : DesignCard(
          QStringLiteral("gradient"), tr("Gradient compression"),
          tr("Applied to every bucket before it is sent. The monitor shows what it saves and what it costs."),
          {kGradient}, parent),
      chain_(new ComponentListForm(catalog, ComponentListOptions::codecs(kGradient), this)) {
  adopt(chain_);
  body()->addWidget(chain_);
}

void DesignCodecCard::showSpec(const SpecDocument& spec) { chain_->setList(spec.value(kGradient).toArray()); }

}  // namespace concertina::ui
