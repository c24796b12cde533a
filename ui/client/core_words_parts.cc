// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// core_words_parts.cc: what exchanges, codecs, compressors, models and datasets say of themselves, behind the
// field that they name.
#include <QCoreApplication>

#include "ui/client/core_words.h"

namespace concertina::ui {
namespace {

constexpr Sentence kPartSentences[] = {
    {QT_TRANSLATE_NOOP("Core",
                       "single is for one worker, there are %1; take all-reduce or parameter-server")},
    {QT_TRANSLATE_NOOP("Core",
                       "ad-psgd averages whole parameters of pairs that meet at random, and a codec needs a "
                       "copy that both know of the last meeting: one for each neighbour; take choco-sgd or "
                       "gossip, which compress what has changed, or leave /gradient out")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 is error feedback already: what the codec holds back stays in the difference to "
                       "the public copy, and would be counted twice; make it false")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "%1 adds up what the codec makes of differences, and one that may lose more than it is "
        "given drives them apart; take one that loses less, like int8, top-k without "
        "error_feedback, or qsgd with more levels")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 has other neighbours at each step, who do not know the public copies that a "
                       "codec's differences are added to; take ring, torus, hypercube or complete, or leave "
                       "/gradient out")},
    {QT_TRANSLATE_NOOP("Core", "%1; false, or another codec"), "1"},
    {QT_TRANSLATE_NOOP("Core", "the codec's momentum would act again at every hop")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "what the codec sends is to be added up over the steps by who receives it, and a hop passes on")},
    {QT_TRANSLATE_NOOP("Core", "a vote is taken of all ranks' payloads, and a hop has but a sum of some")},
    {QT_TRANSLATE_NOOP("Core", "every hop would add the optimiser's momentum again")},
    {QT_TRANSLATE_NOOP("Core", "%1 shards of %2 parameters; take fewer")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 for %2 dedicated servers; each server needs at least one shard: take %3 or more, "
                       "or fewer servers")},
    {QT_TRANSLATE_NOOP("Core", "%1 for %2 dedicated servers; each server needs at least one shard")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "%1 with mode \"%2\", which waits for nobody's gradient; only \"sync\" has late ones to drop")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 with a model that is divided over a pipeline or tensor axis: each part would drop "
                       "the gradients of other workers; take 0, or mode \"stale-synchronous\"")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 of %2 workers; at least one gradient must be waited for: take at most %3")},
    {QT_TRANSLATE_NOOP("Core",
                       "with %1 servers answer with parameters, of which a codec of gradients would lose "
                       "what nothing gives back; false, or mode \"sync\" without backup workers"),
     "1"},
    {QT_TRANSLATE_NOOP("Core", "mode \"%1\"")},
    {QT_TRANSLATE_NOOP("Core", "backup workers")},
    {QT_TRANSLATE_NOOP("Core",
                       "servers would use the codec of /gradient too, and %1; false, or another codec"),
     "1"},
    {QT_TRANSLATE_NOOP("Core", "its momentum would act twice")},
    {QT_TRANSLATE_NOOP("Core", "who receives adds up what one worker sends, not what both do")},
    {QT_TRANSLATE_NOOP("Core",
                       "the mean of a synchronous step has no staleness; set it to \"none\", or mode to "
                       "\"async\" or \"stale-synchronous\"")},
    {QT_TRANSLATE_NOOP("Core",
                       "\"%1\" does not average gradients in step; take all-reduce or parameter-server")},
    {QT_TRANSLATE_NOOP(
        "Core", "%1 clients cannot share %2 training samples: each needs at least one; take fewer clients")},
    {QT_TRANSLATE_NOOP("Core",
                       "clients, rounds, whole_batch and goes_on_without_lost cannot change while a run "
                       "goes; start another run")},
    {QT_TRANSLATE_NOOP("Core", "\"%1\" is not an edge; expected two ranks like 0-1, edges parted by commas")},
    {QT_TRANSLATE_NOOP("Core", "\"%1\" names rank %2, expected ranks from 0 to %3")},
    {QT_TRANSLATE_NOOP("Core", "\"%1\" joins rank %2 with itself, expected two different ranks")},
    {QT_TRANSLATE_NOOP("Core", "\"%1\" stands twice; leave one out")},
    {QT_TRANSLATE_NOOP("Core",
                       "a hypercube has a power of two of workers, found %1; take %2 or %3 workers, or "
                       "another graph such as torus")},
    {QT_TRANSLATE_NOOP("Core", "there is no graph \"%1\"")},
    {QT_TRANSLATE_NOOP(
        "Core", "no way leads from rank 0 to rank %1, so they would never agree; add an edge such as 0-%2")},
    {QT_TRANSLATE_NOOP("Core", "%1 workers, expected 1 to %2")},
    {QT_TRANSLATE_NOOP(
        "Core", "edges are given, but /exchange/graph is \"%1\"; make it \"edges\", or leave them out")},
    {QT_TRANSLATE_NOOP("Core", "%1: cannot change while a run goes; start another run")},
    {QT_TRANSLATE_NOOP("Core", "cannot change while a run goes; start another run")},
    {QT_TRANSLATE_NOOP("Core",
                       "a multiple of the %1 stages, like %2: interleaved micro-batches go in groups of as "
                       "many as there are stages; or the schedule 1f1b"),
     "2"},
    {QT_TRANSLATE_NOOP(
        "Core", "%1 pieces on the one stage that there is, expected 1: there is no bubble to make smaller")},
    {QT_TRANSLATE_NOOP(
         "Core",
         "%1: what %2 keeps back of one micro-batch would be added to another's, which is of other samples"),
     "1"},
    {QT_TRANSLATE_NOOP("Core",
                       "%1: what %2 keeps back of one sum would be added to the next, which is of other "
                       "samples or of another layer"),
     "1"},
    {QT_TRANSLATE_NOOP(
        "Core",
        "false, or a codec like fp16: layers need the sum of what the ranks send, and %1 makes "
        "a vote of it")},
    {QT_TRANSLATE_NOOP("Core",
                       "a codec like fp16, which takes each sum by itself: %1 goes on from what it was given "
                       "before")},
    {QT_TRANSLATE_NOOP("Core", "false, or a codec like fp16")},
    {QT_TRANSLATE_NOOP("Core", "a codec without error feedback, like fp16")},
    {QT_TRANSLATE_NOOP("Core", "the stage that begins with layer \"%1\" has nothing to train; move a cut")},
    {QT_TRANSLATE_NOOP("Core",
                       "the model has no place where one activation alone goes from layer to layer, with "
                       "parameters on both sides; take 1, or a model of more layers")},
    {QT_TRANSLATE_NOOP("Core",
                       "the model can be cut into at most %1 stages that have parameters; take %2 or fewer, "
                       "or a model of more layers")},
    {QT_TRANSLATE_NOOP("Core",
                       "no stage can begin with layer \"%1\": more than one activation would cross, or it "
                       "goes with the layer before it; a stage can begin with %2")},
    {QT_TRANSLATE_NOOP("Core", "the model has no layer \"%1\"; a stage can begin with %2")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "layer \"%1\" does not come behind the layer named before it; name them in the model's order")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "%1 layers are named, expected %2, one for each of %3 stages but the first; or \"balanced\"")},
    {QT_TRANSLATE_NOOP("Core",
                       "no layer's outputs go straight into another layer, so there is no pair to divide; "
                       "take 1, or a model with a hidden layer")},
    {QT_TRANSLATE_NOOP("Core", "layer \"%1\" has %2 %3, which %4 does not divide; %5"), "35"},
    {QT_TRANSLATE_NOOP(
        "Core", "nothing but 1 divides all layers that would be: choose widths with a common divisor")},
    {QT_TRANSLATE_NOOP("Core", "a pipeline of %1 stages, expected at least 1")},
    {QT_TRANSLATE_NOOP("Core", "the graph cannot be cut before node %1")},
    {QT_TRANSLATE_NOOP("Core", "take %1")},
    {QT_TRANSLATE_NOOP("Core", "a mesh of %1 x %2 x %3: each axis has at least one worker")},
    {QT_TRANSLATE_NOOP("Core", "a mesh of %1 x %2 x %3: at most %4 workers")},
    {QT_TRANSLATE_NOOP("Core",
                       "found \"one\" with error_feedback, expected \"mean\": signs of size 1 are no "
                       "contraction, and their residual would not shrink; set error_feedback to false")},
    {QT_TRANSLATE_NOOP("Core",
                       "found true with scale \"mean\", expected \"one\" and no error_feedback: votes count "
                       "alike, whatever the size of who casts them")},
    {QT_TRANSLATE_NOOP("Core", "found %1, expected an odd number: it takes a middle one")},
    {QT_TRANSLATE_NOOP("Core", "found %1, expected a multiple of %2")},
    {QT_TRANSLATE_NOOP("Core",
                       "gradient element %1 is %2, expected a finite number; lower the learning rate")},
    {QT_TRANSLATE_NOOP("Core",
                       "step %1, %2: gradient element %3 is %4, expected a finite number; lower the learning "
                       "rate")},
    {QT_TRANSLATE_NOOP("Core",
                       "gradient of norm %1 is too large for factors of floats; lower the learning rate")},
    {QT_TRANSLATE_NOOP("Core",
                       "model %1: samples are %2, expected C x H x W or a vector of 1 to %3 elements")},
    {QT_TRANSLATE_NOOP("Core",
                       "model %1: samples are %2, expected images (channels x height x width, at least %3 "
                       "pixels); for tables choose mlp or logistic-regression")},
    {QT_TRANSLATE_NOOP(
        "Core", "model %1: images are %2, expected at least %3 pixels; choose mlp, which takes any size")},
    {QT_TRANSLATE_NOOP("Core", "model %1: layer %2 has %3 units, expected 1 to %4")},
    {QT_TRANSLATE_NOOP("Core", "model %1: the dataset has %2 classes, expected at least 2")},
    {QT_TRANSLATE_NOOP("Core", "model %1: has %2 parameters, expected at most %3; choose smaller layers")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "a worker has %1 samples, too few for one batch of %2; take a smaller batch or fewer workers")},
    {QT_TRANSLATE_NOOP("Core", "found %1, expected at most %2: worker %3 of %4 has no more samples")},
    {QT_TRANSLATE_NOOP(
        "Core", "%1 samples cannot be shared by %2 workers: each needs at least one; take fewer workers")},
    {QT_TRANSLATE_NOOP("Core", "%1 workers with %2 shards each need %3 samples, found %4")},
    {QT_TRANSLATE_NOOP("Core", "neither it nor %1 is there")},
    {QT_TRANSLATE_NOOP("Core", "expected a file")},
    {QT_TRANSLATE_NOOP("Core", "expected a file, found a folder or a device")},
    {QT_TRANSLATE_NOOP("Core", "found %1 rows, too few to split off a test share of %2")},
    {QT_TRANSLATE_NOOP("Core", "found %1 images, too few to split off a test share of %2")},
    {QT_TRANSLATE_NOOP("Core",
                       "found no images, expected folders named by class with .png, .jpg or .jpeg files")},
    {QT_TRANSLATE_NOOP("Core", "found no rows below the column names")},
    {QT_TRANSLATE_NOOP("Core", "the file is empty, expected a line of column names")},
    {QT_TRANSLATE_NOOP("Core", "found %1 fields, expected %2 as in the first line")},
    {QT_TRANSLATE_NOOP("Core", "columns %1 and %2 are both named %3")},
    {QT_TRANSLATE_NOOP("Core", "column %1 (%2): found %3, expected a number")},
    {QT_TRANSLATE_NOOP("Core", "column %1 (%2): found the label %3, expected %4"), "4"},
    {QT_TRANSLATE_NOOP("Core", "one of at most %1 classes")},
    {QT_TRANSLATE_NOOP("Core", "found %1, expected a column of %2: %3; did you mean %4?")},
    {QT_TRANSLATE_NOOP("Core", "found %1, expected a column of %2: %3")},
    {QT_TRANSLATE_NOOP("Core", "found the label alone, expected at least one column of numbers")},
    {QT_TRANSLATE_NOOP("Core", "found nothing, expected the file that belongs to test_labels")},
    {QT_TRANSLATE_NOOP("Core", "found nothing, expected the file that belongs to test_images")},
    {QT_TRANSLATE_NOOP("Core", "found 2, expected 1 (grey) or 3 (colour)")},
    {QT_TRANSLATE_NOOP("Core", "set /dataset/path to its binary version")},
    {QT_TRANSLATE_NOOP("Core", "cut short at byte %1: expected the 4 bytes of an IDX magic number")},
    {QT_TRANSLATE_NOOP("Core", "cut short at byte %1: expected an IDX header of %2 bytes")},
    {QT_TRANSLATE_NOOP("Core", "at byte 0: found %1, expected an IDX magic number 0x0000….")},
    {QT_TRANSLATE_NOOP("Core", "at byte %1: it ends too early; expected whole gzip data")},
    {QT_TRANSLATE_NOOP("Core", "at byte %1: sample %2 has label %3, expected 0 to %4")},
    {QT_TRANSLATE_NOOP("Core", "at byte 0: expected the beginning of a PNG or JPEG image")},
    {QT_TRANSLATE_NOOP("Core", "layers \"%1\" fits no layer of the model (is \"%2\" meant?): it has %3")},
    {QT_TRANSLATE_NOOP("Core", "layers \"%1\" fits no layer of the model: it has %2")},
    {QT_TRANSLATE_NOOP(
        "Core", "layers \"%1\": \"!%2\" leaves out no layer of the model (is \"%3\" meant?): it has %4")},
    {QT_TRANSLATE_NOOP("Core", "layers \"%1\": \"!%2\" leaves out no layer of the model: it has %3")},
    {QT_TRANSLATE_NOOP("Core", "layers \"%1\": none of these can lose channels: %2; choose others")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "layers \"%1\" chooses \"%2\" but not \"%3\", and the two must keep the same channels, since their "
        "outputs are added or their weight is shared; choose both or neither")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": no batch norm follows it, expected one whose scale ranks its channels; "
                       "choose other layers, or the norm l1")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": the norm of channel %2 is NaN, expected a number; the training has "
                       "diverged, lower the learning rate")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": element %2 of its weight is %3, expected a number; the training has "
                       "diverged, lower the learning rate")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": weight %2 is %3, and its gradient %4, expected numbers; the training "
                       "has diverged, lower the learning rate")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": its weight lies on a grid of %2 bits, expected floats; prune first, "
                       "and quantise what is left")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": its weight of %2 has at most rank %3, and %4 was asked for; take a "
                       "lower rank, an energy instead, or other layers")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\" would become layers of which \"%2\" is in the model already; rename "
                       "that, or choose other layers")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": its weight of %2 has %3 inputs, expected a multiple of m = %4; choose "
                       "other layers, or another m")},
    {QT_TRANSLATE_NOOP("Core", "%1 of %2 weights would all stay, expected n below m")},
    {QT_TRANSLATE_NOOP("Core",
                       "%1 of the weights would be zero at the beginning and %2 (amount) at the end, "
                       "expected initial to be at most amount")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": its weight is pruned or shared, and would not stay so on a grid that "
                       "learns; use quantize-weights or int8 after pruning")},
    {QT_TRANSLATE_NOOP("Core", "layer \"%1\": its channels cannot be removed, since %2"), "2"},
    {QT_TRANSLATE_NOOP("Core", "they are the input's")},
    {QT_TRANSLATE_NOOP("Core", "they reach the prediction")},
    {QT_TRANSLATE_NOOP("Core", "they meet channels of another size in \"%1\"")},
    {QT_TRANSLATE_NOOP("Core", "they are a part of a layer's")},
    {QT_TRANSLATE_NOOP("Core", "other ranks have them too, in \"%1\"")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": its %2 lies on a grid of %3 bits, and first values would not; put %4 "
                       "before the step that made it so")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": its %2 has few values that weights share, and first values would not; "
                       "put %3 before the step that made it so")},
    {QT_TRANSLATE_NOOP(
        "Core", "the model's first values were not kept; take \"rewind\": false to go on from those it has")},
    {QT_TRANSLATE_NOOP("Core", "the model's first values were not kept")},
    {QT_TRANSLATE_NOOP("Core",
                       "the model has not been trained in this run, and no weight has moved; a retrain step "
                       "must come before it")},
    {QT_TRANSLATE_NOOP("Core", "to calibrate activations needs training samples, and there are none")},
    {QT_TRANSLATE_NOOP("Core",
                       "the loss of the model as it is is no finite number; the training has diverged, lower "
                       "the learning rate")},
    {QT_TRANSLATE_NOOP("Core", "%1 is beyond 65504, the largest number of fp16; take bf16")},
    {QT_TRANSLATE_NOOP("Core", "\"%1\" is no layer of the student, which has %2")},
    {QT_TRANSLATE_NOOP("Core", "\"%1\" is no layer of the teacher, which has %2")},
    {QT_TRANSLATE_NOOP("Core",
                       "\"%1\" was compressed already, and would not be after beginning again; begin again "
                       "first, or leave anew out")},
    {QT_TRANSLATE_NOOP("Core", "the teacher's answer does not depend on \"%1\"; name another")},
    {QT_TRANSLATE_NOOP("Core",
                       "\"%1\" gives %2, and the teacher's \"%3\" %4: features compare between vectors, or "
                       "images of one height and width")},
    {QT_TRANSLATE_NOOP("Core", "a student of its own begins with first values anyway; leave one out")},
    {QT_TRANSLATE_NOOP("Core", "compares \"%1\" needs student_layer and teacher_layer")},
    {QT_TRANSLATE_NOOP("Core", "it takes samples of %1, and the model beside it %2")},
    {QT_TRANSLATE_NOOP("Core",
                       "mixed-precision needs training samples to measure layers by, and there are none")},
    {QT_TRANSLATE_NOOP("Core", "prune-snip needs training samples for the gradient, and there are none")},
    {QT_TRANSLATE_NOOP("Core", "the model has no loss, expected a whole model")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "layer \"%1\": its weight lies on a grid of %2 bits, and what rounding it costs cannot be measured "
        "any more; choose other layers, or let mixed-precision come before the step that made it so")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": its weight has few values that weights share, and what rounding it "
                       "costs cannot be measured any more; choose other layers, or let mixed-precision come "
                       "before the step that made it so")},
    {QT_TRANSLATE_NOOP("Core",
                       "layer \"%1\": element %2 of its weight was %3 and is %4, expected numbers of which "
                       "one can take the square; the training has diverged, lower the learning rate")},
    {QT_TRANSLATE_NOOP("Core", "layer \"%1\": none of its %2 channels is kept, expected at least one")},
    {QT_TRANSLATE_NOOP("Core", "layer \"%1\": its %2 was there at first, and is gone; %3"), "3"},
    {QT_TRANSLATE_NOOP("Core", "layer \"%1\": its %2 is %3 now, and was %4 at first; %5"), "5"},
    {QT_TRANSLATE_NOOP("Core", "layer \"%1\": its %2 is %3 now, and was not there at first; %4"), "4"},
    {QT_TRANSLATE_NOOP("Core", "put %1 before the step that changes layers")},
    {QT_TRANSLATE_NOOP("Core",
                       "let a retrain step come between the step that changed it and prune-movement")},
    {QT_TRANSLATE_NOOP(
        "Core", "\"%1\" was compressed already: two that learn together both begin with first values")},
    {QT_TRANSLATE_NOOP("Core", "at byte %1: found %2 x %3 pixels, expected at most %4")},
    {QT_TRANSLATE_NOOP("Core", "at byte %1: expected a PNG signature")},
    {QT_TRANSLATE_NOOP("Core", "at byte %1: cut short, expected another PNG chunk")},
    {QT_TRANSLATE_NOOP("Core", "at byte %1: found a PNG chunk whose CRC-32 does not match")},
    {QT_TRANSLATE_NOOP("Core", "at byte 4: found %1 labels, expected %2, one for each sample of %3")},
    {QT_TRANSLATE_NOOP(
        "Core",
        "at byte 2: found element type 0x0c, expected samples of bytes (0x08) or 32-bit floats (0x0d)")},
    {QT_TRANSLATE_NOOP("Core", "at byte %1 of the compressed file: %2; expected whole gzip data"), "2"},
    {QT_TRANSLATE_NOOP("Core", "it ends too early")},
    {QT_TRANSLATE_NOOP("Core", "found a class that %1 does not have: %2")},
    {QT_TRANSLATE_NOOP(
        "Core", "field %1: found a quote within an unquoted field, expected the whole field in quotes")},
    {QT_TRANSLATE_NOOP("Core", "found a quote that is never closed")},
    {QT_TRANSLATE_NOOP("Core", "found text after a closing quote, expected a comma or the end of the line")},
};

}  // namespace

std::span<const Sentence> partSentences() { return kPartSentences; }

}  // namespace concertina::ui
