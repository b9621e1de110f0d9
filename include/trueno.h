/* trueno in C: the C ABI of the library, for C, for other languages, and for C++ compiled by another compiler or with
 * another standard library than it was (trueno/abi.h is a C++ coat over this one). C99 and later, C++98 and later.
 *
 *   Handles are opaque. What is returned as `const` belongs to the handle it was asked of and lives as long.
 *   Whatever can fail returns a status, TRUENO_OK being 0, and takes `trueno_error** error` last. That may be NULL.
 *   Else *error becomes NULL on success, with nothing to free, and on failure what the caller gives to
 *   trueno_error_free; what it was before is not looked at. Results are untouched on failure.
 *   No exception leaves a function, no argument that is wrong aborts, NULL where something is needed is an error.
 *   Threads: safe, all of them, for one kernel as well; a handle may be released by one thread while others use
 *   retained ones of their own.
 *
 * What kernels are and what their results mean: docs/ir.md, docs/contract.md. */
#ifndef TRUENO_H
#define TRUENO_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "trueno/export.h"
#include "trueno/version.h"

#if !defined(__cplusplus)
#define TRUENO_NOTHROW
#elif __cplusplus >= 201103L
#define TRUENO_NOTHROW noexcept
#else
#define TRUENO_NOTHROW throw()
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers never change; new ones are only added. They are ints, so that one that nobody knows is an error. */

typedef int trueno_status;
enum {
  TRUENO_OK = 0,
  TRUENO_INVALID_TEXT = 1,     /* the text is wrong; the error has every mistake with its position */
  TRUENO_INVALID_ARGUMENT = 2, /* wrong type, length, count or overlap, NULL, or a number that nobody knows */
  TRUENO_EMPTY = 3,            /* a result depends on min or max of no elements */
  TRUENO_TOO_LARGE = 4,        /* the kernel is more than can be compiled */
  TRUENO_UNAVAILABLE = 5,      /* the back end that was required cannot run here */
  TRUENO_IO = 6,               /* a file could not be read or written */
  TRUENO_INTERNAL = 7,         /* a defect of trueno itself */
  TRUENO_OUT_OF_MEMORY = 8     /* nothing was changed; the same call may work later */
};
/* The type of an element. A mask, whatever its width, is stored as one byte, 0 or 1. */
typedef int trueno_type;
enum { TRUENO_F32 = 0, TRUENO_F64 = 1, TRUENO_I32 = 2, TRUENO_I64 = 3, TRUENO_M32 = 4, TRUENO_M64 = 5 };
#define TRUENO_MASK TRUENO_M32
#define TRUENO_TYPE_OPEN (-1) /* of a scalar name in an expression: to be found from its uses */

typedef int trueno_backend;
enum { TRUENO_AUTOMATIC = 0, TRUENO_JIT = 1, TRUENO_INTERPRETER = 2, TRUENO_FALLBACK = 3 };

typedef int trueno_isa;
enum { TRUENO_SSE2 = 0, TRUENO_SSE42 = 1, TRUENO_AVX2 = 2, TRUENO_AVX512 = 3 };
#define TRUENO_ISA_BEST (-1)

typedef int trueno_verify;
enum { TRUENO_VERIFY_OFF = 0, TRUENO_VERIFY_FIRST = 1, TRUENO_VERIFY_ALWAYS = 2 };
#define TRUENO_VERIFY_CONFIGURED (-1)

/* "invalid_text", "f32", "avx2", "auto"; "unknown" for a number that nobody knows. */
TRUENO_API const char* trueno_status_name(trueno_status status) TRUENO_NOTHROW;
TRUENO_API const char* trueno_type_name(trueno_type type) TRUENO_NOTHROW;
TRUENO_API const char* trueno_backend_name(trueno_backend backend) TRUENO_NOTHROW;
TRUENO_API const char* trueno_isa_name(trueno_isa isa) TRUENO_NOTHROW;

/* The version of the library: "0.1.0"; 10000 * major + 100 * minor + patch. Of the headers: TRUENO_VERSION_STRING. */
TRUENO_API const char* trueno_version(void) TRUENO_NOTHROW;
TRUENO_API int trueno_version_number(void) TRUENO_NOTHROW;

/* The highest instruction set that processor and operating system have here. */
TRUENO_API trueno_isa trueno_host_isa(void) TRUENO_NOTHROW;

/* ---- Errors. Read them, then free them. */

/* One mistake. Strings are never NULL, but may be empty. */
typedef struct trueno_diagnostic {
  const char* message;     /* one line */
  const char* source_line; /* the line of text the mistake is in */
  const char* file;        /* the name the text came under */
  uint32_t line, column;   /* from 1; line 0: nowhere in particular */
} trueno_diagnostic;

