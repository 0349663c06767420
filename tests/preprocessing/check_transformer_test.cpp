// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/core/random.hpp>
#include <foretell/io/registry.hpp>
#include <foretell/preprocessing/binarizer.hpp>
#include <foretell/preprocessing/calendar_encoder.hpp>
#include <foretell/preprocessing/column_transformer.hpp>
#include <foretell/preprocessing/count_encoder.hpp>
#include <foretell/preprocessing/function_transformer.hpp>
#include <foretell/preprocessing/hashing_encoder.hpp>
#include <foretell/preprocessing/kbins_discretizer.hpp>
#include <foretell/preprocessing/knn_imputer.hpp>
#include <foretell/preprocessing/max_abs_scaler.hpp>
#include <foretell/preprocessing/min_max_scaler.hpp>
#include <foretell/preprocessing/normalizer.hpp>
#include <foretell/preprocessing/one_hot_encoder.hpp>
#include <foretell/preprocessing/ordinal_encoder.hpp>
#include <foretell/preprocessing/passthrough.hpp>
#include <foretell/preprocessing/pca.hpp>
#include <foretell/preprocessing/pipeline.hpp>
#include <foretell/preprocessing/polynomial_features.hpp>
#include <foretell/preprocessing/power_transformer.hpp>
#include <foretell/preprocessing/quantile_transformer.hpp>
#include <foretell/preprocessing/rare_category_grouper.hpp>
#include <foretell/preprocessing/robust_scaler.hpp>
#include <foretell/preprocessing/select_k_best.hpp>
#include <foretell/preprocessing/simple_imputer.hpp>
#include <foretell/preprocessing/smooth_clipper.hpp>
#include <foretell/preprocessing/standard_scaler.hpp>
#include <foretell/preprocessing/target_encoder.hpp>
#include <foretell/preprocessing/variance_threshold.hpp>
#include <foretell/preprocessing/winsorizer.hpp>
#include <foretell/testing/check_transformer.hpp>
#include <string>
#include <vector>

using namespace foretell;

long allocations_so_far();

void allocate_twice() {
  for (std::size_t size : {3u, 4u}) Arena<double> memory(size);
}

namespace {

const testing::CheckTransformerOptions counting{.allocations = &allocations_so_far},
    lossy{.allocations = &allocations_so_far, .lossy_inverse = true};

/// A target of 0, 1, ... classes - 1, or of numbers when there are none.
testing::CheckTransformerOptions supervised(std::size_t rows, std::size_t classes) {
  testing::CheckTransformerOptions options = lossy;
  const Random random(12);
  for (std::size_t r = 0; r < rows; ++r)
    options.target.push_back(classes ? static_cast<double>(random.below(r, classes)) : random.normal(r));
  if (classes) options.target[0] = 0, options.target[1] = 1;  // two rows, two classes
  return options;
}

Table numbers(std::size_t rows) {
  const Random random(9);
  Table table;
  for (std::size_t c = 0; c < 5; ++c) {
    std::vector<double> values(rows);
    for (std::size_t r = 0; r < rows; ++r)
      values[r] = c == 3 || random.stream(c).uniform(r) < 0.1 ? missing_cell : random.stream(c).normal(r) * 3 + 1;
    table.add(text("n", c), std::move(values));
  }
  return table.add("flag", Column::from_booleans(std::vector<std::int8_t>(rows, 1), "no", "yes"));
}

Table categories(std::size_t rows) {
  const Random random(10);
  std::vector<std::int32_t> few(rows), many(rows);
  std::vector<double> ids(rows);
  std::vector<std::int8_t> flags(rows);
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) names.push_back(text("value ", i));
  for (std::size_t r = 0; r < rows; ++r) {
    few[r] = static_cast<std::int32_t>(random.stream(0).below(r, 4)) - 1;
    many[r] = static_cast<std::int32_t>(random.stream(1).below(r, 200));
    ids[r] = static_cast<double>(random.stream(2).below(r, 20));
    flags[r] = static_cast<std::int8_t>(random.stream(3).below(r, 3)) - 1;
  }
  return Table{{"few", Column::from_codes(few, {"x", "y", "z"})},
               {"many", Column::from_codes(many, names)},
               {"id", Column(ids)},
               {"flag", Column::from_booleans(flags)}};
}

