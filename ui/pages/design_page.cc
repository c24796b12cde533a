// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_page.cc: lays out and connects document, forms, JSON, plan and checker (see design_page.h).
#include "ui/pages/design_page.h"

#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <functional>

#include "ui/client/paper_desk.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/design_checker.h"
#include "ui/pages/design_document.h"
#include "ui/pages/design_form_pane.h"
#include "ui/pages/design_gallery.h"
#include "ui/pages/design_json_editor.h"
#include "ui/pages/design_plan_panel.h"
#include "ui/pages/design_sample_shelf.h"
#include "ui/pages/design_verify.h"
#include "ui/pages/dock_panels.h"

namespace concertina::ui {
namespace {

DesignService serviceOf(EngineClient& client) {
  return {
      .validate = [&client](QObject* context, const QString& spec,
                            auto answer) { client.validate(context, spec, answer); },
      .plan = [&client](QObject* context, const QString& spec,
                        auto answer) { client.plan(context, spec, answer); },
      .submit = [&client](QObject* context, const QString& spec,
                          auto answer) { client.submit(context, spec, answer); },
      .samples = [&client](QObject* context, const proto::GetSamplesRequest& request,
                           auto answer) { client.samples(context, request, answer); },
      .test_host = [&client](QObject* context, const QString& entry,
                             auto answer) { return client.testLauncher(context, entry, answer); },
  };
}

// Tells how much room there is now.
class HeaderRow : public QWidget {
 public:
  using QWidget::QWidget;
  std::function<void()> resized;

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QWidget::resizeEvent(event);
    if (resized) resized();
  }
};

constexpr int kNameCharacters = 26;  // of the experiment's name are seen before buttons make way

}  // namespace

struct DesignPage::Impl {
  Impl(DesignPage& page, DesignService service) : page(page), checker(service), samples(service.samples) {
    build();
    forms->setAskHost(service.test_host);
    connectParts();
    showSpec();
    showCheck();
  }

  void build() {
    const int unit = rhythmUnit(&page);
    auto* outer = new QVBoxLayout(&page);
    outer->setContentsMargins(0, 0, 0, 0);
    stack = new QStackedWidget(&page);
    outer->addWidget(stack);
    editor = new QWidget(stack);
    auto* column = new QVBoxLayout(editor);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeHeader(unit));
    auto* rule = new QFrame(editor);
    rule->setProperty("rule", true);
    column->addWidget(rule);