typedef struct trueno_error {
  trueno_status status;
  size_t count;                                /* of diagnostics, at least 1 */
  const trueno_diagnostic* const* diagnostics; /* all of them */
  const char* text;                            /* all as a compiler prints them, with carets, one block each */
} trueno_error;

TRUENO_API void trueno_error_free(trueno_error* error) TRUENO_NOTHROW; /* NULL is fine */

/* ---- Compiling. */

typedef struct trueno_kernel trueno_kernel;

/* Begin with `trueno_options o = TRUENO_OPTIONS_INIT;`. */
typedef struct trueno_options {
  size_t struct_size; /* what the caller knows of this; later versions add fields at the end, and no padding */
  trueno_backend backend;
  trueno_isa isa;        /* at most this one, or TRUENO_ISA_BEST */
  int vector_bits;       /* 128, 256 or 512; 0: the best for the kernel */
  trueno_verify verify;  /* or TRUENO_VERIFY_CONFIGURED */
  const char* file;      /* the name of the text in diagnostics; may be NULL */
  const char* extra_ops; /* more `op` declarations that the text may use; may be NULL */
} trueno_options;
#define TRUENO_OPTIONS_INIT \
  { sizeof(trueno_options), TRUENO_AUTOMATIC, TRUENO_ISA_BEST, 0, TRUENO_VERIFY_CONFIGURED, NULL, NULL }

/* A name an expression may use. */
typedef struct trueno_name {
  const char* name;
  trueno_type type; /* or TRUENO_TYPE_OPEN for a scalar */
  int array;        /* 1: an array; 0: a scalar */
} trueno_name;

/* Lengths of texts are in bytes; this one means "up to the NUL". */
#define TRUENO_NUL_TERMINATED ((size_t)-1)

/* Compiles the one kernel declared in `text`: "kernel axpy(x: f32[], a: f32) -> f32[] { a*x }". `options` may be NULL.
 * Errors: invalid_text with every mistake; too_large; unavailable; invalid_argument. */
TRUENO_API trueno_status trueno_compile(const char* text, size_t length, const trueno_options* options,
                                        trueno_kernel** kernel, trueno_error** error) TRUENO_NOTHROW;
/* Compiles an expression over free names, in their order the parameters: "mean(a*x + b)". */
TRUENO_API trueno_status trueno_compile_expression(const char* text, size_t length, const trueno_name* names,
                                                   size_t name_count, const trueno_options* options,
                                                   trueno_kernel** kernel, trueno_error** error) TRUENO_NOTHROW;
/* The same, from the cache of this process if the same kernel was compiled before (trueno/cache.h). */
TRUENO_API trueno_status trueno_cached(const char* text, size_t length, const trueno_options* options,
                                       trueno_kernel** kernel, trueno_error** error) TRUENO_NOTHROW;
TRUENO_API trueno_status trueno_cached_expression(const char* text, size_t length, const trueno_name* names,
                                                  size_t name_count, const trueno_options* options,
                                                  trueno_kernel** kernel, trueno_error** error) TRUENO_NOTHROW;
TRUENO_API trueno_status trueno_clear_cache(trueno_error** error) TRUENO_NOTHROW;
/* Configures this process with TOML text (trueno/config.h); `name` is what diagnostics call it and may be NULL. */
TRUENO_API trueno_status trueno_configure(const char* toml, size_t length, const char* name,
                                          trueno_error** error) TRUENO_NOTHROW;

/* A kernel lives until it has been released once more than it was retained. NULL is fine for both. */
TRUENO_API trueno_kernel* trueno_kernel_retain(trueno_kernel* kernel) TRUENO_NOTHROW;
TRUENO_API void trueno_kernel_release(trueno_kernel* kernel) TRUENO_NOTHROW;

/* ---- Asking a kernel. Without a kernel, or past the end: NULL, 0, -1. */

typedef struct trueno_slot {
  const char* name;
  trueno_type type;
  int array;
} trueno_slot;

