// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_style.h: the style sheet of the exported page. The colours are those of the charts on the screen.
#pragma once

namespace concertina {

inline constexpr char kExportStyle[] = R"css(
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #ffffff; --ink: #1d2127; --soft: #606973; --rule: #e1e4e8; --grid: #eceef1;
  --accent: #0072b2; --good: #00916b; --bad: #d55e00; --idle: #848e99;
  --s0: #0072b2; --s1: #d55e00; --s2: #00916b; --s3: #b8578f; --s4: #b87a00; --s5: #2f93c9; --s6: #4a525c; --s7: #848e99;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181c; --card: #1d2126; --ink: #e6e9ed; --soft: #98a2ad; --rule: #30363d; --grid: #292e35;
    --accent: #4ba3dd; --good: #2fc498; --bad: #ec8343; --idle: #7d8894;
    --s0: #4ba3dd; --s1: #ec8343; --s2: #2fc498; --s3: #dd96bf; --s4: #e9b33a; --s5: #83c9f0; --s6: #c3cad2; --s7: #7d8894;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
       font: 15px/1.5 system-ui, "Segoe UI", Cantarell, "Noto Sans", "DejaVu Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 36px 24px 56px; }
h1 { font-size: 26px; line-height: 1.25; font-weight: 650; letter-spacing: -0.01em; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 15px; font-weight: 650; margin: 0 0 10px; }
header { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; margin-bottom: 24px; }
header .about { flex-basis: 100%; color: var(--soft); font-size: 13.5px; }
.state { font-size: 12.5px; font-weight: 600; padding: 2px 11px 3px; border-radius: 99px; color: var(--card);
         background: var(--idle); }
.state.finished { background: var(--good); } .state.failed { background: var(--bad); }
.state.running, .state.starting { background: var(--accent); }
.error { margin: 0 0 20px; padding: 12px 16px; border-left: 4px solid var(--bad); background: var(--card);
         border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
.tiles { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); margin-bottom: 14px; }
.charts { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 16px 18px; min-width: 0; }
.tile dt { color: var(--soft); font-size: 13px; } .tile dl, .tile dd { margin: 0; }
.tile dd { font-size: 24px; font-weight: 600; letter-spacing: -0.01em; font-variant-numeric: tabular-nums;
           overflow-wrap: anywhere; }
section { margin-top: 14px; }
svg { display: block; width: 100%; height: auto; margin-top: 6px; }
svg text { font-size: 12px; fill: var(--soft); font-variant-numeric: tabular-nums; }
.grid { stroke: var(--grid); } .axis { stroke: var(--rule); }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.band { opacity: 0.17; } .mark { stroke: var(--soft); stroke-dasharray: 3 4; }
.keys { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13px; color: var(--soft); margin: 0; padding: 0; }
.keys li { list-style: none; white-space: nowrap; }
.keys b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; margin-left: 4px; }
.keys i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
.split { display: flex; height: 26px; border-radius: 6px; overflow: hidden; gap: 2px; margin: 10px 0 14px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 7px 14px 7px 0; border-bottom: 1px solid var(--rule); }
tr:last-child > * { border-bottom: 0; }
th { font-weight: 500; color: var(--soft); white-space: nowrap; width: 1%; padding-right: 28px; }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; width: 1%; padding-right: 28px; }
.setting { white-space: nowrap; margin-right: 16px; display: inline-block; } .setting span { color: var(--soft); }
details { margin-top: 12px; } summary { cursor: pointer; color: var(--soft); font-size: 13.5px; }
pre { font: 12.5px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; overflow-x: auto; margin: 10px 0 0; }
footer { color: var(--soft); font-size: 12.5px; margin-top: 26px; }
@page { margin: 17mm; }
@media print {
  :root {
    color-scheme: light;
    --ground: #ffffff; --card: #ffffff; --ink: #1d2127; --soft: #606973; --rule: #e1e4e8; --grid: #eceef1;
    --accent: #0072b2; --good: #00916b; --bad: #d55e00; --idle: #848e99;
    --s0: #0072b2; --s1: #d55e00; --s2: #00916b; --s3: #b8578f; --s4: #b87a00; --s5: #2f93c9; --s6: #4a525c; --s7: #848e99;
  }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { background: none; font-size: 9.5pt; } main { padding: 0; max-width: none; } h1 { font-size: 18pt; }
  .charts { grid-template-columns: 1fr; } .charts .card, .tiles { break-inside: avoid; }
  .card { border: 0; border-radius: 0; padding: 6pt 0; } .tile { border: 1px solid var(--rule); padding: 6pt; }
  h2 { break-after: avoid; } .scroll { overflow: visible; } table { font-size: 8pt; }
  thead { display: table-header-group; } tr { break-inside: avoid; }
  th, td, .number, .wide th, .wide .number { padding: 3pt 6pt 3pt 0; white-space: normal; }
  .keys li { white-space: normal; } pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 7.5pt; }
}
)css";

// Tables of many columns under each other.
inline constexpr char kExportWideStyle[] = R"css(
.wide th { width: auto; padding-right: 14px; vertical-align: bottom; white-space: normal; }
.wide tbody th { color: var(--ink); min-width: 12em; overflow-wrap: anywhere; }
.wide .number { width: auto; padding-right: 14px; }
.wide small { display: block; color: var(--soft); }
)css";

}  // namespace concertina
