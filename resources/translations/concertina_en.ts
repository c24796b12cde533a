<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>HostText</name>
    <message numerus="yes">
        <source>%n core(s)</source>
        <translation>
            <numerusform>%n core</numerusform>
            <numerusform>%n cores</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MeshWords</name>
    <message numerus="yes">
        <source>%n more flow(s) carry %1 together.</source>
        <translation>
            <numerusform>%n more flow carries %1.</numerusform>
            <numerusform>%n more flows carry %1 together.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MessageWording</name>
    <message numerus="yes">
        <source>%n update(s) late</source>
        <translation>
            <numerusform>%n update late</numerusform>
            <numerusform>%n updates late</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PlanFacts</name>
    <message numerus="yes">
        <source>%n worker(s)</source>
        <translation>
            <numerusform>%n worker</numerusform>
            <numerusform>%n workers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %n message(s)</source>
        <translation>
            <numerusform>in %n message</numerusform>
            <numerusform>in %n messages</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Presets</name>
    <message numerus="yes">
        <source>A sweep of %n run(s)</source>
        <translation>
            <numerusform>A sweep of %n run</numerusform>
            <numerusform>A sweep of %n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RunFacts</name>
    <message numerus="yes">
        <source>%n workers</source>
        <translation>
            <numerusform>%n worker</numerusform>
            <numerusform>%n workers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompareDial</name>
    <message numerus="yes">
        <source>Turn the link of the %n run(s) that go</source>
        <translation>
            <numerusform>Turn the link of the %n run that goes</numerusform>
            <numerusform>Turn the links of the %n runs that go</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::ComparePage</name>
    <message numerus="yes">
        <source>%1 of %n run(s) have ended</source>
        <translation>
            <numerusform>%1 of %n run has ended</numerusform>
            <numerusform>%1 of %n runs have ended</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompareSetup</name>
    <message numerus="yes">
        <source>%1 codecs × %2 links: %n run(s)</source>
        <translation>
            <numerusform>%1 codecs × %2 links: %n run</numerusform>
            <numerusform>%1 codecs × %2 links: %n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>… and %n more</source>
        <translation>
            <numerusform>… and %n more</numerusform>
            <numerusform>… and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignChecker</name>
    <message numerus="yes">
        <source>%n field(s) need attention</source>
        <translation>
            <numerusform>%n field needs attention</numerusform>
            <numerusform>%n fields need attention</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignClassBars</name>
    <message numerus="yes">
        <source>and %n worker(s) more</source>
        <translation>
            <numerusform>and %n worker more</numerusform>
            <numerusform>and %n workers more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignFormPane</name>
    <message numerus="yes">
        <source>%n field(s) need attention</source>
        <translation>
            <numerusform>%n field needs attention</numerusform>
            <numerusform>%n fields need attention</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignModelGraph</name>
    <message numerus="yes">
        <source>%n layer(s) · %1</source>
        <translation>
            <numerusform>%n layer · %1</numerusform>
            <numerusform>%n layers · %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1: a block of %n layer(s)</source>
        <translation>
            <numerusform>%1: a block of %n layer</numerusform>
            <numerusform>%1: a block of %n layers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n layer(s).</source>
        <translation>
            <numerusform>%n layer.</numerusform>
            <numerusform>%n layers.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignPlanPanel</name>
    <message numerus="yes">
        <source>%n field(s) need attention</source>
        <translation>
            <numerusform>%n field needs attention</numerusform>
            <numerusform>%n fields need attention</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignWorkersCard</name>
    <message numerus="yes">
        <source>The mesh has room for %1, and there are %n worker(s).</source>
        <translation>
            <numerusform>The mesh has room for %1, and there is %n worker.</numerusform>
            <numerusform>The mesh has room for %1, and there are %n workers.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::MainWindow</name>
    <message numerus="yes">
        <source>%n active run(s)</source>
        <translation>
            <numerusform>%n active run</numerusform>
            <numerusform>%n active runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorBlame</name>
    <message numerus="yes">
        <source>Each collective of the %n step(s) whose arrivals were recorded; what overlap hides of it counts, too.</source>
        <translation>
            <numerusform>Each collective of the %n step whose arrivals were recorded; what overlap hides of it counts, too.</numerusform>
            <numerusform>Each collective of the %n steps whose arrivals were recorded; what overlap hides of it counts, too.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorHeader</name>
    <message numerus="yes">
        <source>%n run(s) before this one in the queue</source>
        <translation>
            <numerusform>%n run before this one in the queue</numerusform>
            <numerusform>%n runs before this one in the queue</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorMotion</name>
    <message numerus="yes">
        <source>Next: %1. %n message(s) wait.</source>
        <translation>
            <numerusform>Next: %1. %n message waits.</numerusform>
            <numerusform>Next: %1. %n messages wait.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorStartLines</name>
    <message numerus="yes">
        <source>%n worker(s) wait(s) for you. Each line starts one, once, on a machine with Concertina; it holds a token, so show it to nobody else.</source>
        <translation>
            <numerusform>%n worker waits for you. Each line starts one, once, on a machine with Concertina; it holds a token, so show it to nobody else.</numerusform>
            <numerusform>%n workers wait for you. Each line starts one, once, on a machine with Concertina; it holds a token, so show it to nobody else.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorWorkersBar</name>
    <message numerus="yes">
        <source>The group will be of %n worker(s), between two steps to come.</source>
        <translation>
            <numerusform>The group will be of %n worker, between two steps to come.</numerusform>
            <numerusform>The group will be of %n workers, between two steps to come.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::PaperCard</name>
    <message numerus="yes">
        <source>%1 of %n run(s) finished</source>
        <translation>
            <numerusform>%1 of %n run finished</numerusform>
            <numerusform>%1 of %n runs finished</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Puts its %n run(s) into the queue</source>
        <translation>
            <numerusform>Puts its %n run into the queue</numerusform>
            <numerusform>Puts its %n runs into the queue</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::RecordingBar</name>
    <message numerus="yes">
        <source>Record %n Step(s)</source>
        <translation>
            <numerusform>Record %n Step</numerusform>
            <numerusform>Record %n Steps</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::RunsPage</name>
    <message numerus="yes">
        <source>%n runs</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <extracomment>%1 is a list of names of files, %n how many are left out of it.</extracomment>
        <translation>
            <numerusform>%1 and %n more</numerusform>
            <numerusform>%1 and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Replace %n of the files in this folder?</source>
        <translation>
            <numerusform>Replace %n of the files in this folder?</numerusform>
            <numerusform>Replace %n of the files in this folder?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::SeriesChart</name>
    <message numerus="yes">
        <source>; %n at 0 or below left out</source>
        <extracomment>of an axis; %n points could not be drawn, for 0 and below have no logarithm</extracomment>
        <translation>
            <numerusform>; %n at 0 or below left out</numerusform>
            <numerusform>; %n at 0 or below left out</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::SweepAxisCard</name>
    <message numerus="yes">
        <source>%n value(s): %1</source>
        <translation>
            <numerusform>%n value: %1</numerusform>
            <numerusform>%n values: %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::SweepDriver</name>
    <message numerus="yes">
        <source>%1 of %n run(s) are in the queue</source>
        <translation>
            <numerusform>%1 of %n run is in the queue</numerusform>
            <numerusform>%1 of %n runs are in the queue</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) of the sweep are in the queue; the next was refused: %1</source>
        <translation>
            <numerusform>%n run of the sweep is in the queue; the next was refused: %1</numerusform>
            <numerusform>%n runs of the sweep are in the queue; the next was refused: %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::SweepPage</name>
    <message numerus="yes">
        <source>%1 of %n run(s) have ended</source>
        <translation>
            <numerusform>%1 of %n run has ended</numerusform>
            <numerusform>%1 of %n runs have ended</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n running</numerusform>
            <numerusform>%n running</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n queued</source>
        <translation>
            <numerusform>%n queued</numerusform>
            <numerusform>%n queued</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::SweepResults</name>
    <message numerus="yes">
        <source>%1, %n run(s)</source>
        <translation>
            <numerusform>%1, %n run</numerusform>
            <numerusform>%1, %n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::SweepSetup</name>
    <message numerus="yes">
        <source>… and %n more</source>
        <translation>
            <numerusform>… and %n more</numerusform>
            <numerusform>… and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
</context>
</TS>