TRUENO_API size_t trueno_kernel_parameter_count(const trueno_kernel* kernel) TRUENO_NOTHROW;
TRUENO_API size_t trueno_kernel_result_count(const trueno_kernel* kernel) TRUENO_NOTHROW;
TRUENO_API trueno_slot trueno_kernel_parameter(const trueno_kernel* kernel, size_t index) TRUENO_NOTHROW;
TRUENO_API trueno_slot trueno_kernel_result(const trueno_kernel* kernel, size_t index) TRUENO_NOTHROW;
TRUENO_API const char* trueno_kernel_name(const trueno_kernel* kernel) TRUENO_NOTHROW;
/* Which back end runs it and why, in one line. */
TRUENO_API const char* trueno_kernel_origin(const trueno_kernel* kernel) TRUENO_NOTHROW;
TRUENO_API trueno_backend trueno_kernel_backend(const trueno_kernel* kernel) TRUENO_NOTHROW;
TRUENO_API trueno_isa trueno_kernel_isa(const trueno_kernel* kernel) TRUENO_NOTHROW;  /* of jit and fallback */
TRUENO_API int trueno_kernel_vector_bits(const trueno_kernel* kernel) TRUENO_NOTHROW; /* of jit */
/* 1: its generated code was found wrong and is out of use; what is said of the back end is of what answers instead. */
TRUENO_API int trueno_kernel_withdrawn(const trueno_kernel* kernel) TRUENO_NOTHROW;
/* Its machine code, *size bytes: instructions, then constants; position independent. NULL, and 0, of a kernel that has
 * none: another back end than jit, or one that is verified. Looked at, not changed or called: to compare and
 * disassemble. */
TRUENO_API const void* trueno_kernel_code(const trueno_kernel* kernel, size_t* size) TRUENO_NOTHROW;
/* The optimized kernel as text that stands alone; made when first asked for, NULL if there is no memory for it. */
TRUENO_API const char* trueno_kernel_text(const trueno_kernel* kernel) TRUENO_NOTHROW;

/* ---- Running. Arguments and results go in the order of the signature; the functions below make them. */

typedef struct trueno_arg {
  uint8_t type; /* a trueno_type */
  uint8_t array;
  uint8_t reserved[6];
  const void* data;
  size_t length;
  uint64_t bits; /* of a scalar */
} trueno_arg;

typedef struct trueno_out {
  uint8_t type;
  uint8_t array;
  uint8_t reserved[6];
  void* data;
  size_t length; /* of a scalar: 1 */
} trueno_out;

/* For trueno_run_rows: a matrix, or what it is over all rows: see there. */
typedef struct trueno_rows_arg {
  trueno_arg each; /* its length is the number of columns */
  uint8_t matrix;
  uint8_t reserved[7];
  size_t rows;
  size_t stride; /* elements from row to row */
} trueno_rows_arg;

typedef struct trueno_rows_out {
  trueno_out each;
  uint8_t matrix;
  uint8_t reserved[7];
  size_t rows;
  size_t stride;
} trueno_rows_out;

/* Runs the kernel over the elements of its arrays.
 * Shape: all arrays of one length; a kernel without array parameters takes it from its array results.
 * Aliasing: a result may be exactly the same array as an argument; any other overlap is refused.
 * Errors: invalid_argument, empty. */
TRUENO_API trueno_status trueno_run(const trueno_kernel* kernel, const trueno_arg* inputs, size_t input_count,
                                    const trueno_out* outputs, size_t output_count,
                                    trueno_error** error) TRUENO_NOTHROW;
/* Runs the kernel once for each row of its matrices.
 * Shape: matrices of one number of rows and columns. Of what is no matrix, an array for an array parameter is one row
 * that all rows share; an array for a scalar parameter or result has one value per row; a scalar is the same for all.
 * Units: strides in elements, at least the columns; 0 for an argument that is one row for all.
 * Aliasing: a result may be exactly the same matrix as an argument, or other columns of one whose rows are as far
 * apart; any other overlap is refused. Errors: invalid_argument, empty. */
TRUENO_API trueno_status trueno_run_rows(const trueno_kernel* kernel, const trueno_rows_arg* inputs, size_t input_count,
                                         const trueno_rows_out* outputs, size_t output_count,
                                         trueno_error** error) TRUENO_NOTHROW;

#define TRUENO_MAKER static inline
TRUENO_MAKER uint8_t trueno_type_byte(trueno_type type) { return (uint8_t)(type < 0 || type > 255 ? 255 : type); }
TRUENO_MAKER trueno_arg trueno_array(trueno_type type, const void* data, size_t length) {
  trueno_arg a = {0, 1, {0, 0, 0, 0, 0, 0}, NULL, 0, 0};
  a.type = trueno_type_byte(type);
  a.data = data;
  a.length = length;
  return a;
}
TRUENO_MAKER trueno_arg trueno_scalar_bits(trueno_type type, uint64_t bits) {
  trueno_arg a = {0, 0, {0, 0, 0, 0, 0, 0}, NULL, 0, 0};
  a.type = trueno_type_byte(type);
  a.bits = bits;
  return a;
}
TRUENO_MAKER trueno_arg trueno_f32(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return trueno_scalar_bits(TRUENO_F32, bits);
}
TRUENO_MAKER trueno_arg trueno_f64(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return trueno_scalar_bits(TRUENO_F64, bits);
}
TRUENO_MAKER trueno_arg trueno_i32(int32_t value) { return trueno_scalar_bits(TRUENO_I32, (uint32_t)value); }
TRUENO_MAKER trueno_arg trueno_i64(int64_t value) { return trueno_scalar_bits(TRUENO_I64, (uint64_t)value); }

