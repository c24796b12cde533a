// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixing_graph.cc: see mixing_graph.h.
#include "core/parallel/mixing_graph.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <numbers>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kRounding = 1e-12;  // what is left of an eigenvalue of zero

using Edges = std::set<std::pair<int, int>>;  // the lower rank first

void AddEdge(Edges& edges, int a, int b) {
  if (a != b) edges.insert({std::min(a, b), std::max(a, b)});
}

// The sides of the rectangle nearest to a square.
std::pair<int, int> SidesOf(int ranks) {
  int rows = static_cast<int>(std::sqrt(static_cast<double>(ranks)));
  while (ranks % rows != 0) --rows;
  return {rows, ranks / rows};
}

// Digits and nothing else; -1 if it is none, or past an int.
int ParseRank(std::string_view text) {
  int rank = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rank);
  const bool is_rank = error == std::errc() && end == text.data() + text.size() && !text.starts_with('-');
  return is_rank ? rank : -1;
}

absl::StatusOr<Edges> ParseEdges(std::string_view text, int ranks) {
  Edges edges;
  if (ranks == 1 && text.empty()) return edges;
  for (const auto part : absl::StrSplit(absl::string_view(text.data(), text.size()), ',')) {
    const absl::string_view trimmed = absl::StripAsciiWhitespace(part);
    const std::string_view edge(trimmed.data(), trimmed.size());
    const size_t dash = edge.find('-');
    const int a = ParseRank(edge.substr(0, dash));
    const int b = dash == std::string_view::npos ? -1 : ParseRank(edge.substr(dash + 1));
    if (a < 0 || b < 0)
      return absl::InvalidArgumentError(fmt::format(
          "/exchange/edges: \"{}\" is not an edge; expected two ranks like 0-1, edges parted by commas",
          Shortened(std::string(edge))));
    if (std::max(a, b) >= ranks)
      return absl::InvalidArgumentError(
          fmt::format("/exchange/edges: \"{}\" names rank {}, expected ranks from 0 to {}", edge,
                      std::max(a, b), ranks - 1));
    if (a == b)
      return absl::InvalidArgumentError(fmt::format(
          "/exchange/edges: \"{}\" joins rank {} with itself, expected two different ranks", edge, a));
    if (!edges.insert({std::min(a, b), std::max(a, b)}).second)
      return absl::InvalidArgumentError(
          fmt::format("/exchange/edges: \"{}\" stands twice; leave one out", edge));
  }
  return edges;
}

absl::StatusOr<Edges> EdgesOf(const MixingGraphChoice& choice, int ranks) {
  Edges edges;
  if (choice.kind == "edges") return ParseEdges(choice.edges, ranks);
  if (choice.kind == "ring") {
    for (int i = 0; i < ranks; ++i) AddEdge(edges, i, (i + 1) % ranks);
  } else if (choice.kind == "torus") {
    const auto [rows, columns] = SidesOf(ranks);
    for (int i = 0; i < ranks; ++i) {
      const int row = i / columns, column = i % columns;
      AddEdge(edges, i, (row + 1) % rows * columns + column);
      AddEdge(edges, i, row * columns + (column + 1) % columns);
    }
  } else if (choice.kind == "complete") {
    for (int i = 0; i < ranks; ++i)
      for (int j = i + 1; j < ranks; ++j) AddEdge(edges, i, j);
  } else if (choice.kind == "hypercube") {
    if (!std::has_single_bit(static_cast<unsigned>(ranks)))
      return absl::InvalidArgumentError(fmt::format(
          "/exchange/graph: a hypercube has a power of two of workers, found {}; take {} or {} workers, or "
          "another graph such as torus",
          ranks, std::bit_floor(static_cast<unsigned>(ranks)), std::bit_ceil(static_cast<unsigned>(ranks))));
    for (int i = 0; i < ranks; ++i)
      for (int bit = 1; bit < ranks; bit *= 2) AddEdge(edges, i, i ^ bit);
  } else {
    return absl::InvalidArgumentError(fmt::format("/exchange/graph: there is no graph \"{}\"", choice.kind));
  }
  return edges;
}

absl::Status CheckConnected(const Edges& edges, int ranks) {
  std::vector<bool> reached(static_cast<size_t>(ranks));
  reached[0] = true;
  // Each pass reaches at least one more, or none ever again.
  for (bool grows = true; grows;) {
    grows = false;
    for (const auto& [a, b] : edges)
      if (reached[static_cast<size_t>(a)] != reached[static_cast<size_t>(b)]) {
        reached[static_cast<size_t>(a)] = reached[static_cast<size_t>(b)] = true;
        grows = true;
      }
  }
  const auto lost = std::find(reached.begin(), reached.end(), false);
  if (lost == reached.end()) return absl::OkStatus();
  const auto rank = lost - reached.begin();
  return absl::InvalidArgumentError(
      fmt::format("/exchange/edges: no way leads from rank 0 to rank {}, so they would never agree; add an "
                  "edge such as 0-{}",
                  rank, rank));
}

