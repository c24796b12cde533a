// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kubernetes_manifests.h: what a Kubernetes cluster is told, to run all workers of one entry of /workers.
// On the way of the data: an entry {"launcher": "kubernetes", …} -> here -> engine/kubernetes_launcher.cc ->
// kubectl.
//
//   Secret    the start-up kit and the workers' tokens: nothing else holds any of it
//   Service   headless, so that pod I of the job NAME is NAME-I.NAME to the others
//   Job       indexed: one pod a rank, none of which is started a second time
// Fields are those of batch/v1 and v1 as of Kubernetes 1.24, when indexed jobs became stable.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/status.h"

namespace concertina {

// What an entry says, checked.
struct KubernetesOptions {
  std::string image;
  std::string name_space;  // "": the one of kubectl's context
  std::string memory;      // of a worker: "2Gi"; "": no request
  std::string program;     // of the worker, in the image
  std::string kit;         // folder on the engine's machine
  int64_t time_minutes = 60;
  double wait_minutes = 0;
  std::vector<std::string> environment;  // "NAME=VALUE"
  bool applies = false;
};
// kInvalidArgument: a value that cannot be meant; the message begins with the parameter's name.
absl::StatusOr<KubernetesOptions> KubernetesOptionsOf(const Params& params);

struct KubernetesTask {
  std::string run;
  std::string sign;  // parts this attempt from others: letters and digits
  int first_rank = 0;
  int threads = 1;                         // of each worker
  std::string engine_address;              // "host:port", as pods reach it
  std::vector<std::string> tokens;         // by rank, from the first
  std::map<std::string, std::string> kit;  // file name -> content
};
// One object of kind List with the three. Its text is a secret.
Json KubernetesManifests(const KubernetesOptions& options, const KubernetesTask& task);
// The name of all three: a DNS label (RFC 1123) that leaves room for the index of a pod behind it.
std::string KubernetesName(const KubernetesTask& task);

}  // namespace concertina
