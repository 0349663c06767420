// SPDX-License-Identifier: BSD-3-Clause
// Matrix products in register tiles of MR rows by NV vectors. An element of C is one chain of multiply-adds in the
// order of k, begun with its old value and its bias; so its bits depend neither on m nor on the tile it falls in.

#if FORETELL_SIMD_BYTES == 64
using isa_avx2::finish_activation;
using isa_avx2::multiply_column;
using isa_avx2::multiply_row;
using isa_avx2::multiply_row_transposed;
using isa_avx2::transpose;
#endif

/// Columns [j, j + count) of B as `vectors` full vectors a row: rows [0, k) at `b`, then k_tail rows at `tail`. Where
/// reading full vectors from B would leave the matrix, the last rows are copied to `tail`, padded.
template <class T>
struct Panel {
  const T* b;
  std::size_t ldb;
  std::size_t k;
  const T* tail;
  std::size_t k_tail;
};

template <class T>
struct TileJob {
  const T* a;
  std::size_t a_step;  ///< from row to row of tiles: the tile of rows i.. begins at a + i * a_step
  std::size_t a_row;   ///< from row to row inside a tile
  std::size_t a_col;
  Panel<T> panel;
  T* c;
  std::size_t ldc;
  const T* bias;
  bool accumulate;
  bool rectify;
  const T* ahead = nullptr;  ///< rows `ahead_step` apart that are needed next: `ahead_rows` are fetched during a tile
  std::size_t ahead_step = 0;
  std::size_t ahead_rows = 0;
};

/// Rows and vectors of a tile: its accumulators, a row of B and a factor fill the registers.
inline constexpr std::size_t tile_rows = 4;
#if FORETELL_SIMD_BYTES == 64 || defined(__aarch64__)
inline constexpr std::size_t tile_vectors = 4;
#elif defined(FORETELL_SIMD_FMA)
inline constexpr std::size_t tile_vectors = 3;
#else
inline constexpr std::size_t tile_vectors = 2;
#endif

/// One panel against rows [i, rows) of A, MR at a time; returns the first row not done.
template <class T, std::size_t MR, std::size_t NV>
FORETELL_KERNEL std::size_t multiply_strip(const TileJob<T>& job, std::size_t i, std::size_t rows) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  const std::size_t a_row = job.a_row;
  const std::size_t a_col = job.a_col;
  const std::size_t ldc = job.ldc;
  const T* ahead = job.ahead;
  for (; i + MR <= rows; i += MR) {
    Vec<T> acc[MR][NV];
    T* c = job.c + i * ldc;
#pragma GCC unroll 8
    for (std::size_t v = 0; v < NV; ++v) {
      const Vec<T> start = job.bias ? load<T>(job.bias + v * lanes) : Vec<T>{};
#pragma GCC unroll 8
      for (std::size_t r = 0; r < MR; ++r) acc[r][v] = start;
    }
    if (job.accumulate) {
#pragma GCC unroll 8
      for (std::size_t r = 0; r < MR; ++r)
#pragma GCC unroll 8
        for (std::size_t v = 0; v < NV; ++v) acc[r][v] += load<T>(c + r * ldc + v * lanes);
    }
    if (job.panel.k >= 64 && i + 2 * MR <= rows) {  // the next tile of C
#pragma GCC unroll 8
      for (std::size_t r = MR; r < 2 * MR; ++r) {
        __builtin_prefetch(c + r * ldc, 1);
        __builtin_prefetch(c + r * ldc + NV * lanes - 1, 1);
      }
    }
    if (ahead) {
      for (std::size_t r = 0; r < job.ahead_rows; ++r, ahead += job.ahead_step) {
        __builtin_prefetch(ahead);
        __builtin_prefetch(ahead + NV * lanes - 1);
      }
    }
    const T* a = job.a + i * job.a_step;
    const T* b = job.panel.b;
    std::size_t ldb = job.panel.ldb;
    std::size_t k = job.panel.k;
    for (std::size_t later = job.panel.k_tail;; later = 0) {
      if (k > 0) do {
          Vec<T> row[NV];
          if constexpr (NV > 2) {
            __builtin_prefetch(b + 3 * ldb);
            __builtin_prefetch(b + 3 * ldb + 16);
          }
#pragma GCC unroll 8
          for (std::size_t v = 0; v < NV; ++v) row[v] = load<T>(b + v * lanes);
#pragma GCC unroll 8
          for (std::size_t r = 0; r < MR; ++r) {
            const Vec<T> x = splat<T>(a[r * a_row]);
#pragma GCC unroll 8
            for (std::size_t v = 0; v < NV; ++v) acc[r][v] += x * row[v];
          }
          a += a_col;
          b += ldb;
        } while (--k > 0);
      if (later == 0) break;
      b = job.panel.tail;
      ldb = NV * lanes;
      k = later;
    }
    if (job.rectify) {
#pragma GCC unroll 8
      for (std::size_t r = 0; r < MR; ++r)
#pragma GCC unroll 8
        for (std::size_t v = 0; v < NV; ++v) acc[r][v] = rectified<T>(acc[r][v]);
    }
#pragma GCC unroll 8
    for (std::size_t r = 0; r < MR; ++r)
#pragma GCC unroll 8
      for (std::size_t v = 0; v < NV; ++v) store<T>(c + r * ldc + v * lanes, acc[r][v]);
  }
  return i;
}