std::vector<MixingRow> MetropolisHastings(const Edges& edges, int ranks) {
  std::vector<int> degree(static_cast<size_t>(ranks));
  for (const auto& [a, b] : edges) {
    ++degree[static_cast<size_t>(a)];
    ++degree[static_cast<size_t>(b)];
  }
  std::vector<MixingRow> rows(static_cast<size_t>(ranks));
  for (const auto& [a, b] : edges) {
    const double weight =
        1.0 / (1 + std::max(degree[static_cast<size_t>(a)], degree[static_cast<size_t>(b)]));
    rows[static_cast<size_t>(a)].from.push_back({b, weight});
    rows[static_cast<size_t>(b)].from.push_back({a, weight});
  }
  for (MixingRow& row : rows) {
    std::sort(row.from.begin(), row.from.end(), [](const auto& a, const auto& b) { return a.rank < b.rank; });
    for (const MixingRow::Neighbour& neighbour : row.from) row.to.push_back(neighbour.rank);
  }
  return rows;
}

// Each takes from one and gives to one.
std::vector<std::vector<MixingRow>> OnePeerExponential(int ranks) {
  std::vector<std::vector<MixingRow>> rounds;
  for (int distance = 1; distance < ranks; distance *= 2) {
    std::vector<MixingRow>& rows = rounds.emplace_back(static_cast<size_t>(ranks));
    for (int i = 0; i < ranks; ++i)
      rows[static_cast<size_t>(i)] = {.from = {{(i + distance) % ranks, 0.5}},
                                      .to = {(i + ranks - distance) % ranks}};
  }
  if (rounds.empty()) rounds.emplace_back(static_cast<size_t>(ranks));
  return rounds;
}

}  // namespace

std::vector<ParamSpec> MixingGraphChoice::ParamSpecs(bool with_exponential) {
  std::vector<std::string> kinds = {"ring", "torus", "hypercube", "complete", "edges"};
  if (with_exponential) kinds.insert(kinds.begin() + 3, "exponential");
  std::string doc =
      "Who is whose neighbour. The fewer neighbours, the fewer bytes a step, and the slower all become "
      "alike: "
      "the spectral gap says how fast. ring: two neighbours, a gap of about 13 / N^2, good to some 16 "
      "workers. "
      "torus: four, the rectangle nearest to a square, a gap of order 1 / N (of a prime number of workers it "
      "is a ring). hypercube: log2 N, a gap of 2 / (1 + log2 N), for powers of two. ";
  if (with_exponential)
    doc +=
        "exponential: one at a time, at distance 1, 2, 4, … in turn [Ying et al. NeurIPS 2021]; as few bytes "
        "as "
        "can be, and with a power of two of workers exact averages every log2 N steps. ";
  doc += "complete: all, exact at once, and the most bytes. edges: those of the field edges.";
  return {
      {.name = "graph",
       .type = ParamType::kChoice,
       .default_value = "ring",
       .choices = std::move(kinds),
       .doc = std::move(doc)},
      {.name = "edges",
       .type = ParamType::kText,
       .default_value = "",
       .doc = "With the graph edges: pairs of ranks like 0-1, 1-2, 2-0. Every worker must be reached from "
              "every other."}};
}

MixingGraphChoice MixingGraphChoice::From(const Params& params) {
  return {.kind = params.Text("graph"), .edges = params.Text("edges")};
}

absl::StatusOr<MixingGraph> MixingGraph::Create(const MixingGraphChoice& choice, int ranks) {
  if (ranks < 1 || ranks > kMaxRanks)
    return absl::InvalidArgumentError(
        fmt::format("/exchange/graph: {} workers, expected 1 to {}", ranks, kMaxRanks));
  if (choice.kind != "edges" && !choice.edges.empty())
    return absl::InvalidArgumentError(
        fmt::format("/exchange/edges: edges are given, but /exchange/graph is \"{}\"; make it \"edges\", or "
                    "leave them out",
                    choice.kind));
  MixingGraph graph;
  graph.kind_ = choice.kind;
  if (choice.kind == "exponential") {
    graph.rows_ = OnePeerExponential(ranks);
    return graph;
  }
  ASSIGN_OR_RETURN(const Edges edges, EdgesOf(choice, ranks));
  RETURN_IF_ERROR(CheckConnected(edges, ranks));
  graph.rows_.push_back(MetropolisHastings(edges, ranks));
  return graph;
}