/// Written as a user would: no base class, no registration.
struct Logarithm {
  static constexpr std::string_view type = "test.Logarithm";
  double shift = 1;

  Schema learn(const Frame& x) { return Schema(x.schema().names()); }
  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) out(r, c) = std::log(shift + std::abs(in(r, c)));
  }
  void fields(auto&& f) { f("shift", shift); }
};

/// A function of a user's own, with an option and a way back.
struct SignedPower {
  static constexpr std::string_view type = "test.SignedPower";
  double exponent = 3;
  double operator()(double x) const { return std::copysign(std::pow(std::abs(x), exponent), x); }
  double inverse(double y) const { return std::copysign(std::pow(std::abs(y), 1 / exponent), y); }
  void fields(auto&& f) { f("exponent", exponent); }
};

enum class Fault {
  none,
  couples_rows,
  leaves_cells,
  remembers,
  forgets_field,
  allocates,
  writes_past,
  wrong_inverse,
  wrong_parts
};

/// The largest value of the column, kept in each way that the contract forbids.
struct Faulty {
  static constexpr std::string_view type = "test.Faulty";
  Fault fault = Fault::none;
  std::vector<double> most;

  Schema learn(const Frame& x) {
    if (fault != Fault::remembers || most.empty()) most.assign(x.columns(), 0);
    for_each_block(x, [&](Block block) {
      for (std::size_t r = 0; r < block.rows; ++r)
        for (std::size_t c = 0; c < block.columns; ++c)
          most[c] = fault == Fault::remembers ? most[c] + 1 : std::fmax(most[c], block(r, c));
    });
    return Schema(x.schema().names());
  }
  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = fault == Fault::leaves_cells; c < in.columns; ++c)
        out(r, c) = in(r, c) / (c < most.size() ? most[c] : 1) +
                    (fault == Fault::couples_rows ? static_cast<double>(in.rows) : 0);
    if (fault == Fault::allocates) std::vector<double>(in.rows + 1).swap(const_cast<std::vector<double>&>(sink));
    if (fault == Fault::writes_past && in.rows) out.row(in.rows - 1)[in.columns] = 0;
  }
  void learn_more(const Frame& x) {
    const std::vector<double> before = most;
    learn(x);
    for (std::size_t c = 0; fault != Fault::wrong_parts && c < most.size(); ++c)
      most[c] = std::fmax(most[c], before[c]);
  }
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c)
        in(r, c) = fault == Fault::wrong_inverse ? out(r, c) : out(r, c) * most[c];
  }
  void fields(auto&& f) {
    if (fault != Fault::forgets_field) f("most", most);
  }
  std::vector<double> sink{};
};

}  // namespace

TEST_CASE("check_transformer: every number transformer keeps the contract") {
  for (const std::size_t rows : {2u, 37u, 300u}) {
    const Table table = numbers(rows);
    for (const auto& t : std::vector<Transformer<float>>{
             StandardScaler<float>(), StandardScaler<float>({.with_mean = false}),
             StandardScaler<float>({.with_std = false}), MinMaxScaler<float>(),
             MinMaxScaler<float>({.low = -1, .high = 1, .clip = true}), SimpleImputer<float>(),
             SimpleImputer<float>({.strategy = Impute::median, .add_indicator = true}),
             SimpleImputer<float>({.strategy = Impute::most_frequent}),
             SimpleImputer<float>({.strategy = Impute::constant, .fill_value = 3}), Passthrough<float>(),
             make_pipeline<float>(SimpleImputer<float>(), StandardScaler<float>()), Logarithm(),
             make_pipeline<float>(Logarithm(), StandardScaler<float>())})
      CHECK_NOTHROW(testing::check_transformer(t, table, counting));
  }
}