/// `rows` rows against a panel: all of them when it is one vector wide, else a multiple of `tile_rows`.
template <class T>
FORETELL_KERNEL void multiply_panel(std::size_t vectors, const TileJob<T>& job, std::size_t rows) {
  if constexpr (rare<T>) {
    multiply_strip<T, tile_rows, 2>(job, 0, rows);
  } else if (vectors == 1) {
    multiply_strip<T, 1, 1>(job, multiply_strip<T, 8, 1>(job, 0, rows), rows);
  } else if (vectors == 2) {
    multiply_strip<T, tile_rows, 2>(job, 0, rows);
  } else if constexpr (tile_vectors > 2) {
    multiply_strip<T, tile_rows, tile_vectors>(job, 0, rows);
  }
}

/// A panel whose last vector is not full: through a tile beside C.
template <class T>
FORETELL_KERNEL void multiply_partial_panel(std::size_t vectors, TileJob<T> job, std::size_t rows,
                                            std::size_t columns) {
  constexpr std::size_t block = 16;
  constexpr std::size_t most = tile_vectors * Simd<T>::lanes;
  const std::size_t width = vectors * Simd<T>::lanes;
  alignas(64) T bias[most];
  alignas(64) T tile[block * most];
  if (job.bias) {
    for (std::size_t j = 0; j < width; ++j) bias[j] = j < columns ? job.bias[j] : T(0);
    job.bias = bias;
  }
  T* c = job.c;
  const std::size_t ldc = job.ldc;
  job.c = tile;
  job.ldc = width;
  for (std::size_t i = 0; i < rows; i += block) {
    const std::size_t count = rows - i < block ? rows - i : block;
    if (job.accumulate)
      for (std::size_t r = 0; r < count; ++r)
        for (std::size_t j = 0; j < width; ++j) tile[r * width + j] = j < columns ? c[(i + r) * ldc + j] : T(0);
    multiply_panel<T>(vectors, job, count);
    job.a += block * job.a_step;
    for (std::size_t r = 0; r < count; ++r)
      for (std::size_t j = 0; j < columns; ++j) c[(i + r) * ldc + j] = tile[r * width + j];
  }
}

/// C = A B, row-major B or with `b_transposed` its transpose; see TileJob for A and the rest.
template <class T>
struct Product {
  std::size_t m;
  std::size_t n;
  std::size_t k;
  const T* a;
  std::size_t a_row;
  std::size_t a_col;
  const T* b;
  std::size_t ldb;
  bool b_transposed;
  T* c;
  std::size_t ldc;
  const T* bias;
  bool accumulate;
  bool rectify;
};