std::vector<double> MixingGraph::MatrixOf(int64_t round) const {
  const auto n = static_cast<size_t>(ranks());
  std::vector<double> matrix(n * n);
  for (size_t i = 0; i < n; ++i) {
    double others = 0;
    for (const MixingRow::Neighbour& neighbour : RowOf(static_cast<int>(i), round).from) {
      matrix[i * n + static_cast<size_t>(neighbour.rank)] = neighbour.weight;
      others += neighbour.weight;
    }
    matrix[i * n + i] = 1 - others;
  }
  return matrix;
}

double SecondEigenvalue(const std::vector<double>& matrix, int n) {
  if (n < 2) return 0;
  const Eigen::Map<const Eigen::MatrixXd> symmetric(matrix.data(), n, n);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(symmetric, Eigen::EigenvaluesOnly);
  const auto& values = solver.eigenvalues();  // ascending; the last is 1
  const double second = std::max(std::abs(values[0]), std::abs(values[n - 2]));
  return second < kRounding ? 0 : second;
}

double MixingGraph::SpectralGap() const {
  const int n = ranks();
  if (n < 2) return 1;
  if (kind_ != "exponential") return 1 - SecondEigenvalue(MatrixOf(0), n);
  // Circulant matrices share their eigenvectors, so the eigenvalues of the product are products: of
  // (1 + w^(j 2^k)) / 2 over the period, w = e^(2 pi i / N), whose magnitude is |cos(pi j 2^k / N)|.
  double second = 0;
  for (int j = 1; j < n; ++j) {
    double product = 1;
    for (int distance = 1; distance < n; distance *= 2)
      product *= std::abs(std::cos(std::numbers::pi * j * distance / n));
    second = std::max(second, product);
  }
  return second < kRounding ? 1 : 1 - std::pow(second, 1.0 / period());
}

std::optional<double> MixingGraph::SpectralGapWithout(std::span<const char> gone) const {
  if (kind_ == "exponential") return std::nullopt;
  std::vector<size_t> left;
  for (size_t rank = 0; rank < gone.size(); ++rank)
    if (gone[rank] == 0) left.push_back(rank);
  const std::vector<double> whole = MatrixOf(0);
  const size_t n = left.size();
  std::vector<double> matrix(n * n);
  for (size_t i = 0; i < n; ++i) {
    double others = 0;
    for (size_t j = 0; j < n; ++j) {
      if (i == j) continue;
      matrix[i * n + j] = whole[left[i] * gone.size() + left[j]];
      others += matrix[i * n + j];
    }
    matrix[i * n + i] = 1 - others;
  }
  if (n < 2) return 1;
  const double gap = 1 - SecondEigenvalue(matrix, static_cast<int>(n));
  return gap < kRounding ? 0 : gap;
}

int MixingGraph::PartsWithout(std::span<const char> gone) const {
  std::vector<char> reached(gone.begin(), gone.end());
  int parts = 0;
  for (size_t first = 0; first < reached.size(); ++first) {
    if (reached[first] != 0) continue;
    ++parts;
    std::vector<int> found = {static_cast<int>(first)};
    reached[first] = 1;
    for (size_t i = 0; i < found.size(); ++i)
      for (int round = 0; round < period(); ++round) {
        const auto reach = [&](int rank) {
          if (std::exchange(reached[static_cast<size_t>(rank)], 1) == 0) found.push_back(rank);
        };
        const MixingRow& row = RowOf(found[i], round);
        for (const MixingRow::Neighbour& neighbour : row.from) reach(neighbour.rank);
        for (const int to : row.to) reach(to);
      }
  }
  return parts;
}

std::vector<std::string> MixingGraph::Remarks() const {
  const int n = ranks();
  if (n == 1) return {"one worker has no neighbours to mix with: it trains alone"};
  const double gap = SpectralGap();
  std::vector<std::string> remarks;
  if (kind_ == "exponential" && gap >= 1) {
    remarks.push_back(
        fmt::format("exponential, {} workers: spectral gap 1, differences between workers are "
                    "gone after {} {} of mixing",
                    n, period(), period() == 1 ? "step" : "steps"));
  } else {
    remarks.push_back(fmt::format(
        "{}, {} workers: spectral gap {:.4g}, mixing alone takes {:.3g} % of the differences between "
        "workers away a step",
        kind_, n, gap, 100 * gap));
  }
  if (gap < 0.02)
    remarks.push_back(
        "the spectral gap is small: workers will differ much. A graph with shorter ways, such as torus, or a "
        "smaller learning rate helps");
  if (kind_ == "torus" && n > 3 && SidesOf(n).first == 1)
    remarks.push_back(fmt::format("{} is a prime number, so the torus is a ring", n));
  return remarks;
}

}  // namespace concertina