TEST_CASE("check_transformer: every category transformer keeps the contract") {
  for (const std::size_t rows : {2u, 37u, 400u}) {
    const Table table = categories(rows);
    for (const auto& t : std::vector<Transformer<double>>{
             CountEncoder<double>(), CountEncoder<double>({.normalize = true}), HashingEncoder<double>(),
             HashingEncoder<double>({.n_features = 3, .alternate_sign = false}), RareCategoryGrouper<double>(),
             make_pipeline<double>(RareCategoryGrouper<double>({.min_frequency = 5}), OneHotEncoder<double>()),
             OneHotEncoder<double>(), OneHotEncoder<double>({.handle_unknown = Unknown::error}),
             OneHotEncoder<double>({.drop = Drop::first}),
             OneHotEncoder<double>({.handle_unknown = Unknown::infrequent,
             .drop = Drop::if_binary,
             .min_frequency = 2,
             .max_categories = 10}),
             OrdinalEncoder<double>(),
             OrdinalEncoder<double>({.unknown_value = -1, .missing_value = -2, .max_categories = 5}),
             SimpleImputer<double>({.strategy = Impute::most_frequent, .add_indicator = true}),
             SimpleImputer<double>({.strategy = Impute::constant, .fill_text = "none"}),
             make_pipeline<double>(SimpleImputer<double>({.strategy = Impute::constant}), OneHotEncoder<double>()),
             make_pipeline<double>(OrdinalEncoder<double>(), MinMaxScaler<double>())})
      CHECK_NOTHROW(testing::check_transformer(t, table, lossy));
    for (const auto& t :
         std::vector<Transformer<double>>{OneHotEncoder<double>(), OrdinalEncoder<double>(),
                                          make_pipeline<double>(OrdinalEncoder<double>(), MinMaxScaler<double>())})
      CHECK_NOTHROW(testing::check_transformer(t, table, counting));
  }
}

TEST_CASE("check_transformer: every scaler, bin and function keeps the contract") {
  for (const std::size_t rows : {2u, 37u, 300u}) {
    const Table table = numbers(rows);
    for (const auto& t : std::vector<Transformer<double>>{
             MaxAbsScaler<double>(),
             RobustScaler<double>(),
             RobustScaler<double>({.with_centering = false, .low = 0.1, .high = 0.8, .unit_variance = true}),
             QuantileTransformer<double>(),
             QuantileTransformer<double>({.n_quantiles = 7}),
             QuantileTransformer<double>({.n_quantiles = 100, .output = OutputDistribution::normal}),
             PowerTransformer<double>(),
             PowerTransformer<double>({.standardize = false}),
             Normalizer<double>(),
             Normalizer<double>({.norm = RowNorm::l1}),
             Normalizer<double>({.norm = RowNorm::max}),
             Binarizer<double>(),
             SmoothClipper<double>({.limit = 2}),
             KBinsDiscretizer<double>(),
             KBinsDiscretizer<double>({.encode = BinCode::ordinal}),
             KBinsDiscretizer<double>({.n_bins = 3, .strategy = Bins::uniform}),
             KBinsDiscretizer<double>({.n_bins = 4, .encode = BinCode::ordinal, .strategy = Bins::kmeans}),
             PolynomialFeatures<double>(),
             PolynomialFeatures<double>({.degree = 3, .interaction_only = true, .include_bias = false}),
             FunctionTransformer<double>(),
             FunctionTransformer<double>({.function = CellFunction::cbrt}),
             FunctorTransformer<SignedPower, double>(),
             Winsorizer<double>(),
             Winsorizer<double>({.fence = Fence::iqr}),
             CalendarEncoder<double>(),
             CalendarEncoder<double>({.parts = {CalendarPart::year}, .utc_offset = -5}),
             CyclicalEncoder<double>({.period = 7}),
             KNNImputer<double>(),
             KNNImputer<double>({.n_neighbors = 2, .weights = NeighborWeights::distance, .add_indicator = true}),
             make_pipeline<double>(KNNImputer<double>(), PCA<double>({.whiten = true})),
             make_pipeline<double>(SimpleImputer<double>(), PCA<double>({.n_components = 0.5})),
             make_pipeline<double>(SimpleImputer<double>(), TruncatedSVD<double>())})
      CHECK_NOTHROW(testing::check_transformer(t, table, lossy));
    if (rows > 2)
      CHECK_NOTHROW(testing::check_transformer(Transformer<double>(VarianceThreshold<double>()), table, counting));
  }
}