/// How many vectors the next panel takes of those that remain; a single one is left only when it is the last and
/// narrow.
FORETELL_INLINE std::size_t panel_vectors(std::size_t remaining, std::size_t least) {
  if (tile_vectors == 3 && remaining == 4) return 2;
  if (remaining >= tile_vectors) return tile_vectors;
  const std::size_t vectors = remaining >= 2 ? 2 : 1;
  return vectors < least ? least : vectors;
}

template <class T>
FORETELL_INLINE void multiply_columns(std::size_t vectors, const TileJob<T>& job, std::size_t rows,
                                      std::size_t columns) {
  if (columns == vectors * Simd<T>::lanes)
    multiply_panel<T>(vectors, job, rows);
  else
    multiply_partial_panel<T>(vectors, job, rows, columns);
}

/// Columns from j on of B where it lies, as wide as `vectors`; `tail` has room for their last rows.
template <class T>
FORETELL_INLINE Panel<T> panel_of(const Product<T>& p, std::size_t j, std::size_t width, std::size_t columns, T* tail) {
  Panel<T> panel{p.b + j, p.ldb, p.k, tail, 0};
  if (columns < width) {
    const std::size_t unsafe = (width - columns + p.ldb - 1) / p.ldb;
    panel.k_tail = unsafe < p.k ? unsafe : p.k;
    panel.k -= panel.k_tail;
    for (std::size_t r = 0; r < panel.k_tail; ++r)
      for (std::size_t x = 0; x < width; ++x)
        tail[r * width + x] = x < columns ? p.b[(panel.k + r) * p.ldb + j + x] : T(0);
  }
  return panel;
}

/// The last columns, fewer than a vector, of `p.m` rows.
template <class T>
FORETELL_KERNEL void multiply_last_columns(const Product<T>& p, std::size_t j) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  alignas(64) T tail[lanes * lanes];
  const Panel<T> panel = panel_of<T>(p, j, lanes, p.n - j, tail);
  multiply_partial_panel<T>(
      1,
      {p.a, p.a_row, p.a_row, p.a_col, panel, p.c + j, p.ldc, p.bias ? p.bias + j : nullptr, p.accumulate, p.rectify},
      p.m, p.n - j);
}

#if FORETELL_SIMD_BYTES == 64
/// All rows of a panel of `tile_vectors`: the last ones, up to six, in a tile of their own, for which 32 registers do.
template <class T>
FORETELL_KERNEL void multiply_all_rows(const TileJob<T>& job, std::size_t m) {
  const std::size_t last = m > 4 && m % 4 < 3 ? 4 + m % 4 : m % 4;
  const std::size_t i = m > last ? multiply_strip<T, 4, tile_vectors>(job, 0, m - last) : 0;
  if (last == 6) multiply_strip<T, 6, tile_vectors>(job, i, m);
  if (last == 5) multiply_strip<T, 5, tile_vectors>(job, i, m);
  if (last == 4) multiply_strip<T, 4, tile_vectors>(job, i, m);
  if (last == 3) multiply_strip<T, 3, tile_vectors>(job, i, m);
  if (last == 2) multiply_strip<T, 2, tile_vectors>(job, i, m);
}
#endif

/// B read where it lies.
template <class T>
FORETELL_KERNEL void multiply_direct(const Product<T>& p) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  alignas(64) T tail[tile_vectors * lanes * lanes];
  const std::size_t rows = p.m - p.m % tile_rows;
  std::size_t whole = 0;  // columns of which all rows are done
  if (p.n < lanes) return multiply_last_columns<T>(p, 0);
  for (std::size_t j = 0; j < p.n;) {
    const std::size_t vectors = panel_vectors((p.n - j + lanes - 1) / lanes, 1);
    const std::size_t width = vectors * lanes;
    const std::size_t columns = p.n - j < width ? p.n - j : width;
    const TileJob<T> job{p.a,
                         p.a_row,
                         p.a_row,
                         p.a_col,
                         panel_of<T>(p, j, width, columns, tail),
                         p.c + j,
                         p.ldc,
                         p.bias ? p.bias + j : nullptr,
                         p.accumulate,
                         p.rectify};
    j += width;
#if FORETELL_SIMD_BYTES == 64
    if (rows < p.m && vectors == tile_vectors && columns == width) {
      multiply_all_rows<T>(job, p.m);
      whole = j;
      continue;
    }
#endif
    multiply_columns<T>(vectors, job, rows, columns);
  }
  if (whole >= p.n) return;
  for (std::size_t i = rows; i < p.m; ++i)
    multiply_row<T>(p.n - whole, p.k, p.a + i * p.a_row, p.a_col, p.b + whole, p.ldb, p.c + i * p.ldc + whole,
                    p.bias ? p.bias + whole : nullptr, p.accumulate, p.rectify);
}

