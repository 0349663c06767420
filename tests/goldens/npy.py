# SPDX-License-Identifier: BSD-3-Clause
"""The files of npy/: arrays as numpy saves them. Written with numpy 2.4."""
import pathlib

import numpy as np

folder = pathlib.Path(__file__).parent / "npy"
ramp = np.arange(24.0).reshape(2, 3, 4)
for kind in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8".split():
    np.save(folder / f"ramp_{kind}.npy", ramp.astype(kind))
np.save(folder / "ramp_swapped_f8.npy", ramp.astype(">f8"))
np.save(folder / "ramp_swapped_i4.npy", ramp.astype(">i4"))
np.save(folder / "ramp_fortran.npy", np.asfortranarray(ramp))
with open(folder / "ramp_version_2.npy", "wb") as file:
    np.lib.format.write_array(file, ramp, version=(2, 0))
np.save(folder / "flags.npy", np.array([True, False, True]))
np.save(folder / "scalar.npy", np.array(2.5))
np.save(folder / "empty.npy", np.zeros((0, 3), dtype="f4"))
np.save(folder / "odd_half.npy", np.array([np.inf, np.nan, 2.0**-24, -65504], dtype="f2"))
np.save(folder / "objects.npy", np.array([1, "a", None], dtype=object))
np.save(folder / "texts.npy", np.array(["a", "bc"]))
np.save(folder / "dates.npy", np.array(["2026-05-31"], dtype="datetime64[D]"))
np.save(folder / "complex.npy", np.array([1j]))
np.save(folder / "records.npy", np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))
np.savez(folder / "stored.npz", ramp=ramp, weights=np.array([0.25, 0.5], dtype="f4"))
np.savez_compressed(folder / "packed.npz", ramp=ramp, zeros=np.zeros(100000))