TRUENO_MAKER trueno_out trueno_array_out(trueno_type type, void* data, size_t length) {
  trueno_out o = {0, 1, {0, 0, 0, 0, 0, 0}, NULL, 0};
  o.type = trueno_type_byte(type);
  o.data = data;
  o.length = length;
  return o;
}
TRUENO_MAKER trueno_out trueno_scalar_out(trueno_type type, void* value) {
  trueno_out o = trueno_array_out(type, value, 1);
  o.array = 0;
  return o;
}

/* For trueno_run_rows: matrices, and what is no matrix (trueno_each(trueno_f32(2))). */
TRUENO_MAKER trueno_rows_arg trueno_each(trueno_arg arg) {
  trueno_rows_arg r = {{0, 0, {0, 0, 0, 0, 0, 0}, NULL, 0, 0}, 0, {0, 0, 0, 0, 0, 0, 0}, 0, 0};
  r.each = arg;
  return r;
}
TRUENO_MAKER trueno_rows_arg trueno_matrix(trueno_type type, const void* data, size_t rows, size_t columns,
                                           size_t stride) {
  trueno_rows_arg r = trueno_each(trueno_array(type, data, columns));
  r.matrix = 1;
  r.rows = rows;
  r.stride = stride;
  return r;
}
TRUENO_MAKER trueno_rows_out trueno_each_out(trueno_out out) {
  trueno_rows_out r = {{0, 0, {0, 0, 0, 0, 0, 0}, NULL, 0}, 0, {0, 0, 0, 0, 0, 0, 0}, 0, 0};
  r.each = out;
  return r;
}
TRUENO_MAKER trueno_rows_out trueno_matrix_out(trueno_type type, void* data, size_t rows, size_t columns,
                                               size_t stride) {
  trueno_rows_out r = trueno_each_out(trueno_array_out(type, data, columns));
  r.matrix = 1;
  r.rows = rows;
  r.stride = stride;
  return r;
}
#undef TRUENO_MAKER

/* ---- Reductions with no set-up, compiled on first use and kept. min and max of nothing are TRUENO_EMPTY; the mean of
 * nothing is NaN, the sum of nothing 0. The sum of i64 wraps. `x` may be NULL if n is 0. */
#define TRUENO_REDUCTION(name, T, R) \
  TRUENO_API trueno_status name(const T* x, size_t n, R* result, trueno_error** error) TRUENO_NOTHROW
TRUENO_REDUCTION(trueno_sum_f32, float, float);
TRUENO_REDUCTION(trueno_sum_f64, double, double);
TRUENO_REDUCTION(trueno_sum_i32, int32_t, int64_t);
TRUENO_REDUCTION(trueno_sum_i64, int64_t, int64_t);
TRUENO_REDUCTION(trueno_mean_f32, float, float);
TRUENO_REDUCTION(trueno_mean_f64, double, double);
TRUENO_REDUCTION(trueno_mean_i32, int32_t, double);
TRUENO_REDUCTION(trueno_mean_i64, int64_t, double);
TRUENO_REDUCTION(trueno_min_f32, float, float);
TRUENO_REDUCTION(trueno_min_f64, double, double);
TRUENO_REDUCTION(trueno_min_i32, int32_t, int32_t);
TRUENO_REDUCTION(trueno_min_i64, int64_t, int64_t);
TRUENO_REDUCTION(trueno_max_f32, float, float);
TRUENO_REDUCTION(trueno_max_f64, double, double);
TRUENO_REDUCTION(trueno_max_i32, int32_t, int32_t);
TRUENO_REDUCTION(trueno_max_i64, int64_t, int64_t);
#undef TRUENO_REDUCTION
/* Products accumulated by fma, over n elements of both. */
TRUENO_API trueno_status trueno_dot_f32(const float* x, const float* y, size_t n, float* result,
                                        trueno_error** error) TRUENO_NOTHROW;
TRUENO_API trueno_status trueno_dot_f64(const double* x, const double* y, size_t n, double* result,
                                        trueno_error** error) TRUENO_NOTHROW;

#ifdef __cplusplus
} /* extern "C" */
#endif
#undef TRUENO_NOTHROW

#endif