    forms = new DesignFormPane(editor);
    forms->setMinimumWidth(charactersWide(&page, 60));
    panels = new DockPanels(QStringLiteral("designPage"), editor);
    plan = new DesignPlanPanel(panels);
    json = new DesignJsonEditor(panels);
    panels->setCentre(forms);
    // In this order: earlier versions kept the number of the front tab.
    panels->add(QStringLiteral("plan"), DesignPage::tr("Plan"), plan);
    panels->add(QStringLiteral("json"), DesignPage::tr("JSON"), json);
    panels->arrange();
    column->addWidget(panels, 1);
    stack->addWidget(editor);
  }

  QWidget* makeHeader(int unit) {
    header = new HeaderRow(editor);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(2 * unit, unit, 2 * unit, unit);
    row->setSpacing(unit);
    name = new QLineEdit(header);
    name->setObjectName(QStringLiteral("designPage.name"));
    name->setProperty("flat", true);
    name->setFont(scaledFont(page.font(), 1.35, QFont::DemiBold));
    name->setPlaceholderText(DesignPage::tr("Name of the experiment"));
    name->setAccessibleName(DesignPage::tr("Name of the experiment"));
    row->addWidget(name, 1);
    const auto button = [&](const char* object, const char* icon, const QString& text) {
      auto* made = new QToolButton(header);
      made->setObjectName(QLatin1String(object));
      made->setIcon(lineIcon(QLatin1String(icon)));
      made->setToolTip(text);
      made->setAccessibleName(text);
      row->addWidget(made);
      return made;
    };
    undo = button("designPage.undoButton", "undo", DesignPage::tr("Undo (Ctrl+Z)"));
    redo = button("designPage.redoButton", "redo", DesignPage::tr("Redo (Ctrl+Shift+Z)"));
    presets_button = new QPushButton(lineIcon(QStringLiteral("presets")), DesignPage::tr("Presets"), header);
    presets_button->setObjectName(QStringLiteral("designPage.presetsButton"));
    presets_button->setToolTip(DesignPage::tr("Experiments, papers and lessons to begin with"));
    row->addWidget(presets_button);
    verify_button = new QPushButton(DesignPage::tr("Verify…"), header);
    verify_button->setObjectName(QStringLiteral("designPage.verifyButton"));
    row->addWidget(verify_button);
    compare_button = new QPushButton(DesignPage::tr("Compare Codecs…"), header);
    compare_button->setObjectName(QStringLiteral("designPage.compareButton"));
    row->addWidget(compare_button);
    sweep_button = new QPushButton(DesignPage::tr("Sweep…"), header);
    sweep_button->setObjectName(QStringLiteral("designPage.sweepButton"));
    sweep_button->setAccessibleName(DesignPage::tr("Sweep This Experiment…"));
    row->addWidget(sweep_button);
    row->addWidget(makeMoreButton());
    // Always as wide as its longest usual text, so that the header stays still while one types.
    obstacle = new QToolButton(header);
    obstacle->setObjectName(QStringLiteral("designPage.obstacle"));
    obstacle->setAutoRaise(true);
    obstacle->setToolButtonStyle(Qt::ToolButtonTextOnly);
    QSizePolicy policy = obstacle->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    obstacle->setSizePolicy(policy);
    row->addWidget(obstacle);
    launch_button = new QPushButton(lineIcon(QStringLiteral("launch"), QPalette::HighlightedText),
                                    DesignPage::tr("Launch"), header);
    launch_button->setObjectName(QStringLiteral("designPage.launchButton"));
    launch_button->setProperty("primary", true);
    row->addWidget(launch_button);
    header->resized = [this] { foldButtons(); };
    return header;
  }

  // What stands in for the buttons that have no room: the same, as a menu.
  QPushButton* makeMoreButton() {
    more_button = new QPushButton(DesignPage::tr("More"), header);
    more_button->setObjectName(QStringLiteral("designPage.moreButton"));
    more_button->setToolTip(DesignPage::tr("Verify, compare codecs, sweep"));
    auto* menu = new QMenu(more_button);
    for (QPushButton* button : {verify_button, compare_button, sweep_button}) {
      QAction* action =
          menu->addAction(button->accessibleName().isEmpty() ? button->text() : button->accessibleName());
      action->setObjectName(button->objectName().replace(QLatin1String("Button"), QLatin1String("Action")));
      connect(action, &QAction::triggered, button, &QPushButton::click);
      connect(menu, &QMenu::aboutToShow, action, [action, button] {
        action->setEnabled(button->isEnabled());
        action->setToolTip(button->toolTip());
      });
    }
    menu->setToolTipsVisible(true);
    more_button->setMenu(menu);
    more_button->hide();
    return more_button;
  }

  // With the widest obstacle so far, so that nothing comes and goes while one types.
  void foldButtons() {
    widest_obstacle = std::max(widest_obstacle, obstacle->sizeHint().width());
    const QLayout& row = *header->layout();
    const QMargins margins = row.contentsMargins();
    int needed = margins.left() + margins.right() + widest_obstacle +
                 QFontMetrics(name->font()).averageCharWidth() * kNameCharacters;
    for (const QWidget* widget : std::initializer_list<const QWidget*>{
             undo, redo, presets_button, verify_button, compare_button, sweep_button, launch_button})
      needed += widget->sizeHint().width() + row.spacing();
    needed += row.spacing();  // before the obstacle
    const bool is_narrow = needed > header->width();
    if (is_narrow == !more_button->isHidden()) return;
    more_button->setVisible(is_narrow);
    for (QPushButton* button : {verify_button, compare_button, sweep_button}) button->setVisible(!is_narrow);
  }

  void connectParts() {
    connect(&document, &DesignDocument::changed, &page, [this] { showSpec(); });
    connect(forms, &DesignFormPane::edited, &page,
            [this](const QString& pointer, const QJsonValue& value) { document.edit(pointer, value); });
    connect(name, &QLineEdit::textEdited, &page, [this](const QString& text) {
      document.edit(QStringLiteral("/name"),
                    text.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(text));
    });
    connect(json, &DesignJsonEditor::specTyped, &page, [this](const SpecDocument& spec) {
      document.replace(spec, DesignPage::tr("change of the JSON"));
    });
    connect(json, &DesignJsonEditor::typing, &page, &DesignPage::typing);
    connect(json, &DesignJsonEditor::broken, &page, [this](int line) {
      checker.setJsonFault(line);
      forms->setEnabled(line == 0);  // an edit there would throw away the half-typed text here
    });
    connect(&checker, &DesignChecker::changed, &page, [this] { showCheck(); });
    connect(&checker, &DesignChecker::launched, &page, &DesignPage::launched);
    connect(plan, &DesignPlanPanel::faultChosen, &page,
            [this](const QString& pointer) { showFault(pointer); });
    connect(plan, &DesignPlanPanel::samplesWanted, &samples, &DesignSampleShelf::chooseWorker);
    connect(&samples, &DesignSampleShelf::asked, plan, &DesignPlanPanel::showSamplesAsked);
    connect(&samples, &DesignSampleShelf::arrived, plan, &DesignPlanPanel::showSamples);
    connect(obstacle, &QToolButton::clicked, &page, [this] {
      const FaultTexts faults = checker.faults();
      if (!faults.isEmpty())
        showFault(faults.firstKey());
      else if (checker.obstacle().contains(QLatin1String("JSON")))
        panels->openPanel(json);
    });
    connect(launch_button, &QPushButton::clicked, &page, &DesignPage::launch);
    connect(verify_button, &QPushButton::clicked, &page,
            [this] { emit page.verifyRequested(document.spec().text()); });
    connect(compare_button, &QPushButton::clicked, &page, &DesignPage::compareRequested);
    connect(sweep_button, &QPushButton::clicked, &page, &DesignPage::sweepRequested);
    connect(presets_button, &QPushButton::clicked, &page, [this] { page.showGallery(false); });
    connect(undo, &QToolButton::clicked, &document.undoStack(), &QUndoStack::undo);
    connect(redo, &QToolButton::clicked, &document.undoStack(), &QUndoStack::redo);
    connect(&document.undoStack(), &QUndoStack::canUndoChanged, undo, &QWidget::setEnabled);
    connect(&document.undoStack(), &QUndoStack::canRedoChanged, redo, &QWidget::setEnabled);
    undo->setEnabled(false);
    redo->setEnabled(false);
  }

  void showSpec() {
    const QString title = document.spec().value(QStringLiteral("/name")).toString();
    if (name->text() != title) {
      name->setText(title);
      name->setCursorPosition(0);
    }
    forms->showSpec(document.spec());
    json->showSpec(document.spec());
    checker.setOwnFaults(forms->ownFaults());
    checker.setSpec(document.spec().text());
    emit page.specChanged();
  }

  void showCheck() {
    const FaultTexts faults = checker.faults();
    forms->setFaults(faults);
    json->setFaults(faults);
    plan->showState(planSentence(), faults, checker.error());
    plan->showPlan(checker.plan(), checker.planIsCurrent());
    if (checker.planIsCurrent()) samples.setExperiment(document.spec().text(), checker.plan());
    const QString why = checker.obstacle();
    obstacle->setText(why);
    obstacle->setVisible(!why.isEmpty());
    foldButtons();
    obstacle->setEnabled(!faults.isEmpty() || why.contains(QLatin1String("JSON")));
    const bool can = why.isEmpty();
    launch_button->setEnabled(can);
    launch_button->setToolTip(can ? DesignPage::tr("Start this experiment (Ctrl+Return)") : why);
    launch_button->setAccessibleDescription(why);
    verify_button->setEnabled(can);
    compare_button->setEnabled(can);
    sweep_button->setEnabled(can);
    sweep_button->setToolTip(can ? DesignPage::tr("This experiment with many settings, as a heat map") : why);
    compare_button->setToolTip(can ? DesignPage::tr("This experiment with many codecs on many links") : why);
    verify_button->setToolTip(
        can ? DesignPage::tr("Do the workers train what one worker would? Runs both for a few steps") : why);
    if (can != could_launch) emit page.canLaunchChanged(can);
    could_launch = can;
  }

  QString planSentence() const {
    if (!checker.plan().isEmpty()) return {};
    if (!is_connected) return DesignPage::tr("The plan appears here once the engine is there.");
    if (checker.isChecking()) return DesignPage::tr("Working out the plan…");
    return {};
  }

  void showFault(const QString& pointer) {
    page.showForms();
    if (pointer == QLatin1String("/name")) {
      name->setFocus();
    } else if (!forms->focusField(pointer)) {
      panels->openPanel(json);  // a name that no form knows
      json->showPointer(pointer);
    }
  }

  DesignPage& page;
  DesignDocument document;
  DesignChecker checker;
  DesignSampleShelf samples;
  QStackedWidget* stack = nullptr;
  QWidget* editor = nullptr;
  HeaderRow* header = nullptr;
  PaperDesk* papers = nullptr;       // none without an engine
  DesignGallery* gallery = nullptr;  // made when first shown: the window must be there at once
  DesignFormPane* forms = nullptr;
  DockPanels* panels = nullptr;
  DesignPlanPanel* plan = nullptr;
  DesignJsonEditor* json = nullptr;
  QLineEdit* name = nullptr;
  QToolButton* undo = nullptr;
  QToolButton* redo = nullptr;
  QToolButton* obstacle = nullptr;
  QPushButton* presets_button = nullptr;
  QPushButton *verify_button = nullptr, *compare_button = nullptr, *sweep_button = nullptr;
  QPushButton* more_button = nullptr;  // instead of these three, where there is no room for them
  QPushButton* launch_button = nullptr;
  int widest_obstacle = 0;
  bool could_launch = false;
  bool is_connected = false;
};