TEST_CASE("check_transformer: every supervised transformer keeps the contract, also in a pipeline") {
  for (const std::size_t rows : {2u, 37u, 300u}) {
    const Table kinds = categories(rows), table = numbers(rows);
    for (const std::size_t classes : {0u, 2u, 4u})
      for (const auto& t : std::vector<Transformer<double>>{
               TargetEncoder<double>(), TargetEncoder<double>({.smooth = 5, .cv = 3, .shuffle = false}),
               make_pipeline<double>(TargetEncoder<double>(), StandardScaler<double>()),
               ColumnTransformer<double>{{"a", TargetEncoder<double>(), {"few", "many"}},
                                         {"b", OneHotEncoder<double>(), {"flag"}}}})
        CHECK_NOTHROW(testing::check_transformer(t, t.type() == "ColumnTransformer" ? kinds.drop("id") : kinds,
                                                 supervised(rows, classes)));
    if (rows == 2) continue;
    for (const FeatureScore score : {FeatureScore::f_classif, FeatureScore::f_regression,
                                     FeatureScore::mutual_info_classif, FeatureScore::mutual_info_regression})
      CHECK_NOTHROW(testing::check_transformer(Transformer<double>(SelectKBest<double>({.score = score, .k = 2})),
                                               table, supervised(rows, 3)));
  }
}

TEST_CASE("check_transformer: columns in branches, with a remainder and nested, keep the contract") {
  Table table = categories(100);
  for (const Column& column : numbers(100))
    if (column.name() != "flag") table.add(column.name(), column);
  const ColumnTransformer<float> inner{{"a", StandardScaler<float>(), {"n2", "n0"}},
                                       {"b", OneHotEncoder<float>(), {"id"}}};
  for (const auto& t :
       std::vector<Transformer<float>>{inner,
                                       ColumnTransformer<float>({{"kinds", OneHotEncoder<float>(), {"few", "many"}}},
                                                                {.remainder = Remainder::passthrough}),
                                       ColumnTransformer<float>{{"inner", inner, {"id", "n0", "n1", "n2"}},
                                                                {"again", OrdinalEncoder<float>(), {"id", "flag"}}},
                                       make_pipeline<float>(inner, MinMaxScaler<float>())})
    CHECK_NOTHROW(testing::check_transformer(t, table, counting));
}

TEST_CASE("check_transformer: transformers of a user's own are stored in pipelines through the registry") {
  Registry<double> registry;
  registry.add<Logarithm, FunctorTransformer<SignedPower, double>, StandardScaler<double>, Pipeline<double>>();
  testing::CheckTransformerOptions options = counting;
  options.factory = &registry;
  CHECK_NOTHROW(testing::check_transformer(
      Transformer<double>(make_pipeline<double>(FunctorTransformer<SignedPower, double>(), StandardScaler<double>())),
      numbers(40), options));
  CHECK_NOTHROW(testing::check_transformer(
      Transformer<double>(make_pipeline<double>(Logarithm(), StandardScaler<double>())), numbers(40), options));
}

TEST_CASE("check_transformer: broken transformers are found") {
  const Table table = numbers(20).select({"n0", "n1"});
  const auto found = [&](Fault fault, const char* part) {
    try {
      testing::check_transformer(Transformer<double>(Faulty{fault, {}}), table, counting);
      FAIL("not found: ", part);
    } catch (const testing::ContractError& error) {
      CHECK_MESSAGE(std::string(error.what()).find(part) != std::string::npos, error.what());
    }
  };
  CHECK_NOTHROW(testing::check_transformer(Transformer<double>(Faulty{}), table, counting));
  found(Fault::couples_rows, "row 0 alone");
  found(Fault::leaves_cells, "every output to be assigned");
  found(Fault::remembers, "fit to forget");
  found(Fault::forgets_field, "restored");
  found(Fault::allocates, "no allocation");
  found(Fault::writes_past, "stay inside its block");
  found(Fault::wrong_inverse, "after the way back");
  found(Fault::wrong_parts, "partial_fit over parts");
}
