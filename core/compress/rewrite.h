// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rewrite.h: builds a graph anew from an old one, with other values and nodes in some places.
// On the way of the data: compress/remove_channels.cc, compress/low_rank.cc -> here -> graph/graph.h.
//
// First the input, parameters and buffers, in the old order, then the nodes in theirs: what is put in the
// place of a parameter lies where that one lay in the flat vectors.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace concertina {

// What the hooks work with: the graph so far, and what stands in it for a value of the old one.
class Rewriter {
 public:
  explicit Rewriter(const Graph& old);

  const Graph& old() const { return old_; }
  // The new value that stands for an old one. Asserts that there is one already.
  ValueId At(ValueId old) const;
  // A parameter or buffer (its role says which) with all that the value says.
  ValueId Put(Value value);
  absl::StatusOr<ValueId> Add(OpKind kind, std::string name, std::vector<ValueId> inputs,
                              Attributes attributes);
  // The node as it was, reading what stands for its inputs, with these attributes.
  absl::StatusOr<ValueId> Copy(const Node& node, Attributes attributes);

 private:
  friend absl::StatusOr<Graph> RewriteGraph(const Graph& old, const struct RewriteHooks& hooks);

  const Graph& old_;
  Graph graph_;
  std::vector<ValueId> moved_;  // by old id; -1: nothing stands for it
};

struct RewriteHooks {
  // Of each parameter and buffer. Gives what stands for it, which the hook has put into the graph; -1 if
  // nothing does, and the nodes that read it are rewritten. Absent: each is copied.
  std::function<ValueId(Rewriter& rewriter, ValueId old)> value;
  // Of each node, by its index. Gives what stands for its output. Absent: each is copied.
  std::function<absl::StatusOr<ValueId>(Rewriter& rewriter, int node)> node;
};

// kInvalidArgument, naming the layer, if the nodes do not fit what the hooks put before them.
absl::StatusOr<Graph> RewriteGraph(const Graph& old, const RewriteHooks& hooks);

}  // namespace concertina