inline constexpr std::size_t pack_depth = 256;
inline constexpr std::size_t pack_rows = 128;
inline constexpr std::size_t pack_vectors = 6144 / FORETELL_SIMD_BYTES;

/// A thread's memory for packed copies of B and A and for a block of C turned round; null where there is none.
template <class T>
struct PackRoom {
  static constexpr std::size_t b_size = pack_depth * pack_vectors * Simd<T>::lanes;
  static constexpr std::size_t a_size = pack_depth * pack_rows;
  static constexpr std::size_t turned_size = 16384;

  T* const b = static_cast<T*>(
      detail::pack_memory(pack_depth * pack_vectors * FORETELL_SIMD_BYTES + (a_size + turned_size) * sizeof(double)));
  T* const a = b ? b + b_size : nullptr;
  T* const turned = b ? a + a_size : nullptr;
};

/// Rows [p0, p0 + k) of columns [j, j + columns) of B as a panel of `width`, padded with zeros.
template <class T>
FORETELL_KERNEL void pack_panel(const Product<T>& p, std::size_t p0, std::size_t k, std::size_t j, std::size_t columns,
                                std::size_t width, T* out) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  if (columns < width)
    for (std::size_t i = 0; i < k * width; ++i) out[i] = T(0);
  if (p.b_transposed) return transpose<T>(columns, k, p.b + j * p.ldb + p0, p.ldb, out, width);
  const T* from = p.b + p0 * p.ldb + j;
  if (columns < width) {
    for (; k > 0; --k, from += p.ldb, out += width)
      for (std::size_t x = 0; x < columns; ++x) out[x] = from[x];
  } else if (width == tile_vectors * lanes) {
    for (; k > 0; --k, from += p.ldb, out += width)
#pragma GCC unroll 8
      for (std::size_t v = 0; v < tile_vectors; ++v) store<T>(out + v * lanes, load<T>(from + v * lanes));
  } else {
    for (; k > 0; --k, from += p.ldb, out += width)
      for (std::size_t x = 0; x < width; x += lanes) store<T>(out + x, load<T>(from + x));
  }
}

/// `tile_rows` consecutive rows of A interleaved, tile after tile.
template <class T>
FORETELL_KERNEL void pack_tiles(const T* a, std::size_t a_row, std::size_t a_col, std::size_t rows, std::size_t k,
                                T* out) {
  constexpr std::size_t tall = tile_rows;
  if (a_row != 1) {
    for (std::size_t i = 0; i < rows; i += tall) transpose<T>(tall, k, a + i * a_row, a_row, out + i * k, tall);
    return;
  }
  for (std::size_t q = 0; q < k; q += 4) {
    for (std::size_t r = q + 16; r < q + 20 && r < k; ++r)  // rows far apart, which the processor does not foresee
      for (std::size_t i = 0; i < rows; i += 64 / sizeof(T)) __builtin_prefetch(a + r * a_col + i);
    for (std::size_t i = 0; i < rows; i += tall)
      for (std::size_t r = q; r < q + 4 && r < k; ++r)
#pragma GCC unroll 8
        for (std::size_t x = 0; x < tall; ++x) out[i * k + r * tall + x] = a[r * a_col + i + x];
  }
}

