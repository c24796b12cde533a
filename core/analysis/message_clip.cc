// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// message_clip.cc: messages as a picture that moves by itself (see message_replay.h).
//
// SMIL of SVG 1.1 [W3C. Scalable Vector Graphics 1.1, chapter 19. 2011]: one animation, "clip", is as long as
// all and begins again at its own end; all others begin at a moment of it. No script, no font, no address.
#include <algorithm>
#include <cmath>

#include "core/analysis/export_chart.h"
#include "core/analysis/message_replay.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kSide = 420, kMargin = 60, kTextHeight = 84;
constexpr double kBox = 44;

std::string ClipBytes(uint64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value < 1e3) return fmt::format("{} B", bytes);
  if (value < 1e6) return fmt::format("{:.3g} kB", value / 1e3);
  return fmt::format("{:.3g} MB", value / 1e6);
}

// A bow to the right of its way, so that two that go against each other do not lie on one another.
struct Bow {
  double x0, y0, cx, cy, x1, y1;
  std::string Path() const {
    return fmt::format("M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}", x0, y0, cx, cy, x1, y1);
  }
};

Bow BowBetween(std::array<double, 2> from, std::array<double, 2> to) {
  const double dx = to[0] - from[0], dy = to[1] - from[1];
  const double length = std::max(1.0, std::hypot(dx, dy));
  const double trim = std::min(kBox * 0.72, length / 3);
  const double x0 = from[0] + dx / length * trim, y0 = from[1] + dy / length * trim;
  const double x1 = to[0] - dx / length * trim, y1 = to[1] - dy / length * trim;
  return {x0, y0, (x0 + x1) / 2 - dy * 0.16, (y0 + y1) / 2 + dx * 0.16, x1, y1};
}

}  // namespace

std::string ClipSvg(const MessageReplay& replay, const ClipOptions& options) {
  const size_t first = std::min(options.first, replay.messages.size());
  const size_t count = std::min(options.count, replay.messages.size() - first);
  const double each = std::clamp(options.message_seconds, 0.05, 60.0);
  const double length = std::max(each, each * static_cast<double>(count)) + each;  // and a moment's rest
  const double width = kSide + 2 * kMargin, height = width + kTextHeight;
  std::vector<std::array<double, 2>> places = RankPlaces(replay.ranks, options.axes);
  for (auto& place : places) place = {kMargin + kSide * place[0], kTextHeight + kMargin + kSide * place[1]};
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" font-family=\"sans-serif\" role=\"img\">\n<title>{2}</title>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\">"
      "<animate id=\"clip\" attributeName=\"x\" from=\"0\" to=\"0\" begin=\"0s;clip.end\" "
      "dur=\"{3:.3f}s\"/></rect>\n"
      "<text x=\"{4:.0f}\" y=\"30\" font-size=\"17\" font-weight=\"bold\" fill=\"#1f2933\">{2}</text>\n",
      width, height, EscapeHtml(options.title), length, kMargin / 2);
  for (size_t i = 0; i < count; ++i) {
    const ReplayMessage& message = replay.messages[first + i];
    if (message.from < 0 || message.to < 0 || std::max(message.from, message.to) >= replay.ranks) continue;
    const Bow bow =
        BowBetween(places[static_cast<size_t>(message.from)], places[static_cast<size_t>(message.to)]);
    const std::string path = bow.Path();
    const double at = each * static_cast<double>(i);
    const std::string seen = fmt::format(
        "<set attributeName=\"visibility\" to=\"visible\" begin=\"clip.begin+{:.3f}s\" dur=\"{:.3f}s\"/>", at,
        each);
    // Area goes with the bytes, as far as both ends can be seen.
    const double radius =
        std::clamp(3 + std::log10(1.0 + static_cast<double>(message.bytes)) * 1.6, 4.0, 14.0);
    svg += fmt::format(
        "<g visibility=\"hidden\">{0}<path d=\"{1}\" fill=\"none\" stroke=\"#0b6fa4\" stroke-width=\"2\"/>"
        "<circle r=\"{2:.1f}\" fill=\"#d1495b\"><animateMotion path=\"{1}\" begin=\"clip.begin+{3:.3f}s\" "
        "dur=\"{4:.3f}s\" fill=\"freeze\"/></circle>"
        "<text x=\"{5:.0f}\" y=\"54\" font-size=\"15\" fill=\"#1f2933\">rank {6} to rank {7}: {8}</text>"
        "<text x=\"{5:.0f}\" y=\"75\" font-size=\"14\" fill=\"#52606d\">{9}, step {10}, message {11} of "
        "{12}</text></g>\n",
        seen, path, radius, at, each * 0.85, kMargin / 2, message.from, message.to,
        EscapeHtml(MessageText(message.note)), ClipBytes(message.bytes), message.step, i + 1, count);
  }
  for (size_t rank = 0; rank < places.size(); ++rank)
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.0f}\" rx=\"8\" fill=\"#e8f1f8\" "
        "stroke=\"#0b6fa4\" stroke-width=\"1.5\"/><text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"17\" "
        "text-anchor=\"middle\" fill=\"#1f2933\">{}</text>\n",
        places[rank][0] - kBox / 2, places[rank][1] - kBox / 2, kBox, kBox, places[rank][0],
        places[rank][1] + 6, rank);
  return svg + "</svg>\n";
}

std::string ClipHtml(const MessageReplay& replay, const ClipOptions& options) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>"
      "<style>body{{margin:2em auto;max-width:44em;font-family:sans-serif}}svg{{width:100%;height:auto}}"
      "</style></head><body>\n{}</body></html>\n",
      EscapeHtml(options.title), ClipSvg(replay, options));
}

}  // namespace concertina