DesignPage::DesignPage(DesignService service, QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("designPage"));
  impl_ = std::make_unique<Impl>(*this, std::move(service));
}

DesignPage::DesignPage(EngineClient& client, QWidget* parent) : DesignPage(serviceOf(client), parent) {
  impl_->papers = new PaperDesk(client, this);
  const auto follow = [this, &client](EngineClient::State state) {
    setConnected(state == EngineClient::State::kConnected);
    if (state != EngineClient::State::kConnected) return;
    client.describe(this, [this](const QJsonObject& describe, const QString& error) {
      if (error.isEmpty()) setDescription(describe);
    });
  };
  connect(this, &DesignPage::verifyRequested, this,
          [this, &client](const QString& spec) { (new DesignVerify(client, spec, this))->open(); });
  connect(&client, &EngineClient::stateChanged, this, follow);
  follow(client.state());
}

DesignPage::~DesignPage() = default;

QString DesignPage::spec() const { return impl_->document.spec().text(); }

void DesignPage::setSpec(const QString& text) {
  JsonError error;
  if (const auto spec = SpecDocument::parse(text, &error)) {
    impl_->document.open(*spec);
    showForms();
  }
}

QString DesignPage::typedText() const { return impl_->json->isAhead() ? impl_->json->text() : spec(); }