/// The product in blocks of k, of columns and of rows, from packed copies: B always, A where it does not lie well.
template <class T>
FORETELL_KERNEL bool multiply_packed(const Product<T>& p) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  constexpr std::size_t most_columns = pack_vectors * lanes;
  const PackRoom<T> room;
  T* const packed_b = room.b;
  T* const packed_a = room.a;
  if (!packed_b) return false;
  const std::size_t tiled = p.m - p.m % tile_rows;
  const bool pack_a = !rare<T> && p.m >= 32 &&
                      (p.a_row == 1 ? p.n > 2 * lanes && p.a_col >= 128 : p.n > tile_vectors * lanes && p.k >= 128);
  for (std::size_t j0 = 0; j0 < p.n; j0 += most_columns) {
    const std::size_t block = p.n - j0 < most_columns ? p.n - j0 : most_columns;
    for (std::size_t p0 = 0; p0 == 0 || p0 < p.k; p0 += pack_depth) {
      const std::size_t k = p.k - p0 < pack_depth ? p.k - p0 : pack_depth;
      const bool accumulate = p.accumulate || p0 > 0;
      const bool rectify = p.rectify && p0 + k == p.k;
      const T* const a = p.a + p0 * p.a_col;
      for (std::size_t i0 = 0; i0 < p.m; i0 += pack_rows) {
        const std::size_t end = i0 + pack_rows < tiled ? i0 + pack_rows : tiled;
        const std::size_t rows = end > i0 ? end - i0 : 0;
        TileJob<T> job{a + i0 * p.a_row, p.a_row, p.a_row, p.a_col, {}, nullptr, p.ldc, nullptr, accumulate, rectify};
        if constexpr (!rare<T>)
          if (pack_a) {
            pack_tiles<T>(job.a, p.a_row, p.a_col, rows, k, packed_a);
            job.a = packed_a;
            job.a_step = k;
            job.a_row = 1;
            job.a_col = tile_rows;
          }
        for (std::size_t j = 0; j < block;) {
          const std::size_t vectors = panel_vectors((block - j + lanes - 1) / lanes, rare<T> || p.n > lanes ? 2 : 1);
          const std::size_t width = vectors * lanes;
          const std::size_t columns = block - j < width ? block - j : width;
          T* const panel = p.m <= pack_rows ? packed_b : packed_b + j * k;  // needed once: it stays in the cache
          job.c = p.c + i0 * p.ldc + j0 + j;
          job.bias = p.bias && p0 == 0 ? p.bias + j0 + j : nullptr;
          job.panel = {panel, width, k, nullptr, 0};
          job.ahead = nullptr;
          if (i0 == 0) {
            pack_panel<T>(p, p0, k, j0 + j, columns, width, panel);
            if (!p.b_transposed && j + 2 * width <= block) {
              job.ahead = p.b + p0 * p.ldb + j0 + j + width;
              job.ahead_step = p.ldb;
              job.ahead_rows = (4 * k + rows - 1) / (rows + 1) + 1;
            }
          }
          multiply_columns<T>(vectors, job, rows, columns);
          if (end == tiled)
            for (std::size_t i = tiled; i < p.m; ++i)
              multiply_row<T>(columns, k, a + i * p.a_row, p.a_col, panel, width, p.c + i * p.ldc + j0 + j, job.bias,
                              accumulate, rectify);
          j += width;
        }
        if (end == tiled) break;
      }
    }
  }
  return true;
}

/// Without memory to pack into.
template <class T>
FORETELL_KERNEL void multiply_slowly(const Product<T>& p) {
  for (std::size_t i = 0; i < p.m; ++i)
    for (std::size_t j = 0; j < p.n; ++j) {
      T sum = (p.bias ? p.bias[j] : T(0)) + (p.accumulate ? p.c[i * p.ldc + j] : T(0));
      for (std::size_t r = 0; r < p.k; ++r)
        sum += p.a[i * p.a_row + r * p.a_col] * (p.b_transposed ? p.b[j * p.ldb + r] : p.b[r * p.ldb + j]);
      p.c[i * p.ldc + j] = p.rectify && sum < 0 ? T(0) : sum;
    }
}

