// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The built-in parts: X(name, ...) is called for each. Layers and transformers, templates of the scalar type, are all
// of them, for the registry and for the explicit instantiations; of the others, which serve every scalar, those that
// most programs use, for the explicit instantiations.

#define FORETELL_LAYER_TYPES(X, ...)      \
  X(Activation, __VA_ARGS__)              \
  X(Add, __VA_ARGS__)                     \
  X(AlphaDropout, __VA_ARGS__)            \
  X(AttentionPooling, __VA_ARGS__)        \
  X(Average, __VA_ARGS__)                 \
  X(AveragePooling1D, __VA_ARGS__)        \
  X(AveragePooling2D, __VA_ARGS__)        \
  X(BatchNormalization, __VA_ARGS__)      \
  X(Bidirectional, __VA_ARGS__)           \
  X(Concatenate, __VA_ARGS__)             \
  X(Conv1D, __VA_ARGS__)                  \
  X(Conv2D, __VA_ARGS__)                  \
  X(Cropping1D, __VA_ARGS__)              \
  X(Cross, __VA_ARGS__)                   \
  X(Dense, __VA_ARGS__)                   \
  X(DepthwiseConv1D, __VA_ARGS__)         \
  X(Dot, __VA_ARGS__)                     \
  X(Dropout, __VA_ARGS__)                 \
  X(Embedding, __VA_ARGS__)               \
  X(EmbeddingBag, __VA_ARGS__)            \
  X(FactorizationMachine, __VA_ARGS__)    \
  X(FieldEmbedding, __VA_ARGS__)          \
  X(Flatten, __VA_ARGS__)                 \
  X(GRU, __VA_ARGS__)                     \
  X(Gather, __VA_ARGS__)                  \
  X(GaussianDropout, __VA_ARGS__)         \
  X(GaussianNoise, __VA_ARGS__)           \
  X(GlobalAveragePooling1D, __VA_ARGS__)  \
  X(GlobalAveragePooling2D, __VA_ARGS__)  \
  X(GlobalMaxPooling1D, __VA_ARGS__)      \
  X(GlobalMaxPooling2D, __VA_ARGS__)      \
  X(GlobalSumPooling1D, __VA_ARGS__)      \
  X(GlobalSumPooling2D, __VA_ARGS__)      \
  X(HashedEmbedding, __VA_ARGS__)         \
  X(Input, __VA_ARGS__)                   \
  X(ItemScores, __VA_ARGS__)              \
  X(LSTM, __VA_ARGS__)                    \
  X(LayerNormalization, __VA_ARGS__)      \
  X(Masking, __VA_ARGS__)                 \
  X(MaxPooling1D, __VA_ARGS__)            \
  X(MaxPooling2D, __VA_ARGS__)            \
  X(Maximum, __VA_ARGS__)                 \
  X(Minimum, __VA_ARGS__)                 \
  X(MixtureOfExperts, __VA_ARGS__)        \
  X(MultiHeadAttention, __VA_ARGS__)      \
  X(Multiply, __VA_ARGS__)                \
  X(PReLU, __VA_ARGS__)                   \
  X(PeriodicEmbedding, __VA_ARGS__)       \
  X(Permute, __VA_ARGS__)                 \
  X(PiecewiseLinearEncoding, __VA_ARGS__) \
  X(PositionalEmbedding, __VA_ARGS__)     \
  X(RepeatVector, __VA_ARGS__)            \
  X(Reshape, __VA_ARGS__)                 \
  X(SeparableConv1D, __VA_ARGS__)         \
  X(SimpleRNN, __VA_ARGS__)               \
  X(Slice, __VA_ARGS__)                   \
  X(SparseDense, __VA_ARGS__)             \
  X(SpatialDropout1D, __VA_ARGS__)        \
  X(Subtract, __VA_ARGS__)                \
  X(SumPooling1D, __VA_ARGS__)            \
  X(SumPooling2D, __VA_ARGS__)            \
  X(TargetAttention, __VA_ARGS__)         \
  X(TimeDistributed, __VA_ARGS__)         \
  X(TransformerEncoder, __VA_ARGS__)      \
  X(UnitNormalization, __VA_ARGS__)       \
  X(UpSampling1D, __VA_ARGS__)            \
  X(ZeroPadding1D, __VA_ARGS__)

#define FORETELL_TRANSFORMER_TYPES(X, ...) \
  X(Binarizer, __VA_ARGS__)                \
  X(CalendarEncoder, __VA_ARGS__)          \
  X(ColumnTransformer, __VA_ARGS__)        \
  X(CountEncoder, __VA_ARGS__)             \
  X(CyclicalEncoder, __VA_ARGS__)          \
  X(FunctionTransformer, __VA_ARGS__)      \
  X(HashingEncoder, __VA_ARGS__)           \
  X(KBinsDiscretizer, __VA_ARGS__)         \
  X(KNNImputer, __VA_ARGS__)               \
  X(MaxAbsScaler, __VA_ARGS__)             \
  X(MinMaxScaler, __VA_ARGS__)             \
  X(Normalizer, __VA_ARGS__)               \
  X(OneHotEncoder, __VA_ARGS__)            \
  X(OrdinalEncoder, __VA_ARGS__)           \
  X(Passthrough, __VA_ARGS__)              \
  X(PCA, __VA_ARGS__)                      \
  X(Pipeline, __VA_ARGS__)                 \
  X(PolynomialFeatures, __VA_ARGS__)       \
  X(PowerTransformer, __VA_ARGS__)         \
  X(QuantileTransformer, __VA_ARGS__)      \
  X(RareCategoryGrouper, __VA_ARGS__)      \
  X(RobustScaler, __VA_ARGS__)             \
  X(SelectKBest, __VA_ARGS__)              \
  X(SimpleImputer, __VA_ARGS__)            \
  X(StandardScaler, __VA_ARGS__)           \
  X(TargetEncoder, __VA_ARGS__)            \
  X(TruncatedSVD, __VA_ARGS__)             \
  X(VarianceThreshold, __VA_ARGS__)        \
  X(Winsorizer, __VA_ARGS__)

#define FORETELL_LOSS_TYPES(X, ...)       \
  X(BinaryCrossentropy, __VA_ARGS__)      \
  X(CategoricalCrossentropy, __VA_ARGS__) \
  X(Huber, __VA_ARGS__)                   \
  X(KLDivergence, __VA_ARGS__)            \
  X(LogCosh, __VA_ARGS__)                 \
  X(MeanAbsoluteError, __VA_ARGS__)       \
  X(MeanSquaredError, __VA_ARGS__)        \
  X(Poisson, __VA_ARGS__)                 \
  X(SparseCategoricalCrossentropy, __VA_ARGS__)

#define FORETELL_METRIC_TYPES(X, ...) \
  X(AUC, __VA_ARGS__)                 \
  X(BinaryAccuracy, __VA_ARGS__)      \
  X(CategoricalAccuracy, __VA_ARGS__) \
  X(F1Score, __VA_ARGS__)             \
  X(LogLoss, __VA_ARGS__)             \
  X(Precision, __VA_ARGS__)           \
  X(Recall, __VA_ARGS__)              \
  X(SparseCategoricalAccuracy, __VA_ARGS__)

#define FORETELL_OPTIMIZER_TYPES(X, ...) \
  X(Adam, __VA_ARGS__)                   \
  X(AdamW, __VA_ARGS__)                  \
  X(RMSprop, __VA_ARGS__)                \
  X(SGD, __VA_ARGS__)
