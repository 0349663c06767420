// SPDX-License-Identifier: BSD-3-Clause
// Classes of texts: TF-IDF of words and of letters, and a softmax over the sparse matrix; saved and asked as one file.
// Prints: accuracy on 500 other texts: 0\.9
//   05_texts                               questions that are made up here
//   05_texts TRAIN.csv TEST.csv TEXT LABEL   files of your own
#include <algorithm>
#include <cstdio>
#include <foretell/foretell.hpp>

namespace ft = foretell;

namespace {

/// Questions to a shop, each of one of four intents, in words drawn at random.
ft::Table questions(std::size_t rows, std::uint64_t seed) {
  const std::vector<std::vector<std::string>> words{{"where", "is", "my", "parcel", "tracking", "delivery", "late"},
                                                    {"return", "refund", "money", "back", "broken", "wrong", "size"},
                                                    {"pay", "card", "declined", "invoice", "voucher", "price"},
                                                    {"password", "login", "account", "delete", "email", "change"}};
  const std::vector<std::string> fillers{"please", "hello", "the", "order", "i", "can", "you", "help", "with", "my"};
  const std::vector<std::string> intents{"delivery", "refund", "payment", "account"};
  const ft::Random random(seed);
  std::vector<std::string> texts, labels;
  std::uint64_t draw = 0;
  const auto pick = [&](const auto& list) {
    return list[static_cast<std::size_t>(random.uniform(draw++) * static_cast<double>(list.size()))];
  };
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t intent = static_cast<std::size_t>(random.uniform(draw++) * 4);
    std::string text;
    for (int w = 0; w < 8; ++w) text += (random.uniform(draw++) < 0.3 ? pick(words[intent]) : pick(fillers)) + " ";
    texts.push_back(text);
    labels.push_back(intents[intent]);
  }
  return ft::Table{{"text", texts}, {"intent", labels}};
}

}  // namespace

int main(int count, char** arguments) {
  const bool own = count >= 5;
  const std::string text = own ? arguments[3] : "text", label = own ? arguments[4] : "intent";
  const ft::CsvOptions csv{.delimiter = '\0', .dtypes = {{text, ft::Kind::category}, {label, ft::Kind::category}}};
  const ft::Table train = own ? ft::read_csv(arguments[1], csv) : questions(2000, 1),
                  test = own ? ft::read_csv(arguments[2], csv) : questions(500, 2);

  // Words, of which ideographs are one each, and runs of letters within words, which see through endings and typos.
  ft::TfidfVectorizer<float> words({.tokenizer = {.ngram_range = {1, 2}, .min_letters = 1, .split_cjk = true}},
                                   {.sublinear_tf = true});
  ft::TfidfVectorizer<float> letters(
      {.tokenizer = {.analyzer = ft::Analyzer::character_wb, .ngram_range = {2, 4}}, .min_df = 2},
      {.sublinear_tf = true});
  using Matrix = ft::SparseMatrix<float>;
  const Matrix x = Matrix::hstack(words.fit_transform(train.column(text)), letters.fit_transform(train.column(text))),
               x_test = Matrix::hstack(words.transform(test.column(text)), letters.transform(test.column(text)));
  ft::LabelEncoder<float> labels;
  const auto y = labels.fit_transform(train.column(label)), y_test = labels.transform(test.column(label));
  const std::size_t classes = labels.classes().size();

  ft::Sequential<float> model{
      ft::SparseDense(x.columns(), classes, {.activation = ft::softmax, .kernel_initializer = ft::Zeros()})};
  model.compile(ft::Adam({.learning_rate = 0.005}), ft::SparseCategoricalCrossentropy(),
                {ft::SparseCategoricalAccuracy()});
  model.fit(x, y, {.batch_size = 64, .epochs = 6, .seed = 1, .verbose = 0});
  const ft::Scores scores = model.evaluate(x_test, y_test);
  std::printf("%zu texts, %zu tokens, %zu classes\n", x.rows(), x.columns(), classes);
  std::printf("accuracy on %zu other texts: %.4f\n", x_test.rows(), scores["sparse_categorical_accuracy"]);

  // One file: the network and what makes its rows and names its answers. A service needs nothing else.
  ft::save("intents.safetensors", model, {{"words", words}, {"letters", letters}, {"labels", labels}});
  const auto bundle = ft::load<float>("intents.safetensors");
  const auto served_words = bundle.part<ft::TfidfVectorizer<float>>("words");
  const auto served_letters = bundle.part<ft::TfidfVectorizer<float>>("letters");
  const std::vector<std::string> asked{std::string(test.column(text).text(0))};
  const std::vector<float> answer =
      bundle.predict(Matrix::hstack(served_words.transform(asked), served_letters.transform(asked)));
  const auto best = static_cast<std::size_t>(std::max_element(answer.begin(), answer.end()) - answer.begin());
  std::printf("\"%s\": %s, %.2f\n", asked[0].c_str(),
              bundle.part<ft::LabelEncoder<float>>("labels").classes()[best].c_str(), answer[best]);

  // Texts as a column beside others: a row of the table is a row of the model.
  // [text columns]
  const ft::Table meals{{"review", {"good soup", "cold soup", "good bread"}}, {"price", {12.5, 7.0, 9.0}}};
  ft::ColumnTransformer<float> columns{{"words", ft::TfidfVectorizer<float>(), {"review"}},
                                       {"numbers", ft::StandardScaler<float>(), {"price"}}};
  columns.fit(meals);
  const Matrix features = columns.transform_sparse(meals);  // or transform, for an array
  // [text columns]
  std::printf("%zu features, the last is %s\n", features.columns(), columns.get_feature_names_out().back().c_str());
  return scores["sparse_categorical_accuracy"] > 0.8 ? 0 : 1;
}
