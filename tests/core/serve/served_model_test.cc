// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_model_test.cc: a file is told as what it is, a request is checked before one of its bytes is used,
// and the answer is the runtime's.
#include "core/serve/served_model.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <limits>

#include "core/edge/sha256.h"
#include "tests/core/serve/small_model.h"
#include "tests/test_program.h"

namespace concertina::served_model_test {
namespace {

std::string FloatBytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

proto::ClassifyRequest Request(const std::vector<float>& values, int64_t count) {
  proto::ClassifyRequest request;
  request.set_encoding(proto::ClassifyRequest::FLOATS);
  request.set_sample_count(count);
  request.set_samples(FloatBytes(values));
  return request;
}

absl::Status Always() { return absl::OkStatus(); }

}  // namespace

class ServedModelTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    path_ = WriteBrightestPixel(folder_.filePath("model.edge"));
    QVERIFY(!path_.empty());
    auto served = LoadServedModel(path_, 2);
    QVERIFY2(served.ok(), qPrintable(MessageOf(served.status())));
    served_ = *std::move(served);
  }

  // What one call may bring is bounded, and the client takes as much.
  void theLongestReplyIsWithinItsBound() {
    constexpr int64_t kClasses = 70'000;
    auto wide = LoadServedModel(WriteWide(folder_.filePath("wide.edge"), kClasses), 1);
    QVERIFY2(wide.ok(), qPrintable(MessageOf(wide.status())));
    QVERIFY(wide->description.most_samples() >= 1);
    QVERIFY(wide->description.most_samples() * kClasses <= kMostClasses);
    proto::ClassifyRequest request = Request({0.0F, 0.5F}, 2);
    request.set_top(kClasses);
    request.set_logits(true);
    proto::ClassifyReply reply;
    QVERIFY(CheckClassifyRequest(wide->description, request).ok());
    QVERIFY(AnswerRequest(*wide->runtimes[0], request, Always, reply).ok());
    const auto bytes = static_cast<int64_t>(reply.ByteSizeLong());
    QVERIFY(bytes <= 2 * (kClasses * kReplyBytesOfAClass + kReplyBytesOfASample));
    QVERIFY(bytes > 2 * kClasses * (kReplyBytesOfAClass - 3));  // and the bound is near
    QVERIFY(kMostSamplesOfACall * 65'536 * kReplyBytesOfAClass <= kMostReplyBytes);
  }

  void itIsToldAsWhatItIs() {
    const proto::ModelDescription& told = served_.description;
    QCOMPARE(told.name(), std::string("brightest"));
    QCOMPARE(std::vector<int64_t>(told.sample_shape().begin(), told.sample_shape().end()),
             (std::vector<int64_t>{1, 2, 2}));
    QCOMPARE(told.classes(), int64_t{4});
    QCOMPARE(static_cast<qint64>(told.file_bytes()), QFileInfo(QString::fromStdString(path_)).size());
    QCOMPARE(told.file_sha256(), *Sha256OfFile(path_));
    QCOMPARE(told.most_samples(), kMostSamplesOfACall);
    QCOMPARE(told.threads(), 2);
    QCOMPARE(served_.runtimes.size(), size_t{2});
    QVERIFY(!told.preprocessing().empty());
    QVERIFY(MostRequestBytes(told) >= kMostSamplesOfACall * 4 * 4);
  }

  void whatIsNoModelIsNotServed_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<int>("code");
    QTest::newRow("not there") << "missing" << static_cast<int>(absl::StatusCode::kNotFound);
    QTest::newRow("a folder") << "folder" << static_cast<int>(absl::StatusCode::kInvalidArgument);
    QTest::newRow("something else") << "text" << static_cast<int>(absl::StatusCode::kDataLoss);
    QTest::newRow("empty") << "empty" << static_cast<int>(absl::StatusCode::kDataLoss);
    QTest::newRow("cut off") << "cut" << static_cast<int>(absl::StatusCode::kDataLoss);
    QTest::newRow("nothing in it") << "hollow" << static_cast<int>(absl::StatusCode::kInvalidArgument);
  }
  void whatIsNoModelIsNotServed() {
    QFETCH(QString, what);
    QFETCH(int, code);
    const std::string path = folder_.filePath(what).toStdString();
    if (what == "folder") QVERIFY(QDir().mkpath(folder_.filePath(what)));
    if (what == "text") QVERIFY(WriteFileAtomically(path, "a table of figures, and no model").ok());
    if (what == "empty") QVERIFY(WriteFileAtomically(path, "").ok());
    if (what == "cut") {
      const std::string whole = *ReadFile(path_, 1 << 20);
      QVERIFY(WriteFileAtomically(path, whole.substr(0, whole.size() - 9)).ok());
    }
    if (what == "hollow") {
      const auto bytes = WriteModel(Graph(), {});
      QVERIFY(bytes.ok() && WriteFileAtomically(path, *bytes).ok());
    }
    const auto served = LoadServedModel(path, 1);
    QVERIFY2(static_cast<int>(served.status().code()) == code, qPrintable(MessageOf(served.status())));
    QVERIFY2(MessageOf(served.status()).contains("--to edge"), qPrintable(MessageOf(served.status())));
    QVERIFY(MessageOf(served.status()).contains(QString::fromStdString(path)));
  }

  void aRequestIsCheckedBeforeItIsUsed_data() {
    QTest::addColumn<int>("encoding");
    QTest::addColumn<qint64>("count");
    QTest::addColumn<qint64>("bytes");
    QTest::addColumn<qint64>("top");
    QTest::addColumn<QString>("complaint");  // "": none
    const int floats = proto::ClassifyRequest::FLOATS, pixels = proto::ClassifyRequest::PIXELS;
    QTest::newRow("one sample") << floats << qint64{1} << qint64{16} << qint64{0} << "";
    QTest::newRow("a byte a pixel") << pixels << qint64{3} << qint64{12} << qint64{9} << "";
    QTest::newRow("as many as may be") << pixels << qint64{256} << qint64{1024} << qint64{0} << "";
    QTest::newRow("one more") << pixels << qint64{257} << qint64{1028} << qint64{0} << "sample_count";
    QTest::newRow("no encoding") << 0 << qint64{1} << qint64{16} << qint64{0} << "encoding";
    QTest::newRow("an unknown encoding") << 7 << qint64{1} << qint64{16} << qint64{0} << "encoding";
    QTest::newRow("none") << floats << qint64{0} << qint64{0} << qint64{0} << "sample_count";
    QTest::newRow("less than none") << floats << qint64{-1} << qint64{16} << qint64{0} << "sample_count";
    QTest::newRow("more than can be counted")
        << floats << std::numeric_limits<qint64>::max() << qint64{16} << qint64{0} << "sample_count";
    QTest::newRow("a byte too few") << floats << qint64{2} << qint64{31} << qint64{0} << "expected 32";
    QTest::newRow("a byte too many") << floats << qint64{2} << qint64{33} << qint64{0} << "expected 32";
    QTest::newRow("of another shape") << floats << qint64{1} << qint64{36} << qint64{0} << "1x2x2";
    QTest::newRow("floats as pixels") << pixels << qint64{1} << qint64{16} << qint64{0} << "expected 4";
    QTest::newRow("fewer than no classes") << floats << qint64{1} << qint64{16} << qint64{-1} << "top";
  }
  void aRequestIsCheckedBeforeItIsUsed() {
    QFETCH(int, encoding);
    QFETCH(qint64, count);
    QFETCH(qint64, bytes);
    QFETCH(qint64, top);
    QFETCH(QString, complaint);
    proto::ClassifyRequest request;
    request.set_encoding(static_cast<proto::ClassifyRequest::Encoding>(encoding));
    request.set_sample_count(count);
    request.set_samples(std::string(static_cast<size_t>(bytes), '\0'));
    request.set_top(top);
    const absl::Status checked = CheckClassifyRequest(served_.description, request);
    QVERIFY2(checked.ok() == complaint.isEmpty(), qPrintable(MessageOf(checked)));
    QVERIFY2(MessageOf(checked).contains(complaint), qPrintable(MessageOf(checked)));
    if (!checked.ok()) QCOMPARE(checked.code(), absl::StatusCode::kInvalidArgument);
  }

  void anElementThatIsNoNumberIsNamed() {
    for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
      const absl::Status checked =
          CheckClassifyRequest(served_.description, Request({0, 0, 0, 0, 0, bad, 0, 0}, 2));
      QVERIFY(absl::IsInvalidArgument(checked));
      QVERIFY2(MessageOf(checked).contains("element 1 of sample 1"), qPrintable(MessageOf(checked)));
    }
  }

  void theLikeliestComeFirst() {
    proto::ClassifyRequest request = Request({0, 0, 1, 0.5F, 0.25F, 0.25F, 0, 0}, 2);
    request.set_top(3);
    request.set_logits(true);
    proto::ClassifyReply reply;
    QVERIFY(AnswerRequest(*served_.runtimes[0], request, Always, reply).ok());
    QCOMPARE(reply.samples_size(), 2);
    const proto::ClassifiedSample& first = reply.samples(0);
    QCOMPARE(first.scores_size(), 3);
    QCOMPARE(first.scores(0).class_index(), int64_t{2});
    QCOMPARE(first.scores(1).class_index(), int64_t{3});
    QCOMPARE(first.scores(2).class_index(), int64_t{0});
    // Softmax of (0, 0, 10, 5).
    const double sum = std::exp(10.0) + std::exp(5.0) + 2;
    QVERIFY(std::abs(first.scores(0).probability() - std::exp(10.0) / sum) < 1e-9);
    QVERIFY(std::abs(first.scores(1).probability() - std::exp(5.0) / sum) < 1e-9);
    QCOMPARE(first.logits_size(), 4);
    QCOMPARE(first.logits(2), 10.0F);
    QVERIFY(first.model_seconds() >= 0);
    QCOMPARE(reply.samples(1).scores(0).class_index(), int64_t{0});  // ties go to the lower index
  }

  void aByteIsAPixel() {
    proto::ClassifyRequest request;
    request.set_encoding(proto::ClassifyRequest::PIXELS);
    request.set_sample_count(1);
    request.set_samples(std::string("\x00\xff\x33\x00", 4));
    request.set_logits(true);
    QVERIFY(CheckClassifyRequest(served_.description, request).ok());
    proto::ClassifyReply reply;
    QVERIFY(AnswerRequest(*served_.runtimes[0], request, Always, reply).ok());
    QCOMPARE(reply.samples(0).scores_size(), 1);  // without being asked for more
    QCOMPARE(reply.samples(0).scores(0).class_index(), int64_t{1});
    QCOMPARE(reply.samples(0).logits(1), 10.0F);
    QVERIFY(std::abs(reply.samples(0).logits(2) - 2.0F) < 1e-5F);
  }

  void itEndsBetweenTwoSamples() {
    int asked = 0;
    proto::ClassifyReply reply;
    const absl::Status status = AnswerRequest(
        *served_.runtimes[0], Request(std::vector<float>(16), 4),
        [&]() -> absl::Status { return ++asked > 2 ? absl::CancelledError("gone") : absl::OkStatus(); },
        reply);
    QVERIFY(absl::IsCancelled(status));
    QCOMPARE(reply.samples_size(), 2);
  }

  void anAnswerThatIsNoNumberIsAnError() {
    const float most = std::numeric_limits<float>::max();
    proto::ClassifyReply reply;
    const absl::Status status =
        AnswerRequest(*served_.runtimes[0], Request({most, 0, 0, 0}, 1), Always, reply);
    QVERIFY(absl::IsOutOfRange(status));
    QVERIFY2(MessageOf(status).contains("sample 0"), qPrintable(MessageOf(status)));
  }

 private:
  QTemporaryDir folder_;
  std::string path_;
  ServedModel served_;
};

CONCERTINA_TEST(ServedModelTest)

}  // namespace concertina::served_model_test

#include "served_model_test.moc"