void DesignPage::setTypedText(const QString& text) {
  setSpec(text);
  if (JsonError error; SpecDocument::parse(text, &error)) return;
  showForms();
  impl_->panels->openPanel(impl_->json);
  impl_->json->typeInstead(text);
}

bool DesignPage::isUnfinished() const {
  JsonError error;
  return impl_->json->isAhead() && !SpecDocument::parse(impl_->json->text(), &error);
}

void DesignPage::finishTyping() { impl_->json->readNow(); }

QByteArray DesignPage::saveState() const {
  return QJsonDocument(
             QJsonObject{{"panels", QString::fromLatin1(impl_->panels->saveArrangement().toBase64())}})
      .toJson(QJsonDocument::Compact);
}

void DesignPage::restoreState(const QByteArray& state) {
  const QJsonObject object = QJsonDocument::fromJson(state).object();
  if (object.contains(QLatin1String("panels")))
    impl_->panels->restoreArrangement(
        QByteArray::fromBase64(object.value(QLatin1String("panels")).toString().toLatin1()));
  else if (object.contains(QLatin1String("tab")))  // of a version whose tabs stood still
    impl_->panels->openPanelAt(object.value(QLatin1String("tab")).toInt());
}

void DesignPage::resetLayout() { impl_->panels->reset(); }

DockPanels& DesignPage::panels() { return *impl_->panels; }

bool DesignPage::canLaunch() const { return impl_->checker.canLaunch(); }
QString DesignPage::obstacle() const { return impl_->checker.obstacle(); }
QUndoStack* DesignPage::undoStack() const { return &impl_->document.undoStack(); }

void DesignPage::setDescription(const QJsonObject& describe) {
  impl_->forms->setCatalog(Catalog::fromDescribe(describe));
  impl_->showSpec();
}

void DesignPage::setConnected(bool connected) {
  impl_->is_connected = connected;
  impl_->checker.setConnected(connected);
}

void DesignPage::showGallery(bool welcome) {
  if (impl_->gallery == nullptr) {
    impl_->gallery = new DesignGallery(impl_->stack);
    impl_->stack->addWidget(impl_->gallery);
    connect(impl_->gallery, &DesignGallery::chosen, this, &DesignPage::presetChosen);
    connect(impl_->gallery, &DesignGallery::demonstrationChosen, this, &DesignPage::demonstrationRequested);
    connect(impl_->gallery, &DesignGallery::sweepChosen, this, &DesignPage::lessonRequested);
    connect(impl_->gallery, &DesignGallery::closed, this, &DesignPage::showForms);
    if (impl_->papers != nullptr) impl_->gallery->setPapers(*impl_->papers);
  }
  impl_->gallery->setWelcome(welcome);
  impl_->stack->setCurrentWidget(impl_->gallery);
  impl_->gallery->focusFirst();
}

bool DesignPage::isGalleryShown() const {
  return impl_->gallery != nullptr && impl_->stack->currentWidget() == impl_->gallery;
}

void DesignPage::showForms() { impl_->stack->setCurrentWidget(impl_->editor); }

void DesignPage::launch() { impl_->checker.launch(); }

}  // namespace concertina::ui
