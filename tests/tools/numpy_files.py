# Writes arrays the way NumPy does, for npy_test.cpp, and checks files that trueno wrote.
#   numpy_files.py write DIR   files named TYPE_LENGTH.npy to be read, bad_*.npy to be refused
#   numpy_files.py check DIR   exit 0 if every trueno_*.npy holds what it should
import glob
import os
import sys

import numpy as np

TYPES = {"f32": np.float32, "f64": np.float64, "i32": np.int32, "i64": np.int64}


def expected(name, length):
    return (np.arange(length) * 3 - 7).astype(TYPES[name])


def write(directory):
    def save(name, array, version=None):
        with open(os.path.join(directory, name + ".npy"), "wb") as file:
            np.lib.format.write_array(file, array, version=version)

    for name in TYPES:
        for length in (0, 1, 5, 1000):
            save(f"{name}_{length}", expected(name, length))
        for major in (1, 2, 3):
            save(f"{name}_17.v{major}", expected(name, 17), (major, 0))
    x = np.arange(6)
    save("f32_2x3", expected("f32", 6).reshape(2, 3))
    save("bad_3d", x.reshape(1, 2, 3).astype(np.float32))
    save("bad_fortran", np.asfortranarray(x.reshape(2, 3).astype(np.float32)))
    save("bad_0d", np.array(1.0, np.float32))
    save("bad_big_endian", x.astype(">f4"))
    save("bad_f16", x.astype(np.float16))
    save("bad_u8", x.astype(np.uint8))
    save("bad_bool", x.astype(bool))
    save("bad_complex", x.astype(np.complex64))
    save("bad_string", x.astype("U3"))
    save("bad_structured", np.zeros(3, [("a", "<f4"), ("b", "<i4", (2,))]))
    save("bad_object", np.array([None, 1]))
    np.savez(os.path.join(directory, "bad_zip"), x=x)
    os.rename(os.path.join(directory, "bad_zip.npz"), os.path.join(directory, "bad_zip.npy"))


def check(directory):
    paths = glob.glob(os.path.join(directory, "trueno_*.npy"))
    for path in paths:
        _, name, length = os.path.basename(path)[:-4].split("_")
        array = np.load(path)
        if "x" in length:
            want = expected(name, array.size).reshape([int(extent) for extent in length.split("x")])
        elif name == "m32":
            want = np.arange(int(length)) % 3 == 0
        else:
            want = expected(name, int(length))
        if array.dtype != want.dtype or not np.array_equal(array, want):
            sys.exit(f"{path}: {array.dtype} {array!r}, expected {want.dtype} {want!r}")
    sys.exit(0 if paths else "no files to check")


{"write": write, "check": check}[sys.argv[1]](sys.argv[2])
