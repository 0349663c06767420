// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The built-in parts, each named once: for the registry and for the explicit instantiations. X(name, ...) is called for
// each. Layers and transformers are templates of the scalar type, the others serve every scalar.

#define FORETELL_LAYER_TYPES(X, ...) \
  X(Activation, __VA_ARGS__) \
  X(Add, __VA_ARGS__) \
  X(BatchNormalization, __VA_ARGS__) \
  X(Concatenate, __VA_ARGS__) \
  X(Dense, __VA_ARGS__) \
  X(Dropout, __VA_ARGS__) \
  X(Flatten, __VA_ARGS__) \
  X(Input, __VA_ARGS__) \
  X(LayerNormalization, __VA_ARGS__) \
  X(Reshape, __VA_ARGS__)

#define FORETELL_TRANSFORMER_TYPES(X, ...) \
  X(Binarizer, __VA_ARGS__) \
  X(CalendarEncoder, __VA_ARGS__) \
  X(ColumnTransformer, __VA_ARGS__) \
  X(CountEncoder, __VA_ARGS__) \
  X(CyclicalEncoder, __VA_ARGS__) \
  X(FunctionTransformer, __VA_ARGS__) \
  X(HashingEncoder, __VA_ARGS__) \
  X(KBinsDiscretizer, __VA_ARGS__) \
  X(KNNImputer, __VA_ARGS__) \
  X(MaxAbsScaler, __VA_ARGS__) \
  X(MinMaxScaler, __VA_ARGS__) \
  X(Normalizer, __VA_ARGS__) \
  X(OneHotEncoder, __VA_ARGS__) \
  X(OrdinalEncoder, __VA_ARGS__) \
  X(Passthrough, __VA_ARGS__) \
  X(PCA, __VA_ARGS__) \
  X(Pipeline, __VA_ARGS__) \
  X(PolynomialFeatures, __VA_ARGS__) \
  X(PowerTransformer, __VA_ARGS__) \
  X(QuantileTransformer, __VA_ARGS__) \
  X(RareCategoryGrouper, __VA_ARGS__) \
  X(RobustScaler, __VA_ARGS__) \
  X(SelectKBest, __VA_ARGS__) \
  X(SimpleImputer, __VA_ARGS__) \
  X(StandardScaler, __VA_ARGS__) \
  X(TargetEncoder, __VA_ARGS__) \
  X(TruncatedSVD, __VA_ARGS__) \
  X(VarianceThreshold, __VA_ARGS__) \
  X(Winsorizer, __VA_ARGS__)

#define FORETELL_LOSS_TYPES(X, ...) \
  X(BinaryCrossentropy, __VA_ARGS__) \
  X(CategoricalCrossentropy, __VA_ARGS__) \
  X(Huber, __VA_ARGS__) \
  X(KLDivergence, __VA_ARGS__) \
  X(LogCosh, __VA_ARGS__) \
  X(MeanAbsoluteError, __VA_ARGS__) \
  X(MeanSquaredError, __VA_ARGS__) \
  X(Poisson, __VA_ARGS__) \
  X(SparseCategoricalCrossentropy, __VA_ARGS__)

#define FORETELL_METRIC_TYPES(X, ...) \
  X(AUC, __VA_ARGS__) \
  X(BinaryAccuracy, __VA_ARGS__) \
  X(CategoricalAccuracy, __VA_ARGS__) \
  X(F1Score, __VA_ARGS__) \
  X(LogLoss, __VA_ARGS__) \
  X(Precision, __VA_ARGS__) \
  X(Recall, __VA_ARGS__) \
  X(SparseCategoricalAccuracy, __VA_ARGS__)

#define FORETELL_OPTIMIZER_TYPES(X, ...) \
  X(Adam, __VA_ARGS__) \
  X(AdamW, __VA_ARGS__) \
  X(RMSprop, __VA_ARGS__) \
  X(SGD, __VA_ARGS__)

#define FORETELL_CALLBACK_TYPES(X, ...) \
  X(EarlyStopping, __VA_ARGS__) \
  X(TerminateOnNaN, __VA_ARGS__)