/// Columns of an outer product, NV vectors at a time from column j on; returns the first column not done.
template <class T, std::size_t NV>
FORETELL_INLINE std::size_t outer_columns(const Product<T>& p, std::size_t j) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  for (; j + NV * lanes <= p.n; j += NV * lanes) {
    Vec<T> b[NV];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < NV; ++v) b[v] = load<T>(p.b + j + v * lanes);
    T* c = p.c + j;
    for (std::size_t i = 0; i < p.m; ++i, c += p.ldc) {
      const Vec<T> factor = splat<T>(p.a[i * p.a_row]);
#pragma GCC unroll 8
      for (std::size_t v = 0; v < NV; ++v) {
        const Vec<T> start = p.accumulate ? load<T>(c + v * lanes) : Vec<T>{};
        store<T>(c + v * lanes, start + factor * b[v]);
      }
    }
  }
  return j;
}

/// k = 1, no bias.
template <class T>
FORETELL_KERNEL void multiply_outer(const Product<T>& p) {
  std::size_t j = outer_columns<T, 8>(p, 0);
  j = outer_columns<T, 1>(p, j);
  if (j == p.n) return;
  const Vec<T> b = load_some<T>(p.b + j, p.n - j);
  T* c = p.c + j;
  for (std::size_t i = 0; i < p.m; ++i, c += p.ldc) {
    const Vec<T> start = p.accumulate ? load_some<T>(c, p.n - j) : Vec<T>{};
    store_some<T>(c, start + splat<T>(p.a[i * p.a_row]) * b, p.n - j);
  }
}

/// A^T B with fewer columns than two vectors, by the transpose B^T A: full vectors along the rows of C.
template <class T>
FORETELL_KERNEL void multiply_narrow(const Product<T>& p) {
  constexpr std::size_t width = 64;
  constexpr std::size_t most = 2 * Simd<T>::lanes;
  alignas(64) T turned[most * width];
  for (std::size_t i = 0; i < p.m; i += width) {
    const std::size_t rows = p.m - i < width ? p.m - i : width;
    if (p.accumulate) transpose<T>(rows, p.n, p.c + i * p.ldc, p.ldc, turned, width);
    multiply_direct<T>(
        {p.n, rows, p.k, p.b, 1, p.ldb, p.a + i, p.a_col, false, turned, width, nullptr, p.accumulate, p.rectify});
    transpose<T>(p.n, rows, turned, width, p.c + i * p.ldc, p.ldc);
  }
}

/// A B^T by its transpose B A^T: what is turned round is A, which is smaller.
template <class T>
FORETELL_KERNEL bool multiply_turned(const Product<T>& p) {
  const PackRoom<T> room;
  if (!room.turned) return false;
  const std::size_t block = PackRoom<T>::turned_size / p.m;
  for (std::size_t j = 0; j < p.n; j += block) {
    const std::size_t columns = p.n - j < block ? p.n - j : block;
    if (p.accumulate) transpose<T>(p.m, columns, p.c + j, p.ldc, room.turned, p.m);
    if (!multiply_packed<T>({columns, p.m, p.k, p.b + j * p.ldb, p.ldb, 1, p.a, p.a_row, true, room.turned, p.m,
                             nullptr, p.accumulate, p.rectify}))
      return false;
    transpose<T>(columns, p.m, room.turned, p.m, p.c + j, p.ldc);
  }
  return true;
}

/// Whether B is copied into panels first: turned round it must be, rows that lie 4096 bytes apart share few places of
/// the first cache, and narrow vectors are slowed by every line that a tile touches. Few rows do not pay for the copy.
template <class T>
FORETELL_INLINE bool packs(const Product<T>& p) {
  if (p.b_transposed) return true;
  if (p.m < 16 || p.k * p.ldb < 16384) return false;
#if FORETELL_SIMD_BYTES == 64
  return p.m >= 32 && p.ldb * sizeof(T) % 4096 == 0;
#elif defined(FORETELL_SIMD_FMA)
  return p.m >= (p.k < 512 ? 128 : 48) || p.ldb * sizeof(T) % 4096 == 0;
#else
  return true;
#endif
}

