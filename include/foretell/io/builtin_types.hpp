// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The built-in parts: X(name, ...) is called for each. Layers, templates of the scalar type, and transformers, as the
// plain classes of detail behind their faces, are all of them, for the registry and for the explicit instantiations; of
// the others, which serve every scalar, those that most programs use, for the explicit instantiations.

// By the sets that Registry names, each without what the one before has.

#define FORETELL_TABULAR_LAYERS(X, ...)   \
  X(Activation, __VA_ARGS__)              \
  X(Add, __VA_ARGS__)                     \
  X(AlphaDropout, __VA_ARGS__)            \
  X(Average, __VA_ARGS__)                 \
  X(BatchNormalization, __VA_ARGS__)      \
  X(Concatenate, __VA_ARGS__)             \
  X(Cross, __VA_ARGS__)                   \
  X(Dense, __VA_ARGS__)                   \
  X(Dot, __VA_ARGS__)                     \
  X(Dropout, __VA_ARGS__)                 \
  X(Embedding, __VA_ARGS__)               \
  X(FactorizationMachine, __VA_ARGS__)    \
  X(FeatureScale, __VA_ARGS__)            \
  X(FieldEmbedding, __VA_ARGS__)          \
  X(Flatten, __VA_ARGS__)                 \
  X(Gather, __VA_ARGS__)                  \
  X(GaussianDropout, __VA_ARGS__)         \
  X(GaussianNoise, __VA_ARGS__)           \
  X(HashedEmbedding, __VA_ARGS__)         \
  X(Input, __VA_ARGS__)                   \
  X(LayerNormalization, __VA_ARGS__)      \
  X(Maximum, __VA_ARGS__)                 \
  X(Minimum, __VA_ARGS__)                 \
  X(MixtureOfExperts, __VA_ARGS__)        \
  X(Multiply, __VA_ARGS__)                \
  X(PReLU, __VA_ARGS__)                   \
  X(PeriodicEmbedding, __VA_ARGS__)       \
  X(PiecewiseLinearEncoding, __VA_ARGS__) \
  X(Reshape, __VA_ARGS__)                 \
  X(Slice, __VA_ARGS__)                   \
  X(SparseDense, __VA_ARGS__)             \
  X(Subtract, __VA_ARGS__)                \
  X(UnitNormalization, __VA_ARGS__)

#define FORETELL_TEXT_LAYERS(X, ...)     \
  X(AttentionPooling, __VA_ARGS__)       \
  X(AveragePooling1D, __VA_ARGS__)       \
  X(Conv1D, __VA_ARGS__)                 \
  X(EmbeddingBag, __VA_ARGS__)           \
  X(GlobalAveragePooling1D, __VA_ARGS__) \
  X(GlobalMaxPooling1D, __VA_ARGS__)     \
  X(GlobalSumPooling1D, __VA_ARGS__)     \
  X(Masking, __VA_ARGS__)                \
  X(MaxPooling1D, __VA_ARGS__)           \
  X(PositionalEmbedding, __VA_ARGS__)    \
  X(SpatialDropout1D, __VA_ARGS__)       \
  X(SumPooling1D, __VA_ARGS__)

#define FORETELL_SEQUENCE_LAYERS(X, ...) \
  X(Bidirectional, __VA_ARGS__)          \
  X(Cropping1D, __VA_ARGS__)             \
  X(DepthwiseConv1D, __VA_ARGS__)        \
  X(GRU, __VA_ARGS__)                    \
  X(ItemScores, __VA_ARGS__)             \
  X(LSTM, __VA_ARGS__)                   \
  X(MultiHeadAttention, __VA_ARGS__)     \
  X(Permute, __VA_ARGS__)                \
  X(RepeatVector, __VA_ARGS__)           \
  X(SeparableConv1D, __VA_ARGS__)        \
  X(SimpleRNN, __VA_ARGS__)              \
  X(TargetAttention, __VA_ARGS__)        \
  X(TimeDistributed, __VA_ARGS__)        \
  X(TransformerEncoder, __VA_ARGS__)     \
  X(UpSampling1D, __VA_ARGS__)           \
  X(ZeroPadding1D, __VA_ARGS__)

#define FORETELL_OTHER_LAYERS(X, ...)    \
  X(AveragePooling2D, __VA_ARGS__)       \
  X(Conv2D, __VA_ARGS__)                 \
  X(GlobalAveragePooling2D, __VA_ARGS__) \
  X(GlobalMaxPooling2D, __VA_ARGS__)     \
  X(GlobalSumPooling2D, __VA_ARGS__)     \
  X(MaxPooling2D, __VA_ARGS__)           \
  X(SumPooling2D, __VA_ARGS__)

#define FORETELL_TABULAR_TRANSFORMERS(X, ...) \
  X(Binarizing, __VA_ARGS__)                  \
  X(CalendarReading, __VA_ARGS__)             \
  X(Branching, __VA_ARGS__)                   \
  X(CountEncoding, __VA_ARGS__)               \
  X(CyclicalEncoding, __VA_ARGS__)            \
  X(HashingCategories, __VA_ARGS__)           \
  X(KBinsDiscretizing, __VA_ARGS__)           \
  X(MaxAbsScaling, __VA_ARGS__)               \
  X(MinMaxScaling, __VA_ARGS__)               \
  X(Normalizing, __VA_ARGS__)                 \
  X(OneHotEncoding, __VA_ARGS__)              \
  X(OrdinalEncoding, __VA_ARGS__)             \
  X(PassingThrough, __VA_ARGS__)              \
  X(StepByStep, __VA_ARGS__)                  \
  X(PowerTransforming, __VA_ARGS__)           \
  X(QuantileMapping, __VA_ARGS__)             \
  X(RareGrouping, __VA_ARGS__)                \
  X(RobustScaling, __VA_ARGS__)               \
  X(SimpleImputing, __VA_ARGS__)              \
  X(SmoothClipping, __VA_ARGS__)              \
  X(StandardScaling, __VA_ARGS__)             \
  X(TargetEncoding, __VA_ARGS__)              \
  X(VarianceSelecting, __VA_ARGS__)           \
  X(Winsorizing, __VA_ARGS__)

#define FORETELL_TEXT_TRANSFORMERS(X, ...) \
  X(TextNumbering, __VA_ARGS__)            \
  X(TokenCounting, __VA_ARGS__)            \
  X(TokenHashing, __VA_ARGS__)             \
  X(TokenWeighing, __VA_ARGS__)

#define FORETELL_OTHER_TRANSFORMERS(X, ...) \
  X(FunctionApplying, __VA_ARGS__)          \
  X(NeighbourImputing, __VA_ARGS__)         \
  X(PrincipalComponents, __VA_ARGS__)       \
  X(PolynomialExpanding, __VA_ARGS__)       \
  X(BestSelecting, __VA_ARGS__)             \
  X(SingularDirections, __VA_ARGS__)

#define FORETELL_LAYER_TYPES(X, ...)       \
  FORETELL_TABULAR_LAYERS(X, __VA_ARGS__)  \
  FORETELL_TEXT_LAYERS(X, __VA_ARGS__)     \
  FORETELL_SEQUENCE_LAYERS(X, __VA_ARGS__) \
  FORETELL_OTHER_LAYERS(X, __VA_ARGS__)

#define FORETELL_TRANSFORMER_TYPES(X, ...)      \
  FORETELL_TABULAR_TRANSFORMERS(X, __VA_ARGS__) \
  FORETELL_TEXT_TRANSFORMERS(X, __VA_ARGS__)    \
  FORETELL_OTHER_TRANSFORMERS(X, __VA_ARGS__)

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