/// Whether the left side is turned round; in 512 bits only where its rows fill panels, which otherwise pay for it.
template <class T>
FORETELL_INLINE bool turns(const Product<T>& p) {
  const bool fills = FORETELL_SIMD_BYTES < 64 || p.m <= Simd<T>::lanes || p.m == 2 * Simd<T>::lanes ||
                     p.m == tile_vectors * Simd<T>::lanes;
  return fills && turns_left_side(p.m, p.n, p.k);
}

template <class T>
FORETELL_KERNEL void multiply(Product<T> p) {
  if (p.m == 0 || p.n == 0) return;
  if (p.b_transposed && (p.k == 1 || p.n == 1) && p.ldb == 1) {  // a column of ones: its transpose lies in one row
    p.b_transposed = false;
    p.ldb = p.k == 1 ? p.n : 1;
  }
  if (p.n == 1 && p.a_col == 1 && (p.b_transposed || p.ldb == 1))
    return multiply_column<T>(p.m, p.k, p.a, p.a_row, p.b, p.c, p.ldc, p.bias, p.accumulate, p.rectify);
  if constexpr (rare<T>) {
    if (!multiply_packed<T>(p)) multiply_slowly<T>(p);
  } else {
    if (p.n == 1 && p.a_row == 1 && p.ldc == 1 && !p.b_transposed && !p.bias)
      return multiply_row<T>(p.m, p.k, p.b, p.ldb, p.a, p.a_col, p.c, nullptr, p.accumulate, p.rectify);
    if (p.m == 1)
      return (p.b_transposed ? multiply_row_transposed<T> : multiply_row<T>)(p.n, p.k, p.a, p.a_col, p.b, p.ldb, p.c,
                                                                             p.bias, p.accumulate, p.rectify);
    if (p.k == 1 && !p.b_transposed && !p.bias && !p.rectify) return multiply_outer<T>(p);
    if (p.a_row == 1 && !p.b_transposed && !p.bias && p.m >= Simd<T>::lanes && p.n < 2 * Simd<T>::lanes)
      return multiply_narrow<T>(p);
    if (p.b_transposed && !p.bias && p.a_col == 1 && turns<T>(p) && multiply_turned<T>(p)) return;
    if (packs<T>(p)) {
      if (multiply_packed<T>(p)) return;
      if (p.b_transposed) return multiply_slowly<T>(p);
    }
    multiply_direct<T>(p);
  }
}

/// The product, then an activation that is not free in the tiles: a block of rows at a time while it is in the cache.
template <class T>
FORETELL_KERNEL void multiply_activate(Product<T> p, ActivationFunction f, T* pre, std::size_t pre_stride) {
  if (p.m == 0 || p.n == 0) return;
  T* y = p.c;
  const std::size_t ldy = p.ldc;
  if (pre) {
    for (std::size_t i = 0; p.accumulate && i < p.m; ++i)
      __builtin_memcpy(pre + i * pre_stride, y + i * ldy, p.n * sizeof(T));
    p.c = pre;
    p.ldc = pre_stride;
  }
  const std::size_t all = p.m;
  const std::size_t small = 16384 / p.n / 16 * 16 + 16;
  const std::size_t block = p.k < 128 && small < all ? small : all;
  for (std::size_t i = 0; i < all; i += block) {
    p.m = all - i < block ? all - i : block;
    multiply<T>(p);
    const bool whole = p.ldc == p.n && ldy == p.n;
    const std::size_t rows = whole ? 1 : p.m;
    for (std::size_t r = 0; r < rows; ++r)
      finish_activation<T>(f, whole ? p.m * p.n : p.n, p.c + r * p.ldc, y + r * ldy);
    p.a += block * p.a_row;
    p.c += block * p.ldc;
    y += block * ldy;
  }
}

template <class T>
FORETELL_KERNEL void gemm(const Product<T>& p, ActivationFunction f, T* pre, std::size_t pre_stride) {
  if (!pre && (f.kind == ActivationKind::linear || f.kind == ActivationKind::relu)) return multiply<T>(p);
  multiply_activate<T>(p, f, pre, pre_stride);
}
